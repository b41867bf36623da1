"""Word distances against the textbook's table, on any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.word_edits import distances, word_distance, words_of

WORDS = st.lists(st.sampled_from(["a", "b", "c", "dd"]), max_size=80)


def by_table(one: list[str], other: list[str]) -> int:
    """Levenshtein's distance by dynamic programming (Wagner & Fischer 1974)."""
    row = list(range(len(other) + 1))
    for at, mine in enumerate(one, 1):
        before, row[0] = row[0], at
        for there, theirs in enumerate(other, 1):
            before, row[there] = row[there], min(row[there] + 1, row[there - 1] + 1, before + (mine != theirs))
    return row[-1]


@given(one=WORDS, other=WORDS)
def test_the_distance_is_that_of_the_table(one: list[str], other: list[str]) -> None:
    assert word_distance(one, other) == by_table(one, other)


@given(text=st.text(max_size=60))
def test_a_text_is_at_no_distance_from_itself(text: str) -> None:
    [found] = distances([text], [text])
    assert (found.change, found.length, found.overlap) == (0.0, 1.0, 1.0)


def test_words_of_every_script() -> None:
    assert words_of(["数据清洗, ok", "e\u0301t\u00e9t\u00e9", "👍"]) == [["数", "据", "清", "洗", "ok"], ["étété"], []]


def test_a_parent_without_words_is_infinitely_shorter() -> None:
    [found] = distances(["two words"], ["!!"])
    assert found == (1.0, float("inf"), 0.0)
