"""Hashes: stable for ever, apart for different texts, and defined for every string and for null."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.hashing import hash_texts, hash_texts_128

ANY_TEXT = st.one_of(st.none(), st.text(st.characters(), max_size=20))


def test_the_values_never_change() -> None:
    """Fixed for good: fingerprints and draws rest on them."""
    assert hash_texts(["", "ÄÖ", None]).tolist() == [0x2D06800538D394C2, 0x18950AE1D101C297, 0xD6BCEC3C6B29D72E]
    assert hash_texts_128([""]).tolist() == [[0x99AA06D3014798D8, 0x6001C324468D497F]]


def test_empty_input() -> None:
    assert hash_texts([]).shape == (0,)
    assert hash_texts_128([]).shape == (0, 2)


@given(st.lists(ANY_TEXT, max_size=20))
def test_equal_hashes_mean_equal_texts(texts: list[str | None]) -> None:
    for hashes in (hash_texts(texts).tolist(), [tuple(pair) for pair in hash_texts_128(texts).tolist()]):
        assert len(set(hashes)) == len(set(texts))
        assert all((hashes[0] == other) is (texts[0] == text) for other, text in zip(hashes, texts, strict=True))


def test_another_seed_is_another_hash() -> None:
    assert (hash_texts("abc") != hash_texts("abc", seed=1)).all()
    assert (hash_texts_128("abc") != hash_texts_128("abc", seed=1)).any(axis=1).all()


def test_bits_are_spread() -> None:
    bits = hash_texts(map(str, range(20_000)))[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)
    assert (abs(bits.mean(axis=0) - 0.5) < 0.02).all()
