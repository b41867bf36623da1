"""The contract kit notices every broken promise, and lets a good transform pass."""

from __future__ import annotations

import random as python_random
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
from pydantic import Field

from curate.core.contracts import ContractBroken, check_transform, example_corpus
from curate.core.function import Drop, FunctionStep
from curate.core.random import StepRandom
from curate.core.signals import Signal
from curate.core.transform import DatasetTransform, RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch

CALLS: list[int] = []


class Rows(RowTransform):
    """What the broken ones break: drops one row in two by a keyed draw."""

    name: ClassVar[str] = "test.rows"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"odd": "the draw was odd"}
    share: float = 0.5

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        gone = random.uniform(batch.row_ids) < self.share
        return Edits.drop(batch.row_ids[gone], "odd")


class Whole(DatasetTransform):
    """Adds a copy of the row with the smallest id."""

    name: ClassVar[str] = "test.whole"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"first": "it was the first"}

    def summarize(self, batch: Batch) -> pa.Table:
        return pa.table({"row_id": batch.row_ids})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        ids = summary.column("row_id").to_numpy()
        first = np.sort(ids)[:1]
        return Edits.add(random.derive(first), first, "first") if len(first) else Edits()


def broken(base: type, **declared: Any) -> Any:
    """A transform of `base` with something else in it, in this module so that it can be pickled."""
    name = f"Broken{len(globals())}"
    globals()[name] = type(name, (base,), {"__module__": __name__, **declared})
    return globals()[name]()


def rows(plan: Callable[[Any, Batch, StepRandom], Edits], **declared: Any) -> RowTransform:
    """`Rows` with another `plan`."""
    made: RowTransform = broken(Rows, plan=plan, **declared)
    return made


def whole(decide: Callable[[Any, pa.Table, StepRandom], Edits], **declared: Any) -> DatasetTransform:
    """`Whole` with another `decide`."""
    made: DatasetTransform = broken(Whole, decide=decide, **declared)
    return made


def test_good_transforms_pass() -> None:
    check_transform(Rows())
    check_transform(Whole())


@pytest.mark.slow
def test_good_transforms_pass_on_the_engine_too() -> None:
    check_transform(Whole(), workers=(1, 2))


def test_a_function_passes_and_needs_no_declared_reasons() -> None:
    check_transform(FunctionStep(function=drop_short, called="short", function_version="1"))


def drop_short(row: dict[str, Any]) -> Mapping[str, Any] | Drop:
    return Drop("short", 0.5) if len(row["text"] or "") < 20 else {"text": row["text"].lower()}


def turn_round(self: Any, batch: Batch, random: StepRandom) -> Edits:
    batch.row_ids[:] = batch.row_ids[::-1].copy()
    return Edits()


def draw_from_numpy(self: Any, batch: Batch, random: StepRandom) -> Edits:
    np.random.random()  # noqa: NPY002
    return Edits()


def draw_from_python(self: Any, batch: Batch, random: StepRandom) -> Edits:
    python_random.random()
    return Edits()


def count_calls(self: Any, batch: Batch, random: StepRandom) -> Edits:
    CALLS.append(1)
    return Edits.drop(batch.row_ids, "odd", score=1 / len(CALLS))


def out_of_order(self: Any, batch: Batch, random: StepRandom) -> Edits:
    before = np.concatenate([[0.0], batch.row_ids[:-1].astype(np.float64)])
    return Edits.drop(batch.row_ids[batch.row_ids < before], "odd")


def add(ids: Any, parents: Any) -> Edits:
    return Edits.add(ids, parents, "odd")


ONE = np.uint64(999)
PLANS: list[tuple[str, Callable[[Any, Batch, StepRandom], Edits]]] = [
    ("a reason that it does not declare: secret", lambda _, batch, random: Edits.drop(batch.row_ids[:1], "secret")),
    ("a score outside [0, 1]", lambda _, batch, random: Edits.drop(batch.row_ids, "odd", score=1.5)),
    ("a score outside [0, 1]", lambda _, batch, random: Edits.drop(batch.row_ids, "odd", score=float("nan"))),
    ("edits a row that it was not given", lambda _, batch, random: Edits.drop([987654], "odd")),
    ("a column of string, to int64", lambda _, batch, random: Edits.set("text", [0], pa.array([1]), "odd")),
    ("which the rows do not have", lambda _, batch, random: Edits.set("x", [0], pa.array([1]), "odd")),
    ("id was not derived", lambda _, batch, random: add(batch.row_ids[:3] + ONE, batch.row_ids[:3])),
    ("two rows with one id", lambda _, batch, random: add(random.derive([0, 0]), batch.row_ids[:2])),
    ("parent it was not given", lambda _, batch, random: add(random.derive([0]), [987654])),
    ("without a parent", lambda _, batch, random: add(random.derive([0]), pa.array([[]], pa.list_(pa.uint64())))),
    ("weight that is below 0", lambda _, batch, random: Edits.weigh(batch.row_ids[:1], [-1.0], "odd")),
    ("two drop edits for one row", lambda _, batch, random: Edits.drop(np.repeat(batch.row_ids, 2), "odd")),
    ("changes the batch it was given", turn_round),
    ("draws from a global random state", draw_from_numpy),
    ("draws from a global random state", draw_from_python),
    ("other edits for the same rows, planned a second time", count_calls),
    ("other edits for batches of 1 rows", lambda _, batch, random: Edits.drop(batch.row_ids[:1], "odd")),
    (
        "other edits for batches of 7 rows",
        lambda _, batch, random: Edits.drop(batch.row_ids[1:3] if len(batch) == 7 else [], "odd"),
    ),
    ("other edits for the rows in reverse order", out_of_order),
    ("(given batches of 1 rows)", lambda _, batch, random: max(filter(None, batch.texts())) and Edits()),
    (
        "'NoneType' object has no attribute 'lower'",
        lambda _, batch, random: [t.lower() for t in batch.texts()] and Edits(),
    ),
    ("no column has the role label", lambda _, batch, random: len(batch.labels()) and Edits()),
]


