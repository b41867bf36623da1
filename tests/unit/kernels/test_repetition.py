"""Repetition within a text against plain Python, on real text and on whatever comes."""

from __future__ import annotations

import math
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.repetition import (
    LONGEST_RUN,
    different_terms,
    different_terms_by_window,
    repeated_characters,
    repeated_terms,
)
from curate.kernels.terms import terms

FEW = st.text("ab é数😀\n", max_size=80)


def characters(text: str, size: int) -> tuple[int, int]:
    """As `data-juicer` and ROOTS count repeated runs of characters."""
    counts = sorted(Counter(text[at : at + size] for at in range(len(text) - size + 1)).values(), reverse=True)
    n = min(math.isqrt(len(counts)), sum(count > 1 for count in counts))
    return sum(counts[:n]), sum(counts)


def runs(found: list[int], size: int) -> tuple[int, int]:
    counts = Counter(tuple(found[at : at + size]) for at in range(len(found) - size + 1))
    return sum(count for count in counts.values() if count > 1), counts.total()


def windows(found: list[int], size: int) -> tuple[int, int]:
    starts = range(max(0, len(found) - size + 1))
    return sum(len(set(found[at : at + size])) for at in starts), len(starts) * size


def assert_all(text: str, size: int) -> None:
    array = pa.array([text], pa.large_string())
    share = repeated_characters(array, size)
    assert (share.part[0], share.whole[0]) == characters(text, size)
    found = terms(array)
    hashes = found.hashes.tolist()
    share = repeated_terms(found, size)
    assert (share.part[0], share.whole[0]) == runs(hashes, size)
    share = different_terms_by_window(found, size)
    assert (share.part[0], share.whole[0]) == windows(hashes, size)
    share = different_terms(found)
    assert (share.part[0], share.whole[0]) == (len(set(hashes)), len(hashes))


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=80), FEW, FEW.map(lambda text: text * 3)), st.integers(1, 12))
def test_counts_are_those_of_plain_python(text: str, size: int) -> None:
    assert_all(text, size)


@pytest.mark.parametrize("size", [1, 2, 5, 10, LONGEST_RUN])
def test_counts_of_the_declaration_of_human_rights(data_dir: Path, size: int) -> None:
    for path in sorted((data_dir / "udhr").glob("*.html"))[::4]:
        assert_all(path.read_text("utf-8")[:15_000], size)


def test_a_text_has_the_same_beside_others() -> None:
    texts = ["ab " * 50, None, "", "x", "the quick brown fox " * 9, "数据" * 30]
    share = repeated_characters(pa.array(texts), 3)
    alone = [repeated_characters(pa.array([text], pa.string()), 3) for text in texts]
    assert share.part.tolist() == [int(each.part[0]) for each in alone]
    assert share.whole.tolist() == [int(each.whole[0]) for each in alone]


@pytest.mark.parametrize("text", ["a" * 2**21, "ab" * 2**20, "a b " * 2**19, "\U0001f600" * 2**19, "\n" * 2**20])
def test_a_long_text_takes_linear_time(text: str) -> None:
    started = time.process_time()
    array = pa.array([text], pa.large_string())
    repeated_characters(array, 10)
    found = terms(array)
    repeated_terms(found, 10)
    different_terms_by_window(found, 50)
    assert time.process_time() - started < 3
