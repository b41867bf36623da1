"""Perturbations change what they say, at the rate they say, and nothing that a reader needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.perturb import with_other_case, with_synonyms, with_typos

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.text(), SEEDS)
def test_whoever_ignores_case_sees_no_difference(text: str, seed: int) -> None:
    assert with_other_case(text, drawn(seed)).lower() == text.lower()


@given(st.text(), SEEDS)
def test_no_slips_at_rate_0_and_no_more_than_one_letter_a_word(text: str, seed: int) -> None:
    assert with_typos(text, drawn(seed), 0.0) == text
    assert abs(len(with_typos(text, drawn(seed), 1.0)) - len(text)) <= len(text.split()) + len(text) // 4


def test_slips_come_at_their_rate_and_leave_first_letters_and_short_words() -> None:
    words = ["alpha", "bravo", "it", "charlie", "on", "delta"] * 2000
    typed = with_typos(" ".join(words), drawn(0), 0.1).split(" ")
    long = [(word, other) for word, other in zip(words, typed, strict=True) if len(word) > 3]
    assert np.mean([word != other for word, other in long]) == pytest.approx(0.1, abs=0.02)
    assert all(word[0] == other[0] for word, other in zip(words, typed, strict=True))
    assert {other for word, other in zip(words, typed, strict=True) if len(word) < 4} == {"it", "on"}


def test_every_case_comes_up() -> None:
    seen = [with_other_case("One two", drawn(seed)) for seed in range(300)]
    assert {seen.count(text) > 70 for text in ("one two", "ONE TWO", "One Two")} == {True}
    assert len(set(seen)) == 3


def test_other_words_keep_the_case_of_the_word_and_only_words_that_have_some_change() -> None:
    found = {"car": ["auto"], "sofa": ["couch"]}
    assert with_synonyms("Car, SOFA or cart?", drawn(0), found, rate=1.0) == "Auto, COUCH or cart?"
    assert with_synonyms("car", drawn(0), found, rate=0.0) == "car"
