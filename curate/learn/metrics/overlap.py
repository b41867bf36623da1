"""Metrics of what a model wrote beside what it should have written: BLEU, chrF, ROUGE, METEOR, exact match.

The values are those of sacrebleu (https://github.com/mjpost/sacrebleu), rouge-score and NLTK. BLEU and chrF are kept as
their counts per row, which add, so that any weighting of the rows has the score of that corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.metrics.base import Floats, RowSums, SumsMetric, mean_of, share, with_ones
from curate.learn.outputs import Outputs
from curate.optional import require

EXTRA = "metrics"
ORDERS = 4
BETA = 2


def pairs(outputs: Outputs, targets: NDArray[Any]) -> Iterator[tuple[str, str]]:
    """What was written and what should have been, row by row, unpaired surrogates as "?"."""
    for written, wanted in zip(outputs.texts or (), targets, strict=True):
        yield plain(written), plain(wanted)


def plain(text: str) -> str:
    r"""`text` as every library reads it.

    Example:
        >>> plain("a\ud800b")
        'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def _corpus_counts(metric: str) -> RowSums:
    """The counts that sacrebleu adds up over the rows of a corpus."""

    def rows(outputs: Outputs, targets: NDArray[Any]) -> Floats:
        sacrebleu = require("sacrebleu", extra=EXTRA, by=f"the metric {metric.lower()!r}")
        scorer = sacrebleu.BLEU(force=True) if metric == "BLEU" else sacrebleu.CHRF()
        written, wanted = zip(*pairs(outputs, targets), strict=True)
        return np.array(scorer._extract_corpus_statistics(written, [wanted]), dtype=np.float64)

    return rows


def _bleu(sums: Floats) -> Floats:
    """BLEU-4 with mteval's exponential smoothing: the first order without a hit counts half a hit, then a quarter."""
    written, wanted = sums[..., 0], sums[..., 1]
    hits, all_of = sums[..., 2 : 2 + ORDERS], sums[..., 2 + ORDERS :]
    there = (all_of > 0).all(axis=-1) & (hits > 0).any(axis=-1)
    smoothed = np.where(hits == 0, 0.5 ** np.cumsum(hits == 0, axis=-1), hits)
    logs = np.log(smoothed / np.maximum(all_of, 1)).mean(axis=-1)
    brevity = np.minimum(0.0, 1 - wanted / np.maximum(written, 1))
    return np.where(there, np.exp(logs + brevity), 0.0)


def _chrf(sums: Floats) -> Floats:
    """chrF2: F-score of precision and recall, each a mean over the orders that both sides have."""
    written, wanted, hits = (sums[..., part::3] for part in range(3))
    there = (written > 0) & (wanted > 0)
    orders = there.sum(axis=-1)
    precision = share((share(hits, written) * there).sum(axis=-1), orders)
    recall = share((share(hits, wanted) * there).sum(axis=-1), orders)
    return share((1 + BETA**2) * precision * recall, BETA**2 * precision + recall)


def _rouge(kind: str) -> RowSums:
    def rows(outputs: Outputs, targets: NDArray[Any]) -> Floats:
        package = require("rouge_score.rouge_scorer", extra=EXTRA, by=f"the metric {kind!r}")
        scorer = package.RougeScorer([kind])
        return with_ones(
            np.array([scorer.score(wanted, written)[kind].fmeasure for written, wanted in pairs(outputs, targets)])
        )

    return rows


class _NoSynonyms:
    """Stands for WordNet, which would have to be downloaded."""

    def synsets(self, word: str) -> list[Any]:
        return []


def _meteor(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    by = "the metric 'meteor'"
    score = require("nltk.translate.meteor_score", extra=EXTRA, by=by).single_meteor_score
    words = require("nltk.tokenize", extra=EXTRA, by=by).wordpunct_tokenize
    found = [score(words(wanted), words(text), wordnet=_NoSynonyms()) for text, wanted in pairs(outputs, targets)]
    return with_ones(np.array(found))


def _same(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    return with_ones(np.array([text.strip() == wanted.strip() for text, wanted in pairs(outputs, targets)]))


def _metric(
    name: str, rows: RowSums, combine: Callable[[Floats], Floats] = mean_of, package: str | None = None
) -> SumsMetric:
    packages = () if package is None else ((package, EXTRA),)
    return SumsMetric(
        name,
        "higher",
        rows,
        combine,
        mean=combine is mean_of,
        tasks=("generation",),
        reads_texts=True,
        packages=packages,
    )


BLEU = _metric("bleu", _corpus_counts("BLEU"), _bleu, "sacrebleu")
CHRF = _metric("chrf", _corpus_counts("CHRF"), _chrf, "sacrebleu")
ROUGE = tuple(_metric(kind, _rouge(kind), package="rouge_score") for kind in ("rouge1", "rouge2", "rougeL"))
METEOR = _metric("meteor", _meteor, package="nltk")
"""By equal words and equal stems; without the synonyms of WordNet, which are no part of NLTK's package."""
EXACT_MATCH = _metric("exact_match", _same)
