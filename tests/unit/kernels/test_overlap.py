"""Overlaps and similarities of given pairs are those of Python's sets; equal sets are found, whatever their form."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.overlap import equal_sets, overlaps, similarities
from curate.kernels.shingles import ShingleSets, shingle_sets

TEXTS = st.lists(st.lists(st.sampled_from("a b c d e f".split()), max_size=8).map(" ".join), min_size=1, max_size=20)


def as_sets(sets: ShingleSets) -> list[set[int]]:
    return [set(part.tolist()) for part in np.split(sets.shingles, sets.offsets[1:-1])][: len(sets)]


@given(texts=TEXTS, others=TEXTS)
def test_overlaps_are_those_of_sets(texts: list[str], others: list[str]) -> None:
    left, right = shingle_sets(texts, size=1), shingle_sets(others, size=1)
    ends = np.array([(a, b) for a in range(len(texts)) for b in range(len(others))], np.int64)
    pairs = [(as_sets(left)[a], as_sets(right)[b]) for a, b in ends.tolist()]
    at = ends[:, 0], ends[:, 1]
    assert overlaps(left, *at, right).tolist() == [len(a & b) for a, b in pairs]
    assert similarities(left, *at, others=right).tolist() == [len(a & b) / max(1, len(a | b)) for a, b in pairs]
    contained = [len(a & b) / max(1, min(len(a), len(b))) for a, b in pairs]
    assert similarities(left, *at, "containment", right).tolist() == contained


@given(texts=TEXTS, data=st.data())
def test_equal_sets_by_their_first_row(texts: list[str], data: st.DataObject) -> None:
    sets = shingle_sets(texts, size=1)
    form = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(texts), max_size=len(texts))), np.uint64)
    known: dict[tuple[frozenset[int], int], int] = {}
    first, place = equal_sets(sets, form)
    for row, (of, extra) in enumerate(zip(as_sets(sets), form.tolist(), strict=True)):
        expected = known.setdefault((frozenset(of), extra), row) if of else -1
        assert (first[place[row]] if place[row] >= 0 else -1) == expected
    assert first.tolist() == sorted(known.values())
