"""Attacks and mixup: queries a second, accuracy under attack with and without `augment.attack`, accuracy with mixup.

    python tests/benchmarks/bench_attack.py speed
    python tests/benchmarks/bench_attack.py robust --learner bag --seeds 5
    python tests/benchmarks/bench_attack.py mixup --seeds 10

`speed`: SST-2, a model of 1,000 training rows, 300 test rows attacked; seconds are of the process's own CPU.
`robust`: for each seed other 1,000 training rows; all test rows for clean accuracy, 300 of them attacked, each model by
itself; `copies` is the placebo, plain copies of the parents of the rows that the attack adds. `mixup`: TREC, for each
seed other 500 training rows; paired differences to no mixup on the 500 test rows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from corpora import sst2, trec

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.kernels.classes import class_codes
from curate.kernels.other_words import WordSettings
from curate.learn.attack import Attack, Target, attacked
from curate.learn.examples import Examples
from curate.learn.learner import Fitted
from curate.learn.named import learner_named

N_ATTACKED = 300


def examples(corpus: Corpus) -> Examples:
    codes, names = class_codes(corpus.labels())
    return Examples(corpus.texts(), codes, None, len(names))


def drawn(corpus: Corpus, n: int, seed: int) -> Corpus:
    return corpus.take(np.sort(np.random.default_rng(seed).permutation(len(corpus))[:n]))


def said(model: Fitted, texts: Sequence[str]) -> np.ndarray:
    return model.predict(Examples.unlabelled(list(texts)))


def under_attack(model: Fitted, rows: Examples, how: Attack, words: WordSettings) -> tuple[float, float, float]:
    """Accuracy under attack, queries a row, and queries a second of CPU time."""
    targets = [Target(text, int(label)) for text, label in zip(rows.texts, rows.targets, strict=True)]
    began = time.process_time()
    made = attacked(model, partial(said, model), targets, words.source(), how)
    seconds = time.process_time() - began
    queries = sum(each.n_queries for each in made)
    right = np.mean([each.outcome in ("not_flipped", "no_words") for each in made])
    return float(right), queries / len(made), queries / seconds


def speed(learners: Sequence[Any]) -> None:
    train, test = examples(drawn(sst2(), 1000, 0)), examples(sst2().held_out["test"])
    rows = test.take(np.arange(N_ATTACKED))
    print("learner      importance  words     accuracy  attacked  queries/row  queries/s")
    for given in learners:
        learner = learner_named(given)
        model = learner.fit(train, validation=None, seed=0)
        clean = float((said(model, rows.texts).argmax(1) == rows.targets).mean())
        ways = ("deletion", "saliency", "gradient") if learner.name in ("bag", "linear") else ("deletion",)
        for importance in ways:
            for name, words in (("letters", WordSettings()), ("wordnet", WordSettings(letters=False, wordnet="auto"))):
                right, queries, rate = under_attack(model, rows, Attack(importance=importance), words)
                figures = f"{clean:8.3f} {right:9.3f} {queries:12.1f} {rate:10,.0f}"
                print(f"{learner.name:<12} {importance:<11} {name:<9} {figures}")


def robust(learner: Any, seeds: int) -> None:
    test = examples(sst2().held_out["test"])
    rows = test.take(np.sort(np.random.default_rng(0).permutation(len(test))[:N_ATTACKED]))
    settings = {"learner": learner, "importance": "gradient" if learner in ("bag", "linear") else "deletion"}
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(seeds):
        base = drawn(sst2(), 1000, seed)
        made = Recipe([step("augment.attack", **settings)], seed=seed).run(base)
        print(f"seed {seed}: {made.counts[0].n_added} rows added. {made.counts[0].notes[0]}")
        parents = [event["parents"][0] for event in made.lineage().to_pylist() if event["kind"] == "add"]
        place = {row_id: at for at, row_id in enumerate(base.row_ids().tolist())}
        copies = [*range(len(base)), *(place[parent] for parent in parents)]
        for arm, corpus in (("base", base), ("attack", made.corpus), ("copies", base.take(copies))):
            model = learner_named(learner).fit(examples(corpus), validation=None, seed=seed)
            clean = float((said(model, test.texts).argmax(1) == test.targets).mean())
            right, _, _ = under_attack(model, rows, Attack(), WordSettings())
            found.setdefault(arm, []).append((clean, right))
    print(
        f"\n{learner}, {seeds} seeds   clean    under attack   (mean, standard error of the paired difference to base)"
    )
    base_figures = np.array(found["base"])
    for arm, figures in found.items():
        told = np.array(figures)
        error = (told - base_figures).std(0, ddof=1) / np.sqrt(seeds)
        print(f"{arm:<20} {told[:, 0].mean():.3f} ±{error[0]:.3f}  {told[:, 1].mean():.3f} ±{error[1]:.3f}")


def mixup(seeds: int, learners: Sequence[Any], alphas: Sequence[float]) -> None:
    test = examples(trec().held_out["test"])
    for given in learners:
        scores = []
        for seed in range(seeds):
            train = examples(drawn(trec(), 500, seed))
            row = []
            for alpha in (0.0, *alphas):
                model = learner_named({**given, "mixup": alpha}).fit(train, validation=None, seed=seed)
                row.append(float((model.predict(test).argmax(1) == test.targets).mean()))
            scores.append(row)
        told = np.array(scores)
        for at, alpha in enumerate((0.0, *alphas)):
            delta = told[:, at] - told[:, 0]
            print(
                f"{given}  mixup {alpha:g}: accuracy {told[:, at].mean():.4f}, difference {delta.mean():+.4f} "
                f"± {delta.std(ddof=1) / np.sqrt(seeds):.4f} (standard error, {seeds} seeds)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("speed", "robust", "mixup"))
    parser.add_argument("--learner", default="bag")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--model", help="the folder of a sentence encoder, for speed and mixup")
    given = parser.parse_args()
    encoders = [{"name": "head"}]
    if given.model:
        encoders.append({"name": "head", "encoder": "sentence", "model": given.model})
    if given.what == "speed":
        speed(["bag", "linear", *encoders])
    elif given.what == "robust":
        robust(given.learner, given.seeds)
    else:
        mixup(given.seeds, encoders, (0.1, 0.4, 1.0))


if __name__ == "__main__":
    main()
