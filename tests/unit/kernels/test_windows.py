"""Words where a slow reading of the definition finds them; windows that are equal just when their words are."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.text import UNSPACED, n_words
from curate.kernels.windows import Sightings, first_places, window_keys, words

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
WORDY = st.text("ab \n\u3000数据ก\u0e31é\u0301😀", max_size=60)


def unspaced(character: str) -> bool:
    return bool(pc.match_substring_regex(pa.array([character]), f"[{UNSPACED}]")[0].as_py())


def spelled(text: str) -> list[tuple[int, int]]:
    """Start and end of each word, by the definition: marks go with what they follow."""
    found: list[list[int]] = []
    alone = False
    inside = False
    for at, character in enumerate(text):
        if character.isspace():
            inside = False
        elif inside and unicodedata.category(character).startswith("M"):
            found[-1][1] = at + 1
        else:
            single = unspaced(character) and not unicodedata.category(character).startswith("M")
            if inside and not single and not alone:
                found[-1][1] = at + 1
            else:
                found.append([at, at + 1])
            inside, alone = True, single
    return [(start, end) for start, end in found]


@given(st.lists(st.one_of(st.none(), ANY, WORDY), max_size=6))
def test_words_stand_where_they_stand(texts: list[str | None]) -> None:
    found = words(pa.array(texts, pa.string()))
    expected = [spelled(text or "") for text in texts]
    assert found.counts.tolist() == [len(each) for each in expected]
    stand = list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    assert stand == [word for each in expected for word in each]


@given(st.lists(WORDY, min_size=1, max_size=5), st.integers(1, 4))
def test_windows_are_equal_just_when_their_words_are(texts: list[str], size: int) -> None:
    counts, keys = window_keys(pa.array(texts), size)
    said = [[text[start:end] for start, end in spelled(text)] for text in texts]
    windows = [tuple(each[at : at + size]) for each in said for at in range(len(each) - size + 1)]
    assert counts.tolist() == [len(each) for each in said]
    pairs = list(map(tuple, keys.T.tolist()))
    assert len(pairs) == len(windows)
    for row in (0, 1):
        assert len({pair[row] for pair in pairs}) == len(set(windows))
    assert len(set(zip(windows, pairs, strict=True))) == len(set(windows))


def test_windows_do_not_depend_on_threads_slices_or_the_type_of_the_column() -> None:
    texts = [f"row {n} says " + "the same again " * (n % 700) for n in range(1500)] + [None, ""]
    column = pa.array(texts)
    counts, keys = window_keys(column, 5, threads=1)
    for other in (column.cast(pa.large_string()), column.dictionary_encode(), pa.array([None, *texts])[1:]):
        again, same = window_keys(other, 5, threads=3)
        assert (again == counts).all()
        assert (same == keys).all()
    assert counts.tolist() == n_words(column).tolist()


def test_a_thue_morse_text_does_not_fool_the_rolling_hash() -> None:
    """In arithmetic modulo 2**64 these two windows collide in every base; modulo a prime they do not."""
    bits = [0]
    for _ in range(11):
        bits += [1 - bit for bit in bits]
    one = " ".join("ab"[bit] for bit in bits)
    two = " ".join("ba"[bit] for bit in bits)
    _, keys = window_keys(pa.array([one, two]), 2048)
    assert keys[0, 0] != keys[0, 1]
    assert keys[1, 0] != keys[1, 1]


def test_bytes_that_are_no_text_are_words_too() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 6], np.int32)), pa.py_buffer(b"a \xe6\x95 \xf0")]
    )
    assert words(broken).counts.tolist() == [3]


def test_a_word_of_a_megabyte_is_one_word() -> None:
    counts, keys = window_keys(pa.array(["x" * (1 << 20), "x" * (1 << 20) + "y"]), 1)
    assert counts.tolist() == [1, 1]
    assert keys[0, 0] != keys[0, 1]


@pytest.mark.parametrize("texts", [[], [None], [""], [" \t\u3000"]])
def test_no_words(texts: list[str | None]) -> None:
    counts, keys = window_keys(pa.array(texts, pa.string()), 2)
    assert counts.tolist() == [0] * len(texts)
    assert keys.shape == (2, 0)


@given(st.lists(st.integers(0, 200), max_size=300))
def test_no_key_that_comes_again_is_missed(given_keys: list[int]) -> None:
    keys = np.array(given_keys, np.uint64)
    table = Sightings(64)
    table.see(keys)
    again = table.again(keys)
    assert all(found for key, found in zip(given_keys, again.tolist(), strict=True) if given_keys.count(key) > 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_first_places_where_the_first_hash_collides(pairs: list[tuple[int, int]]) -> None:
    places = np.random.default_rng(len(pairs)).permutation(len(pairs)).astype(np.int64)
    keys = np.array(pairs, np.uint64).reshape(-1, 2).T
    expected = [min(p for p, other in zip(places.tolist(), pairs, strict=True) if other == pair) for pair in pairs]
    assert first_places(keys, places).tolist() == expected
