"""Metrics of how much a model repeats itself: distinct-n (Li et al. 2016) and self-BLEU (Zhu et al. 2018, Texygen).

Neither is a sum over rows, and both change with the number of rows: draws with repeated rows would repeat n-grams that
the model did not. So distinct-n has its interval from the jackknife alone, which leaves rows out and whose variance is
not too small in expectation (Efron & Stein 1981); self-BLEU has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curate.learn.metrics.base import Floats, WeighedMetric, Weighing, share
from curate.learn.metrics.overlap import ORDERS
from curate.learn.outputs import Outputs


def ngrams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """The runs of n words.

    Example:
        >>> ngrams("a b c".split(), 2)
        [('a', 'b'), ('b', 'c')]
    """
    return list(zip(*(words[at:] for at in range(n)), strict=False))


def _incidence(outputs: Outputs, n: int) -> tuple[sparse.csr_array, Floats]:
    """Which row has which n-gram, (g, rows), and the n-grams of each row, (rows,)."""
    grams = [ngrams(text.split(), n) for text in outputs.texts or ()]
    at: dict[tuple[str, ...], int] = {}
    lines = [at.setdefault(gram, len(at)) for row in grams for gram in set(row)]
    rows = np.repeat(np.arange(len(grams)), [len(set(row)) for row in grams])
    found = sparse.csr_array((np.ones(len(lines)), (np.array(lines, np.int64), rows)), (len(at), len(grams)))
    return found, np.array([len(row) for row in grams], dtype=np.float64)


def _distinct(n: int) -> Callable[[Outputs, NDArray[Any]], Weighing]:
    def of(outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        found, lengths = _incidence(outputs, n)
        once = np.diff(found.indptr) == 1
        own = np.asarray(found[once].sum(axis=0), dtype=np.float64)
        shared = found[~once]

        def weigh(weights: Floats) -> Floats:
            present = (weights > 0).astype(np.float64)
            return share(own @ present + (shared @ present > 0).sum(axis=0), lengths @ weights)

        return weigh

    return of


def _self_bleu(outputs: Outputs, targets: NDArray[Any]) -> Weighing:
    texts = outputs.texts or ()

    def weigh(weights: Floats) -> Floats:
        return np.array(
            [self_bleu(np.repeat(np.array(texts, object), line).tolist()) for line in weights.T.astype(int)]
        )

    return weigh


def self_bleu(texts: Sequence[str]) -> float:
    """The mean BLEU-4 of each text with all others as its references: 1 where every text stands there twice.

    As `sacrebleu.sentence_bleu` of the words between white space, which counts only the orders that a text has.

    Example:
        >>> self_bleu(["a b c d", "a b c d", "e f g h"]), self_bleu(["a b c d"])
        (0.6666666666666666, 0.0)
    """
    words = [text.split() for text in texts]
    lengths = np.array([len(row) for row in words])
    counts = [Counter(gram for n in range(1, ORDERS + 1) for gram in ngrams(row, n)) for row in words]
    most = _two_largest(counts)
    scores = [_against_others(row, most, int(lengths[at]), _nearest(lengths, at)) for at, row in enumerate(counts)]
    return float(np.mean(scores)) if len(texts) > 1 else 0.0


def _two_largest(counts: Sequence[Counter[tuple[str, ...]]]) -> dict[tuple[str, ...], tuple[int, int]]:
    """The largest and second largest count of each n-gram in one text: the most of it that any *other* text has."""
    most: dict[tuple[str, ...], tuple[int, int]] = {}
    for row in counts:
        for gram, count in row.items():
            first, second = most.get(gram, (0, 0))
            most[gram] = (max(first, count), max(second, min(first, count)))
    return most


def _nearest(lengths: NDArray[np.int64], at: int) -> int:
    """The length of another text that is nearest to this one's, the shorter of two."""
    others = np.delete(lengths, at)
    return int(others[np.lexsort((others, np.abs(others - lengths[at])))[0]]) if len(others) else 0


def _against_others(
    row: Counter[tuple[str, ...]], most: dict[tuple[str, ...], tuple[int, int]], length: int, nearest: int
) -> float:
    hits, all_of = np.zeros(ORDERS), np.zeros(ORDERS)
    for gram, count in row.items():
        first, second = most[gram]
        all_of[len(gram) - 1] += count
        hits[len(gram) - 1] += min(count, second if count == first else first)
    there = all_of > 0
    if not hits.any():
        return 0.0
    hits, all_of = hits[there], all_of[there]
    smoothed = np.where(hits == 0, 0.5 ** np.cumsum(hits == 0), hits)
    return float(np.exp(np.log(smoothed / all_of).mean() + min(0.0, 1 - nearest / length)))


DISTINCT = tuple(
    WeighedMetric(f"distinct_{n}", "higher", _distinct(n), tasks=("generation",), reads_texts=True) for n in (1, 2, 3)
)
SELF_BLEU = WeighedMetric("self_bleu", "lower", _self_bleu, interval="none", tasks=("generation",), reads_texts=True)
