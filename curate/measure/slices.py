"""The effect of each step on parts of the test rows: classes, groups, lengths, languages, rows that leaked.

They describe where an effect comes from and decide nothing: p-values are adjusted over all parts and steps together
(Benjamini & Yekutieli 2001), and no step gets a verdict on a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.engines.supply import signal
from curate.kernels.multiplicity import benjamini_yekutieli
from curate.learn.metrics import METRICS, Metric, metrics_of
from curate.learn.outputs import Outputs
from curate.measure.apart import said_of
from curate.measure.arms import Question
from curate.measure.estimate import Predictions
from curate.measure.evidence import Evidence
from curate.measure.result import finite
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

MIN_ROWS = 30
MOST_PARTS = 20
"""Of classes, groups and languages the largest so many are told."""
TITLE = "Where the effects come from"
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """What a step does on a part of the test rows.

    Attributes:
        step: the step.
        metric: in which it is told.
        by: class, group, length, language or leak.
        part: which of them.
        n_rows: test rows in it.
        base: the metric of the base on them.
        delta: the effect on them, in units of the metric.
        interval: of the effect.
        p_value: by itself, two-sided; `p_adjusted` over all parts and steps (Benjamini–Yekutieli).
    """

    step: str
    metric: str
    by: str
    part: str
    n_rows: int
    base: float
    delta: float
    interval: Interval
    p_value: float
    p_adjusted: float

    def to_dict(self) -> dict[str, Any]:
        """The part as in `measure.json`."""
        plain: dict[str, Any] = finite({**asdict(self), "interval": self.interval.model_dump()})
        return plain


def sliced_metric(metric: Metric, evidence: Evidence) -> Metric | None:
    """The metric that parts are told in: the primary one where it is a mean over rows, else the first that is."""
    if metric.additive:
        return metric
    every = metrics_of(evidence.subject.targets.task, texts=metric.reads_texts)
    return next((each for each in every if each.additive), None)


def effects_by_part(evidence: Evidence) -> tuple[Part, ...]:
    """The effect of every step on every part with rows enough; none where no metric is a mean over rows."""
    metric = sliced_metric(evidence.design.metric, evidence)
    if metric is None:
        return ()
    found = [(question, by, part, mask) for by, part, mask in _parts(evidence) for question in evidence.design.asked]
    parts = [_part(evidence.predictions, metric, *each) for each in found]
    adjusted = benjamini_yekutieli([part.p_value for part in parts]).tolist()
    return tuple(Part(**{**vars(part), "p_adjusted": p}) for part, p in zip(parts, adjusted, strict=True))


def _part(predictions: Predictions, metric: Metric, question: Question, by: str, part: str, mask: Mask) -> Part:
    within = _restricted(predictions, question, mask)
    effect = within.contrast(metric, question.effect)
    estimate, base = effect.on_new_data(), float(within.values(metric, ()).mean())
    p_value, n_rows = estimate.p_value(), int(mask.sum())
    interval = Interval.of(estimate)
    return Part(question.step, metric.name, by, part, n_rows, base, effect.delta, interval, p_value, p_value)


def _restricted(predictions: Predictions, question: Question, mask: Mask) -> Predictions:
    """The predictions of the arms of a question on some rows."""
    kept = np.flatnonzero(mask)

    def only(outputs: Outputs) -> Outputs:
        texts = None if outputs.texts is None else tuple(outputs.texts[at] for at in kept.tolist())
        return Outputs(outputs.values[kept], texts)

    arms = {(): None, **dict.fromkeys(question.effect)}
    outputs = {arm: [only(each) for each in predictions.outputs[arm]] for arm in arms}
    return Predictions(outputs, predictions.targets[kept], predictions.clusters[kept], predictions.seed)


def _parts(evidence: Evidence) -> Iterator[tuple[str, str, Mask]]:
    """What the test rows are parted by, which part, and its rows."""
    subject, test = evidence.subject, evidence.subject.test
    if subject.targets.task == "classification":
        yield from _named("class", np.array(subject.targets.names)[evidence.examples.targets])
    for column in test.roles.group:
        yield from _named("group", np.array([str(cell) for cell in test.table().column(column).to_pylist()]))
    if test.roles.text:
        yield from _lengths(test)
    if evidence.design.language and test.roles.text:
        codes = signal("language", {}, test, 0, None).at(test.row_ids()).to_pylist()
        yield from _named("language", np.array([str(code) for code in codes]))
    if len(np.unique(subject.twins)) > 1:
        yield from _named("leak", subject.twins, said_of(subject.train))


def _named(by: str, of_row: NDArray[np.str_], said: Mapping[str, str] | None = None) -> Iterator[tuple[str, str, Mask]]:
    """The largest parts with rows enough, by name."""
    names, counts = np.unique(of_row, return_counts=True)
    largest = names[np.lexsort((names, -counts))][:MOST_PARTS]
    for name in sorted(largest.tolist()):
        mask = of_row == name
        if MIN_ROWS <= mask.sum() < len(mask):
            yield by, (said or {}).get(name, name), mask


def _lengths(test: Corpus) -> Iterator[tuple[str, str, Mask]]:
    """Thirds of the rows by the length of their text in characters."""
    length = np.array([len(text) for text in test.texts()])
    low, high = (int(bound) for bound in np.quantile(length, [1 / 3, 2 / 3], method="lower"))
    thirds = {
        f"up to {number(low)} characters": length <= low,
        f"{number(low + 1)} to {number(high)} characters": (length > low) & (length <= high),
        f"over {number(high)} characters": length > high,
    }
    for part, mask in thirds.items():
        if MIN_ROWS <= mask.sum() < len(mask):
            yield "length", part, mask


def _units(part: Part, primary: Units) -> Units:
    """The units of the metric that parts are told in, which may be another than the primary one."""
    if part.metric == primary.metric:
        return primary
    found = METRICS[part.metric]
    return Units.of(found, found.margin(part.base), primary.word)


def section(parts: Sequence[Part], units: Units) -> model.Section:
    """The effects by part as one table, those that stand out first; `units` are those of the primary metric."""
    units = _units(parts[0], units)
    columns = (
        model.Column("step", "code"),
        model.Column("by", "code"),
        model.Column("test rows", "code"),
        model.Column("rows", "number"),
        model.Column("base", units.column),
        model.Column(f"effect, {units.word}" if units.word else "effect", "number"),
        model.Column("from", "number"),
        model.Column("to", "number"),
        model.Column("p adjusted", "number"),
    )
    ordered = sorted(parts, key=lambda part: (part.p_adjusted, part.p_value))
    rows: tuple[tuple[model.Cell, ...], ...] = tuple(
        (
            part.step,
            part.by,
            part.part,
            part.n_rows,
            part.base,
            *(round(end * units.scale, units.decimals) for end in (part.delta, part.interval.low, part.interval.high)),
            float(f"{part.p_adjusted:.2g}"),
        )
        for part in ordered
    )
    lead = (
        f"Effects on {units.metric} over parts of the test rows with at least {MIN_ROWS} rows, without a verdict: they "
        "say where an effect comes from. p is adjusted over all of them (Benjamini–Yekutieli)."
    )
    return model.Section(TITLE, (model.Table(columns, rows, "Effect of each step on parts of the test rows"),), lead)
