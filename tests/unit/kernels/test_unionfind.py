"""Groups from links: the same as a walk through a graph, whatever the order of the links."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.unionfind import link, smallest_members

LINKS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=15)


def walk(links: list[tuple[int, int]], n: int) -> list[int]:
    labels = list(range(n))
    for _ in range(n):
        for a, b in links:
            labels[a] = labels[b] = min(labels[a], labels[b])
    return labels


@given(links=LINKS, cut=st.integers(0, 15))
def test_links_in_any_order_and_in_parts(links: list[tuple[int, int]], cut: int) -> None:
    labels = np.arange(12)
    for part in (links[cut:][::-1], links[:cut]):
        ends = np.array(part, dtype=np.int64).reshape(-1, 2)
        labels = link(labels, ends[:, 1], ends[:, 0])
    assert labels.tolist() == walk(links, 12)


def test_a_million_in_a_chain() -> None:
    places = np.arange(1_000_000)
    assert (link(places, places[:-1], places[1:]) == 0).all()


def test_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert smallest_members(none).size == 0
    assert link(none, none, none).size == 0
