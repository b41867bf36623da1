"""Sentences in another order, and stretches of a text: nothing lost, nothing parted that belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.replacing import relocated, replaced
from curate.kernels.sentence_order import movable, reordered, stretch, worded
from curate.kernels.units import units

SENTENCES = st.lists(
    st.sampled_from(
        ["Ann left.", "It rained!", "However, he stayed.", "今天好。", "مرحبا؟", 'She said "no".', "1. One.", "no end"]
    ),
    max_size=8,
).map(lambda parts: " ".join(parts))
TEXTS = st.one_of(SENTENCES, st.text(' \n.!?abAB。«»"1-', max_size=60), st.text(max_size=60))


@given(text=TEXTS, across=st.booleans(), links=st.booleans(), seed=st.integers(0, 2**63))
def test_every_character_goes_somewhere_and_every_span_finds_its_text_again(
    text: str, across: bool, links: bool, seed: int
) -> None:
    groups, _ = movable(text, across=across, links=links)
    edits, moves = reordered(text, groups, Draws(seed))
    new = replaced(text, edits)
    assert sorted(new) == sorted(text)
    assert "".join(text[start:end] for start, end, _ in moves) == text
    for start, end, at in moves:
        assert new[at : at + end - start] == text[start:end]
    whole = [(start, end) for start, end, _ in moves]
    assert [new[span[0] : span[1]] for span in relocated(whole, moves) if span] == [text[a:b] for a, b in whole]


@pytest.mark.parametrize(
    "text",
    [
        "- Where are you?\n- Here. And you?\n- There.",
        "1. Take eggs. Beat them.\n2. Add milk. Stir.",
        "Ann: I am here. Are you?\nBob: No. Not me.",
        '"Go away. Now." She left. He stayed.',
        "“Go away. Now,” she said. “I will not.” He stayed.",
        "Only one sentence.",
        "Ann came. She left. Then she slept.",
        "",
    ],
)
def test_what_tells_by_its_order_stays(text: str) -> None:
    assert movable(text).groups == []


def test_a_sentence_without_a_stop_stays_and_paragraphs_keep_their_own() -> None:
    text = "Ann came. Bob left.\n\nCats sleep. Dogs bark. and so on"
    assert [[text[a:b] for a, b in group] for group in movable(text).groups] == [["Ann came.", "Bob left."]]
    assert len(movable("Ann came. Bob left.\n\nCats sleep. Dogs bark.", across=True).groups[0]) == 4


def test_what_must_stay_together_is_not_parted() -> None:
    text = "See foo. Bar baz. Ann left. Bob came."
    assert [text[a:b] for a, b in movable(text, [(4, 12)]).groups[0]] == ["See foo. Bar baz.", "Ann left.", "Bob came."]


@given(
    n=st.integers(1, 30),
    least=st.floats(0.01, 1),
    seed=st.integers(0, 2**63),
    keep=st.lists(st.integers(0, 29), max_size=2),
)
def test_a_stretch_is_long_enough_and_holds_what_it_must(n: int, least: float, seed: int, keep: list[int]) -> None:
    spans = [(3 * at, 3 * at + 2) for at in range(n)]
    wanted = sorted(spans[at] for at in keep if at < n)
    found = stretch(spans, wanted, least, Draws(seed))
    if found is None:
        return
    first, last = found
    assert 0 <= first <= last < n
    assert least * n - 1e-9 <= last - first + 1 < n
    assert all(spans[first][0] <= low and high <= spans[last][1] for low, high in wanted)


def test_orders_and_stretches_of_long_texts_take_linear_time() -> None:
    text = "Ann came. " * 20_000
    groups, _ = movable(text, [(at * 10 + 2, at * 10 + 4) for at in range(20_000)])
    assert len(replaced(text, reordered(text, groups, Draws(1))[0])) == len(text)
    assert movable("a" * 300_000).groups == []
    assert movable('"' * 100_000 + ". ").groups == []


@given(text=TEXTS)
def test_marks_alone_are_no_sentence(text: str) -> None:
    spans = units(text, "sentence")
    kept = worded(text, spans)
    assert all(any(map(str.isalnum, text[start:end])) for start, end in kept[1:])
    assert [one[0] for one in kept] == [one[0] for one in spans if one[0] in {start for start, _ in kept}]
    assert (kept[0][0], kept[-1][1]) == (spans[0][0], spans[-1][1]) if spans else kept == []
