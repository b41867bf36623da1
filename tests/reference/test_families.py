"""Families on real text against all pairs compared in plain Python, and against pairs that people marked."""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from curate.kernels.families import near_duplicate_families


def all_pairs(texts: list[str], min_similarity: float) -> np.ndarray:
    """Families by comparing everything with everything."""
    words = [re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()) for text in texts]
    sets = [{tuple(w[i : i + 3]) for i in range(max(1, len(w) - 2))} for w in words]
    labels = np.arange(len(texts))
    for a, b in combinations(range(len(texts)), 2):
        if len(sets[a] & sets[b]) >= min_similarity * len(sets[a] | sets[b]) - 1e-9:
            labels[labels == max(labels[a], labels[b])] = min(labels[a], labels[b])
    return labels


def ag_news(data_dir: Path) -> list[str]:
    lines = (data_dir / "ag_news" / "ag_news_train.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1)[1] for line in lines]


@pytest.mark.parametrize("min_similarity", [0.4, 0.8])
def test_the_families_of_all_pairs(data_dir: Path, min_similarity: float) -> None:
    """The families found among 12,000 news are, among the 1,500 likeliest to be related, those of all pairs."""
    texts = ag_news(data_dir)
    labels = near_duplicate_families(texts, min_similarity=min_similarity)
    sizes = np.bincount(labels, minlength=len(texts))
    chosen = np.argsort(-sizes[labels], kind="stable")[:1500].tolist()
    subset = [texts[i] for i in chosen]
    found = near_duplicate_families(subset, min_similarity=min_similarity)
    assert found.tolist() == all_pairs(subset, min_similarity).tolist()
    assert np.unique(found).size < 1500


def test_the_pairs_that_people_marked(data_dir: Path) -> None:
    folder = data_dir / "minhash_articles"
    names, texts = zip(*(line.split(" ", 1) for line in (folder / "articles_1000.train").open()), strict=True)
    labels = dict(zip(names, near_duplicate_families(texts, min_similarity=0.5).tolist(), strict=True))
    pairs = [line.split() for line in (folder / "articles_1000.truth").open()]
    assert all(labels[a] == labels[b] for a, b in pairs)
    assert len(set(labels.values())) == len(texts) - len(pairs)
