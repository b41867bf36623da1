from __future__ import annotations

from collections.abc import Callable

from curate.audit import CheckResult

Look = Callable[..., CheckResult]


def test_null_and_blank_texts_and_null_labels_each_with_their_reason(result: Look) -> None:
    (finding,) = result("missing", text=[None, " \u00a0", "a", "b"], label=["x", "x", None, "x"]).findings
    assert finding.rows.select(["row_id", "reason"]).to_pylist() == [
        {"row_id": 0, "reason": "null_text"},
        {"row_id": 1, "reason": "blank_text"},
        {"row_id": 2, "reason": "null_label"},
    ]
    assert finding.title == "Rows without a text or a label: 3 of 4 rows (75 %)"
    assert (finding.severity, finding.remedy) == ("high", {"use": "filter.missing"})


def test_one_null_in_three_thousand_rows_is_one_row(result: Look) -> None:
    texts = [f"row {i}" for i in range(3000)]
    texts[1234] = None
    (finding,) = result("missing", text=texts).findings
    assert finding.rows.column("row_id").to_pylist() == [1234]
    assert finding.severity == "low"


def test_without_a_label_column_only_texts_are_asked_for(result: Look) -> None:
    found = result("missing", text=["a", "b"])
    assert (found.status, found.findings[0].title) == ("ok", "Every row has a text")


def test_an_all_null_text_column_is_the_worst_there_is(result: Look) -> None:
    (finding,) = result("missing", text=[None, None], label=[1, 2]).findings
    assert (finding.severity, finding.value) == ("high", 1.0)


def test_placeholders_are_shown_and_doubtful_words_are_left_to_the_reader(result: Look) -> None:
    texts = ["fine", "N/A", "none", "lorem ipsum dolor sit amet", "It said N/A", "?"]
    sure, doubtful = result("missing", text=texts).findings
    assert sure.rows.column("row_id").to_pylist() == [1, 3]
    assert sure.evidence == {"reasons": {"placeholder_text": 2}}
    assert doubtful.title == "Texts that may be placeholders, such as none, ? or test: 2 of 6 rows (33.3 %)"
    assert (doubtful.severity, doubtful.remedy, doubtful.rows.column("row_id").to_pylist()) == ("low", None, [2, 5])
