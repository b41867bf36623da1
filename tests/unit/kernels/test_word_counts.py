"""Word counts: TF-IDF as scikit-learn's plain form has it, words drawn as often as their weights say."""

from __future__ import annotations

from collections import Counter
from math import log

import pytest

from curate.kernels.draws import Draws
from curate.kernels.word_counts import WordCounts, WordStatistics

TEXTS = ["the cat sat", "the dog sat down", "The Cat ran", None, "", "123"]


def statistics(**settings: object) -> WordStatistics:
    counts = WordCounts()
    counts.add(TEXTS)
    given = {"min_rows": 1, "uninformative": False, "leave_out": frozenset(), **settings}
    return WordStatistics.of(counts.n_texts, dict(counts.texts), dict(counts.plain), **given)  # type: ignore[arg-type]


def test_importance_is_frequency_in_the_text_times_the_rarity_in_the_corpus() -> None:
    found = statistics().importance(["the", "cat", "cat", "unseen"])
    assert found == pytest.approx([0, 2 / 4 * log(3 / 2), 2 / 4 * log(3 / 2), 1 / 4 * log(3 / 1)])


def test_words_are_drawn_as_often_as_the_corpus_has_them() -> None:
    of = statistics(leave_out=frozenset({"down"}))
    drawn = Counter(of.drawn(Draws(seed * 7919)) for seed in range(6000))
    assert set(drawn) == {"the", "sat", "dog", "ran"}  # `cat` is written `Cat` as often: it may be a name
    assert drawn["the"] / drawn["dog"] == pytest.approx(2, rel=0.2)


def test_as_in_the_paper_the_words_of_high_frequency_times_rarity_are_drawn_least() -> None:
    of = statistics(uninformative=True)
    weights = dict(zip(of.words, [b - a for a, b in zip([0.0, *of.sums], of.sums, strict=False)], strict=True))
    assert min(weights.values()) == pytest.approx(0)
    assert weights["the"] == max(weights.values())


def test_words_of_too_few_texts_are_not_drawn_and_nothing_is_drawn_from_nothing() -> None:
    assert statistics(min_rows=2).words == ["sat", "the"]
    assert statistics(min_rows=9).drawn(Draws(0)) is None
