"""`label_issues`: labels that a model, which never saw the row, contradicts with confidence; and which classes are
mistaken for which.

Northcutt, Jiang & Chuang, "Confident Learning", JAIR 2021. The rows are those that `labels.drop_issues` would drop.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from curate import registry
from curate.checks.classes import Classes, read_classes
from curate.checks.remedy import need_texts, of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.core.transform import ROLE_NAMES, Transform
from curate.report.display import percent

SHOWN_PAIRS = 50
REMEDY = "labels.drop_issues"
TABLES: dict[str, Any] = {"name": "tabular", "kind": "logistic"}
"""Who judges rows without a text; the network, `tabular`'s own choice, asks for an extra to be installed."""


class LabelIssues(Check):
    """Labels that are likely wrong: a model trained on the other rows is sure of another class. Look at them before
    you trust it.

    Attributes:
        share: bounds on the share of such labels. 3.3 % is the mean over ten well known test sets and 10.1 % their
            worst (Northcutt, Athalye & Mueller, "Pervasive Label Errors in Test Sets", NeurIPS 2021): above the first
            is `medium`, above the second `high`.
        learner: the learner that judges, as `labels.drop_issues` takes it: a registry name, or `{name: …, setting:
            value}`; None: that step's own for texts, and for rows without a text `tabular` of the kind `logistic`.
        min_skill: how far the model must be from chance to be listened to: its mean recall over the classes, scaled so
            that guessing is 0 and knowing is 1. A model below 0.1 contradicts labels at random. House figure.
    """

    name: ClassVar[str] = "label_issues"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"label"})

    share: Bounds = Bounds(low=0, medium=0.033, high=0.101)
    learner: str | dict[str, Any] | None = None
    min_skill: float = Field(0.1, ge=0, le=1)

    @model_serializer(mode="wrap")
    def _as_set(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The settings, without a learner that nobody named."""
        return {name: value for name, value in plain(self).items() if name != "learner" or value is not None}

    def _judge(self, context: CheckContext) -> Transform:
        """The remedy, with the learner that judges.

        Raises:
            Skip: the rows lack what that learner reads.
        """
        present = context.corpus.roles.present()
        learner = self.learner or (TABLES if "features" in present and "text" not in present else None)
        remedy: Transform = registry.get("transforms", REMEDY)(**({} if learner is None else {"learner": learner}))
        for role in sorted((remedy.needed() & ROLE_NAMES) - present):
            raise Skip(f"no column has the role {role}; name it with --{role}")
        return remedy

    def look(self, context: CheckContext) -> list[Finding]:
        judge = self._judge(context)
        classes = read_classes(context.corpus)
        if "text" in judge.needed():
            need_texts(context)
        settings = judge.model_dump(mode="json", include=judge.model_fields_set)
        n_folds = judge.signals()["pred_probs"]["n_folds"]
        large = int((classes.sizes() >= n_folds).sum())
        if large < 2:
            few = (
                "there is only one class" if len(classes.names) == 1 else f"fewer than two classes have {n_folds} rows"
            )
            raise Skip(f"{few}, so that no model can judge the labels")
        plan, remedy = propose(context, REMEDY, **settings)
        judgement = _Judgement.of(context, classes, judge)
        if judgement.skill < self.min_skill:
            said = f"its mean recall over {judgement.n_classes} classes is {percent(judgement.recall)}"
            raise Skip(f"the model is hardly better than chance, so that it cannot judge the labels: {said}")
        evidence: dict[str, Any] = {
            **({"learner": _said(settings["learner"])} if settings else {}),
            "model_accuracy": round(judgement.accuracy, 4),
            "n_labels_judged": judgement.n_judged,
            "n_labels_not_judged": len(context.corpus) - judgement.n_judged,
        }
        rows = edited_rows(plan)
        if not len(rows):
            return [Finding(self.name, "No label looks wrong", "none", 0.0, self.share.low, evidence=evidence)]
        share = len(rows) / judgement.n_judged
        given, suggested = judgement.labels(rows.column("row_id").to_numpy())
        evidence["given_and_suggested_labels"] = pairs(given, suggested, classes)
        evidence["classes_hit_hardest"] = hit_hardest(given, classes)
        rows = rows.set_column(
            rows.column_names.index("detail"),
            "detail",
            pa.array([f"suggested: {name}" for name in suggested], pa.string()),
        )
        title = f"Labels that look wrong: {of_rows(len(rows), judgement.n_judged)}"
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]


def _said(learner: str | dict[str, Any]) -> str:
    """A learner in words.

    Example:
        >>> _said("bag"), _said({"name": "tabular", "kind": "logistic"})
        ('bag', 'tabular: kind logistic')
    """
    if isinstance(learner, str):
        return learner
    settings = ", ".join(f"{name} {value}" for name, value in learner.items() if name != "name")
    return f"{learner['name']}: {settings}" if settings else str(learner["name"])


class _Judgement:
    """What the cross-fitted model says of each judged row."""

    def __init__(
        self, row_ids: NDArray[np.uint64], given: NDArray[np.int64], best: NDArray[np.int64], names: Any
    ) -> None:
        order = np.argsort(row_ids)
        self._ids, self._given, self._best, self._names = row_ids[order], given[order], best[order], names
        self.n_judged = len(row_ids)
        self.accuracy = float((given == best).mean()) if len(row_ids) else 0.0
        present, code = np.unique(given, return_inverse=True)
        self.n_classes = len(present)
        self.recall = float((np.bincount(code, given == best) / np.bincount(code)).mean()) if len(row_ids) else 0.0
        self.skill = (self.recall - 1 / self.n_classes) / (1 - 1 / self.n_classes) if self.n_classes > 1 else 0.0

    @classmethod
    def of(cls, context: CheckContext, classes: Classes, judge: Transform) -> _Judgement:
        """The most likely class of every row that the remedy judges: those of classes with as many rows as folds."""
        settings = judge.signals()["pred_probs"]
        n_folds = settings["n_folds"]
        values = context.signal("pred_probs", **settings).at(classes.row_ids)
        sizes, codes = classes.sizes(), classes.codes
        known = np.asarray(values.is_valid().to_numpy(zero_copy_only=False)) & (codes >= 0) & (sizes[codes] >= n_folds)
        judged = np.flatnonzero(known)
        flat = values.take(pa.array(judged)).flatten().to_numpy(zero_copy_only=False)
        probs = flat.reshape(len(judged), len(classes.names))
        return cls(classes.row_ids[judged], codes[judged], probs.argmax(axis=1), classes.names)

    def labels(self, row_ids: NDArray[np.uint64]) -> tuple[list[str], list[str]]:
        """The given and the suggested label of some rows, by name."""
        at = np.searchsorted(self._ids, row_ids)
        return [self._names[code] for code in self._given[at]], [self._names[code] for code in self._best[at]]


def pairs(given: list[str], suggested: list[str], classes: Classes) -> list[dict[str, Any]]:
    """How often each class seems to have been mistaken for which: rows, and their share of the given class; the most
    first.

    Example:
        >>> two = Classes(np.arange(4, dtype=np.uint64), np.array([0, 0, 1, 1]), ("ham", "spam"))
        >>> pairs(["spam"], ["ham"], two)
        [{'given': 'spam', 'suggested': 'ham', 'n_rows': 1, 'fraction_of_given': 0.5}]
    """
    sizes = classes.counts()
    counted = sorted(Counter(zip(given, suggested, strict=True)).items(), key=lambda item: (-item[1], item[0]))
    return [
        {"given": a, "suggested": b, "n_rows": n, "fraction_of_given": round(n / sizes[a], 4)}
        for (a, b), n in counted[:SHOWN_PAIRS]
    ]


def hit_hardest(given: list[str], classes: Classes) -> list[dict[str, Any]]:
    """What the remedy would take of each class, the largest share first: a model errs most on rare classes.

    Example:
        >>> two = Classes(np.arange(4, dtype=np.uint64), np.array([0, 0, 1, 1]), ("ham", "spam"))
        >>> hit_hardest(["spam"], two)
        [{'class': 'spam', 'n_rows': 1, 'fraction_of_class': 0.5}]
    """
    sizes = classes.counts()
    counted = sorted(Counter(given).items(), key=lambda item: (-item[1] / sizes[item[0]], item[0]))
    return [{"class": a, "n_rows": n, "fraction_of_class": round(n / sizes[a], 4)} for a, n in counted[:SHOWN_PAIRS]]
