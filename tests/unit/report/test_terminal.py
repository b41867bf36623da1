"""The terminal: 80 columns, no colour needed, nothing obeyed that stands in the data."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from curate.report.display import number
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
from curate.report.terminal import render_terminal


def printed(*blocks, width=80, color=False):
    report = Report("news.csv", "audit", "A headline", facts=(Fact("rows", "12"),), sections=(Section("All", blocks),))
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=color, color_system="truecolor" if color else None)
    console.print(render_terminal(report))
    return out.getvalue()


@pytest.mark.parametrize(
    "text", ["[red]x[/red]", "\x1b[2J\x07\x00", "\ud800", "x" * 1_000_000, "漢字" * 300, "\u202eabc"]
)
@pytest.mark.parametrize("width", [40, 80])
def test_hostile_text_neither_breaks_the_width_nor_is_obeyed(text, width):
    table = Table((Column(text), Column("n", "number"), Column(text, "code")), ((text, 1, text),), text)
    blocks = (
        Text(text),
        Note(text),
        table,
        Diff(text, text + "!", text),
        Bars((Bar(text, 1, text),), text),
        Histogram((0.0, 1.0), (1,), (Mark(1.0, text),), text, text),
        EffectPlot((EffectLine(text, Interval(1, 0, 2), None, text),), 0.5, text, text, text),
        Code(text, text, text),
    )
    out = printed(*blocks, Finding(text, "high", saw=text, remedy=text, evidence=(table,)), width=width)
    out.encode("utf-8")
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out
    assert max(cell_len(line) for line in out.splitlines()) <= width
    if text.startswith("[red]"):
        assert "[red]x[/red]" in out


def test_severities_and_verdicts_are_words():
    lines = (EffectLine("dedup", Interval(1.0, 0.5, 1.5), Interval(0.0, -0.2, 0.2), "helps", "good"),)
    out = printed(
        Finding("bad labels", "high", value="3 %", bound="1 %"),
        Finding("a fault", "crashed"),
        Finding("fine", "none"),
        EffectPlot(lines, 0.5),
    )
    assert "1 crashed · 1 high · 1 ok" in out
    for words in ("high      bad labels  3 % (bound 1 %)", "crashed   a fault", "ok        fine", "helps"):
        assert words in out
    assert "+1.00 [+0.50, +1.50]" in out
    assert "placebo 0.00" in out


def test_of_many_rows_the_first_are_shown_and_the_rest_counted():
    table = Table((Column("row", "id"),), tuple((number,) for number in range(50)), n_rows=1000)
    assert "… 980 more rows" in printed(table)
    assert "… 997 more rows" in printed(Finding("many", "low", evidence=(table,)))


def test_what_an_edit_changed_is_seen_without_colour():
    out = printed(Diff("Shares\u200b fell", "Shares fell", "row 3"))
    assert "- Shares⟨U+200B⟩ fell" in out
    assert "+ Shares fell" in out


@pytest.mark.parametrize("unit", ["<p>a line of a page</p>\n", "漢字", "\u200b", " \t\r\n"])
def test_of_a_long_difference_six_lines_are_shown(unit):
    before = "same " * 500 + unit * 50_000
    lines = printed(Diff(before, "same " * 500 + "other words\n" * 20_000)).split("All\n")[1].strip().splitlines()
    assert len(lines) <= 6
    assert [line[0] for line in lines].count("-") == 1
    assert " ".join("".join(lines).split()).count(" more") == 2


def test_a_line_end_that_changed_is_a_sign():
    out = printed(Diff("Marauder\x0b- Borg", "Marauder\n- Borg"), Diff("a\r\nb", "a\nb"))
    for line in ("- Marauder␋- Borg", "+ Marauder↵- Borg", "- a␍↵b", "+ a↵b"):
        assert f"\n{line}\n" in out


def test_an_effect_without_numbers_is_drawn_without_a_point():
    nan = float("nan")
    out = printed(EffectPlot((EffectLine("x", Interval(nan, nan, nan), verdict="cannot tell"),)))
    assert "●" not in out
    assert "cannot tell" in out


@pytest.mark.parametrize("width", [60, 80])
def test_the_verdict_is_never_cut(width):
    line = EffectLine("labels.drop_issues", Interval(-12.84, -13.53, -12.15), Interval(0.1, -0.5, 0.7), "cannot tell")
    assert "cannot tell" in printed(EffectPlot((line,), 0.5), width=width)


PARTS = (("HUM", "class"), ("ENTY", "class"), ("29 to 39 characters", "length"), ("over 39 characters", "length"))
HEADS = ("signal", "lowest", "lower 5 percent", "median", "upper 5 percent", "highest", "beyond", "bounds")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_wide_table_goes_on_below_with_its_names_and_loses_nothing(width):
    kinds = ("text", *["number"] * 6, "code")
    rows = [
        (f"signal_of_the_text_{place}", *(0.1234 + place / 2 + n for n in range(6)), f"max_fraction 0.{place}")
        for place in (1, 2)
    ]
    out = printed(Table(tuple(map(Column, HEADS, kinds)), tuple(rows), "usual"), width=width)
    lines = out[out.index("usual") :].splitlines()
    heads = [n for n, line in enumerate(lines) if line.startswith("signal ")]
    assert len(heads) == (1 if width == 120 else 2)
    for row in rows:
        assert sum(line.startswith(str(row[0])) for line in lines) == len(heads)
    for word in (*" ".join(HEADS).split(), *(number(value) for row in rows for value in row[1:7]), "max_fraction 0.2"):
        assert word in out
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("width", [60, 80])
def test_names_of_several_columns_stand_together_and_no_word_is_cut(width):
    columns = tuple(
        Column(name, kind)
        for name, kind in {
            "step": "code", "by": "code", "test rows": "text", "rows": "number", "base": "percent",
            "effect, points": "number", "from": "number", "to": "number", "p adjusted": "number",
        }.items()
    )  # fmt: skip
    rows = tuple(("labels.drop_issues", by, part, 121, 0.717, 7.27, -13.97, 11.76, 0.00037) for part, by in PARTS)
    out = printed(Table(columns, rows, "Effect of each step on parts of the test rows " * 3), width=width)
    for word in ("labels.drop_issues", "ENTY", "characters", "points", "-13.97", "11.76", "0.00037", "adjusted"):
        assert word in out
    assert out.count("ENTY") >= 2
    assert "29 to 39" in out
    assert " ".join(out.split()).count("Effect of each step on parts of the test rows") == 3


def test_of_an_effect_the_picture_goes_first_where_the_terminal_is_narrow():
    line = EffectLine(
        "labels.drop_issues", Interval(-2.28, -4.4, -0.16), None, "cannot tell", note="p = 0.11 · MDE 3.99"
    )
    assert "●" in printed(EffectPlot((line,), 0.5), width=80)
    narrow = printed(EffectPlot((line,), 0.5), width=60)
    assert "●" not in narrow
    for words in ("labels.drop_issues", "p = 0.11 · MDE 3.99", "cannot tell", "−2.28 [−4.40, −0.16]"):
        assert words in narrow


def test_the_margin_has_the_digits_of_the_effects():
    plot = EffectPlot((EffectLine("clean", Interval(0.1, 0.0, 0.2)),), 0.00868812, "stars", "change in mae", decimals=4)
    assert "within ±0.0087 stars: does not matter" in printed(plot)
