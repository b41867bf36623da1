from __future__ import annotations

from collections.abc import Callable

from curate.audit import CheckResult

Look = Callable[..., CheckResult]


def test_rows_that_repeat_another_name_it(result: Look) -> None:
    same, _ = result("duplicates", text=["A  b", "c", "a b", "C", "a B"], label=[1, 2, 1, 2, 1]).findings
    assert same.rows.select(["row_id", "ref"]).to_pylist() == [
        {"row_id": 2, "ref": 0},
        {"row_id": 4, "ref": 0},
        {"row_id": 3, "ref": 1},
    ]
    assert same.evidence["largest_groups"] == [{"row_id": 0, "n_rows": 3}, {"row_id": 1, "n_rows": 2}]
    assert same.remedy == {"use": "dedup.exact"}


def test_equal_texts_with_different_labels_are_a_finding_of_their_own(result: Look) -> None:
    _, conflict = result("duplicates", text=["a", "a", "b", "b", "c"], label=["x", "y", "x", "x", "x"]).findings
    assert conflict.title == "Equal texts with different labels: 1 text in 2 rows"
    assert conflict.rows.column("row_id").to_pylist() == [0, 1]
    assert conflict.remedy == {"use": "dedup.exact", "conflicts": "drop"}


def test_one_conflict_among_many_rows_is_medium(result: Look) -> None:
    texts = [f"text {i}" for i in range(500)] + ["text 0"]
    _, conflict = result("duplicates", text=texts, label=["x"] * 500 + ["y"]).findings
    assert conflict.severity == "medium"


def test_blank_texts_are_no_duplicates(result: Look) -> None:
    found = result("duplicates", text=["", "", None, None, "a"], label=[1, 2, 1, 2, 1])
    assert found.status == "ok"
    assert len(found.findings) == 2


def test_without_labels_there_are_no_conflicts_to_look_for(result: Look) -> None:
    assert [finding.severity for finding in result("duplicates", text=["a", "a"]).findings] == ["high"]


def test_no_text_at_all_is_skipped(result: Look) -> None:
    found = result("duplicates", text=[None, ""], label=[1, 2])
    assert (found.status, found.reason) == ("skipped", "no row has a text")


def test_a_row_without_a_label_contradicts_nobody(result: Look) -> None:
    _, conflict = result("duplicates", text=["a", "a", "b", "b", "b"], label=["x", None, None, "x", "y"]).findings
    assert conflict.rows.column("row_id").to_pylist() == [2, 3, 4]
