"""Trainings under true nulls, to calibrate the estimates: what every arm of a measurement says, without any step.

One measurement draws training and test rows of a data set that no other part of it uses, then replicates as `measure`
does: 80 % of the training rows, each class alike, 15 % of them set aside for early stopping. Three nulls, four arms
each, so that the same cells serve a plain difference (arm 1 minus arm 0) and Shapley values of two steps:

- `same`: the same rows, another seed of initialisation and batch order (A/A);
- `draws`: two draws of one random step, which drops a fifth of the rows, drawn anew in every replicate;
- `rows`: arms trained on halves of the rows, the same halves in every replicate, so that they truly differ from test
  row to test row; which of the two is called the base is decided by a coin for each test row, so that the difference is
  0 on average over rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import corpora
import numpy as np
from numpy.typing import NDArray

from curate.core.random import StepRandom, key
from curate.kernels.twoway import TwoWay
from curate.learn.examples import Examples
from curate.learn.folds import family_sample
from curate.learn.learner import Fit, Learner
from curate.learn.metrics import metric
from curate.learn.outputs import Outputs
from curate.measure.design import POOL_FRACTION, VALIDATION_FRACTION
from curate.measure.estimate import Predictions
from curate.measure.targets import Classes

NULLS = ("same", "draws", "rows")
ESTIMATES = ("additive", "jackknife", "shapley")
ARMS = tuple((null, number) for null in NULLS for number in range(4))
SEED_BITS = (1 << 63) - 1


def rows_of(name: str) -> Examples:
    """All rows of a data set, those of its test split too: where nothing is to be found, no row is too many."""
    train = corpora.SETS[name]()
    test = train.held_out["test"]
    classes = Classes.of(train, test)
    parts = [classes.examples(part) for part in (train, test)]
    targets = np.concatenate([part.targets for part in parts])
    return Examples([*parts[0].texts, *parts[1].texts], targets, None, parts[0].n_classes)


def measured(
    whole: Examples, learner: Learner, number: int, n_train: int, n_test: int, n_replicates: int
) -> tuple[dict[tuple[str, int], list[Outputs]], NDArray[np.int64]]:
    """What the model of each arm says in each replicate of the test rows of one measurement, and their classes."""
    order = StepRandom(number, "rows").order(np.arange(len(whole), dtype=np.uint64))
    train, test = whole.take(np.sort(order[:n_train])), whole.take(np.sort(order[n_train : n_train + n_test]))
    learner = learner.prepared(train.texts).on_budget(round(n_train * POOL_FRACTION * (1 - VALIDATION_FRACTION)))
    fits = {
        (arm, replicate): fit
        for replicate in range(n_replicates)
        for arm, fit in _fits(train, number, replicate).items()
    }
    models = learner.fit_many(list(fits.values()))
    said: dict[tuple[str, int], list[Outputs]] = {arm: [] for arm in ARMS}
    for (arm, _), model in zip(fits, models, strict=True):
        said[arm].append(Outputs(model.predict(test).astype(np.float32)))
    return said, test.targets


def _fits(train: Examples, number: int, replicate: int) -> dict[tuple[str, int], Fit]:
    ids = np.arange(len(train), dtype=np.uint64)
    random = StepRandom(key(number, "replicate", replicate), "pool")
    families = np.arange(len(train))
    pool = family_sample(families, train.targets, ids, POOL_FRACTION, random)
    held = family_sample(families, train.targets, ids, VALIDATION_FRACTION, StepRandom(random.seed, "validation"))
    fit, validation = np.flatnonzero(pool & ~held), train.take(np.flatnonzero(pool & held))
    seed, halves = random.seed & SEED_BITS, StepRandom(number, "halves").integers(ids, 4)
    made = {}
    for at in range(4):
        dropped = StepRandom(random.seed, f"draw {at}").uniform(ids[fit]) < 0.2
        half = (halves[fit] >> (at // 2) & 1) == at % 2
        made["same", at] = Fit(train.take(fit), validation, key(seed, "again", at) & SEED_BITS)
        made["draws", at] = Fit(train.take(fit[~dropped]), validation, seed)
        made["rows", at] = Fit(train.take(fit[half]), validation, seed)
    return made


def estimated(
    said: Mapping[tuple[str, int], list[Outputs]], labels: NDArray[np.int64], null: str, estimate: str, number: int
) -> TwoWay:
    """One estimate under one null."""
    arms = {(str(at),): said[null, at] for at in range(4)}
    if null == "rows":
        arms = _swapped(arms, StepRandom(number, "coins").uniform(np.arange(len(labels), dtype=np.uint64)) < 0.5)
    predictions = Predictions(arms, labels, np.arange(len(labels)), number)  # type: ignore[arg-type]  # arms by number
    base, one, two, both = (("0",), ("1",), ("2",), ("3",))
    contrast = {one: 1.0, base: -1.0}
    if estimate == "shapley":
        contrast = {one: 0.5, base: -0.5, both: 0.5, two: -0.5}
    return predictions.contrast(metric("macro_f1" if estimate == "jackknife" else "accuracy"), contrast)  # type: ignore[arg-type]


def _swapped(arms: dict[tuple[str], list[Outputs]], coins: NDArray[np.bool_]) -> dict[tuple[str], list[Outputs]]:
    """Arms 0 and 1, and 2 and 3, with what they say of some rows exchanged."""
    swapped = {}
    for at in range(4):
        pairs = zip(arms[(str(at),)], arms[(str(at ^ 1),)], strict=True)
        swapped[(str(at),)] = [replace(mine, values=_chosen(mine, other, coins)) for mine, other in pairs]
    return swapped


def _chosen(mine: Outputs, other: Outputs, coins: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(coins[:, None], other.values, mine.values)
