from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from curate.audit import CheckResult, audit
from curate.checks.labels import LabelIssues
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError
from curate.learn.linear import Linear
from curate.report.html import render_html

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


def test_a_named_learner_judges_and_the_report_says_so(result: Look) -> None:
    given = rows(200)
    given["label"][10] = "money"
    for learner, said in (("bag", "bag"), ({"name": "linear", "max_words": 1}, "linear: max_words 1")):
        check = LabelIssues(learner=learner)
        (finding,) = result(check, **given).findings
        assert finding.rows.column("row_id").to_pylist() == [10]
        assert finding.evidence["learner"] == said
        assert finding.remedy == {"use": "labels.drop_issues", "learner": learner}
        Recipe([finding.remedy])
    assert "learner" not in result("label_issues", **given).findings[0].evidence
    assert "learner" not in LabelIssues().model_dump()


def test_rows_of_features_are_judged_without_a_text() -> None:
    draw = np.random.default_rng(0)
    x = np.concatenate([draw.normal(-2, 1, 100), draw.normal(2, 1, 100)])
    label = np.where(x > 0, "high", "low")
    x[7], label[7] = 4.0, "low"
    table = pa.table({"x": x, "colour": ["red", "blue"] * 100, "label": label})
    corpus = Corpus.from_table(table, Roles(label="label", features=("x", "colour")))
    (found,) = audit(corpus, checks=["label_issues"]).results
    (finding,) = found.findings
    assert finding.rows.column("row_id").to_pylist() == [7]
    assert finding.evidence["learner"] == "tabular: kind logistic"
    assert finding.remedy is not None
    assert 7 not in Recipe([finding.remedy]).run(corpus).corpus.row_ids()
    bare = audit(Corpus.from_table(table, Roles(label="label")), checks=["label_issues"]).results[0]
    assert (bare.status, bare.reason) == ("skipped", "no column has the role text; name it with --text")
    unread = audit(corpus, checks=["label_issues"], learner="bag").results[0]
    assert (unread.status, unread.reason) == ("skipped", "no column has the role text; name it with --text")


def test_a_learner_of_the_audit_is_that_of_its_label_check() -> None:
    given = rows(100)
    corpus = Corpus.from_table(pa.table(given))
    seen = audit(corpus, checks=["label_issues", "duplicates"], learner={"name": "linear", "max_words": 1})
    assert seen.to_dict()["checks"][0]["settings"]["learner"] == {"name": "linear", "max_words": 1}
    assert "linear" in render_html(seen.report())
    assert audit(corpus, checks=["label_issues"], learner=Linear(max_words=1)).to_dict()["checks"] == [
        entry for entry in seen.to_dict()["checks"] if entry["check"] == "label_issues"
    ]
    for refused, said in (
        ({"learner": "lineer"}, "linear"),
        ({"learner": {"name": "linear", "n": 1}}, "no setting 'n'"),
        ({"learner": "linear", "checks": ["duplicates"]}, "no check needs one"),
    ):
        with pytest.raises(CurateError, match=said):
            audit(corpus, **{"checks": ["label_issues"], **refused})
