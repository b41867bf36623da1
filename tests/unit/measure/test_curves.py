"""The curves of the base in a measurement: kept with the cell, on the page, in the JSON, with what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.learn.learner import TrainingCurve
from curate.learn.monitor import Surest
from curate.learn.monitored import Monitored
from curate.measure.curves import Curves, section
from curate.measure.measure import measure
from curate.measure.page import method
from curate.measure.schema import MeasureJson
from curate.report.html import render_html
from curate.report.markdown import render_markdown
from curate.report.model import LinePlot, Note, Report, Table

HEALTHY = Monitored(TrainingCurve((10, 20, 30), (0.6, 0.3, 0.1), (0.5, 0.4, 0.35), 2), 0.69, Surest(50, 0))
OVERFIT = Monitored(TrainingCurve((10, 20), (0.6, 0.1), (0.5, 0.8), 0), 0.69, Surest(50, 0))
NOISY = replace(OVERFIT, surest=Surest(100, 20))


def test_the_page_and_the_json_hold_the_curves(small: Callable[..., Corpus], tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the learner 'bag' may need torch")
    recipe = Recipe(["dedup.exact"])
    options = {"test": small(60, seed=9), "learner": {"name": "bag", "max_steps": 60}, "replicates": 2}
    first = measure(recipe, small(200), store=Store(tmp_path), **options)
    again = measure(recipe, small(200), store=Store(tmp_path), **options)
    assert first.curves is not None
    assert first.curves == again.curves
    told = first.to_dict()["training"]
    assert len(told["curves"]) == 2
    assert len(told["curves"][0]["train_loss"]) == len(told["curves"][0]["steps"]) > 0
    MeasureJson.model_validate(first.to_dict())
    assert "weights" not in method(first)
    assert len(told["curves"][0]["learning_rate"]) == len(told["curves"][0]["steps"])
    runs = [replace(HEALTHY, facts={"n_parameters": 22_000_000, "n_trained": 770, "n_truncated": n}) for n in (3, 5)]
    assert Curves(tuple(map(Monitored.from_dict, (run.to_dict() for run in runs)))).facts()["n_truncated"] == 5
    told = method(replace(first, curves=Curves(tuple(runs))))
    assert "a model has 22,000,000 weights, of which 770 learn; of up to 5 training texts" in told
    [shown] = [part for part in first.report().sections if part.title == "Training"]
    assert isinstance(shown.blocks[0], LinePlot)
    assert "validation loss" in render_html(first.report())


def test_a_learner_without_steps_has_no_curves(small: Callable[..., Corpus]) -> None:
    recipe = Recipe(["dedup.exact"])
    found = measure(recipe, small(120), test=small(60, seed=9), learner="linear", replicates=2)
    assert found.curves is None
    assert found.to_dict()["training"] is None
    assert "Training" not in [part.title for part in found.report().sections]


def test_what_most_replicates_show_is_said() -> None:
    assert Curves.of([None, None]) is None
    assert Curves((HEALTHY, HEALTHY)).diagnosis() is None
    found = Curves((HEALTHY, NOISY, OVERFIT, NOISY)).diagnosis()
    assert found is not None
    assert (found[0].kind, found[1]) == ("label noise", 2)
    tones = [
        section(Curves(runs)).blocks[-1] for runs in ((HEALTHY,), (NOISY, NOISY, HEALTHY), (HEALTHY, HEALTHY, OVERFIT))
    ]
    assert [block.tone for block in tones if isinstance(block, Note)] == ["good", "warning", "info"]
    assert "Label noise in 2 of 3 replicates" in str(tones[1])


def test_looks_that_some_replicates_did_not_come_to() -> None:
    plot = section(Curves((HEALTHY, OVERFIT))).blocks[0]
    assert isinstance(plot, LinePlot)
    train, held_out = plot.series
    assert [(point.x, point.y.value) for point in held_out.points] == [(10, 0.5), (20, pytest.approx(0.6)), (30, 0.35)]
    assert (held_out.points[1].y.low, held_out.points[1].y.high) == (0.4, 0.8)
    assert train.points[2].note == "1 of 2 replicates"
    text = render_markdown(Report("a", "measure", "b", sections=(section(Curves((HEALTHY, OVERFIT))),)))
    assert "training loss" in text


def test_what_else_is_kept_of_each_look_is_a_table() -> None:
    rates = replace(HEALTHY.curve, learning_rate=(0.3, 0.2, 0.1), gradient_norm=(1.0, None, 2.0))
    shown = section(Curves((replace(HEALTHY, curve=rates), OVERFIT))).blocks[1]
    assert isinstance(shown, Table)
    assert [column.name for column in shown.columns] == ["optimiser steps", "learning rate", "length of the gradient"]
    assert shown.rows == ((10, 0.3, 1.0), (20, 0.2, None), (30, 0.1, 2.0))
    assert "length of the gradient" in render_html(
        Report("a", "measure", "b", sections=(section(Curves((replace(HEALTHY, curve=rates),))),))
    )


def test_losses_that_are_no_numbers_are_not_drawn() -> None:
    broken = Monitored(TrainingCurve((10,), (float("inf"),), (float("nan"),), 0))
    assert [type(block) for block in section(Curves((broken,))).blocks] == [Note]
    assert "Divergence in 1 of 1" in str(section(Curves((broken,))).blocks[0])
