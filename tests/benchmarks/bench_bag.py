"""A measurement with `bag` against training each of its cells by itself, in whole processes.

Run by hand: `python tests/benchmarks/bench_bag.py [--dataset ag_news] [--workers 2] [--repeats 3] [--singly 5]`. Needs
the real data. Six steps, leave-one-out with placebos, A/A, 5 replicates: 75 cells on 8,000 training and 2,000 test
rows. "By itself": a new process for each cell, one after the other on the same cores, that is handed the arm's rows,
trains, predicts the test rows and ends; planning the arms and reading the results, which the measurement does besides,
are not counted there. `--singly 1` does so for the cells of one replicate and takes it five times, for a busy machine.
Told beside it: against the cells on distinct rows only, as a measurement trains equal cells once. What a cell
predicts by itself and in the measurement is compared to the last bit.
"""

from __future__ import annotations

import argparse
import csv
import os
import pickle
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
from curate.learn.bag import Bag

CLEAN = ("clean.html", "clean.urls", "dedup.exact", "dedup.minhash")
STEPS = (*CLEAN, {"use": "filter.length", "min_words": 8}, "rebalance.oversample")
ASKED = {"attribution": "leave-one-out", "allow_leakage": True, "replicates": 5}
Seconds = np.ndarray  # of the wall, of the CPU; shape (2,)


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


def measurement(dataset: str, workers: int, folder: Path) -> None:
    """The whole measurement; its cells are kept in the folder."""
    from curate.measure.measure import measure

    train, test = corpus(dataset, "train", 8000), corpus(dataset, "test", 2000)
    measure(Recipe(STEPS), train, test=test, learner=Bag(), workers=workers, store=Store(folder), **ASKED)


def cells(dataset: str, n_replicates: int, folder: Path) -> dict[Path, str]:
    """The cells of the first replicates in files, with the key of each."""
    from curate.measure.design import design_of
    from curate.measure.options import Options
    from curate.measure.run import Run
    from curate.measure.subject import subject_of

    given = Recipe(STEPS), corpus(dataset, "train", 8000), corpus(dataset, "test", 2000)
    subject = subject_of(*given, Bag(), None, allow_leakage=True)
    run = Run(design_of(subject, Options(**ASKED), Bag()), subject)
    keys = {}
    for number in range(n_replicates):
        for at, cell in enumerate(run.cells(run.replicate(number)).values()):
            path = folder / f"{number}-{at}.pickle"
            path.write_bytes(pickle.dumps((cell.learner, cell.train, cell.validation, cell.test, cell.seed)))
            keys[path] = cell.key()
    return keys


def one_cell(path: Path) -> None:
    """One cell by itself; what it predicts goes to a file."""
    learner, train, validation, test, seed = pickle.loads(path.read_bytes())
    said = learner.fit(train, validation=validation, seed=seed).predict(test)
    np.save(path.with_suffix(".npy"), said.astype(np.float32))


def process(*given: str) -> Seconds:
    """What this script takes in a process of its own, its workers included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, __file__, *given], check=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return np.array([wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime])


def once(dataset: str, workers: int, singly: int) -> tuple[Seconds, Seconds, Seconds]:
    """Seconds of the measurement, of all its cells by themselves, and of the distinct ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = process("--dataset", dataset, "--workers", str(workers), "--measure", str(folder / "store"))
        keys = cells(dataset, singly, folder)
        each = {path: process("--cell", str(path)) for path in keys}
        distinct = {key: path for path, key in keys.items()}
        for path, key in keys.items():
            with np.load(Store(folder / "store").find(key) / "cell.npz") as kept:
                if not np.array_equal(kept["values_0"], np.load(path.with_suffix(".npy"))):
                    raise SystemExit(f"the cell {path.stem} predicts something else by itself")
        scale = ASKED["replicates"] / singly
        print(f"  {len(each) * scale:.0f} cells, {len(distinct) * scale:.0f} on distinct rows", flush=True)
        return ours, sum(each.values()) * scale, sum(each[path] for path in distinct.values()) * scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="ag_news", choices=("ag_news", "sst2"))
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--singly", type=int, default=5, help="replicates whose cells are trained by themselves")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cell", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        measurement(options.dataset, options.workers, options.measure)
        return
    if options.cell is not None:
        one_cell(options.cell)
        return
    found = []
    for _ in range(options.repeats):  # one side after the other, so that a busy machine is busy for both
        found.append(once(options.dataset, options.workers, options.singly))
        sides = zip(("measurement", "every cell by itself", "distinct cells"), found[-1], strict=True)
        print("; ".join(f"{side} {wall:.1f} s ({cpu:.1f} s CPU)" for side, (wall, cpu) in sides), flush=True)
    ours, every, distinct = np.moveaxis(np.array(found), 1, 0)
    for against, side in ((every, "every cell by itself"), (distinct, "distinct cells by themselves")):
        wall, cpu = np.median(ours / against, axis=0)
        print(f"{options.dataset}, against {side}: {wall:.2f} of the wall time, {cpu:.2f} of the CPU seconds (medians)")


if __name__ == "__main__":
    main()
