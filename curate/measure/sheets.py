"""Sheets: rows that every cell predicts in the same training beside the test rows: further sets, changed inputs, a
sample of the rows it was fitted to.

What is asked of them is asked as of the test rows: the outputs on a sheet stand beside those on the test rows as if
they were further arms, so any contrast of arms and sheets has its estimate (`Predictions.contrast`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.data.corpus import Corpus
from curate.kernels.other_words import WordSettings
from curate.kernels.protected import protected_spans
from curate.kernels.replacing import replaced
from curate.learn.attack import Attack, Target, attacked
from curate.learn.examples import Examples
from curate.learn.folds import families
from curate.learn.learner import Fitted
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.targets import Classes, LabelSets, Targets, label_names, label_sets

FITTED = "fitted"
FITTED_ROWS = 1000
"""Rows of its own training that a cell predicts."""


@dataclass(frozen=True)
class Attacker:
    """Who writes rows otherwise for each model by itself: how it searches, and what it may put for a word."""

    how: Attack
    words: WordSettings

    def attacked(self, model: Fitted, rows: Examples) -> Examples:
        """The rows with the strongest attack on a model that was found; a row it answers wrongly stays."""

        def predict(texts: Sequence[str]) -> NDArray[np.float64]:
            return model.predict(Examples.unlabelled(list(texts)))

        targets = [
            Target(text, label, protected_spans(text))
            for text, label in zip(rows.texts, rows.targets.tolist(), strict=True)
        ]
        made = attacked(model, predict, targets, self.words.source(), self.how)
        texts = [replaced(target.text, attempt.replacements) for target, attempt in zip(targets, made, strict=True)]
        return replace(rows, texts=texts)


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows for a cell to predict.

    Attributes:
        name: of the sheet.
        rows: as the cell's learner sees them.
        attacker: writes them otherwise once the cell's model is there; None: they stay.
    """

    name: str
    rows: Examples
    attacker: Attacker | None = None

    @property
    def identity(self) -> list[object]:
        """What tells it from other sheets in the key of a cell."""
        attacker = [] if self.attacker is None else [self.attacker.how.model_dump(), self.attacker.words.model_dump()]
        return ["sheet", self.name, self.rows.digest, *attacker]

    def seen_by(self, model: Fitted) -> Examples:
        """The rows that a model is asked about."""
        return self.rows if self.attacker is None else self.attacker.attacked(model, self.rows)


@dataclass(frozen=True, eq=False)
class View:
    """Rows on which every arm is looked at.

    Attributes:
        name: what they are called in cells; no two are alike.
        corpus: the rows, each with a target.
        targets: what is learnt.
        features: whether the learner reads them.
        n_left_out: rows that were given and have no target that is known.
        attacker: writes the rows otherwise for each model by itself; None: they stay.
        places: where the rows stand among the test rows, (n,); None: they are all of them, or none.
    """

    name: str
    corpus: Corpus
    targets: Targets
    features: bool = False
    n_left_out: int = 0
    attacker: Attacker | None = None
    places: NDArray[np.int64] | None = None

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
        return Sheet(self.name, rows, self.attacker)


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


def at_places(predictions: Predictions, places: NDArray[np.int64]) -> Predictions:
    """The predictions of some of the rows."""
    outputs = {arm: [each.take(places) for each in said] for arm, said in predictions.outputs.items()}
    return Predictions(outputs, predictions.targets[places], predictions.clusters[places], predictions.seed)


def beside(predictions: Predictions, sheets: Mapping[str, Mapping[Applied, Sequence[Outputs]]]) -> Predictions:
    """The predictions of the test rows, with those of sheets that hold the same rows in another form.

    Args:
        predictions: of the test rows as they are.
        sheets: per sheet and arm the outputs in each replicate, row for row with the test rows.
    """
    more = {on(arm, name): outputs for name, by_arm in sheets.items() for arm, outputs in by_arm.items()}
    merged = {**predictions.outputs, **more}
    return Predictions(merged, predictions.targets, predictions.clusters, predictions.seed)
