"""The page: self-contained, equal bytes for equal reports, and hostile text that stays text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report.html import render_html, table_json
from curate.report.model import (
    Bar,
    Bars,
    Code,
    Column,
    Diff,
    EffectLine,
    EffectPlot,
    Fact,
    Facts,
    Finding,
    Histogram,
    Interval,
    Mark,
    Note,
    Report,
    Section,
    Table,
    Text,
)

XSS = "</script><img src=x onerror=alert(1)>\"'`{{7*7}}<!--"
HOSTILE = [XSS, "\ud800\x00\x1b[31m\u202e", "x" * 1_000_000, "\r\n\t", "ﷺ" * 500, "]]>", "</style></title>"]


def everything(text):
    """A report in which `text` stands everywhere text can stand."""
    table = Table(
        (Column(text), Column("n", "number"), Column(text, "code")), ((text, 1, text), (None, None, None)), text
    )
    blocks = (
        Text(text),
        Note(text, "bad"),
        Facts((Fact(text, text),)),
        table,
        Diff(text, text + "!", text),
        Diff(None, text),
        Bars((Bar(text, 3, text), Bar("b", 0)), text),
        Histogram((0.0, 1.0, 2.0), (1, 2), (Mark(1.0, text),), text, text),
        EffectPlot((EffectLine(text, Interval(1, 0, 2), Interval(0), text, "good", text),), 0.5, text, text, text),
        Code(text, text, text),
    )
    finding = Finding(text, "high", text, text, text, text, 3, text, blocks)
    return Report(text, text, text, "bad", (Fact(text, text),), (Section(text, (*blocks, finding), text),), text)


class Page(HTMLParser):
    """The elements, attributes, cells and rows of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.data, self.inside = set(), [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.extend(attrs)
        self.inside = (tag, dict(attrs))

    def handle_data(self, data):
        if self.inside and self.inside[0] == "script" and self.inside[1].get("type") == "application/json":
            self.data.append(json.loads(data))
        self.inside = None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_everywhere(text):
    plain, hostile = Page(render_html(everything("plain"))), Page(render_html(everything(text)))
    assert hostile.tags == plain.tags
    assert {name for name, _ in hostile.attributes} == {name for name, _ in plain.attributes}
    assert not any(name.startswith("on") or name == "style" for name, _ in hostile.attributes)
    assert len(hostile.data) == 2
    render_html(everything(text)).encode("utf-8")


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_rows_survive_as_json_that_cannot_end_its_element(text):
    encoded = str(table_json(Table((Column("a"), Column("n", "number")), ((text, 0.5),))))
    assert not re.search("[<>&\u2028\u2029]", encoded)
    encoded.encode("utf-8")
    assert json.loads(encoded)["rows"][0][1] == [0.5, "0.5"]


def test_row_ids_keep_all_their_digits():
    data = json.loads(table_json(Table((Column("row", "id"),), ((2**63 + 1,), (2**64 - 1,)))))
    assert data["rows"] == [["9223372036854775809"], ["18446744073709551615"]]


def test_numbers_that_json_does_not_know_sort_as_unknown():
    numbers = Table((Column("n", "percent"),), ((float("nan"),), (float("inf"),)))
    assert json.loads(table_json(numbers))["rows"] == [[[None, "–"]], [[None, "∞"]]]


def test_page_asks_for_nothing_and_is_the_same_each_time():
    page = render_html(everything("a"))
    assert page == render_html(everything("a"))
    assert re.findall(r'(?:src|href|action)="([^"#]+)"', page) == ["data:,"]
    assert "default-src &#39;none&#39;;" in page
    assert "unsafe-inline" not in page


def test_a_megabyte_everywhere_stays_a_page_of_two():
    assert len(render_html(everything("word " * 200_000)).encode()) < 2_000_000
    many = Bars(tuple(Bar(f"class {number}", number) for number in range(20_000)))
    page = render_html(Report("t", "audit", "h", sections=(Section("s", (many,)),)))
    assert len(page.encode()) < 2_000_000
    assert "Shows the first 500 of 20,000." in page


def test_long_cells_say_how_much_is_left_out():
    page = render_html(
        Report("t", "audit", "h", sections=(Section("s", (Table((Column("text"),), (("x" * 10**6,),)),)),))
    )
    assert "… 998,000 more characters" in page
    assert len(page) < 60_000


def test_empty_texts_render():
    assert "None" not in re.sub(r"<script.*?</script>", "", render_html(everything("")), flags=re.DOTALL)


def test_a_table_with_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="row 1 has 2 cells for 1 columns"):
        Table((Column("a"),), ((1,), (1, 2)))


def test_a_page_shows_the_first_differences_of_long_texts_and_counts_the_rest():
    before = "<p>markup</p>\n" * 40_000
    block = Diff(before, "markup\n" * 40_000)
    page = render_html(Report("x", "audit", "y", sections=(Section("All", (block,)),)))
    sides = re.findall(r'<div class="side">.*?</div>', page, re.DOTALL)
    assert len(sides) == 2
    assert all(side.count("\n") <= 25 and " more characters</i>" in side for side in sides)
