"""Coverage: how often an interval holds an effect that is known and not 0.

    python tests/benchmarks/coverage.py --sets ag_news,sst2,trec --n 20 --learner '{name: head}'

The effect of a step on *this training set* is what `measure` would find with replicates and test rows without end. For
each of `--n` training sets, a fifth of their labels planted wrong, every arm is trained in `--known` replicates and
judged on `--known-rows` test rows: the mean over them is taken as the truth. Measurements then draw `--replicates` of
those replicates and `--test-rows` of those rows with replacement, so that the truth of what they draw from is exact.

Arms: `right` drops the planted labels; `blind` drops a share of the rows (`--pick`), drawn anew in every replicate;
`fixed 0` to `fixed 5` each drop such a share blindly, the same rows in every replicate. The last tell how much the luck
of one pick is worth: the standard deviation of their true effects, beside that of one replicate; and how often a blind
pick is credited: found better than the base and than `blind`, its placebo.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter

import numpy as np
import yaml
from null_cells import SEED_BITS, rows_of
from numpy.typing import NDArray

from curate.core.random import StepRandom, key
from curate.kernels.intervals import wilson
from curate.kernels.twoway import two_way
from curate.learn.examples import Examples
from curate.learn.folds import family_sample
from curate.learn.learner import Fit
from curate.learn.named import learner_named
from curate.measure.design import POOL_FRACTION, VALIDATION_FRACTION

ARMS = ("base", "right", "blind", *(f"fixed {at}" for at in range(6)))
PLANTED = 0.2


def trained(job: tuple[str, str, int, argparse.Namespace]) -> dict[str, NDArray[np.float32]]:
    """Whether each arm is right, in each replicate, of each test row; shape (known, known_rows)."""
    name, spec, number, given = job
    whole = rows_of(name)
    order = StepRandom(number, "rows").order(np.arange(len(whole), dtype=np.uint64))
    train, test = (
        whole.take(np.sort(part)) for part in (order[: given.rows], order[given.rows : given.rows + given.known_rows])
    )
    ids = np.arange(len(train), dtype=np.uint64)
    planted = StepRandom(number, "noise").uniform(ids) < PLANTED
    shift = 1 + StepRandom(number, "noise").integers(ids, train.n_classes - 1, draw=1)
    labels = np.where(planted, (train.targets + shift) % train.n_classes, train.targets)
    train = Examples(train.texts, labels, None, train.n_classes)
    fixed = np.stack([StepRandom(number, f"fixed {at}").uniform(ids) < given.pick for at in range(6)])
    learner = learner_named(yaml.safe_load(spec)).prepared(train.texts)
    learner = learner.on_budget(round(given.rows * POOL_FRACTION * (1 - VALIDATION_FRACTION)))
    fits = [fit for at in range(given.known) for fit in _fits(train, planted, fixed, number, at, given.pick)]
    right = [model.predict(test).argmax(axis=1) == test.targets for model in learner.fit_many(fits)]
    by_arm = np.array(right, np.float32).reshape(given.known, len(ARMS), -1)
    return {arm: by_arm[:, at] for at, arm in enumerate(ARMS)}


def _fits(
    train: Examples, planted: NDArray[np.bool_], fixed: NDArray[np.bool_], number: int, replicate: int, pick: float
) -> list[Fit]:
    ids = np.arange(len(train), dtype=np.uint64)
    random = StepRandom(key(number, "replicate", replicate), "pool")
    families = np.arange(len(train))
    pool = family_sample(families, train.targets, ids, POOL_FRACTION, random)
    held = family_sample(families, train.targets, ids, VALIDATION_FRACTION, StepRandom(random.seed, "validation"))
    validation, rows = train.take(np.flatnonzero(pool & held)), pool & ~held
    blind = StepRandom(random.seed, "blind").uniform(ids) < pick
    dropped = [np.zeros(len(train), np.bool_), planted, blind, *fixed]
    return [Fit(train.take(np.flatnonzero(rows & ~gone)), validation, random.seed & SEED_BITS) for gone in dropped]


def covered(right: dict[str, NDArray[np.float32]], arm: str, number: int, given: argparse.Namespace) -> list[bool]:
    """Whether each of `--draws` measurements of an arm holds its true effect."""
    known = right[arm].astype(np.float64) - right["base"]
    truth, found = float(known.mean()), []
    for draw in range(given.draws):
        generator = StepRandom(number, f"measurement of {arm}").generator(draw)
        replicates = generator.integers(0, known.shape[0], given.replicates)
        rows = generator.integers(0, known.shape[1], given.test_rows)
        low, high = two_way(known[np.ix_(replicates, rows)]).on_new_data().interval()
        found.append(low <= truth <= high)
    return found


def credited(right: dict[str, NDArray[np.float32]], number: int, given: argparse.Namespace) -> list[bool]:
    """Whether each of `--draws` measurements of each fixed pick finds it better than the base and than its placebo."""
    found = []
    for arm in ARMS[3:]:
        over = [right[arm].astype(np.float64) - right[other] for other in ("base", "blind")]
        for draw in range(given.draws):
            generator = StepRandom(number, f"measurement of {arm}").generator(draw)
            at = np.ix_(
                generator.integers(0, given.known, given.replicates),
                generator.integers(0, over[0].shape[1], given.test_rows),
            )
            both = [two_way(each[at]).on_new_data() for each in over]
            found.append(all(each.delta > 0 and each.p_value() <= 0.05 for each in both))
    return found


def luck(right: dict[str, NDArray[np.float32]]) -> tuple[float, float]:
    """The variance of the fixed picks' true effects, less that of their error; and the variance of a replicate."""
    effects = np.stack([(right[arm].astype(np.float64) - right["base"]).mean(axis=1) for arm in ARMS[3:]])
    noise = float(effects.var(axis=1, ddof=1).mean())
    return float(effects.mean(axis=1).var(ddof=1)) - noise / effects.shape[1], noise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="ag_news,sst2,trec")
    parser.add_argument("--n", type=int, default=20, help="training sets per data set")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--pick", type=float, default=0.1, help="share of the rows that a blind step drops")
    parser.add_argument("--known", type=int, default=100, help="replicates taken for the truth")
    parser.add_argument("--known-rows", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--test-rows", type=int, default=500)
    parser.add_argument("--draws", type=int, default=50, help="measurements per training set")
    parser.add_argument("--learner", default="head")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for name in given.sets.split(","):
            began = perf_counter()
            jobs = [(name, given.learner, number, given) for number in range(given.n)]
            _tell(name, list(pool.map(trained, jobs)), given, perf_counter() - began)


def _tell(name: str, sets: list[dict[str, NDArray[np.float32]]], given: argparse.Namespace, seconds: float) -> None:
    print(f"{name}: {len(sets)} training sets, {seconds:.0f} s", flush=True)
    for arm in ARMS[1:4]:
        held = [covered(right, arm, number, given) for number, right in enumerate(sets)]
        share = sum(map(sum, held)), sum(map(len, held))
        effects = [100 * float((right[arm] - right["base"]).mean()) for right in sets]
        low, high = wilson(*share)
        print(
            f"  {arm:8} true effect {np.mean(effects):+.2f} points (over training sets {min(effects):+.2f} to "
            f"{max(effects):+.2f}); the interval holds it in {share[0] / share[1]:.1%} [{low:.1%}, {high:.1%}]",
            flush=True,
        )
    helps = [one for number, right in enumerate(sets) for one in credited(right, number, given)]
    low, high = wilson(sum(helps), len(helps))
    print(f"  a blind fixed pick is credited in {sum(helps) / len(helps):.1%} [{low:.1%}, {high:.1%}]", flush=True)
    picks, replicates = np.mean([luck(right) for right in sets], axis=0)
    print(
        f"  luck of a fixed pick: standard deviation {100 * max(picks, 0) ** 0.5:.2f} points; of one replicate "
        f"{100 * replicates**0.5:.2f} points",
        flush=True,
    )


if __name__ == "__main__":
    main()
