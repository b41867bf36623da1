"""The set-similarity join on real text: against all pairs compared in plain Python, and pairs that people marked."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from curate.kernels.join import Measure, kept_twins, similar_pairs
from curate.kernels.pairs import select
from curate.kernels.shingles import shingle_sets


def ag_news(data_dir: Path, n: int) -> list[str]:
    lines = (data_dir / "ag_news" / "ag_news_train.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1)[1] for line in lines[:n]]


def plain_sets(texts: list[str], size: int) -> list[frozenset[tuple[str, ...]]]:
    words = [re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()) for text in texts]
    return [frozenset(tuple(w[i : i + size]) for i in range(max(1, len(w) - size + 1))) for w in words]


@pytest.mark.parametrize("measure", ["jaccard", "containment"])
@pytest.mark.parametrize(("bound", "size", "n"), [(0.2, 3, 2500), (0.5, 2, 1500), (0.4, 1, 500)])
def test_the_pairs_of_news(data_dir: Path, measure: Measure, bound: float, size: int, n: int) -> None:
    texts = ag_news(data_dir, n)
    sets = plain_sets(texts, size)
    holders = defaultdict(list)
    for row, found in enumerate(sets):
        for shingle in found:
            holders[shingle].append(row)
    common: dict[tuple[int, int], int] = defaultdict(int)
    for rows in holders.values():
        for pair in combinations(rows, 2):
            common[pair] += 1
    expected = {}
    for (a, b), shared in common.items():
        of = len(sets[a] | sets[b]) if measure == "jaccard" else min(len(sets[a]), len(sets[b]))
        if shared / of >= bound - 1e-9:
            expected[a, b] = shared / of
    pairs = similar_pairs(shingle_sets(texts, size=size), bound, measure=measure)
    assert (
        dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.similarity, strict=True))
        == expected
    )


@pytest.mark.parametrize("bound", [0.3, 0.6])
def test_the_selection_is_that_over_all_pairs(data_dir: Path, bound: float) -> None:
    sets = shingle_sets(ag_news(data_dir, 12_000), size=1)
    order = np.random.default_rng(0).permutation(len(sets))
    twins, expected = kept_twins(sets, order, bound), select(similar_pairs(sets, bound), order)
    assert np.array_equal(twins.twin, expected.twin)
    assert np.array_equal(twins.similarity, expected.similarity)


def test_the_pairs_that_people_marked(data_dir: Path) -> None:
    """Every marked pair is found at 0.5, and no other; at 0.9 some are not."""
    folder = data_dir / "minhash_articles"
    names, texts = zip(*(line.split(" ", 1) for line in (folder / "articles_1000.train").open()), strict=True)
    marked = {frozenset(line.split()) for line in (folder / "articles_1000.truth").open()}
    pairs = similar_pairs(shingle_sets(list(texts)), 0.5)
    assert {frozenset((names[a], names[b])) for a, b in zip(pairs.left, pairs.right, strict=True)} == marked
