"""How the base was trained: its curves over the replicates, and what they say (`curate/learn/monitor.py`).

A look is a look at the validation rows, which no step has edited. It describes; no verdict hangs on it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from curate.learn.learner import TrainingCurve
from curate.learn.monitor import Diagnosis
from curate.learn.monitored import Monitored
from curate.report import model

TITLE = "Training"
_KEPT = {
    "learning_rate": "learning rate",
    "gradient_norm": "length of the gradient",
    "weight_norm": "length of the weights",
    "metric": "validation metric",
}


@dataclass(frozen=True)
class Curves:
    """The trainings of the base, one per replicate.

    Attributes:
        runs: as they were kept.
    """

    runs: tuple[Monitored, ...]

    @classmethod
    def of(cls, kept: Sequence[Monitored | None]) -> Curves | None:
        """Those of the replicates; None for a learner without curves."""
        runs = tuple(run for run in kept if run is not None)
        return cls(runs) if runs else None

    def diagnosis(self) -> tuple[Diagnosis, int] | None:
        """The commonest diagnosis, as the first replicate with it tells it, and of how many; None: none has any."""
        found = [each for each in (run.diagnosis() for run in self.runs) if each is not None]
        if not found:
            return None
        [(kind, count)] = Counter(each.kind for each in found).most_common(1)
        return next(each for each in found if each.kind == kind), count

    def facts(self) -> dict[str, int]:
        """What the models tell of themselves; the most that any replicate tells."""
        found = [run.facts for run in self.runs]
        return {name: max(one[name] for one in found if name in one) for name in dict.fromkeys(chain(*found))}

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        found = self.diagnosis()
        return {
            "curves": [run.to_dict()["curve"] for run in self.runs],
            "diagnosis": None
            if found is None
            else {
                "kind": found[0].kind,
                "n_replicates": found[1],
                "evidence": found[0].evidence,
                "action": found[0].action,
            },
        }


def section(curves: Curves) -> model.Section:
    """The curves, and what they say."""
    lead = "The base: losses at each look, mean over replicates, with the lowest and highest. Weights of the look with "
    lead += "the lowest validation loss are kept."
    shown = [block for block in (_plot(curves), _figures(curves)) if block is not None]
    return model.Section(TITLE, (*shown, model.Note(*_says(curves))), lead)


def remark(curves: Curves) -> list[model.Note]:
    """What helps, in one sentence for the first page, where half of the trainings or more show the same."""
    found, n_runs = curves.diagnosis(), len(curves.runs)
    if found is None or 2 * found[1] < n_runs:
        return []
    first, count = found
    said = f"Training of the base: {first.kind} in {count} of {n_runs} replicates; what helps: {first.action}"
    return [model.Note(f"{said}. More under {TITLE} (with -v at the terminal).", "warning")]


def _says(curves: Curves) -> tuple[str, model.Tone]:
    found, n_runs = curves.diagnosis(), len(curves.runs)
    if found is None:
        return "Training went well: neither divergence, label noise, overfitting nor underfitting shows.", "good"
    first, count = found
    said = f"{first.kind.capitalize()} in {count} of {n_runs} replicates. In the first of these, {first.evidence}. "
    return f"{said}What helps: {first.action}.", "warning" if 2 * count >= n_runs else "info"


def _plot(curves: Curves) -> model.LinePlot | None:
    named = {"training loss": "train_loss", "validation loss": "validation_loss"}
    series = [model.Series(name, tuple(_points(curves, which))) for name, which in named.items()]
    drawn = tuple(line for line in series if line.points)
    return model.LinePlot(drawn, "optimiser steps", "mean loss") if drawn else None


def _figures(curves: Curves) -> model.Table | None:
    """What else is kept of each look, mean over the replicates that came so far; None where nothing is."""
    kept = [name for name in _KEPT if any(getattr(run.curve, name) for run in curves.runs)]
    if not kept:
        return None
    rows = []
    for look in range(max(len(run.curve.steps) for run in curves.runs)):
        here = [run.curve for run in curves.runs if look < len(run.curve.steps)]
        rows.append((_mean([curve.steps[look] for curve in here]), *(_at(here, name, look) for name in kept)))
    columns = [model.Column(name, "number") for name in ("optimiser steps", *(_KEPT[name] for name in kept))]
    return model.Table(tuple(columns), tuple(rows), "At each look, mean over replicates", searchable=False)


def _at(curves: Sequence[TrainingCurve], name: str, look: int) -> float | None:
    """The mean of one figure at a look; None where no curve has it."""
    found = [values[look] for values in (getattr(curve, name) for curve in curves) if look < len(values)]
    finite = [value for value in found if value is not None and math.isfinite(value)]
    return _mean(finite) if finite else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _points(curves: Curves, which: str) -> Iterator[model.Point]:
    """One point per look: the replicates that came so far, some of which have stopped early."""
    for look in range(max(len(run.curve.steps) for run in curves.runs)):
        here = [run.curve for run in curves.runs if look < len(getattr(run.curve, which))]
        losses = [loss for loss in (getattr(curve, which)[look] for curve in here) if math.isfinite(loss)]
        if losses:
            step = sum(curve.steps[look] for curve in here) / len(here)
            value = model.Interval(sum(losses) / len(losses), min(losses), max(losses))
            yield model.Point(step, value, f"{len(losses)} of {len(curves.runs)} replicates")
