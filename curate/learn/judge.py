"""A judge of texts: trained on some that are as wanted and some that are not, and fair to those it was trained on.

Behind the signals `quality` and `toxicity`. Texts that stand in the training rows are judged by a model of the other
folds, and near duplicates are in one fold, so that nobody's judgement was learnt by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.errors import InputError
from curate.kernels.families import near_duplicate_families
from curate.kernels.hashing import hash_texts
from curate.kernels.text import normaliser
from curate.learn.examples import Examples
from curate.learn.folds import family_folds
from curate.learn.learner import Fitted, Learner

_SEED = 0


@dataclass(eq=False)
class Judge:
    """A model of all rows, and for texts among them models of all other folds, each trained when first needed.

    Args:
        learner: how to train.
        rows: the training rows, in an order of their own; label 1 is what is looked for.
        n_folds: folds of the rows.
    """

    learner: Learner
    rows: Examples
    n_folds: int
    _fitted: dict[int, Fitted] = field(default_factory=dict)
    _fold_of: dict[int, int] | None = None

    @classmethod
    def of(cls, wanted: Sequence[str], others: Sequence[str], learner: Learner, n_folds: int) -> Judge:
        """A judge whose training texts count alike on both sides together, however many there are.

        Raises:
            InputError: one of the sides has no text.
            MissingExtra: what the learner needs is not installed.
        """
        if not wanted or not others:
            raise InputError("a classifier needs texts of both kinds to learn from", hint="give rows of either kind")
        learner.check_installed()
        rows = sorted({*((text, 1) for text in wanted), *((text, 0) for text in others)})
        labels = np.array([label for _, label in rows], np.int64)
        weights = (labels.size / (2.0 * np.bincount(labels, minlength=2)))[labels]
        return cls(learner, Examples([text for text, _ in rows], labels, weights, 2), n_folds)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability that each text is as those with label 1, shape (n,).

        Example:
            >>> from curate.learn.linear import Linear
            >>> judge = Judge.of(["good film", "a good day"], ["bad film", "a bad day"], Linear(), 2)
            >>> bool(judge.probabilities(["good evening"])[0] > 0.5)
            True
        """
        fold = np.array([self._known.get(key, -1) for key in _keys(texts)], np.int64)
        made = np.zeros(len(texts))
        for one in np.unique(fold).tolist():
            at = np.flatnonzero(fold == one)
            made[at] = self._model(one).predict(Examples.unlabelled([texts[place] for place in at.tolist()]))[:, 1]
        return made

    @property
    def _known(self) -> dict[int, int]:
        """The fold of each training text by the hash of its normal form."""
        if self._fold_of is None:
            texts = list(self.rows.texts)
            families = near_duplicate_families(texts)
            ids = np.arange(len(texts), dtype=np.uint64)
            folds = family_folds(families, self.rows.targets, ids, self.n_folds, StepRandom(_SEED, "judge"))
            self._fold_of = dict(zip(_keys(texts), folds.tolist(), strict=True))
        return self._fold_of

    def _model(self, fold: int) -> Fitted:
        """The model that has not seen a fold; of all rows for -1."""
        if fold not in self._fitted:
            self._fitted[fold] = self.learner.fit(self._without(fold), validation=None, seed=_SEED)
        return self._fitted[fold]

    def _without(self, fold: int) -> Examples:
        if fold < 0:
            return self.rows
        known = self._known
        away = [at for at, key in enumerate(_keys(self.rows.texts)) if known[key] != fold]
        return self.rows.take(np.array(away, np.int64))


def _keys(texts: Sequence[str]) -> list[int]:
    normal = normaliser()
    keys: list[int] = hash_texts(normal(text) for text in texts).tolist()
    return keys
