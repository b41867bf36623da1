"""Markdown, read back with an independent parser (markdown-it): text of the data stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from curate.report import display
from curate.report.markdown import escape, render_markdown
from curate.report.model import (
    Bar,
    Bars,
    Code,
    Column,
    Diff,
    EffectLine,
    EffectPlot,
    Fact,
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

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "[a](http://x) ![i](http://y)",
    "</details><script>alert(1)</script>",
    "| a | b |\n|---|---|",
    "```\nfence\n````",
    "$x$ *b* _i_ ~~s~~ `c` \\",
    "# head\n- item\n1. one\n> quote\n---\n===",
    "<!-- -->",
    "    code",
]


def tokens(text):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def words(text):
    return "".join(token.content for token in tokens(text) if token.type in ("text", "text_special"))


@given(st.lists(st.sampled_from(["    ", *"ab1 #*_-+=>[]()!`~|<&$.\\'\"\n"]), max_size=30).map("".join))
def test_escaped_text_reads_as_it_is(text):
    kinds = {token.type for token in tokens(escape(text))}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak", "text_special"}
    expected = "".join(display.clean(text).split())
    assert "".join(words(escape(text)).split()).rstrip("\\") == expected.rstrip("\\")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_everywhere(text):
    def page(say):
        table = Table((Column(say), Column("n", "number")), ((say, 1), (None, 2)), say)
        blocks = (
            Note(say, "warning"),
            table,
            Bars((Bar(say, 1, say),), say),
            Histogram((0.0, 1.0), (1,), (Mark(1.0, say),), say, say),
            EffectPlot((EffectLine(say, Interval(1, 0, 2), None, say, note=say),), 0.5, say, say, say),
            Code(say, say, say),
            Diff(say, say + "!", say),
        )
        finding = Finding(say, "high", say, say, say, say, 3, say, blocks)
        return Report(say, say, say, facts=(Fact(say, say),), sections=(Section(say, (*blocks, finding)),), footer=say)

    def shape(say):
        kinds = [token.type for token in tokens(render_markdown(page(say)))]
        return [kind for kind in kinds if kind not in ("text", "text_special", "softbreak", "hardbreak")]

    assert shape(text) == shape("plain")


def test_tables_say_how_many_rows_they_leave_out():
    table = Table((Column("row", "id"), Column("score", "percent")), tuple((n, n / 50) for n in range(50)))
    out = render_markdown(Report("t", "audit", "h", sections=(Section("s", (table,)),)))
    assert "| row | score |\n| --- | ---: |\n| 0 | 0 % |" in out
    assert "… 40 more rows" in out


def test_headings_start_where_they_are_told_and_prose_keeps_its_paragraphs():
    report = Report("t", "audit", "h", sections=(Section("s", (Text("one\n\ntwo"), Finding("f", "low", value="3"))),))
    out = render_markdown(report, level=2)
    assert [line for line in out.split("\n") if line.startswith("#")] == ["## h", "### s", "#### 🟡 low: f – 3"]
    assert "one\n\ntwo" in out
