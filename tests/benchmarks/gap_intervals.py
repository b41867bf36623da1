"""Do the intervals of worst group and gaps hold what they say? Simulated predictions, without a learner.

Three groups of unequal size and difficulty; two arms of the same worth (the null) or of which one is better on the
hardest group (planted). Printed: how often the interval of the difference holds the truth, for 5 and 10 replicates.

    nice python tests/benchmarks/gap_intervals.py --runs 300
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import norm

from curate.kernels.intervals import wilson
from curate.learn.metrics import Metric, metric
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.groups import disparity_metrics
from curate.measure.told import told

SIZES, RIGHT = np.array([300, 200, 100]), np.array([0.9, 0.85, 0.75])
STEP: Applied = (("step", False),)


def simulated(draw: np.random.Generator, n_replicates: int, planted: float) -> Predictions:
    """Binary predictions of base and step, right with a chance that varies by group, row and replicate."""
    who = np.repeat(np.arange(3), SIZES)
    targets = draw.integers(0, 2, len(who))
    row = draw.normal(0, 1.0, len(who))
    outputs: dict[Applied, list[Outputs]] = {(): [], STEP: []}
    for _ in range(n_replicates):
        shared = draw.normal(0, 0.15)
        for arm, found in outputs.items():
            chance = RIGHT + (planted * (np.arange(3) == 2) if arm else 0.0)
            bound = norm.ppf(chance)[who] * np.sqrt(1 + 0.7**2 + 0.15**2 + 0.05**2)
            right = row + draw.normal(0, 0.7, len(who)) + shared + draw.normal(0, 0.05) < bound
            given = np.where(right, targets, 1 - targets)
            found.append(Outputs(np.eye(2)[given]))
    return Predictions(outputs, targets, np.arange(len(who)), int(draw.integers(2**31)))


def coverage(n_replicates: int, planted: float, n_runs: int) -> dict[str, int]:
    """How often the interval of each figure's change holds its truth."""
    rows = np.split(np.arange(SIZES.sum()), np.cumsum(SIZES)[:-1])
    figures: dict[str, Metric] = disparity_metrics(metric("accuracy"), rows, ("no", "yes"))
    truth = {"worst group": planted, "gap": -planted, "selection rate difference": 0.0}
    held = dict.fromkeys(truth, 0)
    for run in range(n_runs):
        predictions = simulated(np.random.default_rng([run, n_replicates]), n_replicates, planted)
        for name, true in truth.items():
            found = told(predictions, figures[name], {STEP: 1.0, (): -1.0})
            held[name] += found.interval.low <= true <= found.interval.high
    return held


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    n_runs = parser.parse_args().runs
    for planted in (0.0, 0.04):
        for n_replicates in (5, 10):
            for name, n in coverage(n_replicates, planted, n_runs).items():
                low, high = wilson(n, n_runs)
                print(
                    f"planted {planted}  {n_replicates} replicates  {name:26}  {n / n_runs:.1%} [{low:.1%}, {high:.1%}]"
                )


if __name__ == "__main__":
    main()
