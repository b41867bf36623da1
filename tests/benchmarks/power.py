"""Power: how often `measure` finds a planted effect, by its size, with the right sign and beyond the placebo.

    python tests/benchmarks/power.py --sets ag_news,sst2,trec --n 40 --learner '{name: head}' --json power.json

A fault is planted in the training rows, and a step that knows where takes it out; each measurement draws rows of its
own and goes through the public `measure`. Faults, each in several doses (0 is a null: the step does nothing):

- `noise`: a share of the labels is wrong; the step drops those rows (it should help);
- `texts`: a share of the rows have the text of another row; the step drops them (it should help);
- `copies`: a share of the rows stand there twenty-fold; the step is `dedup.exact` (it should help);
- `class`: the step itself is the fault: it drops a share of the largest class (it should hurt). Its placebo drops as
  many rows of the same class, so beyond the placebo there is nothing to find.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import yaml
from null_cells import rows_of
from numpy.typing import NDArray

from curate.core.function import Drop
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.kernels.intervals import wilson
from curate.learn.examples import Examples
from curate.measure import measure

DOSES = {
    "noise": (0.0, 0.02, 0.05, 0.1, 0.2),
    "texts": (0.02, 0.05, 0.1, 0.2),
    "copies": (0.05, 0.1),
    "class": (0.25, 0.5, 0.75, 1.0),
}
RIGHT = {"noise": "helps", "texts": "helps", "copies": "helps", "class": "hurts"}
N_COPIES = 20
ROLES = Roles(text="text", label="label")
Answer = tuple[str, str, float, float]
"""Verdict, reason, effect and the placebo's."""


@cache
def _rows(name: str) -> Examples:
    return rows_of(name)


def drop_planted(row: dict[str, object]) -> dict[str, object] | Drop:
    """Drop the rows that were spoilt."""
    return Drop("planted") if row["planted"] else {}


def planted(rows: Examples, fault: str, dose: float, random: StepRandom) -> tuple[Corpus, Step]:
    """The training rows with a fault, and the step that takes it out."""
    ids = np.arange(len(rows), dtype=np.uint64)
    hit = random.uniform(ids) < dose
    texts, labels = list(rows.texts), rows.targets.copy()
    if fault == "noise":
        labels[hit] = (labels[hit] + 1 + random.integers(ids, rows.n_classes - 1, draw=1)[hit]) % rows.n_classes
    elif fault == "texts":
        for at, other in zip(np.flatnonzero(hit), random.integers(ids, len(ids), draw=1)[hit], strict=True):
            texts[at] = rows.texts[other]
    elif fault == "class":
        hit &= labels == np.bincount(labels).argmax()
    else:
        again = np.concatenate([np.arange(len(ids)), np.repeat(np.flatnonzero(hit), N_COPIES - 1)])
        texts, labels = [texts[at] for at in again], labels[again]
        hit = np.zeros(len(again), np.bool_)
    return _corpus(texts, labels, hit), step("dedup.exact") if fault == "copies" else step(
        drop_planted, name="drop_planted", version="1"
    )


def _corpus(texts: list[str], labels: NDArray[np.int64], hit: NDArray[np.bool_]) -> Corpus:
    table = pa.table({"text": texts, "label": [f"class {label}" for label in labels], "planted": hit})
    return Corpus.from_table(table, ROLES, name="planted")


def one(job: tuple[str, str, float, int, argparse.Namespace]) -> Answer:
    """One measurement."""
    name, fault, dose, number, given = job
    whole, random = _rows(name), StepRandom(number, f"{fault} {dose}")
    order = random.order(np.arange(len(whole), dtype=np.uint64), draw=9)
    rows, test = (whole.take(np.sort(part)) for part in (order[: given.rows], order[given.rows :][: given.test_rows]))
    corpus, only = planted(rows, fault, dose, random)
    result = measure(
        Recipe([only], seed=number),
        corpus,
        test=_corpus(list(test.texts), test.targets, np.zeros(len(test), np.bool_)),
        learner=yaml.safe_load(given.learner),
        replicates=given.replicates,
        allow_leakage=True,
    )
    effect = result.steps[0]
    return effect.verdict, effect.reason, effect.delta, effect.placebo_delta or 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="ag_news,sst2,trec")
    parser.add_argument("--faults", default=",".join(DOSES))
    parser.add_argument("--n", type=int, default=40, help="measurements per data set and dose")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--test-rows", type=int, default=1000)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--learner", default="head")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = []
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for name in given.sets.split(","):
            for fault in given.faults.split(","):
                for dose in DOSES[fault]:
                    began = perf_counter()
                    jobs = [(name, fault, dose, number, given) for number in range(given.n)]
                    found.append(_told(name, fault, dose, list(pool.map(one, jobs)), perf_counter() - began))
    if given.json:
        given.json.write_text(json.dumps(found), encoding="utf-8")


def _told(name: str, fault: str, dose: float, answers: list[Answer], seconds: float) -> dict[str, object]:
    said = Counter(verdict for verdict, *_ in answers)
    hits = said[RIGHT[fault]]
    wrong = said["hurts" if RIGHT[fault] == "helps" else "helps"]
    low, high = wilson(hits, len(answers))
    effect, placebo = (float(np.mean([answer[at] for answer in answers])) * 100 for at in (2, 3))
    print(
        f"{name:8} {fault:7} {dose:4.0%}: {RIGHT[fault]} in {hits / len(answers):6.1%} [{low:.1%}, {high:.1%}], the "
        f"wrong way in {wrong / len(answers):.1%}; mean effect {effect:+.2f}, placebo {placebo:+.2f}; {seconds:.0f} s",
        flush=True,
    )
    shares = {"share": hits / len(answers), "low": low, "high": high, "wrong": wrong / len(answers)}
    return {"set": name, "fault": fault, "dose": dose, **shares, "effect": effect, "placebo": placebo}


if __name__ == "__main__":
    main()
