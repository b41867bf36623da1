"""`augment.generate`: new rows of a class, written by a language model after examples of that class.

Any OpenAI-compatible server (`curate.kernels.llm`); the examples are sent there. Every new row is asked for by itself,
with examples, attributes and a seed drawn for it alone; its parents are the examples it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.random import StepRandom, key
from curate.core.transform import DatasetTransform, by_row_id
from curate.data.edits import Edits
from curate.data.roles import class_names, text_columns
from curate.data.rows import Batch, Ids, as_strings
from curate.errors import ColumnError, CurateError, did_you_mean
from curate.kernels.classes import class_codes
from curate.kernels.draws import Draws
from curate.transforms.augment.asking import Ask, Asking, Choices, Written, one_of
from curate.transforms.augment.flip import TextMap

N_ROWS = 10
"""New rows of a class where no number is given."""
_TEXT, _KIND, _BLANK = "text:", "kind:", "blank:"


@dataclass(frozen=True)
class _Order:
    """A row that is to be written: what is asked, its parents (the first is the one it is a copy of), its number."""

    ask: Ask
    parents: Ids
    number: int


class AugmentGenerate(Asking, DatasetTransform):
    """Adds new rows of classes, written by a language model after examples of the class; the examples are sent to it.

    All text columns are written anew, the target too where it is text; the label is the one asked for, and every other
    cell is that of the first parent unless `blank` names its column. A text that a row has already is refused.

    Attributes:
        n: new rows to ask for, of each class; 10 where neither this nor `to_rows` is given.
        to_rows: ask for as many as a class lacks to have this many rows; in the place of `n`.
        labels: the classes to write for, by name; every class where none is named.
        describe: for the name of a class what it means, for the prompt.
        shots: examples shown for each new row; fewer where the class has fewer.
        max_example_characters: rows that are longer are no examples.
        persona: who writes ("a nurse"); of several one is drawn for each row.
        topic: what about; of several one is drawn for each row.
        blank: columns that are null in new rows: ids, dates, spans, whatever the new text does not have.

    Example:
        >>> AugmentGenerate(model="qwen3:8b", n=50, labels=("refund",), describe={"refund": "wants money back"}).n
        50
    """

    name: ClassVar[str] = "augment.generate"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"generated": "written by a language model after examples of its class"}
    refusals: ClassVar[Mapping[str, str]] = {
        **Asking.refusals,
        "repeated": "a row says the same already",
        "no_examples": "the class has no row that could be shown, or there is no such class",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label"})
    placebo: ClassVar[Literal["matched", "resample"]] = "matched"
    languages: ClassVar[str] = "those of the model; the prompt is in English and the examples show the language"
    own_prompt: ClassVar[str] = "generate.jinja"
    names: ClassVar[tuple[str, ...]] = (
        *("label", "description", "examples", "fields"),
        *("style", "length", "persona", "topic"),
    )

    n: int | None = Field(None, ge=1)
    to_rows: int | None = Field(None, ge=1)
    labels: Choices = ()
    describe: TextMap = Field((), json_schema_extra={"default": {}})
    shots: int = Field(4, ge=1, le=100)
    max_example_characters: int = Field(2000, ge=1)
    persona: Choices = ()
    topic: Choices = ()
    blank: tuple[str, ...] = ()
    min_distance: float = Field(0.3, ge=0, le=1)

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if self.n is not None and self.to_rows is not None:
            raise ValueError(f"n is {self.n} and to_rows is {self.to_rows}: give one of them")
        return self

    def summarize(self, batch: Batch) -> pa.Table:
        schema, label = batch.rows.schema, str(batch.roles.label)
        columns: dict[str, Any] = {"row_id": batch.row_ids, "label": _named(batch.labels(), class_names(schema, label))}
        for name in text_columns(batch.roles, schema):
            columns[_TEXT + name] = pa.array(as_strings(batch.column(name)), pa.large_string())
            columns[_KIND + name] = pa.nulls(len(batch), schema.field(name).type)
        for name in self.blank:
            if name not in schema.names:
                raise ColumnError(f"there is no column {name!r} to blank", hint=did_you_mean(name, schema.names))
            columns[_BLANK + name] = pa.nulls(len(batch), schema.field(name).type)
        return pa.table(columns)

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        self.setup()
        summary = by_row_id(summary)
        fields = tuple(name.removeprefix(_TEXT) for name in summary.column_names if name.startswith(_TEXT))
        if len(fields) > 1 and not self.json_answers:
            raise CurateError(
                f"the texts are in {len(fields)} columns, which only JSON can hold", hint="json_answers: true"
            )
        ids = summary.column("row_id").to_numpy()
        rows = summary.select([_TEXT + name for name in fields]).rename_columns(list(fields)).to_pylist()
        orders, n_without = self._orders(summary.column("label"), ids, rows, random)
        written = self.written([order.ask for order in orders], fields)
        refused = {"no_examples": n_without} if n_without else {}
        kept: list[tuple[_Order, Written]] = []
        said = {_plain(row.values()) for row in rows}
        for order, one in zip(orders, written, strict=True):
            fault = one if isinstance(one, str) else "repeated" if _plain(one.values()) in said else ""
            if fault or isinstance(one, str):
                refused[fault] = refused.get(fault, 0) + 1
            else:
                said.add(_plain(one.values()))
                kept.append((order, one))
        told = Edits(refused=refused, notes=(*self._unknown(summary.column("label")), *self.troubles(refused)))
        return Edits.concat([self._edits(kept, summary, random), told])

    def _orders(
        self, labels: pa.ChunkedArray, ids: Ids, rows: Sequence[Mapping[str, str | None]], random: StepRandom
    ) -> tuple[list[_Order], int]:
        """What is to be written, class by class, and how many rows are not, as their class has no example."""
        codes, names = class_codes(labels)
        fit = np.array([self._shows(row) for row in rows], dtype=bool)
        orders: list[_Order] = []
        n_without = 0
        for label in self.labels or names:
            mine = codes == names.index(label) if label in names else np.zeros(len(ids), dtype=bool)
            members = np.flatnonzero(mine & fit)
            wanted = (self.n or N_ROWS) if self.to_rows is None else max(0, self.to_rows - int(mine.sum()))
            if not len(members):
                n_without += wanted
                continue
            of_class = key("class", label)
            for copy in range(wanted):
                draws = Draws(int(random.bits([of_class], copy)[0]))
                shown = self._shown(members, draws)
                orders.append(_Order(self._ask(label, [rows[at] for at in shown], draws), ids[shown], copy))
        return orders, n_without

    def _unknown(self, labels: pa.ChunkedArray) -> list[str]:
        """What is to be said of classes that are named in a setting and that no row has: a name may be wrong."""
        known = class_codes(labels)[1]
        named = [("labels", label) for label in self.labels] + [("describe", label) for label, _ in self.describe]
        missing = [(setting, label) for setting, label in named if label not in known]
        return [
            f"{setting} names {label!r}, which no row has ({did_you_mean(label, known)})" for setting, label in missing
        ]

    def _shows(self, row: Mapping[str, str | None]) -> bool:
        texts = [text for text in row.values() if text]
        whole = len(texts) == len(row) and all(any(letter.isalnum() for letter in text) for text in texts)
        return whole and sum(map(len, texts)) <= self.max_example_characters

    def _shown(self, members: np.ndarray[Any, np.dtype[np.int64]], draws: Draws) -> list[int]:
        """Positions of the examples of one new row, the one that it is a copy of first."""
        chosen = draws.sample(len(members), self.shots)
        first = draws.below(len(chosen))
        return [int(members[at]) for at in (*chosen[first:], *chosen[:first])]

    def _ask(self, label: str, examples: Sequence[Mapping[str, Any]], draws: Draws) -> Ask:
        drawn = {**self.controls(draws), "persona": one_of(self.persona, draws), "topic": one_of(self.topic, draws)}
        told = {"label": label, "description": dict(self.describe).get(label, ""), "examples": examples}
        seeds = ["\n".join(example.values()) for example in examples]
        return Ask({**told, **drawn, "fields": list(examples[0])}, seeds, draws)

    def _edits(self, kept: Sequence[tuple[_Order, Written]], summary: pa.Table, random: StepRandom) -> Edits:
        if not kept:
            return Edits()
        first = np.array([order.parents[0] for order, _ in kept], np.uint64)
        numbers = np.array([order.number for order, _ in kept])
        ids = summary.column("row_id").to_numpy()
        new = random.derive(first, numbers)
        while (taken := np.isin(new, ids)).any():  # rows that an earlier run of this step made
            numbers[taken] += len(ids)
            new = random.derive(first, numbers)
        ends = np.cumsum([0, *(len(order.parents) for order, _ in kept)], dtype=np.int32)
        flat = pa.array(np.concatenate([order.parents for order, _ in kept]), pa.uint64())
        cells: dict[str, pa.Array] = {}
        for name in summary.column_names:
            column, kind = name.partition(":")[2], summary.schema.field(name).type
            if name.startswith(_KIND):
                cells[column] = pa.array([one[column] for _, one in kept], pa.large_string()).cast(kind)
            elif name.startswith(_BLANK):
                cells[column] = pa.nulls(len(kept), kind)
        return Edits.add(new, pa.ListArray.from_arrays(ends, flat), "generated", cells=cells)


def _named(labels: pa.Array, names: Sequence[str] | None) -> pa.Array:
    """Labels by name, as strings; null where there is none."""
    codes, found = class_codes(labels)
    said = [names[int(name)] if names and 0 <= int(name) < len(names) else name for name in found] if names else found
    return pa.array([said[code] if code >= 0 else None for code in codes.tolist()], pa.large_string())


def _plain(texts: Any) -> str:
    return " ".join("\n".join(text or "" for text in texts).casefold().split())
