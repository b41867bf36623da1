"""A measurement with `bag` against training each of its cells by itself, in whole processes.

Run by hand: `python tests/benchmarks/bench_bag.py [--dataset ag_news] [--workers 2] [--repeats 3]`. Needs the real
data. Six steps, leave-one-out with placebos, A/A, 5 replicates: 80 cells on 8,000 training and 2,000 test rows, of
which those on equal rows are one. "By itself": the same cells, each beginning with nothing known of its texts, as a
process of its own would; of those runs only training and predicting are counted, not the start of processes and not the
rest of the measurement, all of which the other side pays. CPU seconds, of all processes of a side.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.learn import features
from curate.learn.bag import Bag
from curate.learn.examples import Examples
from curate.learn.learner import Fitted
from curate.measure import cell
from curate.measure.measure import measure

CLEAN = ("clean.html", "clean.urls", "dedup.exact", "dedup.minhash")
cell.perf_counter = time.process_time  # workers import this module, too
STEPS = (*CLEAN, {"use": "filter.length", "min_words": 8}, "rebalance.oversample")


class ColdBag(Bag):
    """`bag` that knows no text when it begins."""

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        features._cache.clear()
        features._cached_bytes = 0
        return super().fit(train, validation=validation, seed=seed)


def corpus(dataset: str, part: str, n_rows: int) -> Corpus:
    """`n_rows` rows of a part of AG News or SST-2, or all there are."""
    given = os.environ.get("CURATE_TEST_DATA")
    folder = (Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data") / dataset
    if dataset == "sst2":
        lines = [line.rsplit("\t", 1) for line in (folder / f"{part}.tsv").read_text("utf-8").splitlines() if line]
    elif part == "train":
        with open(folder / "ag_news_train.txt", encoding="utf-8", newline="") as file:
            lines = [[row[1], row[0]] for row in csv.reader(file, delimiter="\t")]
    else:
        with open(folder / "test.csv", encoding="utf-8", newline="") as file:
            lines = [[row[1] + row[2], row[0]] for row in csv.reader(file)]
    chosen = np.random.default_rng(0).permutation(len(lines))[:n_rows].tolist()
    table = pa.table({"text": [lines[i][0] for i in chosen], "label": [f"class {lines[i][1]}" for i in chosen]})
    return Corpus.from_table(table)


def child(dataset: str, cold: bool, workers: int) -> None:
    """One measurement; prints how many cells it trained, their seconds in total, and the base's accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(
            Recipe(STEPS),
            corpus(dataset, "train", 8000),
            test=corpus(dataset, "test", 2000),
            learner=ColdBag() if cold else Bag(),
            replicates=5,
            attribution="leave-one-out",
            workers=workers,
            allow_leakage=True,
            store=Store(folder),
        )
        seconds = [np.load(path)["rest"][2] for path in Path(folder).rglob("cell.npz")]
    print(len(seconds), sum(seconds), measured.base["accuracy"])


def process(dataset: str, cold: bool, workers: int) -> tuple[float, float, int, float, float]:
    """CPU and wall seconds of a whole process, and what it printed."""
    command = [sys.executable, __file__, "--dataset", dataset, "--workers", str(workers), "--child"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, "cold" if cold else "warm"], check=True, stdout=subprocess.PIPE, text=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    n_cells, in_cells, accuracy = done.stdout.split()
    return seconds, wall, int(n_cells), float(in_cells), float(accuracy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="ag_news", choices=("ag_news", "sst2"))
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", choices=("cold", "warm"))
    options = parser.parse_args()
    if options.child is not None:
        child(options.dataset, options.child == "cold", options.workers)
        return
    ratios = []
    for _ in range(options.repeats):  # one side after the other, so that a busy machine is busy for both
        cold = process(options.dataset, True, options.workers)
        warm = process(options.dataset, False, options.workers)
        if cold[4] != warm[4]:
            raise SystemExit(f"the accuracies differ: {cold[4]} and {warm[4]}")
        ratios.append(warm[0] / cold[3])
        print(
            f"{options.dataset}, {options.workers} workers: {warm[2]} cells measured in {warm[0]:.1f} s ({warm[3]:.1f} "
            f"in cells; wall {warm[1]:.1f}); each by itself {cold[3]:.1f} s; ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
