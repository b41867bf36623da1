from __future__ import annotations

from collections.abc import Callable

import pytest

from curate.audit import CheckResult
from curate.checks.balance import ClassBalance

Look = Callable[..., CheckResult]


def labelled(**counts: int) -> dict[str, list[str]]:
    labels = [name for name, n in counts.items() for _ in range(n)]
    return {"text": [f"row {i}" for i in range(len(labels))], "label": labels}


def test_every_class_is_counted_the_largest_first(result: Look) -> None:
    finding = result("balance", **labelled(b=20, a=30, c=10)).findings[0]
    assert list(finding.evidence["rows_per_class"].items()) == [("a", 30), ("b", 20), ("c", 10)]
    assert finding.value == 3.0


@pytest.mark.parametrize(
    ("small", "severity"), [(100, "none"), (67, "none"), (60, "low"), (25, "low"), (24, "medium"), (1, "high")]
)
def test_the_degrees_of_imbalance(small: int, severity: str, result: Look) -> None:
    spread = result(ClassBalance(rare_rows=1), **labelled(large=100, small=small)).findings[0]
    assert spread.severity == severity


def test_the_remedy_brings_every_class_to_where_the_check_is_content(result: Look) -> None:
    spread = result("balance", **labelled(large=100, small=20)).findings[0]
    assert spread.remedy == {"use": "rebalance.oversample", "to_fraction": 0.25, "max_copies": 9}
    assert spread.evidence["n_copies_the_remedy_adds"] == 5


def test_rare_classes_and_single_rows_are_named_with_their_rows(result: Look) -> None:
    _, rare = result("balance", **labelled(large=40, few=3, one=1)).findings
    assert rare.evidence == {"n_single": 1, "rare_classes": {"one": 1, "few": 3}}
    assert rare.severity == "medium"
    assert rare.rows.select(["row_id", "detail"]).to_pylist() == [
        {"row_id": 43, "detail": "one"},
        {"row_id": 40, "detail": "few"},
        {"row_id": 41, "detail": "few"},
        {"row_id": 42, "detail": "few"},
    ]


def test_one_class_is_nothing_to_learn(result: Look) -> None:
    (finding,) = result("balance", **labelled(only=30)).findings
    assert (finding.severity, finding.remedy) == ("high", None)


def test_a_class_that_only_the_test_split_has_is_high(result: Look) -> None:
    unseen = result("balance", test=labelled(a=5, new=5), **labelled(a=20, b=20)).findings[-1]
    assert unseen.title == "Classes of test that training never shows: new"
    assert unseen.severity == "high"


def test_shares_stand_beside_those_of_the_test_split(result: Look) -> None:
    spread = result("balance", test=labelled(a=1, b=3), **labelled(a=20, b=20)).findings[0]
    assert spread.evidence["share_in_each_split"] == [
        {"class": "a", "training_fraction": 0.5, "test_fraction": 0.25},
        {"class": "b", "training_fraction": 0.5, "test_fraction": 0.75},
    ]


def test_null_labels_are_no_class(result: Look) -> None:
    found = result("balance", text=["t"] * 41, label=["a"] * 20 + ["b"] * 20 + [None])
    assert found.findings[0].evidence["rows_per_class"] == {"a": 20, "b": 20}
