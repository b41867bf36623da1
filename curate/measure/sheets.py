"""Sheets: rows that every cell predicts in the same training beside the test rows: further sets, changed inputs, a
sample of the rows it was fitted to.

What is asked of them is asked as of the test rows: the outputs on a sheet stand beside those on the test rows as if
they were further arms, so any contrast of arms and sheets has its estimate (`Predictions.contrast`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.data.corpus import Corpus
from curate.learn.examples import Examples
from curate.learn.folds import families
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.targets import Classes, LabelSets, Targets, label_names, label_sets

FITTED = "fitted"
FITTED_ROWS = 1000
"""Rows of its own training that a cell predicts."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows for a cell to predict: its name, and the rows as the cell's learner sees them."""

    name: str
    rows: Examples


@dataclass(frozen=True, eq=False)
class View:
    """Rows on which every arm is looked at.

    Attributes:
        name: what they are called in cells; no two are alike.
        corpus: the rows, each with a target.
        targets: what is learnt.
        features: whether the learner reads them.
        n_left_out: rows that were given and have no target that is known.
    """

    name: str
    corpus: Corpus
    targets: Targets
    features: bool = False
    n_left_out: int = 0

    @cached_property
    def examples(self) -> Examples:
        """The rows as a learner sees them that no step touches at inference."""
        return self.targets.examples(self.corpus, features=self.features)

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """The near-duplicate family of each row, shape (n,)."""
        return families(self.corpus)

    def sheet(self, seen: Corpus) -> Sheet:
        """The rows as an arm sees them, which may rewrite their text at inference."""
        rows = self.examples if seen is self.corpus else self.targets.examples(seen, features=self.features)
        return Sheet(self.name, rows)


def scorable(targets: Targets, corpus: Corpus) -> NDArray[np.bool_]:
    """Which rows of a further set can be scored: they have a target, and all its classes are known; shape (n,)."""
    if isinstance(targets, Classes):
        known = pc.is_in(label_names(corpus), value_set=pa.array(targets.names, pa.string()))
        return np.asarray(known.to_numpy(zero_copy_only=False), dtype=np.bool_)
    if isinstance(targets, LabelSets):
        names = set(targets.names)
        return np.array([given is not None and names.issuperset(given) for given in label_sets(corpus)], np.bool_)
    return targets.known(corpus)


def fitted_sheet(rows: Corpus, examples: Examples, known: NDArray[np.bool_], random: StepRandom) -> Sheet:
    """A sample of the rows a cell is fitted to, at most `FITTED_ROWS`, chosen by row id.

    So two arms that share most of their rows share most of the sample.

    Args:
        rows: the training rows.
        examples: those of them that have a target.
        known: which those are, shape (len(rows),).
        random: keys the choice.
    """
    taught = np.ones(len(examples), np.bool_) if examples.weights is None else examples.weights > 0
    order = random.order(rows.row_ids()[known])
    chosen = order[taught[order]][:FITTED_ROWS]
    return Sheet(FITTED, examples.take(np.sort(chosen)))


def on(arm: Applied, name: str) -> Applied:
    """What an arm said on a sheet, named as an arm.

    Example:
        >>> on((("clean.html", False),), "typos")
        (('clean.html', False), ('on typos', False))
    """
    return (*arm, (f"on {name}", False))


def beside(predictions: Predictions, sheets: Mapping[str, Mapping[Applied, Sequence[Outputs]]]) -> Predictions:
    """The predictions of the test rows, with those of sheets that hold the same rows in another form.

    Args:
        predictions: of the test rows as they are.
        sheets: per sheet and arm the outputs in each replicate, row for row with the test rows.
    """
    more = {on(arm, name): outputs for name, by_arm in sheets.items() for arm, outputs in by_arm.items()}
    merged = {**predictions.outputs, **more}
    return Predictions(merged, predictions.targets, predictions.clusters, predictions.seed)
