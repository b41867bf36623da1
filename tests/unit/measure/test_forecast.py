"""A plan counts what would be done, finds what is done already, and says how small an effect would be found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import CurateError
from curate.measure import measure, plan
from curate.measure.bench import Bench
from curate.measure.plan_schema import PlanJson
from curate.report.html import render_html
from curate.report.terminal import render_terminal

Small = Callable[..., Corpus]
RECIPE = Recipe(["labels.drop_issues", "clean.control"])


def test_a_plan_counts_arms_replicates_and_cells(small: Small) -> None:
    made = plan(RECIPE, small(150, noise=0.2), test=small(80, seed=1), learner="linear", replicates=4)
    assert made.arms == (
        "base", "labels.drop_issues + clean.control", "labels.drop_issues",
        "placebo of labels.drop_issues", "clean.control", "placebo of clean.control", "A/A",
    )  # fmt: skip
    assert (made.n_cells, made.n_cached) == (28, 0)
    assert made.n_to_train == 12, "the idle step, its placebo and the A/A arm of a deterministic learner are the base"
    assert made.seconds > 0
    PlanJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))
    assert made.peak_bytes > 1 << 20
    assert made.mde == {}
    assert "12 of them to train" in render_html(made.report())
    assert render_terminal(made.report())


def test_what_a_store_holds_is_not_done_again_and_tells_the_smallest_effect(small: Small, tmp_path: Path) -> None:
    given = {"test": small(80, seed=1), "learner": "linear", "store": Store(tmp_path)}
    corpus = small(150, noise=0.2)
    first = plan(RECIPE, corpus, replicates=2, **given)  # type: ignore[arg-type]
    assert first.n_cached == 0, "the cell that the plan itself trains does not count"
    measure(RECIPE, corpus, replicates=2, **given)  # type: ignore[arg-type]
    again = plan(RECIPE, corpus, replicates=3, **given)  # type: ignore[arg-type]
    assert (again.n_cells, again.n_cached) == (21, 14)
    assert again.n_to_train == 3
    assert set(again.mde) == {"labels.drop_issues", "clean.control"}
    same = plan(RECIPE, corpus, replicates=2, **given)  # type: ignore[arg-type]
    assert same.n_to_train == 0
    drop = "labels.drop_issues"
    assert 0 < again.mde[drop] < same.mde[drop], "a third replicate finds smaller effects"


def test_a_plan_refuses_what_a_measurement_refuses(small: Small) -> None:
    with pytest.raises(CurateError, match="margin is 0"):
        plan(RECIPE, small(80), margin=0)


def test_equal_cells_are_trained_once_whoever_asks_for_them(small: Small) -> None:
    """Two replicates under way at once that need the same cell train it once."""
    import numpy as np

    from curate.learn.examples import Examples
    from curate.learn.linear import Linear
    from curate.measure.cell import Cell

    rows = Examples(["a b", "c d"] * 10, np.array([0, 1] * 10), None, 2)
    cell = Cell(Linear(), rows, None, rows, seed=1)
    with Bench(None, 2) as bench:
        first, second = bench.begin([cell, cell]), bench.begin([cell])
        assert [len(bench.finish(keys)) for keys in (first, second)] == [2, 1]
        assert bench.n_trained == 1
