"""Headless Chromium for pages, and two reports as rich as real ones: an audit and a measurement.

Chromium is `CURATE_CHROMIUM` or the `chromium` on the path. Without it browser tests are skipped with the reason;
`CURATE_REQUIRE_BROWSER=1` (set in CI) turns that skip into a failure.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from curate.report.html import render_html
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

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEADLINES = (
    "Oil prices soar to an all-time record, posing a new menace to the US economy",
    "Google IPO auction off to a rocky start",
    "Hungarian GP: Schumacher takes pole, Barrichello second",
    "NASA's Cassini finds two small moons around Saturn",
    "Fed minutes show officials worried about inflation &lt;b&gt;again&lt;/b&gt;",
    "Stocks climb on drop in consumer prices",
    "محادثات السلام تستأنف في القاهرة",
    "Sept. 11 panel’s report becomes a bestseller; publisher orders a second printing of 600,000",
)
LABELS = ("World", "Sports", "Business", "Sci/Tech")


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A running headless browser."""
    path = os.environ.get("CURATE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "no chromium on the path; set CURATE_CHROMIUM"
        if os.environ.get("CURATE_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} (CURATE_REQUIRE_BROWSER=1)", pytrace=False)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser, what it complained of and what it asked the network for."""

    page: object
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def show(chromium, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open a report in a fresh browser context; afterwards nothing may have been complained of or asked for."""
    contexts, opened = [], []

    def open_report(report: Report, **options) -> Opened:
        path = tmp_path / f"report-{len(opened)}.html"
        path.write_text(render_html(report), encoding="utf-8")
        context = chromium.new_context(**({"viewport": {"width": 1400, "height": 900}} | options))
        contexts.append(context)
        one = Opened(context.new_page())
        opened.append(one)
        one.page.on("console", lambda message: one.complaints.append(message.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.goto(path.as_uri())
        return one

    yield open_report
    for context in contexts:
        context.close()
    for one in opened:
        assert one.complaints == []
        assert [url for url in one.requests if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="session")
def audit_report() -> Report:
    """An audit of 12,000 news rows: eight findings with their rows, differences, plots and the recipe to copy."""
    recipe = (
        "version: 1\nseed: 0\nroles: {text: text, label: label}\nsteps:\n  - use: clean.html\n  - use: clean.unicode\n"
        "  - use: dedup.exact\n    keep: first\n  - use: labels.drop_issues\n    max_drop: 0.1\n"
    )
    return Report(
        "ag_news/train.csv",
        "audit",
        "7 of 8 checks found something: 412 training rows stand in the test split, and 3.1 % of the labels look wrong",
        tone="bad",
        facts=(
            Fact("rows", "12,000"),
            Fact("text", "text"),
            Fact("label", "label (4 classes)"),
            Fact("test rows", "7,600"),
            Fact("unreadable rows", "3", "warning"),
            Fact("took", "41 s"),
        ),
        sections=(
            Section("Findings", _findings(), lead="Worst first. Every row a finding concerns can be browsed here."),
            Section(
                "The recipe that would mend it",
                (
                    Code(recipe, caption="recipe.yaml"),
                    Code("curate measure recipe.yaml train.csv", "sh", "Find out whether it helps"),
                ),
                lead="All remedies, in the order in which they should run.",
            ),
            Section(
                "How it was looked at",
                (
                    Text("Probabilities come from five folds.\n\nFolds keep near-duplicate families together."),
                    Facts((Fact("learner", "linear"), Fact("folds", "5"), Fact("seed", "0"))),
                ),
            ),
        ),
        footer="curate 0.1.0 · seed 0 · fingerprint 3f9a2c41d07b · python 3.11",
    )


def _findings() -> tuple[Finding, ...]:
    draw = random.Random(0)
    rows = tuple(
        (number * 37, f"{draw.choice(HEADLINES)} ({number})", draw.choice(LABELS), draw.choice(LABELS), draw.random())
        for number in range(372)
    )
    labels = Table(
        (
            Column("row", "id"),
            Column("text"),
            Column("given", "code"),
            Column("suggested", "code"),
            Column("score", "percent"),
        ),
        rows,
        caption="Rows whose label looks wrong",
    )
    leaks = Table(
        (Column("row", "id"), Column("text"), Column("test row", "id"), Column("reason", "code")),
        tuple((2**63 + number, HEADLINES[number % 8], number * 11, "same_text") for number in range(412)),
        n_rows=1412,
        caption="Training rows that stand in the test split",
    )
    counts = (118, 640, 2210, 3890, 2720, 1320, 611, 290, 124, 77)
    return (
        Finding(
            "412 training rows stand in the test split",
            "high",
            "leakage.exact",
            "Their text equals a test row's after Unicode and case folding, so a test score counts rote.",
            "3.4 %",
            "0 %",
            412,
            "- use: dedup.exact\n  against: test\n",
            (leaks,),
        ),
        Finding(
            "The check of languages crashed",
            "crashed",
            "text.language",
            "ValueError: row 8812 has no text. This is a fault of the check, not a clean bill.",
        ),
        Finding(
            "372 labels look wrong",
            "high",
            "labels.issues",
            "Five-fold out-of-sample probabilities disagree with the label given.",
            "3.1 %",
            "1 %",
            372,
            "- use: labels.drop_issues\n  max_drop: 0.1\n",
            (
                Bars(
                    (
                        Bar("Business → Sci/Tech", 161),
                        Bar("Sci/Tech → Business", 98),
                        Bar("World → Business", 74),
                        Bar("Sports → World", 39),
                    ),
                    "Most often confused",
                ),
                labels,
            ),
        ),
        Finding(
            "Markup and broken encoding in 1,204 rows",
            "medium",
            "text.debris",
            "HTML entities, tags and text decoded twice.",
            "10 %",
            "1 %",
            1204,
            "- use: clean.html\n- use: clean.unicode\n",
            (
                Diff(
                    "The Senate&#39;s <b>new</b> bill doesnâ€™t pass&nbsp;easily, aides say.",
                    "The Senate's new bill doesn’t pass easily, aides say.",
                    "row 4,118 · entity, mojibake",
                ),
                Diff("Shares  fell\u200b 3 %\xa0 on Monday", "Shares fell 3 % on Monday", "row 7,020 · blanks"),
                Diff(
                    "Reuters - " + "Trading was thin ahead of the holiday. " * 30 + "<a href='http://x'>More</a>",
                    "Reuters - " + "Trading was thin ahead of the holiday. " * 30 + "More",
                    "row 9,001 · tag",
                ),
            ),
        ),
        Finding(
            "Classes differ 12-fold in size",
            "medium",
            "labels.balance",
            "",
            "12.2",
            "10",
            evidence=(
                Bars(
                    (
                        Bar("World", 6120, "6,120 (51 %)"),
                        Bar("Sports", 3010, "3,010 (25 %)"),
                        Bar("Business", 2369, "2,369 (20 %)", "warning"),
                        Bar("Sci/Tech", 501, "501 (4.2 %)", "bad"),
                    ),
                    "Rows per class",
                ),
            ),
        ),
        Finding(
            "77 texts are longer than 600 characters",
            "low",
            "text.length",
            "The longest has 3,912 characters.",
            "0.6 %",
            "0.5 %",
            77,
            evidence=(
                Histogram(
                    tuple(float(edge) for edge in range(0, 1100, 100)),
                    counts,
                    (Mark(20, "min 20"), Mark(310, "median 310"), Mark(600, "max 600")),
                    "characters",
                    "Text lengths",
                ),
            ),
        ),
        Finding(
            "31 rows occur more than once", "low", "duplicates.exact", "", "0.3 %", "0.1 %", 31, "- use: dedup.exact\n"
        ),
        Finding("No text and no label is missing", "none", "missing", value="0", bound="0"),
    )


@pytest.fixture(scope="session")
def measure_report() -> Report:
    """A measurement of four steps over ten replicates with its placebos, its A/A arm and its ledger."""
    lines = (
        EffectLine(
            "labels.drop_issues",
            Interval(1.84, 1.12, 2.56),
            Interval(-0.08, -0.71, 0.55),
            "helps",
            "good",
            "p = 0.0004",
        ),
        EffectLine(
            "dedup.exact", Interval(0.06, -0.21, 0.33), Interval(0.02, -0.25, 0.29), "no effect", "neutral", "p = 1.0"
        ),
        EffectLine(
            "clean.html",
            Interval(0.41, -0.35, 1.17),
            Interval(0.0),
            "cannot tell",
            "warning",
            "p = 0.62 · MDE 0.9 points",
        ),
        EffectLine(
            "filter.length", Interval(-0.95, -1.48, -0.42), Interval(-0.11, -0.6, 0.38), "hurts", "bad", "p = 0.003"
        ),
        EffectLine("A/A", Interval(0.03, -0.27, 0.33), None, "as it should", "info", "base against base"),
    )
    classes = Table(
        (
            Column("class", "code"),
            Column("base F1", "percent"),
            Column("full F1", "percent"),
            Column("change", "number"),
        ),
        tuple((name, 0.86 + place / 50, 0.885 + place / 60, 0.025 - place / 300) for place, name in enumerate(LABELS)),
        caption="F1 per class",
        searchable=False,
    )
    steps = Table(
        (
            Column("step", "code"),
            Column("dropped", "number"),
            Column("set", "number"),
            Column("added", "number"),
            Column("share", "percent"),
            Column("seconds", "number"),
        ),
        (
            ("clean.html", 0, 1204, 0, 0.1003, 1.2),
            ("filter.length", 77, 0, 0, 0.0064, 0.1),
            ("dedup.exact", 31, 0, 0, 0.0026, 0.4),
            ("labels.drop_issues", 372, 0, 0, 0.031, 38.5),
        ),
        caption="Rows touched",
        searchable=False,
    )
    return Report(
        "recipe.yaml on ag_news",
        "measure",
        "The recipe lifts accuracy by 1.3 points, nearly all of it through labels.drop_issues; filter.length hurts",
        tone="good",
        facts=(
            Fact("base accuracy", "88.1 %"),
            Fact("full accuracy", "89.4 %", "good"),
            Fact("replicates", "10"),
            Fact("learner", "bag"),
            Fact("test rows", "7,600"),
            Fact("looks at this test set", "3", "warning"),
        ),
        sections=(
            Section(
                "Effects",
                (
                    EffectPlot(lines, 0.5, axis="change in accuracy, points"),
                    Note("The A/A arm shows nothing, as it should: the measurement is to be trusted.", "good"),
                    Note("2 of 4 verdicts need more replicates: 16 would resolve 0.7 points.", "warning"),
                ),
                lead="Every step against the base, beside a placebo that touches as many rows and does nothing.",
            ),
            Section("Rows and classes", (steps, classes)),
            Section(
                "How it was measured",
                (
                    Text("Ten replicates. The interval is on new data of this source, adjusted by Holm's method."),
                    Code("test set 3f9a2c41d07b: look 3, accuracy", "text", "Ledger"),
                ),
            ),
        ),
        footer="curate 0.1.0 · seed 0 · torch 2.13.0 · 2 threads",
    )
