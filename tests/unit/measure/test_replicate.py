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


def test_what_a_step_does_is_told_of_where_it_stands_first(replicate: Replicate) -> None:
    full = tuple((name, False) for name in NAMES)
    replicate.rows(full)
    after = replicate.touched["rebalance.oversample"]
    replicate.rows(full[2:])
    assert replicate.touched["filter.length"] == 20
    assert replicate.touched["rebalance.oversample"] != after
