"""Calibration: how often a measurement sees an effect where there is none.

    python tests/benchmarks/calibrate.py --null aa --n 100 --sets sst2,trec

Each measurement draws its own rows of a data set. `aa` trains the base again; `random` measures a step that drops a
tenth of the rows blindly, the same ones in every replicate: any verdict "helps" is false ("hurts" need not be, fewer
rows teach less).
"""

from __future__ import annotations

import argparse
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter

import corpora
import numpy as np

from curate.core.function import Drop
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.kernels.intervals import wilson
from curate.measure import measure
from curate.measure.result import Effect


def drop_blindly(row: dict[str, object]) -> dict[str, object] | Drop:
    """Drop a tenth of the rows, chosen by their text alone."""
    number = sum(ord(c) * (at + 1) for at, c in enumerate(str(row["text"])[:40]))
    return Drop("blind") if number % 10 == 0 else {}


def recipe(null: str, seed: int) -> Recipe:
    only = step("clean.whitespace") if null == "aa" else step(drop_blindly, name="drop_blindly", version="1")
    return Recipe([only], seed=seed)


def one(job: tuple[str, str, int, int, int, int, str]) -> tuple[Effect, float]:
    """One measurement on rows of its own."""
    name, null, number, n_train, n_test, replicates, learner = job
    whole = corpora.SETS[name]()
    rows, test = StepRandom(number, "rows").order(whole.row_ids()), whole.held_out["test"]
    test_rows = StepRandom(number, "test").order(test.row_ids())
    train = whole.take(np.sort(rows[:n_train]))
    began = perf_counter()
    result = measure(
        recipe(null, number),
        train,
        test=test.take(np.sort(test_rows[:n_test])),
        replicates=replicates,
        learner=learner,
        allow_leakage=True,  # the sets as they are published: a null is a null with leaks as well
    )
    return (result.aa if null == "aa" else result.steps[0]), perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--null", choices=("aa", "random"), default="aa")
    parser.add_argument("--sets", default="sst2,trec")
    parser.add_argument("--n", type=int, default=100, help="measurements per data set")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--test-rows", type=int, default=1000)
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--learner", default="bag")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    false, covered, total = 0, 0, 0
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for name in given.sets.split(","):
            jobs = [
                (name, given.null, k, given.rows, given.test_rows, given.replicates, given.learner)
                for k in range(given.n)
            ]
            effects, seconds = zip(*pool.map(one, jobs), strict=True)
            false_verdicts = ("helps", "hurts") if given.null == "aa" else ("helps",)
            wrong = sum(effect.verdict in false_verdicts for effect in effects)
            said = Counter(effect.verdict for effect in effects)
            inside = sum(effect.interval.low <= 0 <= effect.interval.high for effect in effects)
            width = np.mean([effect.interval.high - effect.interval.low for effect in effects])
            low, high = wilson(wrong, len(effects))
            print(
                f"{name:8} {given.null}: {wrong}/{len(effects)} false verdicts = {wrong / len(effects):.1%} "
                f"[{low:.1%}, {high:.1%}], {dict(sorted(said.items()))}, covers 0: {inside / len(effects):.1%}, "
                f"mean width {width * 100:.2f} points, median {np.median(seconds):.1f} s",
                flush=True,
            )
            false, covered, total = false + wrong, covered + inside, total + len(effects)
    low, high = wilson(false, total)
    share = f"{false}/{total} = {false / total:.1%} [{low:.1%}, {high:.1%}]"
    print(f"all      {given.null}: {share}, covers 0: {covered / total:.1%}")


if __name__ == "__main__":
    main()
