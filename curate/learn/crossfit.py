"""The signal `pred_probs`: for each training row the class probabilities of a model that never saw it, nor its near
duplicates, nor a row that was made from the same one.
"""

from __future__ import annotations

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
from curate.data.origin import Origin
from curate.errors import ColumnError
from curate.kernels.classes import class_codes
from curate.kernels.families import near_duplicate_families
from curate.learn.examples import Examples
from curate.learn.folds import family_folds
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec, learner_named


class PredProbs(Provider):
    """Cross-fitted probabilities: the rows are dealt into folds by near-duplicate family, and each fold is judged by
    a model of the rest.

    Attributes:
        learner: the registry name of the learner, in the settings in which it judges; or `{name: …, setting: value}`.
        n_folds: folds, at least 2.
    """

    name: ClassVar[str] = "pred_probs"
    version: ClassVar[str] = "1"

    learner: LearnerSpec = "linear"
    n_folds: int = 5

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
        if corpus.roles.label is None:
            raise ColumnError("pred_probs needs a column with the role label", hint="name it with --label")
        row_ids = corpus.row_ids()
        order = np.argsort(row_ids)
        texts = corpus.texts()
        codes, names = class_codes(corpus.labels())
        order = order[codes[order] >= 0]
        probs = cross_fit(
            self._judge(),
            [texts[at] for at in order.tolist()],
            codes[order],
            row_ids[order],
            len(names),
            self.n_folds,
            seed,
            corpus.origin,
        )
        values = np.zeros((len(row_ids), max(1, len(names))), np.float32)
        values[order, : len(names)] = probs
        flat = pa.FixedSizeListArray.from_arrays(values.ravel(), values.shape[1])
        known = pa.array(codes >= 0)
        return pa.table({"row_id": row_ids, "value": _masked(flat, known)})


def _masked(values: pa.FixedSizeListArray, known: pa.Array) -> pa.Array:
    places = pa.array(np.arange(len(values)), mask=~known.to_numpy(zero_copy_only=False))
    return values.take(places)


def cross_fit(
    learner: Learner,
    texts: list[str],
    codes: NDArray[np.int64],
    row_ids: NDArray[np.uint64],
    n_classes: int,
    n_folds: int,
    seed: int,
    origin: Origin | None = None,
) -> NDArray[np.float64]:
    """Out-of-sample class probabilities, shape (n, n_classes).

    The rows must come ordered by row id, so that the result does not depend on how they lay before.
    """
    if not texts:
        return np.zeros((0, n_classes))
    families = with_kin(near_duplicate_families(texts), row_ids, origin)
    folds = family_folds(families, codes, row_ids, n_folds, StepRandom(seed, "pred_probs"))
    rows = Examples(texts, codes, None, n_classes)
    probs = np.full((len(texts), n_classes), 1.0 / n_classes)
    for fold in np.unique(folds).tolist():
        away, here = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(away):
            model = learner.fit(rows.take(away), validation=None, seed=seed)
            probs[here] = model.predict(rows.take(here))
    return probs
