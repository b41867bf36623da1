"""Calibration: how often an estimate sees an effect where there is none, and how often its interval holds the truth.

    python tests/benchmarks/calibrate.py --n 500 --sets ag_news,sst2,trec --learner '{name: head}'

Every measurement draws rows of its own, trains what `null_cells` says, and is asked for each estimate under each null.
The nominal level is 5 %: a p-value at or below 0.05 is a false alarm, and the 95 % interval then misses the truth,
which is 0. Shares come with Wilson's 95 % interval.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np
import yaml
from null_cells import ESTIMATES, NULLS, estimated, measured, rows_of

from curate.kernels.intervals import wilson
from curate.learn.examples import Examples
from curate.learn.learner import Learner
from curate.learn.named import learner_named

Answer = tuple[float, float, float]
"""Difference, p-value and width of the interval."""


@cache
def _rows(name: str) -> Examples:
    return rows_of(name)


@cache
def _learner(spec: str) -> Learner:
    return learner_named(yaml.safe_load(spec))


def one(job: tuple[str, str, int, int, int, int]) -> dict[str, Answer]:
    """One measurement, asked for every estimate under every null."""
    name, spec, number, n_train, n_test, replicates = job
    said, labels = measured(_rows(name), _learner(spec), number, n_train, n_test, replicates)
    answers = {}
    for null in NULLS:
        for estimate in ESTIMATES:
            found = estimated(said, labels, null, estimate, number).on_new_data()
            low, high = found.interval()
            answers[f"{null} {estimate}"] = (found.delta, found.p_value(), high - low)
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="ag_news,sst2,trec")
    parser.add_argument("--n", type=int, default=500, help="measurements per data set")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--test-rows", type=int, default=500)
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--learner", default="head")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="keep every answer here")
    given = parser.parse_args()
    kept: dict[str, list[dict[str, Answer]]] = {}
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for name in given.sets.split(","):
            began = perf_counter()
            jobs = [
                (name, given.learner, number, given.rows, given.test_rows, given.replicates)
                for number in range(given.n)
            ]
            kept[name] = list(pool.map(one, jobs, chunksize=4))
            _tell(name, kept[name], perf_counter() - began)
    if len(kept) > 1:
        _tell("all", [answers for each in kept.values() for answers in each], 0.0)
    if given.json:
        given.json.write_text(json.dumps(kept), encoding="utf-8")


def _tell(name: str, answers: list[dict[str, Answer]], seconds: float) -> None:
    print(f"{name}: {len(answers)} measurements, {seconds:.0f} s", flush=True)
    for asked in answers[0]:
        _, p, width = np.array([answer[asked] for answer in answers]).T
        wrong = int((p <= 0.05).sum())
        low, high = wilson(wrong, len(p))
        print(
            f"  {asked:16} false {wrong / len(p):6.1%} [{low:.1%}, {high:.1%}]  holds 0 {1 - wrong / len(p):6.1%}  "
            f"median width {np.median(width) * 100:.2f} points",
            flush=True,
        )


if __name__ == "__main__":
    main()
