r"""Conversion: what `convert.to_chat`, `convert.to_instruction` and `convert.to_prompt` share.

Each row is read as a dialogue (`curate.kernels.dialogue`) and written in another form, into columns of its own: nothing
is taken away. A row that the other form cannot hold is left as it is and named with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles, is_text
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError
from curate.kernels.dialogue import CHATML, STYLES, Dialogue, Fields, Misfit, Turn, of_fields, of_messages, of_prompt
from curate.kernels.prompt_template import Template, template_of
from curate.transforms.convert.source import Source, cells, chat_style, find_source

NOT_CONVERTED = "not_converted"
QUESTION = "{instruction}[[\n\nInput:\n{input}]]"
ALL_REASONS = {
    "converted": "the same, written in the other form",
    "nothing": "there is no message or no question",
    "no_content": "a message has no content",
    "tool_message": "a message is for or from a tool",
    "unknown_role": "a message has a role other than system, user and assistant",
    "other_fields": "a message holds more than its role and its content",
    "turn_order": "the user does not begin",
    "several_turns": "there is more than one question with its answer",
    "system_message": "there is a system message, and the template has no place for it",
    "ambiguous": "it could not be converted back: a mark of the template stands in the text itself",
    "not_the_template": "the prompt does not follow the template",
}
Row = tuple[Any, ...]


class Conversion(RowTransform):
    """Reads dialogues in one form and writes them in another.

    Attributes:
        columns: the columns to read: one of chats; two, of prompt and answer; or three, of instruction, input and
            answer. Guessed from names and types unless given.
        system: the system message of rows that have none.
        system_column: the column of system messages beside instructions; not needed to be there.
        question: how instruction and input stand in one message; a part in `[[…]]` is left out where its field is
            empty.
        template: of the prompt: `plain`, `chatml` (any number of turns), or a text with the fields `{system}`,
            `{instruction}` and `{input}`.
        exact: refuse rows that could not be converted back as they were.
        misfits: what becomes of rows that do not fit: they stay, and the column `not_converted` says why, or are
            dropped.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    reads_prompt: ClassVar[bool] = True

    columns: tuple[str, ...] = Field((), max_length=3)
    system: str | None = None
    system_column: str | None = "system"
    question: str = QUESTION
    template: str = "plain"
    exact: bool = True
    misfits: Literal["keep", "drop"] = "keep"

    @field_validator("columns", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("question")
    @classmethod
    def _question(cls, value: str) -> str:
        return _with_instruction(value, ("instruction", "input"))

    @field_validator("template")
    @classmethod
    def _template(cls, value: str) -> str:
        return value if value in ("plain", CHATML) else _with_instruction(value, ("system", "instruction", "input"))

    @cached_property
    def asked(self) -> Template:
        """The template of one message."""
        return template_of(self.question, ("instruction", "input"))

    @cached_property
    def prompted(self) -> Template | None:
        """The template of a prompt; None: ChatML."""
        if self.template == CHATML:
            return None
        return template_of(
            self.question if self.template == "plain" else self.template, ("system", "instruction", "input")
        )

    def written(self, schema: pa.Schema) -> dict[str, pa.DataType]:
        """The columns to be written, with the types of those that are not there yet."""
        raise NotImplementedError

    def write(self, dialogue: Dialogue, schema: pa.Schema) -> Row:
        """A dialogue as the cells of the written columns.

        Raises:
            Misfit: they cannot hold it.
        """
        raise NotImplementedError

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        self._source(schema)
        added = self.written(schema)
        if self.misfits == "keep":
            added = {**added, _reason_column(schema): pa.string()}
        for name, kind in added.items():
            if name not in schema.names:
                schema = schema.append(pa.field(name, kind))
            elif not _alike(schema.field(name).type, kind):
                raise ColumnError(
                    f"{self.name} writes {kind} into {name!r}, which holds {schema.field(name).type}",
                    hint="name another column: into",
                )
        return schema, roles

    def _source(self, schema: pa.Schema) -> Source:
        return find_source(schema, self.columns, tuple(self.written(schema)), self.name)

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        schema = batch.rows.schema
        rows: list[Row | None] = []
        causes: list[str | None] = []
        for dialogue, cause in self._read(batch, self._source(schema)):
            row = None
            if dialogue is not None:
                try:
                    row = self.write(dialogue, schema)
                except Misfit as misfit:
                    cause = misfit.args[0]
            rows.append(row)
            causes.append(cause)
        fit = np.array([row is not None for row in rows])
        edits = [
            _changed(batch, name, kind, fit, [row[at] for row in rows if row is not None])
            for at, (name, kind) in enumerate(self.written(schema).items())
        ]
        return Edits.concat([*edits, self._told(batch, causes)])

    def _read(self, batch: Batch, source: Source) -> list[tuple[Dialogue | None, str | None]]:
        """The dialogue of each row, or why there is none."""
        system: list[str | None] = [None] * len(batch)
        if source.kind != "chat" and self.system_column and self.system_column in batch.rows.schema.names:
            system = as_strings(batch.column(self.system_column))
        style = chat_style(batch.column(source.columns[0]).type) if source.kind == "chat" else None
        found: list[tuple[Dialogue | None, str | None]] = []
        for row, told in zip(cells(batch.rows, source), system, strict=True):
            try:
                found.append((self._dialogue(row, source, style, told), None))
            except Misfit as misfit:
                found.append((None, misfit.args[0]))
        return found

    def _dialogue(self, row: Row, source: Source, style: str | None, system: str | None) -> Dialogue:
        if row[0] is None:
            raise Misfit("nothing")
        if style is not None:
            dialogue = of_messages(row[0], style)
        elif source.kind == "instruction":
            fields = Fields(None, row[0], row[1] or "", row[2])
            dialogue = of_fields(fields, self.asked, exact=self.exact)
        else:
            dialogue = of_prompt(row[0], row[1], self.prompted, self.asked, exact=self.exact)
        first = system if system is not None else self.system
        return dialogue if first is None or dialogue[0].role == "system" else (Turn("system", first), *dialogue)

    def _told(self, batch: Batch, causes: Sequence[str | None]) -> Edits:
        """The rows that do not fit, dropped or named in `not_converted`."""
        bad = np.array([cause is not None for cause in causes])
        if self.misfits == "drop":
            return Edits.drop(batch.row_ids[bad], [cause for cause in causes if cause is not None])
        name = _reason_column(batch.rows.schema)
        kind = batch.rows.schema.field(name).type
        known = as_strings(batch.column(name))
        at = [
            place
            for place, (cause, said) in enumerate(zip(causes, known, strict=True))
            if cause != said and not (cause == "nothing" and said is not None)
        ]
        if not at:
            return Edits()
        values = pa.array([causes[place] for place in at], kind)
        reasons = [causes[place] or "converted" for place in at]
        return Edits.set(name, batch.row_ids[at], values, reasons)


def _reason_column(schema: pa.Schema) -> str:
    """Where it is told why a row was not converted; not where a file gave back a column of nulls as nothing at all."""
    name = NOT_CONVERTED
    while name in schema.names and not _alike(schema.field(name).type, pa.string()):
        name += "_2"
    return name


def _with_instruction(text: str, allowed: tuple[str, ...]) -> str:
    if "instruction" not in template_of(text, allowed).fields:
        raise ValueError("the field {instruction} is missing")
    return text


def _alike(there: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column of one type can hold what is written into one of another."""
    if is_text(wanted):
        return is_text(there) and not pa.types.is_null(there)
    style = chat_style(there)
    return style is not None and not any(pa.types.is_null(there.value_type.field(name).type) for name in STYLES[style])


def _changed(batch: Batch, name: str, kind: pa.DataType, fit: np.ndarray, values: list[Any]) -> Edits:
    """Set the cells of the rows that fit, where they are others."""
    at = np.flatnonzero(fit)
    if name in batch.rows.schema.names:
        kind = batch.rows.schema.field(name).type
        now = batch.column(name).take(pa.array(at, pa.int64())).to_pylist()
        differs = [place for place, (old, new) in enumerate(zip(now, values, strict=True)) if not _same(old, new)]
        at, values = at[differs], [values[place] for place in differs]
    return Edits.set(name, batch.row_ids[at], pa.array(values, kind), "converted") if len(at) else Edits()


def _same(old: Any, new: Any) -> bool:
    """Whether a cell holds what is to be written; of a message only role and content count."""
    if not isinstance(new, list) or not isinstance(old, list):
        return bool(old == new)
    return len(old) == len(new) and all(
        was is not None and all(was.get(name) == value for name, value in now.items())
        for was, now in zip(old, new, strict=True)
    )
