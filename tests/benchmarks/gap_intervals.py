"""Do the intervals of worst group and gaps hold what they say? Simulated predictions, without a learner.

Groups that lie apart (three, of unequal size and difficulty) and groups that are alike (two of 150 rows, five of 60,
eight of 50). Two arms: of the same worth, or one better: on the hardest group, and where all are alike on all of them.
Printed: how often the intervals of the base's figure and of its change hold the truth, and their mean half widths in
points, for 5 and 10 replicates.

    nice python tests/benchmarks/gap_intervals.py --runs 300
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from curate.kernels.intervals import wilson
from curate.learn.metrics import metric
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.disparity import figure_change, figure_level, figures, scores_of
from curate.measure.estimate import Predictions
from curate.measure.told import Told

STEP: Applied = (("step", False),)


@dataclass(frozen=True)
class Setting:
    """Groups by their rows and the chance of a right answer; what the better arm adds to it in each."""

    name: str
    sizes: tuple[int, ...]
    right: tuple[float, ...]
    better: tuple[float, ...]

    def truths(self, planted: bool) -> dict[tuple[str, str], float]:
        """The base's figures and what the step changes in them."""
        base, arm = np.array(self.right), np.array(self.right) + planted * np.array(self.better)
        found = {("worst group", "level"): base.min(), ("worst group", "change"): arm.min() - base.min()}
        for name in ("gap", "equalised odds difference"):  # answers are as often right of either class
            found |= {(name, "level"): np.ptp(base), (name, "change"): np.ptp(arm) - np.ptp(base)}
        name = "selection rate difference"
        return found | {(name, "level"): 0.0, (name, "change"): 0.0}


SETTINGS = (
    Setting("apart: 300, 200, 100", (300, 200, 100), (0.9, 0.85, 0.75), (0.0, 0.0, 0.04)),
    *(
        Setting(f"alike: {k} of {n}", (n,) * k, (0.8,) * k, (0.1,) * k)
        for k, n in ((2, 150), (5, 60), (8, 50))
    ),
)  # fmt: skip


def simulated(draw: np.random.Generator, n_replicates: int, setting: Setting, planted: bool) -> Predictions:
    """Binary predictions of base and step, right with a chance that varies by group, row and replicate."""
    who = np.repeat(np.arange(len(setting.sizes)), setting.sizes)
    targets, row = draw.integers(0, 2, len(who)), draw.normal(0, 1.0, len(who))
    outputs: dict[Applied, list[Outputs]] = {(): [], STEP: []}
    for _ in range(n_replicates):
        shared = draw.normal(0, 0.15)
        for arm, found in outputs.items():
            chance = np.array(setting.right) + (planted * np.array(setting.better) if arm else 0.0)
            bound = norm.ppf(chance)[who] * np.sqrt(1 + 0.7**2 + 0.15**2 + 0.05**2)
            right = row + draw.normal(0, 0.7, len(who)) + shared + draw.normal(0, 0.05) < bound
            found.append(Outputs(np.eye(2)[np.where(right, targets, 1 - targets)]))
    return Predictions(outputs, targets, np.arange(len(who)), int(draw.integers(2**31)))


def told(predictions: Predictions, setting: Setting) -> dict[tuple[str, str], Told]:
    """Every figure of the base, and its change."""
    rows = np.split(np.arange(sum(setting.sizes)), np.cumsum(setting.sizes)[:-1])
    found = {}
    for name, figure in figures(metric("accuracy"), rows, predictions.targets, rows).items():
        seen = {arm: scores_of(figure, predictions, arm) for arm in predictions.outputs}
        found[name, "level"] = figure_level(figure, seen[()])
        found[name, "change"] = figure_change(figure, seen, {STEP: 1.0, (): -1.0})
    return found


def coverage(setting: Setting, planted: bool, n_replicates: int, n_runs: int) -> dict[tuple[str, str], list[float]]:
    """Of each figure and its change: how often the interval holds its truth, mean value and mean half width."""
    truths, sums = setting.truths(planted), defaultdict(lambda: np.zeros(3))
    for run in range(n_runs):
        predictions = simulated(np.random.default_rng([run, n_replicates]), n_replicates, setting, planted)
        for name, each in told(predictions, setting).items():
            low, high = each.interval.low, each.interval.high
            sums[name] += [low <= truths[name] <= high, each.value, (high - low) / 2]
    return {name: [total[0], *(total[1:] / n_runs).tolist()] for name, total in sums.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    n_runs = parser.parse_args().runs
    for setting in SETTINGS:
        for planted in (False, True):
            for n_replicates in (5, 10):
                print(f"{setting.name}; {'one arm better' if planted else 'arms equal'}; {n_replicates} replicates")
                truths = setting.truths(planted)
                for key, (held, value, half) in coverage(setting, planted, n_replicates, n_runs).items():
                    low, high = wilson(int(held), n_runs)
                    print(
                        f"  {' '.join(key):33}  {held / n_runs:6.1%} [{low:.1%}, {high:.1%}]  "
                        f"true {100 * truths[key]:+5.1f}  seen {100 * value:+5.1f}  half width {100 * half:4.1f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
