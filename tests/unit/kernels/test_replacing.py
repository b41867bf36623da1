"""Replacements that touch no protected span, however spans nest, in time that is no product of both."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.replacing import Replacement, Span, moved, ordered, outside, relocated

SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda one: (one[0], one[0] + one[1])), max_size=5
)


def touches(edit: Span, span: Span) -> bool:
    start, end = edit
    return span[0] < end and start < span[1] if start != end else span[0] < start < span[1]


@given(edits=SPANS, protected=SPANS)
def test_what_touches_nothing_stays(edits: list[Span], protected: list[Span]) -> None:
    given_ = [(start, end, "x") for start, end in edits]
    kept = [edit for edit in given_ if not any(touches(edit[:2], span) for span in protected)]
    assert outside(given_, protected) == kept


def test_many_edits_beside_many_protected_spans_take_no_time() -> None:
    protected = [(10 * at, 10 * at + 5) for at in range(100_000)]
    edits = [(10 * at + 6, 10 * at + 8, "x") for at in range(100_000)]
    assert outside(edits, protected) == edits


def test_a_span_moves_with_its_stretch_or_is_lost() -> None:
    moves = [(0, 4, 6), (4, 6, 4), (6, 10, 0)]
    assert relocated([(0, 4), (1, 2), (7, 10), (3, 5), (12, 13)], moves) == [(6, 10), (7, 8), (1, 4), None, None]
    assert relocated([(0, 1)], []) == [None]


def moved_one(start: int, end: int, edits: list[Replacement]) -> Span | None:
    if any(low < end and high > start and not (start <= low and high <= end) for low, high, _ in edits):
        return None
    before = [new_length(edit) for edit in edits if edit[1] <= start and edit[0] < end]
    inside = [new_length(edit) for edit in edits if start <= edit[0] < end and edit[1] > start]
    return start + sum(before), end + sum(before) + sum(inside)


def new_length(edit: Replacement) -> int:
    return len(edit[2]) - (edit[1] - edit[0])


@given(edits=SPANS, spans=SPANS, lengths=st.lists(st.integers(0, 6), min_size=5, max_size=5))
def test_a_span_grows_with_what_is_inside_and_moves_with_what_is_before(
    edits: list[Span], spans: list[Span], lengths: list[int]
) -> None:
    made = ordered([(*edit, "x" * length) for edit, length in zip(edits, lengths, strict=False)], "-" * 20)
    assert moved(spans, made) == [moved_one(*span, made) for span in spans]


def test_many_spans_move_beside_many_edits_in_no_time() -> None:
    spans = [(10 * at, 10 * at + 5) for at in range(100_000)]
    edits = [(10 * at + 6, 10 * at + 8, "xyz") for at in range(100_000)]
    assert moved(spans, edits)[-1] == (999_990 + 99_999, 999_995 + 99_999)
