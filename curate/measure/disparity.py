"""Figures over groups (the worst, gaps), with intervals that hold however alike the groups are.

The largest of several scores is no smooth function of them: of groups that are alike, chance picks the one that stands
out, so it stands out too far, and a jackknife or bootstrap puts its interval around that. Here simultaneous intervals
(Bonferroni) of the single scores and differences, which are smooth, bound what the largest can be; compare Hsu (1981),
"Simultaneous confidence intervals for all distances from the best".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.jackknife import MOST_GROUPS, jackknife_units
from curate.kernels.twoway import lay_out
from curate.learn.metrics import Metric, SumsMetric
from curate.learn.metrics.base import mean_of, with_ones
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.told import Told, n_alike, of_share
from curate.measure.verdict import Interval

Rows = Sequence[NDArray[np.int64]]
Floats = NDArray[np.float64]
ERROR = 0.05


def _given(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """Per row whether it is given the second class, and 1."""
    return with_ones(outputs.values.argmax(axis=1) == 1)


SELECTED = SumsMetric("selection_rate", "lower", _given, mean_of, mean=True)
"""The share of rows given the second class: the rate of true positives of rows that have it, else of false ones."""


@dataclass(frozen=True, eq=False)
class Figure:
    """The largest of some sums of scores, each score of other rows.

    Attributes:
        metric: what the scores are of.
        rows: the positions of the rows of each of the p scores.
        sums: how often each score counts in each of the q sums, shape (q, p).
        either: the largest size of a sum, whatever its sign, so that a difference counts from both sides.
        sign: −1 turns the largest of negated scores into the smallest score.
    """

    metric: Metric
    rows: Rows
    sums: Floats
    either: bool = True
    sign: float = 1.0

    def of(self, scores: Floats) -> float:
        """The figure, given its scores, shape (p,)."""
        sums = self.sums @ scores
        return self.sign * float(np.abs(sums).max() if self.either else sums.max())


def figures(metric: Metric, groups: Rows, targets: NDArray[Any], both: Rows | None = None) -> dict[str, Figure]:
    """The figures over groups.

    Args:
        metric: whose worst group and gap are asked for.
        groups: the positions of the rows of each group.
        targets: of all rows.
        both: where rows are given one of two classes, those groups whose rates of true and false positives are
            compared; with it the figures of fairness stand beside.
    """
    sign = -1.0 if metric.direction == "higher" else 1.0
    found = {
        "worst group": Figure(metric, groups, sign * np.eye(len(groups)), either=False, sign=sign),
        "gap": Figure(metric, groups, _pairs(len(groups))),
    }
    if both is not None:
        found["selection rate difference"] = Figure(SELECTED, groups, _pairs(len(groups)))
        if len(both) > 1:
            of_class = [at[targets[at] == of] for of in (1, 0) for at in both]
            sums: Floats = np.kron(np.eye(2), _pairs(len(both))).astype(np.float64)
            found["equalised odds difference"] = Figure(SELECTED, of_class, sums)
    return found


def _pairs(n: int) -> Floats:
    """Every difference of two of n scores once, shape (n·(n − 1)/2, n)."""
    one: Floats = np.eye(n)
    first, second = np.array(list(combinations(range(n), 2))).T
    return one[first] - one[second]


@dataclass(frozen=True, eq=False)
class Scores:
    """The p scores of a figure for an arm or the difference of two.

    Attributes:
        values: in each replicate, shape (p, R).
        influence: what each of C units of test rows adds, shape (p, R, C); 0 of a unit without a row of the score.
        sizes: the share of the rows of each score in each unit, shape (p, C).
        alike: as how many independent rows those of each score count, shape (p,); None where they are no shares.
    """

    values: Floats
    influence: Floats
    sizes: Floats
    alike: Floats | None

    @property
    def means(self) -> Floats:
        """Over replicates, shape (p,)."""
        return np.asarray(self.values.mean(axis=1))


def scores_of(figure: Figure, predictions: Predictions, arm: Applied) -> Scores:
    """The scores of an arm. Units are families, dealt into 1,000 where there are more."""
    families = np.unique(predictions.clusters, return_inverse=True)[1]
    unit, parts = families % MOST_GROUPS, []
    for at in figure.rows:
        outputs = {arm: [each.take(at) for each in predictions.outputs[arm]]}
        within = replace(predictions, outputs=outputs, targets=predictions.targets[at], clusters=unit[at])
        statistic = within.statistic(figure.metric, {arm: 1.0})
        parts.append(_spread(*jackknife_units(statistic, n_rows=len(at), clusters=unit[at]), unit[at], unit.max() + 1))
    values, influence, sizes = (np.stack(each) for each in zip(*parts, strict=True))
    shares = figure.metric.unit == "points" and figure.metric.additive
    alike = np.array([n_alike(families[at]) for at in figure.rows]) if shares else None
    return Scores(values, influence, sizes, alike)


def _spread(values: Floats, sizes: Floats, unit: NDArray[np.int64], n_units: int) -> tuple[Floats, Floats, Floats]:
    """A score, its influence and its sizes over all units, from its jackknife values over those of its own rows.

    Of rows in a single unit nothing is known of how they vary: their influence is no number.
    """
    there, means = np.unique(unit), values.mean(axis=1)
    influence, share = np.zeros((len(values), n_units)), np.zeros(n_units)
    influence[:, there] = (values - means[:, None]) / len(there) if len(there) > 1 else math.nan
    share[there] = sizes / sizes.sum()
    return means, influence, share


def figure_level(figure: Figure, seen: Scores) -> Told:
    """The figure of an arm's scores, which are means over replicates; on new data of this source.

    The largest of several numbers is no less than the lower end of any, and no more than the highest upper end.
    """
    low, high = _bounds(figure, seen, ERROR)
    found = _told(figure, figure.of(seen.means), low.max(), high.max())
    shares = figure.metric.unit == "points"
    return found.within(0.0 if shares or figure.either else -math.inf, 1.0 if shares else math.inf)


def figure_change(figure: Figure, seen: Mapping[Applied, Scores], contrast: Mapping[Applied, float]) -> Told:
    """What a contrast of arms changes in the figure; unbounded unless it is one arm minus another.

    The largest sum with a step, minus the largest without it, is at most what the step changes in the sum that is
    largest with it, and at least what it changes in the one that is largest without it. Which those may be, and how
    large they are, is told by simultaneous intervals, which take half of the error; those of what the step changes in
    each sum take the other half.
    """
    value = sum(weight * figure.of(seen[arm].means) for arm, weight in contrast.items())
    if sorted(contrast.values()) != [-1.0, 1.0]:
        return Told(value, Interval(low=-math.inf, high=math.inf))
    without, with_step = (seen[arm] for arm in sorted(contrast, key=contrast.__getitem__))
    before, after = (_bounds(figure, each, ERROR / 4) for each in (without, with_step))
    low, high = _bounds(figure, _minus(with_step, without), ERROR / 2)
    least = max(low[before[1] >= before[0].max()].min(), after[0].max() - before[1].max())
    most = min(high[after[1] >= after[0].max()].max(), after[1].max() - before[0].max())
    found = _told(figure, value, least, most)
    return found.within(-1.0, 1.0) if figure.metric.unit == "points" else found


def _told(figure: Figure, value: float, low: float, high: float) -> Told:
    """The figure with the bounds of the largest sum, turned round where that stands for the smallest score."""
    ends = sorted((figure.sign * float(low), figure.sign * float(high)))
    return Told(value, Interval(low=ends[0], high=ends[1]))


def _minus(one: Scores, other: Scores) -> Scores:
    """The difference of two arms, paired by replicate and unit."""
    return Scores(one.values - other.values, one.influence - other.influence, one.sizes, None)


def _bounds(figure: Figure, seen: Scores, error: float) -> tuple[Floats, Floats]:
    """The ends of intervals that hold all sums at once but for an error (Bonferroni), each of shape (q,) or (2q,)."""
    confidence = 1 - error / len(figure.sums)
    ends = np.array([_ends(seen, weights, confidence) for weights in figure.sums])
    if figure.either:
        ends = np.concatenate([ends, -ends[:, ::-1]])
    return ends[:, 0], ends[:, 1]


def _ends(seen: Scores, weights: Floats, confidence: float) -> tuple[float, float]:
    """The interval of one sum: by the two-way layout, and of shares no narrower than from Wilson's of each."""
    at = np.flatnonzero(weights)
    weights, sizes = weights[at], np.abs(weights[at]) @ seen.sizes[at]
    there = sizes > 0
    influence = np.tensordot(weights, seen.influence[at][:, :, there], axes=1)
    if not np.isfinite(influence).all():
        return -math.inf, math.inf
    values = weights @ seen.values[at]
    layout = lay_out(values[:, None] + there.sum() * influence, sizes[there])
    low, high = layout.on_new_data().interval(confidence)
    if seen.alike is None:
        return low, high
    down, up = _of_shares(seen.values[at].mean(axis=1), seen.alike[at], weights, confidence)
    return min(low, layout.delta - down), max(high, layout.delta + up)


def _of_shares(shares: Floats, n_rows: Floats, weights: Floats, confidence: float) -> tuple[float, float]:
    """How far a sum of shares may lie below and above, from Wilson's interval of each (Newcombe 1998, method 10)."""
    found = [of_share(share, n, confidence) for share, n in zip(shares, n_rows, strict=True)]
    out = np.array([(share - each.low, each.high - share) for share, each in zip(shares, found, strict=True)])
    out = np.where(weights[:, None] > 0, out, out[:, ::-1]) * np.abs(weights[:, None])
    down, up = np.hypot.reduce(out, axis=0)
    return float(down), float(up)
