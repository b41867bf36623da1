"""Does `labels.drop_issues` help where labels are wrong? Planted noise on three sets, real noise on Hausa topics.

    python tests/benchmarks/label_noise.py --sets ag_news,sst2,trec --noise 0.2 --replicates 10
    python tests/benchmarks/label_noise.py --sets hausa --replicates 10

Prints the effect over base and beside its placebo (as many random rows of the same classes dropped), and for Hausa
what the same rows reach with labels by people.
"""

from __future__ import annotations

import argparse
from time import perf_counter

import corpora
import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.measure import Measurement, measure


def with_noise(corpus: Corpus, share: float) -> Corpus:
    """The corpus with a share of its labels changed to another class, chosen by row id."""
    random, labels = StepRandom(0, "noise"), np.array(corpus.labels().to_pylist())
    names = np.unique(labels)
    chosen = random.uniform(corpus.row_ids()) < share
    shift = 1 + random.integers(corpus.row_ids(), len(names) - 1, draw=1)
    other = names[(np.searchsorted(names, labels) + shift) % len(names)]
    table = pa.table({"text": corpus.texts(), "label": np.where(chosen, other, labels)})
    noisy = Corpus.from_table(table, corpora.ROLES, name=f"{corpus.name} with {share:.0%} label noise")
    return noisy.with_held_out(**corpus.held_out)


def row(name: str, measured: Measurement, seconds: float) -> str:
    """One line of the table."""
    effect = measured.steps[0]
    placebo = effect.placebo_interval
    assert placebo is not None
    return (
        f"{name:28} base {measured.base['accuracy']:.1%}  effect {effect.delta * 100:+.2f} "
        f"[{effect.interval.low * 100:+.2f}, {effect.interval.high * 100:+.2f}]  "
        f"placebo {effect.placebo_delta * 100:+.2f} [{placebo.low * 100:+.2f}, {placebo.high * 100:+.2f}]  "
        f"p {effect.p_adjusted:.2g}  {effect.verdict}  ({effect.rows:.0f} rows touched, "
        f"A/A p {measured.aa.p_value:.2f}, {seconds:.0f} s)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="ag_news,sst2,trec")
    parser.add_argument("--noise", type=float, default=0.2)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--learner", default="bag")
    parser.add_argument("--filter-by", default="both")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    recipe = Recipe([step("labels.drop_issues", filter_by=given.filter_by)])
    for name in given.sets.split(","):
        whole = corpora.SETS[name]()
        kept = np.sort(StepRandom(0, "rows").order(whole.row_ids())[: given.rows])
        corpus = whole.take(kept)
        if name != "hausa":
            corpus = with_noise(corpus, given.noise)
        began = perf_counter()
        options = {"replicates": given.replicates, "learner": given.learner, "workers": given.workers}
        options["allow_leakage"] = True  # the sets as they are published
        measured = measure(recipe, corpus, **options)
        print(row(corpus.name, measured, perf_counter() - began), flush=True)
        if name == "hausa":
            clean = measure(recipe, corpora.hausa(noisy=False), **options)
            print(f"{'the same rows, right labels':28} base {clean.base['accuracy']:.1%}", flush=True)


if __name__ == "__main__":
    main()
