"""What is cut leaves no hole: white space heals, words never grow together, all else stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.cutting import cut


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <x> b", "a b"),
        ("<x> a", "a"),
        ("a <x>", "a"),
        ("a <x>.", "a."),
        ("a\n<x>\nb", "a\n\nb"),
        ("a <x>\n<x> b", "a\nb"),
        ("a<x>b", "a b"),
        ("数<x>据", "数据"),
        ("<x>", ""),
        ("a <x> <x> b", "a b"),
        ("(<x>)", "()"),
    ],
)
def test_a_cut_heals(text: str, expected: str) -> None:
    spans = [(at, at + 3) for at in range(len(text)) if text.startswith("<x>", at)]
    assert cut(text, spans) == expected


@given(st.text("ab .,\n\t数", max_size=30), st.lists(st.integers(0, 30), max_size=8))
def test_only_white_space_changes_around_a_cut(text: str, bounds: list[int]) -> None:
    edges = sorted(min(at, len(text)) for at in bounds)
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    gone = {at for start, end in spans for at in range(start, end)}
    left = [character for at, character in enumerate(text) if at not in gone]
    assert [c for c in cut(text, spans) if not c.isspace()] == [c for c in left if not c.isspace()]
    assert cut(text, []) == text
