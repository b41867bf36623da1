"""Hashed n-grams: what is counted, that batches and neighbours play no part, and that hashes never change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels import ngrams
from curate.kernels.ngrams import Grams, hash_ngrams

TEXTS = st.lists(st.text(max_size=30), max_size=12)


def row(grams: Grams, i: int) -> dict[int, float]:
    span = slice(grams.offsets[i], grams.offsets[i + 1])
    return dict(zip(grams.ids[span].tolist(), grams.counts[span].tolist(), strict=True))


def counted(text: str, **kw: object) -> list[float]:
    return sorted(row(hash_ngrams([text], **kw), 0).values())


@given(TEXTS)
def test_a_text_is_counted_alike_alone_and_among_others(texts: list[str]) -> None:
    together = hash_ngrams(texts)
    for i, text in enumerate(texts):
        alone = hash_ngrams([text])
        assert row(alone, 0) == row(together, i)
        assert alone.keys[0] == together.keys[i]


@given(TEXTS)
def test_ids_ascend_within_a_row_and_lie_within_the_buckets(texts: list[str]) -> None:
    grams = hash_ngrams(texts, n_buckets=2**10)
    assert grams.offsets[0] == 0
    assert grams.offsets[-1] == len(grams.ids) == len(grams.counts)
    assert len(grams) == len(texts)
    assert grams.ids.size == 0 or grams.ids.max() < 2**10
    for i in range(len(texts)):
        assert (np.diff(grams.ids[grams.offsets[i] : grams.offsets[i + 1]].astype(np.int64)) > 0).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["one two", "", "three", "x" * 50, "four five six"]
    whole = hash_ngrams(texts)
    monkeypatch.setattr(ngrams, "_BLOCK", 8)
    parts = hash_ngrams(texts)
    for field in ("offsets", "ids", "counts", "keys"):
        assert np.array_equal(getattr(whole, field), getattr(parts, field))


def test_words_are_counted_with_their_neighbours_and_the_edges() -> None:
    # a, b (twice); then the pairs edge-b, b-a, a-b, b-edge
    assert counted("b a b", characters=None) == [1, 1, 1, 1, 1, 2]
    assert counted("b a b", words=(1, 1), characters=None) == [1, 2]
    assert counted("", characters=None) == [1]  # the edges alone


def test_character_ngrams_stay_within_a_word_and_its_spaces() -> None:
    # " ab", "ab ", " cd", "cd ": none across the space
    assert len(counted("ab cd", words=(1, 1), characters=(3, 3))) == 2 + 4
    assert len(counted("ab cd", words=(1, 1), characters=(4, 4))) == 2 + 2


def test_case_and_white_space_do_not_count() -> None:
    grams = hash_ngrams(["A  b\n", " a\tB"])
    assert row(grams, 0) == row(grams, 1)
    assert grams.keys[0] == grams.keys[1]


def test_different_texts_have_different_keys() -> None:
    texts = ["", "a", "b", "ab", "ba", "a b", "aa", "a" * 100, "a" * 101]
    assert len(set(hash_ngrams(texts).keys.tolist())) == len(texts)


@pytest.mark.parametrize(
    ("text", "n_words"),
    [
        ("don't stop", 2),
        ("你好吗", 3),
        ("हिन्दी में", 2),
        ("so good!!", 4),
        ("mañana", 1),
        ("สวัสดี", 6),
        ("a_b", 3),
        ("👍 ok", 2),
    ],
)
def test_words_of_many_scripts(text: str, n_words: int) -> None:
    assert sum(counted(text, words=(1, 1), characters=None)) == n_words


def test_one_huge_word_and_odd_code_points() -> None:
    grams = hash_ngrams(["x" * 1_000_000, "\ud800 lone", "\x00\x01", "\U0010ffff"])
    assert len(row(grams, 0)) < 50
    assert grams.counts.max() > 900_000


def test_hashes_are_the_same_on_every_machine_and_in_every_version() -> None:
    grams = hash_ngrams(["Good film!"], characters=None)
    assert grams.ids.tolist() == GOLDEN_IDS
    assert grams.keys.tolist() == GOLDEN_KEYS


@pytest.mark.parametrize("bad", [{"n_buckets": 1000}, {"n_buckets": 1}, {"words": (2, 1)}, {"characters": (0, 3)}])
def test_bad_settings_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(CurateError):
        hash_ngrams(["a"], **bad)


GOLDEN_IDS = [32117, 175481, 385975, 429805, 455479, 504199, 888791]
GOLDEN_KEYS = [9118730037305594460]
