"""Replicates: what a step does to equal rows is worked out once, whichever arms the rows belong to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.measure.replicate import Replicate

STEPS = ("clean.html", {"use": "filter.length", "min_words": 5}, "rebalance.oversample")
NAMES = ("clean.html", "filter.length", "rebalance.oversample")


@pytest.fixture
def replicate(small: Callable[..., Corpus]) -> Replicate:
    """One on rows in which there is no HTML; a third of them have but four words."""
    rows = small(60)
    table = rows.table()
    short = [text if at % 3 else " ".join(text.split()[:4]) for at, text in enumerate(table["text"].to_pylist())]
    pool = Corpus.from_table(table.set_column(0, "text", [short]))
    steps = dict(zip(NAMES, Recipe(STEPS).steps, strict=True))
    return Replicate(0, pool, small(10, seed=1), small(10, seed=2), steps, 0.01, seed=0)


def test_a_step_that_does_nothing_gives_the_rows_back(replicate: Replicate) -> None:
    assert replicate.rows((("clean.html", False),)) is replicate.pool
    assert replicate.rows((("clean.html", True),)) is replicate.pool


def test_arms_with_equal_rows_are_given_the_same_ones(replicate: Replicate) -> None:
    filtered, more = ("filter.length", False), ("rebalance.oversample", False)
    assert replicate.rows((("clean.html", False), filtered, more)) is replicate.rows((filtered, more))
    assert len(replicate.rows((filtered,))) == 40


def test_a_placebo_is_not_the_step(replicate: Replicate) -> None:
    step, placebo = (replicate.rows((("filter.length", kind),)) for kind in (False, True))
    assert len(step) == len(placebo) == 40
    assert not np.array_equal(step.row_ids(), placebo.row_ids())


def test_the_copies_of_a_placebo_are_not_taken_away_as_repeats(small: Callable[..., Corpus]) -> None:
    steps = {step.name: step for step in Recipe(["augment.aeda", "augment.constrain"]).steps}
    pool = small(60)
    replicate = Replicate(0, pool, small(10, seed=1), small(10, seed=2), steps, 0.0, seed=0)
    constraint = ("augment.constrain", False)
    n_copies = len(replicate.rows((("augment.aeda", True), constraint))) - len(pool)
    assert n_copies == len(replicate.rows((("augment.aeda", True),))) - len(pool) > 0
    assert n_copies >= len(replicate.rows((("augment.aeda", False), constraint))) - len(pool) > 0


def test_what_a_step_does_is_told_of_the_arms_of_its_contrast(replicate: Replicate) -> None:
    filtered, more = (("filter.length", False),), (("rebalance.oversample", False),)
    alone, behind = {more: 1.0, (): -1.0}, {filtered + more: 1.0, filtered: -1.0}
    for arm in (more, filtered + more):
        replicate.rows(arm)
    rows = [replicate.work(effect, "rebalance.oversample").rows for effect in (alone, behind)]
    assert rows[0] == len(replicate.rows(more)) - 60
    assert rows[1] == len(replicate.rows(filtered + more)) - 40 != rows[0]
    both = {more: 0.5, (): -0.5, filtered + more: 0.5, filtered: -0.5}
    assert replicate.work(both, "rebalance.oversample").rows == sum(rows) / 2
    assert replicate.work({filtered: 1.0, (): -1.0}, "filter.length").rows == 20
    assert replicate.work({more: 1.0, (): -1.0}, "all steps").rows == 0


def test_what_a_replicate_draws_is_counted_by_the_steps_it_applies(replicate: Replicate) -> None:
    named, filtered = (("drawn", False),), (("filter.length", False),)
    replicate.drawn = {named: filtered}
    replicate.rows(filtered)
    assert replicate.work({named: 1.0, (): -1.0}, "filter.length").rows == 20
