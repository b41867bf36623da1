"""`labels.drop_issues`: drop rows whose label is likely wrong, by confident learning on out-of-sample probabilities.

Northcutt, Jiang & Chuang, "Confident Learning", JAIR 2021; the computation is cleanlab's. The probabilities come from
the signal `pred_probs`: cross-fitted on the training rows, folds by near-duplicate family, so that no row is judged
by its own twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from curate import registry
from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.classes import class_codes


class DropLabelIssues(DatasetTransform):
    """Drops rows whose given label the model, which never saw the row, contradicts with confidence.

    A row with a null label, or of a class with fewer rows than folds, is not judged and stays.

    Attributes:
        learner: the registry name of the learner that gives the probabilities, or `{name: …, setting: value}`; one
            that reads features (`tabular`) needs no text.
        n_folds: folds of the cross-fitting, at least 2.
        filter_by: cleanlab's rule: which of the suspicious rows count.
        min_score: drop only rows whose score (1 - probability of the given label) is at least this, in [0, 1].

    Example:
        >>> DropLabelIssues(n_folds=3).signals()
        {'pred_probs': {'learner': 'linear', 'n_folds': 3}}
    """

    name: ClassVar[str] = "labels.drop_issues"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "label_issue": "the given label is likely wrong; score is 1 - its probability"
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label", "pred_probs"})

    learner: str | dict[str, Any] = "linear"
    n_folds: int = Field(5, ge=2, le=50)
    filter_by: Literal["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"] = (
        "both"
    )
    min_score: float = Field(0.0, ge=0, le=1)

    def needed(self) -> frozenset[str]:
        """The label, and what the learner reads: texts or features."""
        provider = registry.get("signals", "pred_probs")(**self.signals()["pred_probs"])
        return frozenset({"pred_probs"} | provider.needed())

    def signals(self) -> dict[str, dict[str, Any]]:
        return {"pred_probs": {"learner": self.learner, "n_folds": self.n_folds}}

    def revision(self) -> str:
        return f"cleanlab {version('cleanlab')}"

    def summarize(self, batch: Batch) -> pa.Table:
        return pa.table({"row_id": batch.row_ids, "label": batch.labels(), "pred_probs": batch.signals["pred_probs"]})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        codes, names = class_codes(summary.column("label"))
        if not names:
            return Edits()
        known = summary.column("pred_probs").is_valid().to_numpy()
        sizes = np.bincount(codes[codes >= 0], minlength=len(names))
        judged = np.flatnonzero(known & (codes >= 0) & (sizes[codes] >= self.n_folds))
        if not len(judged) or len(np.unique(codes[judged])) < 2:
            return Edits()
        probs = _matrix(summary.column("pred_probs").take(pa.array(judged)), len(names))
        issues, scores = label_issues(codes[judged], probs, self.filter_by)
        gone = issues & (scores >= self.min_score)
        ids = summary.column("row_id").to_numpy()[judged[gone]]
        return Edits.drop(ids, "label_issue", score=scores[gone]) if len(ids) else Edits()


def _matrix(values: pa.ChunkedArray, n_classes: int) -> NDArray[np.float64]:
    flat = pa.concat_arrays([chunk.flatten() for chunk in values.chunks])
    if len(flat) != len(values) * n_classes:
        raise ColumnError(
            f"pred_probs holds {len(flat) / max(1, len(values)):g} probabilities a row, but the labels have "
            f"{n_classes} classes",
            hint="give one probability for each class, in the order of the sorted class names",
        )
    return np.asarray(flat.to_numpy(zero_copy_only=False), dtype=np.float64).reshape(len(values), n_classes)


def label_issues(
    codes: NDArray[np.int64], probs: NDArray[np.float64], filter_by: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which labels are likely wrong, shape (n,), and for every row 1 - the probability of its label, shape (n,)."""
    from cleanlab.filter import find_label_issues

    present, dense = np.unique(codes, return_inverse=True)
    seen = probs[:, present]
    seen = seen / np.maximum(seen.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    issues = find_label_issues(dense, seen, filter_by=filter_by, n_jobs=1)
    return np.asarray(issues, dtype=bool), 1.0 - probs[np.arange(len(codes)), codes]
