"""How often a variant looks like another class to a classifier that reads its parent right: augmenters without a model.

    python tests/benchmarks/augment_flips.py

A bag of word n-grams with logistic regression (scikit-learn) learns from all training rows; each test row that it reads
right gets four variants. `flips` is the share of variants that it reads as another class, with Wilson's interval; a
classifier errs, too, so that a flip need not be a wrong label. TREC: questions of 6 classes; SST-2: sentences of film
reviews.
"""

from __future__ import annotations

from typing import Any

import corpora
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.kernels.intervals import wilson

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("augment.aeda", {}),
    ("augment.tfidf", {"rate": 0.1}),
    ("augment.tfidf", {"rate": 0.3}),
    ("augment.tfidf", {"rate": 0.3, "draw": "uninformative"}),
    ("augment.tfidf", {"rate": 0.3, "draw": "uninformative", "function_words": True}),
    ("augment.crop", {"unit": "word", "min_fraction": 0.7}),
    ("augment.contraction", {}),
    ("augment.number", {}),
    ("augment.concat", {}),
]


def main() -> None:
    for name, rows in (("TREC", corpora.trec()), ("SST-2", corpora.sst2())):
        test = rows.held_out["test"]
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
        )
        model.fit(rows.texts(), rows.labels().to_pylist())
        right = np.flatnonzero(model.predict(test.texts()) == np.array(test.labels().to_pylist()))
        known = test.take(right)
        print(f"{name}: {len(known)} of {len(test)} test rows are read right")
        for transform, settings in STEPS:
            tell(known, model, transform, settings)


def tell(known: Corpus, model: Any, transform: str, settings: dict[str, Any]) -> None:
    run = Recipe([step(transform, n=4, **settings)]).run(known)
    added = run.corpus.row_ids() >= np.uint64(1 << 63)
    texts = [text for text, is_added in zip(run.corpus.texts(), added, strict=True) if is_added]
    labels = np.array(run.corpus.labels().to_pylist())[added]
    if not texts:
        return
    flips = int((model.predict(texts) != labels).sum())
    low, high = wilson(flips, len(texts))
    said = ", ".join(f"{key}: {value}" for key, value in settings.items())
    print(
        f"  {transform:20} {said:55} {len(texts):5} variants, flips {flips / len(texts):6.1%} ({low:.1%} to {high:.1%})"
    )


if __name__ == "__main__":
    main()
