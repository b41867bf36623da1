from __future__ import annotations

import pyarrow as pa

from curate.audit import Audit, audit
from curate.audit.evidence import blocks
from curate.audit.texts import ShownRows
from curate.data.corpus import Corpus
from curate.report.html import render_html
from curate.report.markdown import render_markdown
from curate.report.model import Bars, Code, Diff, Facts, Finding, Histogram, Note, Report, Section, Table


def finding(report: Report, start: str) -> Finding:
    return next(found for found in report.findings if found.title.startswith(start))


def section(report: Report, title: str) -> Section:
    return next(section for section in report.sections if section.title == title)


def one(found: Finding, kind: type) -> object:
    return next(block for block in found.evidence if isinstance(block, kind))


def test_the_headline_is_the_answer(seen: Audit) -> None:
    report = seen.report()
    assert report.headline == "15 findings, above all rows of test that also stand in training: 2 of 3 rows (66.7 %)"
    assert (report.title, report.kind, report.tone) == ("films", "audit", "bad")
    assert [(fact.label, fact.value) for fact in report.facts] == [
        ("rows", "60"),
        ("test rows", "3"),
        ("text column", "text"),
        ("label column", "label"),
    ]


def test_findings_keep_their_order_and_those_with_nothing_wrong_come_last(seen: Audit) -> None:
    severities = [found.severity for found in seen.report().findings]
    assert severities == sorted(severities, key=["high", "medium", "low", "none"].index)


def test_before_and_after_stand_side_by_side(seen: Audit) -> None:
    diff = one(finding(seen.report(), "HTML"), Diff)
    assert diff == Diff("<p>good &amp; cheap</p>", "good & cheap", "row 54, column text")


def test_rows_come_with_their_text_and_that_of_the_row_they_are_compared_with(seen: Audit) -> None:
    table = finding(seen.report(), "Repeated texts").evidence[-1]
    assert isinstance(table, Table)
    named = [column.name for column in table.columns]
    assert named == ["row", "label", "text", "compared with row", "its label", "its text"]
    assert table.rows[0] == (56, "plus", "Good film number 0", 0, "plus", "good film number 0")


def test_rows_of_two_splits_are_told_apart(seen: Audit) -> None:
    table = finding(seen.report(), "Rows of test").evidence[-1]
    assert isinstance(table, Table)
    at = [column.name for column in table.columns].index("split")
    assert [row[at] for row in table.rows] == ["train", "train", "test", "test"]
    assert table.rows[2][:4] == (0, "test", "plus", "good film number 2")


def test_classes_are_bars_and_lengths_a_histogram(seen: Audit) -> None:
    bars = one(finding(seen.report(), "The 2 classes"), Bars)
    assert isinstance(bars, Bars)
    assert [(bar.label, bar.value, bar.text) for bar in bars.bars] == [
        ("minus", 30.0, "30 (50 %)"),
        ("plus", 30.0, "30 (50 %)"),
    ]
    histogram = one(finding(seen.report(), "Characters far above"), Histogram)
    assert isinstance(histogram, Histogram)
    assert [mark.label.split()[0] for mark in histogram.marks] == ["median", "max"]


def test_the_recipe_is_there_to_copy(seen: Audit) -> None:
    code = section(seen.report(), "Recipe").blocks[0]
    assert code == Code(seen.recipe().to_yaml(), "yaml", "recipe.yaml")
    assert section(seen.report(), "Recipe").lead.endswith("name them to curate run as well: --test SOURCE")


def test_a_header_that_is_none_is_told_first() -> None:
    rows = pa.table({"a film that is as long as its name": ["one", "two"], "0": [1, 0]})
    first = section(audit(Corpus.from_table(rows), checks=["missing"]).report(), "Findings").blocks[0]
    assert isinstance(first, Note)
    assert first.tone == "warning"
    assert first.text.startswith("The column names 'a film that is as long as its name', '0' look like cells")


def test_bounds_and_versions_are_told(seen: Audit) -> None:
    tables = [block for block in section(seen.report(), "How it was looked at").blocks if isinstance(block, Table)]
    assert ("duplicates", "1", "share", "low above 0, medium above 0.01, high above 0.1") in tables[0].rows
    assert "pyarrow" in [row[0] for row in tables[1].rows]


def test_skipped_checks_are_never_among_those_with_nothing_wrong(corpus: Corpus) -> None:
    report = audit(Corpus.from_table(pa.table({"text": ["a", "b"]})), checks=["leakage", "missing"]).report()
    assert [found.check for found in report.findings] == ["missing"]
    assert section(report, "Not looked at").blocks[0].rows[0][0] == "leakage"  # type: ignore[union-attr]
    assert report.headline == "Nothing to mend in what 1 check looked at; 1 could not be run"


def test_long_texts_are_cut_and_hostile_ones_escaped() -> None:
    rows = Corpus.from_table(pa.table({"text": ["<script>alert(1)</script> " * 5000, "b"]}), name="<script>")
    page = render_html(audit(rows).report())
    assert "<script>alert" not in page
    assert len(page) < 2_000_000


def test_the_report_reads_as_markdown_too(seen: Audit) -> None:
    assert "Repeated texts" in render_markdown(seen.report())


def test_evidence_is_drawn_by_its_shape() -> None:
    evidence = {
        "n_groups": 3,
        "test_fraction": 0.25,
        "word": "x",
        "one": {"only": 4},
        "counts": {"a": 3, "b": 1},
        "records": [{"row_id": 7, "n_rows": 2, "fraction_of_given": 0.5}],
        "nothing": [],
    }
    facts, bars, table = blocks(evidence, lambda split, row_id: f"text of {row_id}")
    assert isinstance(facts, Facts)
    assert [(fact.label, fact.value) for fact in facts.facts] == [
        ("groups", "3"),
        ("test fraction", "25 %"),
        ("word", "x"),
        ("only", "4"),
    ]
    assert isinstance(bars, Bars)
    assert isinstance(table, Table)
    assert [(column.name, column.kind) for column in table.columns] == [
        ("row", "id"),
        ("text", "text"),
        ("rows", "number"),
        ("fraction of given", "percent"),
    ]
    assert table.rows == ((7, "text of 7", 2, 0.5),)


def test_a_pair_of_rows_is_shown_with_its_difference() -> None:
    pairs = [{"row_id": 7, "ref": 2, "ref_split": "test", "similarity": 0.875}]
    diff, facts = blocks({"n": 1, "pairs": pairs}, lambda *_: "short", lambda split, row_id: f"{split} {row_id}")
    caption = "row 7 and row 2 of test, similarity 0.875"
    assert diff == Diff("train 7", "test 2", caption, ("row 7", "row 2 of test"))
    assert isinstance(facts, Facts)


def test_only_rows_asked_for_are_read(corpus: Corpus) -> None:
    rows = ShownRows(corpus, [("train", 0), ("train", 59), ("test", 1)], in_full=[("train", 59)])
    assert rows.get("train", 0).text == "good film number 0"
    assert rows.get("test", 1).text == "new"
    assert rows.get("train", 1).text is None
    long = rows.get("train", 59)
    assert long.text is not None
    assert long.text.endswith("1,500 more characters")
    assert long.cells["text"] == long.whole == "good " * 400
