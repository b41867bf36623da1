"""What rows were made from, however they came about: in one run or several, from one parent or many."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.origin import MADE, Origin
from curate.data.rows import TOP_BIT, Batch
from curate.data.store import Store
from curate.engines.local import LocalEngine


class Shout(RowTransform):
    """Adds to each row one that says the same louder."""

    name: ClassVar[str] = "test.shout"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"shout": "the same, louder"}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        cells = {"text": pa.array([f"{text}!" for text in batch.texts()])}
        return Edits.add(random.derive(batch.row_ids), batch.row_ids, "shout", cells=cells)


def rows(n: int = 4) -> Corpus:
    return Corpus.from_table(pa.table({"text": [f"text {at}" for at in range(n)]}))


def ancestors(corpus: Corpus) -> dict[str, set[int]]:
    """The ancestors of each added row, by its text."""
    assert corpus.origin is not None
    texts = dict(zip(corpus.row_ids().tolist(), corpus.texts(), strict=True))
    found: dict[str, set[int]] = {}
    for pair in corpus.origin.ancestors.to_pylist():
        found.setdefault(texts[pair["row_id"]], set()).add(pair["ancestor"])
    return found


TWICE = Recipe([Step(Shout()), Step(Shout(), "test.again")])


@pytest.mark.parametrize(
    "settings", [{}, {"chunk_rows": 2}, {"batch_rows": 1}, {"stored": True, "workers": 2}], ids=str
)
def test_a_copy_of_a_copy_comes_from_the_row_that_was_read(settings: dict[str, int], tmp_path: Path) -> None:
    settings = dict(settings)
    store = Store(tmp_path) if settings.pop("stored", False) else None
    made = TWICE.run(rows(), store=store, **settings).corpus
    expected = {f"text {at}{'!' * n}": {at} for at in range(4) for n in (1, 2)}
    assert ancestors(made) == expected


def test_a_second_run_goes_on_from_the_first() -> None:
    source = rows()
    first = Recipe([Step(Shout())]).run(source).corpus
    second = Recipe([step("filter.length", min_characters=7), Step(Shout(), "test.again")]).run(first).corpus
    assert second.origin is not None
    assert second.origin.source.texts() == source.texts()
    assert ancestors(second)["text 3!!"] == {3}


def test_edits_applied_by_hand_leave_the_same_origin() -> None:
    engine, source = LocalEngine(), rows()
    edits, failed = engine.plan(Shout(), source)
    made = engine.apply("test.shout", Shout(), edits, failed, source)
    assert ancestors(made) == {f"text {at}!": {at} for at in range(4)}
    assert ancestors(made.take(np.arange(8)[::-1])) == ancestors(made)


def test_a_row_of_two_parents_comes_from_both_and_from_theirs() -> None:
    new = [int(TOP_BIT) + at for at in range(3)]
    added = pa.table(
        {
            "row_id": pa.array([new[2], new[0], new[1]], pa.uint64()),
            "parents": pa.array([[new[0], new[1]], [0, 1], [1, 3]], pa.list_(pa.uint64())),
            "step": ["mix", "join", "join"],
            "reason": ["mixed", "joined", "joined"],
        },
        schema=MADE,
    )
    origin = Origin.of(rows()).with_added(added)
    found: dict[int, list[int]] = {}
    for pair in origin.ancestors.to_pylist():
        found.setdefault(pair["row_id"], []).append(pair["ancestor"])
    assert found == {new[0]: [0, 1], new[1]: [1, 3], new[2]: [0, 1, 3]}
    assert origin.made.equals(added)


def test_a_corpus_that_no_step_has_touched_is_its_own_origin() -> None:
    source = rows()
    assert source.origin is None
    assert Origin.of(source).source is source
