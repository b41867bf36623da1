"""Bounds: what lies on one stays, what is no bound is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
import pytest

from curate.core.about import bounds
from curate.core.bounds import DropOutside
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.data.corpus import Corpus
from curate.errors import RecipeError


def left(use: str, table: dict[str, list[object]], **bounds: float) -> list[str | None]:
    return Recipe([step(use, **bounds)]).run(Corpus.from_table(pa.table(table))).corpus.texts()


def test_a_row_on_the_bound_stays() -> None:
    texts = ["0123456789", "a123456789", "ab23456789", "abc3456789"]
    assert left("filter.digits", {"text": texts}, min_fraction=0.8, max_fraction=0.9) == texts[1:3]


def test_a_row_without_a_number_stays() -> None:
    lix: list[object] = [None, float("nan"), 10.0, 30.0]
    assert left("filter.readability", {"text": ["a", "b", "c", "d"], "lix": lix}, min_lix=20) == ["a", "b", "d"]


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_no_bound(bound: float) -> None:
    with pytest.raises(RecipeError, match="which is no bound"):
        step("filter.readability", min_ease=bound)


def test_a_signal_that_only_a_column_may_hold_is_told_without_a_unit() -> None:
    class DropByStars(DropOutside):
        """Drops reviews by their stars."""

        name: ClassVar[str] = "test.stars"
        version: ClassVar[str] = "1"
        reasons: ClassVar[Mapping[str, str]] = {"few": "fewer stars than min_stars"}
        bounds: ClassVar[dict[str, tuple[str, str]]] = {"min_stars": ("n_stars", "few")}

        min_stars: int | None = None

    (told,) = bounds(DropByStars)
    assert (told["signal"], told["unit"], told["drops"]) == ("n_stars", "", "below it")
    rows = Corpus.from_table(pa.table({"text": ["a", "b"], "n_stars": [1, 5]}))
    assert Recipe([Step(DropByStars(min_stars=2))]).run(rows).corpus.texts() == ["b"]
