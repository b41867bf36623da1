"""How often the monitor says what: trainings of `bag` on real data, with and without planted noise, long and short.

Run by hand: `python tests/benchmarks/bench_monitor.py [--seeds 10]`. A line is a data set, a share of labels turned at
random in training and validation rows alike, and a length; the counts are over seeds, each with its own draw of rows.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from corpora import ag_news, sst2, trec

from curate.kernels.classes import class_codes
from curate.learn.bag import Bag
from curate.learn.examples import Examples
from curate.learn.monitored import Monitored

SETS = {"trec": trec, "sst2": sst2, "ag_news": ag_news}
LENGTHS = {"default": {}, "40 steps": {"max_steps": 40}, "8 epochs": {"n_epochs": 8, "patience": None}}


def kind(texts: list[str], labels: np.ndarray, noise: float, settings: dict, n_rows: int, seed: int) -> str:
    draw, n_classes = np.random.default_rng(seed), int(labels.max()) + 1
    order = draw.permutation(len(texts))[:n_rows]
    given = labels[order]
    turned = (given + draw.integers(1, n_classes, len(given))) % n_classes
    given = np.where(draw.random(len(given)) < noise, turned, given)
    rows = Examples([texts[at] for at in order], given, None, n_classes)
    held = np.arange(len(rows)) < len(rows) // 10
    train, validation = rows.take(np.flatnonzero(~held)), rows.take(np.flatnonzero(held))
    learner = Bag(**settings)
    fitted = learner.fit(train, validation=validation, seed=seed)
    found = Monitored.of(fitted, train, validation, learner).diagnosis()
    return "none" if found is None else found.kind


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=5400)
    given = parser.parse_args()
    for name, read in SETS.items():
        corpus = read()
        texts, labels = corpus.texts(), class_codes(corpus.labels())[0]
        for noise in (0.0, 0.05, 0.1, 0.2):
            for length, settings in LENGTHS.items():
                found = Counter(kind(texts, labels, noise, settings, given.rows, seed) for seed in range(given.seeds))
                told = ", ".join(f"{kind} {count}" for kind, count in found.most_common())
                print(f"{name:8} noise {noise:.0%} {length:9} {told}", flush=True)


if __name__ == "__main__":
    main()
