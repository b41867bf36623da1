"""Rows of several texts (premise and hypothesis): what is swapped in one is in the other; a label turns with one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.kernels.replacing import undone
from curate.transforms.augment.antonym import AugmentAntonym
from curate.transforms.augment.counterfactual import AugmentCounterfactual
from curate.transforms.augment.date import AugmentDate
from curate.transforms.augment.entity import AugmentEntity
from curate.transforms.augment.flip import flips_of
from curate.transforms.augment.negation import AugmentNegation
from curate.transforms.augment.number import AugmentNumber

FLIP = {"entailment": "contradiction", "contradiction": "entailment"}


def run(transform: Transform, premise: str | None, hypothesis: str | None) -> tuple[list[dict[str, Any]], list[Any]]:
    """The added rows, and the changes of each."""
    table = pa.table(
        {
            "premise": pa.array([premise], pa.string()),
            "hypothesis": pa.array([hypothesis], pa.string()),
            "label": ["entailment"],
        }
    )
    corpus = Corpus.from_table(table, Roles(text=("premise", "hypothesis"), label="label"))
    made = Recipe([transform], max_quarantine=0).run(corpus)
    return made.corpus.table().to_pylist()[1:], [one for one in made.lineage().column("changes").to_pylist() if one]


@pytest.mark.parametrize(
    ("transform", "premise", "hypothesis", "word"),
    [
        (AugmentCounterfactual(n=20), "John lost his keys.", "John is here.", 0),
        (AugmentCounterfactual(attribute="nationality", n=20), "Danes cook.", "Danes eat.", 0),
        (AugmentNumber(n=20, max_change=5), "45 men walk.", "45 men move.", 0),
        (AugmentEntity(table={"city": ["Oslo", "Rome", "Lima", "Bonn"]}, n=20), "Oslo sleeps.", "Oslo rests.", 0),
    ],
)
def test_what_both_texts_name_changes_in_both_alike(
    transform: Transform, premise: str, hypothesis: str, word: int
) -> None:
    rows, changes = run(transform, premise, hypothesis)
    assert rows
    for row, its in zip(rows, changes, strict=True):
        assert row["premise"].split()[word] == row["hypothesis"].split()[word] != premise.split()[word]
        for column, before in (("premise", premise), ("hypothesis", hypothesis)):
            own = [(one["start"], one["end"], one["old"], one["new"]) for one in its if one["column"] == column]
            assert undone(row[column], own) == before


def test_days_between_dates_of_two_texts_stay() -> None:
    rows, _ = run(AugmentDate(n=20), "It began on 2024-03-05.", "It began on 2024-03-05, they say.")
    assert all(row["premise"][12:22] == row["hypothesis"][12:22] != "2024-03-05" for row in rows)
    assert rows


def test_a_text_that_must_stay_as_it_is_keeps_the_whole_row_as_it_is() -> None:
    assert run(AugmentCounterfactual(), "He sleeps.", "Is she pregnant?") == ([], [])


@pytest.mark.parametrize("cells", [("He sleeps.", None), (None, "He sleeps.")])
def test_a_null_stays_null(cells: tuple[str | None, str | None]) -> None:
    [row], _ = run(AugmentCounterfactual(), *cells)
    assert (row["premise"], row["hypothesis"]) == tuple(cell and "She sleeps." for cell in cells)


@pytest.mark.parametrize("augment", [AugmentNegation, AugmentAntonym])
def test_a_label_turns_with_one_text_that_must_be_named(augment: Any) -> None:
    with pytest.raises(ColumnError, match="premise, hypothesis") as said:
        run(augment(flip=FLIP), "It is good.", "It is cheap.")
    assert "columns: [hypothesis]" in str(said.value)
    [row], _ = run(AugmentNegation(flip=FLIP, columns=["hypothesis"], style="full"), "It is good.", "It is cheap.")
    assert row == {"premise": "It is good.", "hypothesis": "It is not cheap.", "label": "contradiction"}


@pytest.mark.parametrize("new", ["2", "-1"])
def test_a_class_number_that_no_class_has_is_no_label(new: str) -> None:
    with pytest.raises(ColumnError, match="no such class"):
        flips_of((("0", new),), pa.array([0, 1]), ["neg", "pos"], "label")