@pytest.mark.parametrize(("said", "plan"), PLANS, ids=[said for said, _ in PLANS])
def test_a_broken_row_transform_is_told(said: str, plan: Callable[[Any, Batch, StepRandom], Edits]) -> None:
    CALLS.clear()
    with pytest.raises(ContractBroken, match=re.escape(said)) as caught:
        check_transform(rows(plan))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"name": "lonely"}, "no name of the form family.thing"),
        ({"name": "Test.Rows"}, "no name of the form family.thing"),
        ({"version": ""}, "an empty version"),
        ({"version": 1}, "version must be a str, not 1"),
        ({"reasons": {}}, "declares no reasons"),
        ({"reasons": ("odd",)}, "reasons must be a Mapping"),
        ({"reasons": {"odd": ""}}, "a reason without a meaning"),
        ({"needs": {"text"}}, "needs must be a frozenset"),
        ({"uncounted": frozenset({"device"})}, "uncounted settings that it does not have"),
        ({"signals": lambda self: {"pred_probs": {}}}, "asks for the signal pred_probs, which it does not need"),
        ({"output": lambda self, schema, roles: (schema.remove(0), roles)}, "takes a column away"),
    ],
)
def test_a_wrong_declaration_is_told(declared: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractBroken, match=said):
        check_transform(rows(Rows.plan, **declared))


def test_a_transform_that_cannot_travel_is_told() -> None:
    class Local(Rows):
        """Defined in a function, so no other process can find it."""

    with pytest.raises(ContractBroken, match="cannot be hashed, pickled"):
        check_transform(Local())


class Unhashable(Rows):
    """A setting that can change is none."""

    words: list[str] = Field(default_factory=list)


def test_a_setting_that_can_change_is_told() -> None:
    with pytest.raises(ContractBroken, match="cannot be hashed"):
        check_transform(Unhashable())


def first_of_summary(self: Any, summary: pa.Table, random: StepRandom) -> Edits:
    return Edits.drop(summary.column("row_id").to_numpy()[:1], "first")


def uneven(self: Any, batch: Batch) -> pa.Table:
    return pa.table(
        {
            "row_id": batch.row_ids,
            "n": pa.array([len(batch)] * len(batch), pa.int64() if len(batch) == 7 else pa.int32()),
        }
    )


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        (whole(first_of_summary), "decides by the order of the summary"),
        (whole(Whole.decide, summarize=lambda self, batch: pa.table({"id": batch.row_ids})), "without row_id"),
        (whole(Whole.decide, summarize=uneven), "different columns or types"),
        (
            whole(Whole.decide, summarize=lambda self, batch: pa.table({"row_id": batch.row_ids + np.uint64(1)})),
            "sums up a row that is not in the batch",
        ),
        (
            whole(lambda self, summary, random: Edits.drop([summary.num_rows], "first", score=1 / summary.num_rows)),
            "raises|not given",
        ),
    ],
)
def test_a_broken_dataset_transform_is_told(transform: DatasetTransform, said: str) -> None:
    with pytest.raises(ContractBroken, match=said):
        check_transform(transform)


def test_a_signal_can_be_given() -> None:
    class_vars = {"needs": frozenset({"text", "odd"}), "signals": lambda self: {"odd": {}}}

    def plan(self: Any, batch: Batch, random: StepRandom) -> Edits:
        odd = batch.signals["odd"].fill_null(False).to_numpy(zero_copy_only=False)
        return Edits.drop(batch.row_ids[odd], "odd")

    corpus = example_corpus()
    ids = corpus.row_ids()
    signal = Signal.of(pa.table({"row_id": ids, "value": pa.array((ids % 2).astype(bool))}))
    check_transform(rows(plan, **class_vars), corpus, signals={"odd": signal})


def test_the_examples_are_always_the_same() -> None:
    assert example_corpus().fingerprint == example_corpus().fingerprint
    assert len(example_corpus()) >= 60
