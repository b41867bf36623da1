"""The signal `pred_probs`: for each training row the class probabilities of a model that never saw it, nor its near
duplicates, nor a row that was made from the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate import registry
from curate.core.behind import with_kin
from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest, digest
from curate.data.rows import TOP_BIT
from curate.errors import ColumnError
from curate.kernels.classes import class_codes
from curate.learn.examples import Examples
from curate.learn.folds import families, family_folds
from curate.learn.learner import Fitted, Learner
from curate.learn.named import LearnerSpec, learner_named


class PredProbs(Provider):
    """Cross-fitted probabilities: the rows are dealt into folds by near-duplicate family, and each fold is judged by
    a model of the rest.

    Attributes:
        learner: the registry name of the learner, in the settings in which it judges; or `{name: …, setting: value}`.
            It may read texts or features.
        n_folds: folds, at least 2.
        learn_from_added: whether the models learn from rows that steps have added, too; those are judged in any case,
            by a model that learnt from none of their parents. Where that would join more than half of a class into one
            family, as rows made from many examples do, and added rows do not teach, their first parent alone counts.

    Example:
        >>> sorted(PredProbs(learner="tabular").needed())
        ['features', 'label']
    """

    name: ClassVar[str] = "pred_probs"
    version: ClassVar[str] = "1"

    learner: LearnerSpec = "linear"
    n_folds: int = 5
    learn_from_added: bool = True

    def needed(self) -> frozenset[str]:
        """The roles it reads: the label, and those of the learner."""
        return self._judge().reads | {"label"}

    def inputs(self, corpus: Corpus) -> list[str]:
        """The identity of the learner, as another version of it gives other probabilities; and which rows are kin."""
        read = [digest(self._judge().identity())]
        kin = corpus.origin.ancestors if corpus.origin is not None else None
        return [*read, batches_digest(kin.schema, kin.to_batches())] if kin is not None and len(kin) else read

    def _judge(self) -> Learner:
        if isinstance(self.learner, str):
            learner: Learner = registry.get("learners", self.learner).judge()
            return learner
        return learner_named(self.learner)

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        """Columns `row_id` and `value` (one probability per class, in class order; null for a row without a label)."""
        judge = self._judge()
        for role in sorted(self.needed() - corpus.roles.present()):
            raise ColumnError(f"pred_probs needs a column with the role {role}", hint=f"name it with --{role}")
        row_ids = corpus.row_ids()
        codes, names = class_codes(corpus.labels())
        order = np.argsort(row_ids)
        order = order[codes[order] >= 0]
        judged = corpus.take(order)
        texts = judged.texts() if corpus.roles.text else [""] * len(order)
        table = judged.table().select(list(corpus.roles.features)) if "features" in judge.reads else None
        rows = Examples(texts, codes[order], None, len(names), features=table)
        near = families(judged)
        kin = with_kin(near, row_ids[order], corpus.origin)
        if not self.learn_from_added and _largest_share(kin, codes[order]) > 0.5:
            kin = with_kin(near, row_ids[order], corpus.origin, of_first_parent=True)
        teaches = self.learn_from_added | (row_ids[order] < TOP_BIT)
        probs = cross_fit(judge, rows, kin, row_ids[order], self.n_folds, seed, teaches)
        values = np.zeros((len(row_ids), max(1, len(names))), np.float32)
        values[order, : len(names)] = probs
        flat = pa.FixedSizeListArray.from_arrays(values.ravel(), values.shape[1])
        known = pa.array(codes >= 0)
        return pa.table({"row_id": row_ids, "value": _masked(flat, known)})


def _largest_share(kin: NDArray[np.int64], codes: NDArray[np.int64]) -> float:
    """The largest share of the rows of a class that one family holds."""
    pairs, counts = np.unique(np.stack([codes, kin]), axis=1, return_counts=True)
    return float((counts / np.bincount(codes)[pairs[0]]).max(initial=0.0))


def _masked(values: pa.FixedSizeListArray, known: pa.Array) -> pa.Array:
    places = pa.array(np.arange(len(values)), mask=~known.to_numpy(zero_copy_only=False))
    return values.take(places)


def cross_fit(
    learner: Learner,
    rows: Examples,
    families: NDArray[np.int64],
    row_ids: NDArray[np.uint64],
    n_folds: int,
    seed: int,
    teaches: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Out-of-sample class probabilities, shape (n, n_classes).

    The rows must come ordered by row id, so that the result does not depend on how they lay before.

    Args:
        learner: learns classes.
        rows: what it reads, n rows.
        families: the family of each row, named by the position of a member, shape (n,); none stands in two folds.
        row_ids: the id of each row, shape (n,).
        n_folds: folds, at least 2.
        seed: keys the folds and the trainings.
        teaches: which rows the models may learn from, shape (n,); all unless given. Where none is left to learn from,
            every class is as likely.
    """
    probs = np.full((len(rows), rows.n_classes), 1.0 / max(1, rows.n_classes))
    for model, here in models_of_the_rest(learner, rows, families, row_ids, n_folds, seed, teaches):
        probs[here] = model.predict(rows.take(here))
    return probs


def models_of_the_rest(
    learner: Learner,
    rows: Examples,
    families: NDArray[np.int64],
    row_ids: NDArray[np.uint64],
    n_folds: int,
    seed: int,
    teaches: NDArray[np.bool_] | None = None,
) -> Iterator[tuple[Fitted, NDArray[np.int64]]]:
    """For each fold a model that never saw its rows nor their kin, and the positions of its rows; see `cross_fit`.

    A fold that leaves nothing to learn from has no model and does not come.
    """
    if not len(rows):
        return
    folds = family_folds(families, rows.targets, row_ids, n_folds, StepRandom(seed, "pred_probs"))
    learnable = np.ones(len(rows), bool) if teaches is None else teaches
    for fold in np.unique(folds).tolist():
        away, here = np.flatnonzero((folds != fold) & learnable), np.flatnonzero(folds == fold)
        if len(away):
            yield learner.fit(rows.take(away), validation=None, seed=seed), here
