"""Folds and samples of families: shares kept in every class, and the same chance for every family."""

from __future__ import annotations

import numpy as np

from curate.core.random import StepRandom
from curate.learn.folds import family_folds, family_sample

CODES = np.r_[np.repeat([0, 1], 200), np.arange(2, 42), np.repeat(np.arange(42, 62), 2)]
"""Two large classes, forty of one row and twenty of two."""
IDS = np.random.default_rng(0).integers(0, 2**63, len(CODES)).astype(np.uint64)
FAMILIES = np.arange(len(CODES))


def test_every_family_is_drawn_with_the_same_chance() -> None:
    """600 draws of 80 %: each share lies within five standard errors; a class of one row is no exception."""
    drawn = np.array([family_sample(FAMILIES, CODES, IDS, 0.8, StepRandom(seed, "pool")) for seed in range(600)])
    far = np.abs(drawn.mean(axis=0) - 0.8) / np.sqrt(0.8 * 0.2 / 600)
    assert far.max() < 5
    assert {int(n) for n in drawn.sum(axis=1)} == {384}
    large = np.array([np.bincount(CODES[each], minlength=2)[:2] for each in drawn])
    assert (np.abs(large - 160) <= 1).all()


def test_rare_classes_are_drawn_apart() -> None:
    """Two draws do not leave out the same rare classes, and two rare classes do not go together."""
    rare = slice(400, 440)
    drawn = np.array([family_sample(FAMILIES, CODES, IDS, 0.5, StepRandom(seed, "pool"))[rare] for seed in range(300)])
    together = np.corrcoef(drawn.T.astype(float))[np.triu_indices(40, 1)]
    assert np.abs(together).max() < 0.3  # 780 pairs, standard error 0.06


def test_a_fold_of_a_rare_class_hangs_on_the_seed() -> None:
    folds = np.array([family_folds(FAMILIES, CODES, IDS, 5, StepRandom(seed, "folds")) for seed in range(300)])
    assert np.abs((folds == 0).mean(axis=0) - 0.2).max() < 5 * np.sqrt(0.2 * 0.8 / 300)
    assert (np.array([np.bincount(each) for each in folds]) == 96).all()


def test_the_order_of_the_rows_plays_no_part() -> None:
    order = np.random.default_rng(1).permutation(len(CODES))
    chosen = family_sample(FAMILIES, CODES, IDS, 0.3, StepRandom(7, "pool"))
    turned = family_sample(FAMILIES, CODES[order], IDS[order], 0.3, StepRandom(7, "pool"))
    assert (turned == chosen[order]).all()
