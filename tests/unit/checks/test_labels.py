from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from curate.audit import CheckResult

Look = Callable[..., CheckResult]
WORDS = {"sport": "goal match team coach league", "money": "bank price fund oil market"}


def rows(n: int, seed: int = 0) -> dict[str, list[str]]:
    draw = np.random.default_rng(seed)
    labels = [("sport", "money")[i % 2] for i in range(n)]
    texts = [" ".join(draw.choice(WORDS[label].split(), 6)) + f" {i}" for i, label in enumerate(labels)]
    return {"text": texts, "label": labels}


def test_planted_errors_are_found_with_the_label_suggested_instead(result: Look) -> None:
    given = rows(200)
    for at in (10, 121):
        given["label"][at] = {"sport": "money", "money": "sport"}[given["label"][at]]
    (finding,) = result("label_issues", **given).findings
    found = finding.rows.select(["row_id", "detail"]).to_pylist()
    assert {row["row_id"]: row["detail"] for row in found} == {10: "suggested: sport", 121: "suggested: money"}
    assert finding.evidence["given_and_suggested_labels"] == [
        {"given": "money", "suggested": "sport", "n_rows": 1, "fraction_of_given": 0.01},
        {"given": "sport", "suggested": "money", "n_rows": 1, "fraction_of_given": 0.01},
    ]
    assert finding.evidence["classes_hit_hardest"] == [
        {"class": "money", "n_rows": 1, "fraction_of_class": 0.01},
        {"class": "sport", "n_rows": 1, "fraction_of_class": 0.01},
    ]
    assert finding.remedy == {"use": "labels.drop_issues"}


def test_clean_labels_are_ok(result: Look) -> None:
    found = result("label_issues", **rows(100))
    assert (found.status, found.findings[0].title) == ("ok", "No label looks wrong")


def test_labels_without_any_sense_are_not_judged(result: Look) -> None:
    given = rows(400)
    given["label"] = np.random.default_rng(1).permutation(given["label"]).tolist()
    found = result("label_issues", **given)
    assert found.status == "skipped"
    assert "hardly better than chance" in found.reason


@pytest.mark.parametrize(
    ("labels", "why"),
    [(["a"] * 20, "only one class"), (["a"] * 18 + ["b", "c"], "fewer than two classes have 5 rows")],
)
def test_too_few_classes_are_said(labels: list[str], why: str, result: Look) -> None:
    found = result("label_issues", text=[f"text {i}" for i in range(20)], label=labels)
    assert found.status == "skipped"
    assert why in found.reason


def test_null_labels_and_tiny_classes_are_counted_as_not_judged(result: Look) -> None:
    given = rows(100)
    given["label"][3], given["label"][4] = None, "alone"
    (finding,) = result("label_issues", **given).findings
    assert (finding.evidence["n_labels_judged"], finding.evidence["n_labels_not_judged"]) == (98, 2)
