"""What an interval costs: CPU seconds of one contrast of two arms on each metric, and of describing a cell.

    nice python tests/benchmarks/bench_metrics.py [--rows 2000] [--replicates 10]

Data are made up: probabilities of 2, 4 and 77 classes, numbers, and texts of 20 words out of 2,000.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np

from curate.learn.metrics import Metric, metrics_of
from curate.learn.outputs import Outputs
from curate.measure.estimate import Predictions

BASE, ARM = (), (("step", False),)


def classes(n_rows: int, n_replicates: int, n_classes: int) -> Predictions:
    draw = np.random.default_rng(n_classes)
    labels = draw.integers(0, n_classes, n_rows)
    outputs = {}
    for arm, skill in ((BASE, 1.5), (ARM, 1.6)):
        scores = np.exp(draw.normal(size=(n_replicates, n_rows, n_classes)) + skill * np.eye(n_classes)[labels])
        outputs[arm] = [Outputs((part / part.sum(axis=1, keepdims=True)).astype(np.float32)) for part in scores]
    return Predictions(outputs, labels, np.arange(n_rows), 0)


def numbers(n_rows: int, n_replicates: int) -> Predictions:
    draw = np.random.default_rng(0)
    targets = draw.normal(size=n_rows)
    outputs = {
        arm: [Outputs((targets + noise * draw.normal(size=n_rows))[:, None]) for _ in range(n_replicates)]
        for arm, noise in ((BASE, 1.0), (ARM, 0.9))
    }
    return Predictions(outputs, targets, np.arange(n_rows), 0)


def texts(n_rows: int, n_replicates: int) -> Predictions:
    draw = np.random.default_rng(0)
    wanted = draw.zipf(1.2, (n_rows, 20)) % 2000
    targets = np.array([" ".join(f"w{word}" for word in row) for row in wanted], dtype=object)
    outputs = {}
    for arm, kept in ((BASE, 0.7), (ARM, 0.75)):
        outputs[arm] = []
        for _ in range(n_replicates):
            said = np.where(draw.random(wanted.shape) < kept, wanted, draw.zipf(1.2, wanted.shape) % 2000)
            written = tuple(" ".join(f"w{word}" for word in row) for row in said)
            values = np.column_stack([draw.gamma(20, 3, n_rows), np.full(n_rows, 20), np.full(n_rows, 100)])
            outputs[arm].append(Outputs(values, written))
    return Predictions(outputs, targets, np.arange(n_rows), 0)


def timed(predictions: Predictions, each: Metric) -> tuple[float, float]:
    """CPU seconds of the values of one cell, and of a contrast."""
    began = time.process_time()
    each.value(predictions.outputs[BASE][0], predictions.targets)
    middle = time.process_time()
    if each.made != "none":
        predictions.contrast(each, {ARM: 1.0, BASE: -1.0}).on_new_data().interval()
    return middle - began, time.process_time() - middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=10)
    given = parser.parse_args()
    for what, predictions, metrics in cases(given.rows, given.replicates):
        for each in metrics:
            cell, contrast = timed(predictions, each)
            print(f"{what:12} {each.name:18} {each.made:10} cell {cell:6.3f} s  contrast {contrast:7.2f} s", flush=True)


def cases(n_rows: int, n_replicates: int) -> Iterator[tuple[str, Predictions, list[Metric]]]:
    for k in (2, 4, 77):
        yield f"{k} classes", classes(n_rows, n_replicates, k), metrics_of("classification")
    yield "numbers", numbers(n_rows, n_replicates), metrics_of("regression")
    yield "texts", texts(n_rows, n_replicates), metrics_of("generation", texts=True)


if __name__ == "__main__":
    main()
