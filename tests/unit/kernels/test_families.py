"""Near-duplicate families: what they promise about content, order, scripts, short texts, and time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.families import near_duplicate_families

WORDS = st.lists(st.sampled_from("ab c d e fg 数 ไ".split()), max_size=9).map(" ".join)


def families(*texts: str, **options: float) -> list[int]:
    return near_duplicate_families(texts, **options).tolist()


@given(
    texts=st.lists(WORDS, max_size=25), seed=st.integers(0, 99), min_similarity=st.sampled_from([0.3, 0.6, 0.8, 1.0])
)
def test_order_does_not_matter(texts: list[str], seed: int, min_similarity: float) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))
    labels = near_duplicate_families(texts, min_similarity=min_similarity)
    shuffled = near_duplicate_families([texts[i] for i in order], min_similarity=min_similarity)
    for label in np.unique(shuffled):
        members = order[shuffled == label]
        assert (labels == labels[members[0]]).sum() == members.size
        assert set(labels[members]) == {members.min()}


def test_case_space_and_one_changed_word() -> None:
    text = " ".join(f"word{i}" for i in range(40))
    assert families(text, text.upper(), f"  {text}\n", text.replace("word7 ", "else "), text[::-1]) == [0, 0, 0, 0, 4]
    assert families(text, text.replace("word7 ", "else "), min_similarity=0.9) == [0, 1]


def test_a_family_is_closed() -> None:
    """The first and the last are not alike, but each is like the one between them."""
    words = [f"w{i}" for i in range(60)]
    steps = [" ".join(words[i : i + 50]) for i in (0, 4, 8)]
    assert families(*steps) == [0, 0, 0]
    assert families(steps[0], steps[2]) == [0, 1]


def test_scripts_without_spaces_go_by_character() -> None:
    chinese = "今天下午三点在北京大学举行了一场关于人工智能与数据质量的学术报告会吸引了很多学生"
    thai = "การเรียนรู้ของเครื่องเป็นสาขาหนึ่งของปัญญาประดิษฐ์ที่สำคัญมาก"
    assert families(chinese, chinese + "了", chinese[::-1], thai, thai + "ๆ") == [0, 0, 2, 3, 3]


def test_short_empty_and_odd_texts() -> None:
    assert families("", "  ", "a", "A", "a b", "b a", "\ud800", "?x", "x!") == [0, 0, 2, 2, 4, 5, 6, 7, 7]
    assert families() == []
    assert families("one") == [0]


def test_the_threshold_itself_counts() -> None:
    """Four of five shingles in common: exactly 0.8."""
    assert families("a b c d e", "a b c d", shingle_size=1) == [0, 0]
    assert families("a b c d e", "a b c d", shingle_size=1, min_similarity=0.81) == [0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_similarity": 0}, "min_similarity"),
        ({"min_similarity": 1.2}, "min_similarity"),
        ({"shingle_size": 0}, "shingle"),
    ],
)
def test_bad_options(options: dict[str, float], message: str) -> None:
    with pytest.raises(CurateError, match=message):
        near_duplicate_families(["a"], **options)


def test_a_million_equal_rows_and_one_family_of_all() -> None:
    """Time grows with the rows, not with their square: each takes about a second on one free core."""
    template = "dear customer your order {} has left and will arrive at your home within three working days from now"
    orders = [template.format(i) for i in range(300_000)]
    start = time.process_time()
    assert not near_duplicate_families(["all the same text over and over"] * 1_000_000).any()
    assert not near_duplicate_families(orders, min_similarity=0.7).any()
    assert np.array_equal(near_duplicate_families(orders, min_similarity=0.75), np.arange(300_000))
    assert time.process_time() - start < 20
