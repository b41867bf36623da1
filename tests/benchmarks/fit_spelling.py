"""Fits the model of `clean.spelling`: how sure is a correction?

    python tests/benchmarks/fit_spelling.py

Right are the corrections of half of a list of misspellings that are what was meant. Wrong are all others of that half,
and whatever would be done to the words of printed texts that no dictionary has. Prints the weights for
`curate/kernels/spelling.py`.
"""

from __future__ import annotations

import random
import re

import numpy as np
from sklearn.linear_model import LogisticRegression
from spelling_truth import edited, half_of, misspellings

from curate.kernels.misspellings import WordCounts
from curate.kernels.spelling import Speller, bundled_lexicon

N_MISSPELLINGS, WEIGHT_OF_LIST = 12_000, 0.3
_LOWER = re.compile(r"(?<!\S)[\"'(\[“‘]*([a-z]+)(?=[\"')\].,;:!?”’…]*(?!\S))")


def main() -> None:
    features, right, weights = [], [], []
    pairs = misspellings()
    random.Random(0).shuffle(pairs)
    alone = Speller(bundled_lexicon(), {})
    for written, meant in pairs[:N_MISSPELLINGS]:
        judged = alone.judged(written) if half_of(written) == 0 and not alone.knows(written) else None
        if judged is not None:
            features.append(judged[1])
            right.append(judged[0] == meant)
            weights.append(WEIGHT_OF_LIST)
    for name in ("AG News", "SST-2"):
        texts = edited()[name]
        counts = WordCounts()
        counts.add(texts)
        speller = Speller(bundled_lexicon(), counts.lower())
        for word in sorted({word for text in texts for word in _LOWER.findall(text)}):
            judged = speller.judged(word) if half_of(word) == 0 and len(word) > 2 and not speller.knows(word) else None
            if judged is not None:
                features.append(judged[1])
                right.append(False)
                weights.append(1.0)
    model = LogisticRegression(C=1, max_iter=5000).fit(np.array(features), np.array(right), sample_weight=weights)
    print(f"{len(right)} corrections, {sum(right)} of them right")
    print("_WEIGHTS =", tuple(round(float(weight), 3) for weight in model.coef_[0]))
    print("_BIAS =", round(float(model.intercept_[0]), 3))


if __name__ == "__main__":
    main()
