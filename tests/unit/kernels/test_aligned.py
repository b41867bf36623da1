"""What differs between two sequences of pieces: the changes turn one into the other, whatever they are, and soon."""

from __future__ import annotations

import time
from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from curate.kernels import aligned
from curate.kernels.aligned import changed

PIECES = st.lists(st.sampled_from("abcdefgh \n"), max_size=60)


def made(a: list[str], b: list[str]) -> list[str]:
    """The first sequence with all changes made."""
    out: list[str] = []
    at = 0
    for low, high, down, up in changed(a, b):
        assert low >= at
        out += [*a[at:low], *b[down:up]]
        at = high
    return [*out, *a[at:]]


@given(PIECES, PIECES)
def test_short_sequences_differ_as_difflib_says(a: list[str], b: list[str]) -> None:
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    assert changed(a, b) == [tuple(code[1:]) for code in codes if code[0] != "equal"]


@given(PIECES, PIECES, PIECES)
def test_cut_at_anchors_the_changes_still_turn_one_into_the_other(a: list[str], b: list[str], c: list[str]) -> None:
    small = aligned._SMALL
    aligned._SMALL = 4
    try:
        assert made([*a, *c, *b], [*c, *b, *a]) == [*c, *b, *a]
        assert made(a, b) == b
        assert changed(a, a) == []
    finally:
        aligned._SMALL = small


def test_long_texts_take_time_in_proportion_to_their_length() -> None:
    word, mixed = ["word", " "] * 20_000, [piece for at in range(20_000) for piece in (f"w{at % 9000}", " ")]
    started = time.process_time()
    assert made(word, [*word[:-2], "end"]) == [*word[:-2], "end"]
    assert made(word, mixed) == mixed
    assert made(mixed, [piece for piece in mixed if piece != "w7"]) == [piece for piece in mixed if piece != "w7"]
    assert time.process_time() - started < 5
