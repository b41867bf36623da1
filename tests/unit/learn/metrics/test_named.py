"""Metrics by name and by task, their margins, and what they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curate.errors import MissingExtra, UnknownName
from curate.learn.metrics import METRICS, metric, metrics_of


def test_metrics_are_found_by_name() -> None:
    assert metric("log_loss").direction == "lower"
    for kind in ("f1", "precision", "recall", "roc_auc", "pr_auc"):
        assert metric(f"{kind}:a:b", ["x", "a:b"]).name == f"{kind}:a:b"
    assert metric("bert_score:some/model").reads_texts
    with pytest.raises(UnknownName, match="accuracy"):
        metric("acuracy")
    with pytest.raises(UnknownName, match="f1:Sport"):
        metric("f1:Sprot", ["World", "Sport"])


def test_the_usual_metric_of_a_task_comes_first_and_those_of_classes_last() -> None:
    usual = {task: metrics_of(task, ["a"], texts=True)[0].name for task in ("classification", "multilabel")}
    assert usual == {"classification": "accuracy", "multilabel": "macro_f1"}
    assert [metrics_of(task)[0].name for task in ("regression", "generation")] == ["mae", "bits_per_byte"]
    assert metrics_of("multilabel", ["a", "b"])[-1].name == "f1:b"
    for task in ("classification", "multilabel", "regression", "generation"):
        assert all(task in each.tasks for each in metrics_of(task, texts=True))
    assert {name for name, each in METRICS.items() if each.made == "none"} == {"self_bleu"}


def test_margins_are_half_a_point_of_a_share_and_else_a_hundredth_of_the_base() -> None:
    assert METRICS["bleu"].margin(0.2) == METRICS["accuracy"].margin(0.9) == METRICS["r2"].margin(0.1) == 0.005
    assert METRICS["mae"].margin(-300.0) == 3.0
    assert METRICS["bits_per_byte"].margin(2.0) == pytest.approx(0.02)
    assert METRICS["mse"].margin(0.0) > 0


def test_a_missing_package_is_told_with_the_line_that_installs_it() -> None:
    METRICS["bleu"].check_installed()
    absent = replace(METRICS["bleu"], packages=(("no_such_package", "metrics"),))
    assert not absent.is_installed()
    with pytest.raises(MissingExtra, match=r"curate-data\[metrics\]"):
        absent.check_installed()
