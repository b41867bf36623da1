from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from curate.audit import CheckResult
from curate.checks.length import LengthOutliers, fences

Look = Callable[..., CheckResult]
BODY = ["x" * n for n in range(80, 121)] * 5


def test_texts_far_from_the_rest_are_named_with_their_length_the_farthest_first(result: Look) -> None:
    (finding,) = result("length", text=[*BODY, "y" * 9000, "z", "w" * 3000]).findings
    assert finding.rows.select(["row_id", "detail"]).to_pylist() == [
        {"row_id": len(BODY) + 1, "detail": "1 characters"},
        {"row_id": len(BODY), "detail": "9000 characters"},
        {"row_id": len(BODY) + 2, "detail": "3000 characters"},
    ]
    assert finding.remedy == {"use": "filter.length", "min_characters": 25, "max_characters": 400}


def test_only_the_side_that_has_outliers_gets_a_bound(result: Look) -> None:
    (finding,) = result("length", text=[*BODY, "y" * 9000]).findings
    assert finding.remedy == {"use": "filter.length", "max_characters": 400}
    assert finding.title.startswith("Texts far longer than the rest")


def test_blank_texts_belong_to_the_check_missing(result: Look) -> None:
    assert result("length", text=[*BODY, "", None]).status == "ok"
    (finding,) = result("length", text=[*BODY, "", None, "z"]).findings
    assert finding.rows.column("row_id").to_pylist() == [len(BODY) + 2]


def test_a_long_tail_is_no_outlier() -> None:
    lengths = np.exp(np.random.default_rng(0).normal(5, 1, 20_000)).astype(np.int64) + 1
    low, high = fences(lengths, 2.5, 4.0)
    assert np.mean((lengths < low) | (lengths > high)) < 2e-4


def test_each_side_has_its_own_fence() -> None:
    lengths = np.concatenate([np.full(900, 100), np.geomspace(100, 10_000, 100).astype(np.int64)])
    low, high = fences(lengths, 2.5, 4.0)
    assert low == 25
    assert high > 10_000


def test_equal_lengths_leave_a_factor_of_room() -> None:
    assert fences(np.full(50, 100), 2.5, 4.0) == (25, 400)


def test_the_histogram_counts_every_text(result: Look) -> None:
    (finding,) = result("length", text=[*BODY, "y" * 9000, "", None]).findings
    drawn = finding.evidence["histogram"]
    assert sum(drawn["counts"]) == len(BODY) + 1
    assert drawn["edges"] == sorted(set(drawn["edges"]))
    assert drawn["marks"] == {"median": 100, "max_characters": 400}


def test_bounds_can_be_set(result: Look) -> None:
    assert result(LengthOutliers(least_factor=1000), text=[*BODY, "y" * 9000]).status == "ok"


@pytest.mark.parametrize("text", [["a"], ["a", "a"], ["a" * 10_000_000, "b"]])
def test_few_or_huge_texts_are_fine(text: list[str], result: Look) -> None:
    assert result("length", text=text).status in ("ok", "finding")
