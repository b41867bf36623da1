"""Texts per CPU-second of augmenters of words and sentences without a model, on 10,000 short and 2,000 long texts.

    python tests/benchmarks/bench_augment_words.py

Short: headlines with their leads (AG News). Long: film reviews (IMDB). One process, one core; a whole `Recipe.run` in
memory, with signals where there are any; median of three. `variants` is how many rows were added.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import corpora
import numpy as np
import pyarrow as pa
from text_corpora import long_texts

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles

PLACES = ["Iraq", "Iran", "China", "Japan", "India", "Russia", "Google", "Microsoft", "London", "New York", "Baghdad"]
STEPS: dict[str, dict[str, Any]] = {
    "augment.contraction": {},
    "augment.number": {},
    "augment.date": {},
    "augment.shuffle": {},
    "augment.crop": {},
    "augment.tfidf": {},
    "augment.entity": {"table": {"name": PLACES}},
    "augment.concat": {},
}


def short() -> Corpus:
    rows = corpora.ag_news()
    return rows.take(np.arange(10_000))


def long() -> Corpus:
    texts = [text for _, text in zip(range(2_000), long_texts(), strict=False)]
    table = pa.table({"text": texts, "label": ["ab"[at % 2] for at in range(len(texts))]})
    return Corpus.from_table(table, Roles(text="text", label="label"))


def main() -> None:
    for kind, rows in (("short", short()), ("long", long())):
        n_bytes = sum(len(str(text)) for text in rows.texts())
        print(f"{kind}: {len(rows)} texts, {n_bytes / 1e6:.1f} M characters")
        for name, settings in STEPS.items():
            recipe, seconds, variants = Recipe([step(name, **settings)]), [], 0
            for _ in range(3):
                began = time.process_time()
                variants = len(recipe.run(rows).corpus) - len(rows)
                seconds.append(time.process_time() - began)
            rate = len(rows) / median(seconds)
            letters = n_bytes / median(seconds) / 1e6
            print(f"{name:22} {rate:9,.0f} texts/s  {letters:6.2f} M characters/s  {variants:6} variants")


if __name__ == "__main__":
    main()
