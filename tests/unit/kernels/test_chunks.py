"""Chunks: every character covered, none too large, cut where a reader would pause."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.chunks import chunks
from curate.kernels.units import units

TEXTS = st.text(st.sampled_from("ab .\n今。e\u0301\u200d👩!"), max_size=80)


def word_starts(text: str) -> np.ndarray:
    return np.array(
        [at for at in range(len(text)) if not text[at].isspace() and (not at or text[at - 1].isspace())], np.int64
    )


@settings(max_examples=100)
@given(text=TEXTS, max_size=st.integers(1, 12), share=st.floats(0, 0.5), data=st.data())
def test_every_character_is_covered_and_no_chunk_is_too_large(
    text: str, max_size: int, share: float, data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(["character", "word", "sentence"]))
    sentences = np.array([start for start, _ in units(text, "sentence")], np.int64)
    starts = {"character": np.arange(len(text)), "word": word_starts(text), "sentence": sentences}[unit]
    overlap = int(share * max_size)
    found = chunks(text, starts, max_size, overlap=overlap, cuts=[sentences, word_starts(text)])
    if not text:
        assert not found
        return
    assert found[0][0] == 0
    assert found[-1][1] == len(text)
    for (start, end), (next_start, next_end) in pairwise(found):
        assert start < next_start <= end < next_end
        shared = np.count_nonzero((starts >= next_start) & (starts < end))
        assert shared <= overlap
        if not overlap:
            assert next_start == end
    for start, end in found:
        assert start < end
        assert np.count_nonzero((starts >= start) & (starts < end)) <= max_size


def test_the_best_kind_of_cut_in_the_second_half_wins() -> None:
    text = "One two three four.\n\nFive six. Seven eight nine ten eleven."
    paragraphs = np.array([start for start, _ in units(text, "paragraph")])
    sentences = np.array([start for start, _ in units(text, "sentence")])
    words = word_starts(text)

    def said(max_size: int) -> list[str]:
        return [text[s:e] for s, e in chunks(text, words, max_size, cuts=[paragraphs, sentences, words])]

    assert said(6) == ["One two three four.\n\n", "Five six. Seven eight nine ten ", "eleven."]
    assert said(7) == ["One two three four.\n\n", "Five six. Seven eight nine ten eleven."]
    assert said(11) == [text]


def test_a_long_word_is_cut_but_no_mark_parted_from_its_character() -> None:
    text = "e\u0301" * 10
    found = chunks(text, np.arange(len(text)), 5)
    assert [text[s:e] for s, e in found] == ["e\u0301" * 2] * 5
    family = "👩\u200d👩\u200d👧"
    assert [end for _, end in chunks(family * 3, np.arange(15), 6)] == [5, 10, 15]


def test_pieces_that_are_larger_by_themselves_are_made_smaller() -> None:
    """A tokenizer may give a piece more tokens than begin in it, and a character several."""

    def size(piece: str) -> int:
        return sum(3 if letter == "x" else 1 for letter in piece) + (piece[-1] == "a")

    text = "aaxaaaxxaaaa"
    starts = np.array([at for at, letter in enumerate(text) for _ in range(3 if letter == "x" else 1)])
    for max_size in (2, 3, 4, 7):
        found = chunks(text, starts, max_size, size=size)
        assert "".join(text[s:e] for s, e in found) == text
        assert all(size(text[s:e]) <= max_size or e - s == 1 for s, e in found)


@pytest.mark.parametrize("piece", ["word ", "x", "今", "a.b ", "\n", "。", "\u0301"])
def test_a_million_characters_take_linear_time(piece: str) -> None:
    took = []
    for n in (100_000, 1_000_000):
        text = piece * (n // len(piece))
        starts, sentences = np.arange(len(text)), np.array([s for s, _ in units(text, "sentence")], np.int64)
        began = time.process_time()
        found = chunks(text, starts, 500, overlap=250, cuts=[sentences])
        took.append(time.process_time() - began)
        assert found[-1][1] == len(text)
        assert len(found) <= 2 * len(text) / 125 + 2
    assert took[1] < 40 * took[0] + 0.2
