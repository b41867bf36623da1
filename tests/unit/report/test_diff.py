"""Differences: both texts can be read back from the spans, and no text takes long."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report.diff import CONTEXT, WINDOW, Span, excerpt, spans

WORDS = st.lists(
    st.sampled_from(["a", "b", " ", "  ", "\n", "word", "Wörter", "don't", "!", "<b>", "\u200b"]), max_size=40
)


def side(parts, other):
    return "".join(span.text for span in parts if span.kind != other)


@given(WORDS.map("".join), WORDS.map("".join))
def test_both_texts_can_be_read_back(before, after):
    parts = spans(before, after)
    if all(span.kind != "cut" for span in parts):
        assert (side(parts, "new"), side(parts, "gone")) == (before, after)
    assert all(span.text for span in parts)
    assert all(left.kind != right.kind for left, right in itertools.pairwise(parts))


def test_a_word_is_replaced_as_a_whole_and_a_character_within_a_like_word():
    assert Span("gone", "red") in spans("a red fox", "a blue fox")
    assert spans("donâ€™t stop", "don't stop") == (
        Span("same", "don"),
        Span("gone", "â€™"),
        Span("new", "'"),
        Span("same", "t stop"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!" * 20_000, "?!" * 20_000),
        ("!a" * 3_000, "?!?a" * 3_000),
        ("a b " * 50_000, "b a " * 50_000),
        ("x" * 1_000_000, "x" * 999_999 + "y"),
        ("", "x" * 1_000_000),
    ],
)
def test_long_texts_are_bounded_in_time_and_length(before, after):
    start = time.process_time()
    parts = spans(before, after)
    assert time.process_time() - start < 2
    assert sum(len(span.text) for span in parts) < 2 * WINDOW + 6 * CONTEXT + 200


def test_unchanged_stretches_are_folded_around_the_change():
    text = "the same words again " * 200
    parts = spans(text + "old" + text, text + "new" + text)
    assert [span.kind for span in parts] == ["cut", "same", "gone", "new", "same", "cut"]
    assert all(len(span.text) <= CONTEXT for span in parts if span.kind == "same")


@given(WORDS.map("".join), WORDS.map("".join))
def test_an_excerpt_with_room_is_the_whole_side(before, after):
    parts = spans(before, after)
    for text, which in ((before, "gone"), (after, "new")):
        assert "".join(span.text for span in excerpt(parts, which, lines=99, n_characters=len(text))) == text


@pytest.mark.parametrize("tail", [" end", " other words" * 90_000])
def test_an_excerpt_starts_at_the_change_and_counts_all_that_is_left(tail):
    before = "same words " * 300 + "old\n" * 60 + tail
    first, lead, gone, rest = excerpt(
        spans(before, "same words " * 300), "gone", limit=50, lead=20, n_characters=len(before)
    )
    assert (first.text, first.n_unchanged + len(lead.text), len(lead.text)) == (
        "… 3,280 characters unchanged …",
        3300,
        20,
    )
    assert gone.text == "old\n" * 12 + "ol"
    assert rest.text == f"… {len(before) - 3300 - len(gone.text):,} more characters"


def test_nothing_is_left_out_for_less_room_than_it_takes_to_say_so():
    parts = spans("a few words before it, old", "a few words before it, new")
    shown = excerpt(parts, "new", lead=20, n_characters=26)
    assert [(span.kind, span.text) for span in shown] == [("same", "a few words before it, "), ("new", "new")]


def test_an_excerpt_has_a_bound_on_its_lines():
    parts = spans("", "a\n" * 100)
    assert [span.text for span in excerpt(parts, "new", lines=3, n_characters=200)] == [
        "a\na\na\na",
        "… 193 more characters",
    ]
