"""`convert.to_instruction`: chats or prompts as instruction rows: instruction, input, output, in columns of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from curate.core.example import Example
from curate.data.roles import Roles
from curate.kernels.dialogue import Dialogue, Misfit, fields_of
from curate.transforms.convert.conversion import ALL_REASONS, Conversion, Row

_REASONS = (
    *("converted", "nothing", "no_content", "tool_message", "unknown_role", "other_fields"),
    *("turn_order", "several_turns", "system_message", "ambiguous", "not_the_template"),
)
_HI = {"role": "user", "content": "Hi"}
_HELLO = {"role": "assistant", "content": "Hello"}


class ToInstruction(Conversion):
    r"""Writes each row as instruction, input and output, three columns of text.

    Reads chats of one question with its answer, or prompts with their completions. The system message goes to
    `system_column`. Instruction and input then have the role text, so that later steps work on them, and the answer has
    the role target.

    Attributes:
        into: the columns to write, for instruction, input and answer.
        text_answer: give the answer the role text too, so that steps which mend and filter texts see it as well.
        columns: the columns to read: one of chats, or two, of prompt and answer. Guessed from names and types unless
            given.
        system: the system message of rows that have none.
        system_column: the column for the system message; None: rows with one do not fit.
        question: how instruction and input stand in one message; a part in `[[…]]` is left out where its field is
            empty.
        template: how the prompts are written: `plain`, `chatml`, or a text with the fields `{system}`, `{instruction}`
            and `{input}`.
        exact: refuse rows that could not be converted back as they were.
        misfits: rows that do not fit stay, and the column `not_converted` says why; or they are dropped.

    Example:
        >>> ToInstruction(misfits="drop").into
        ('instruction', 'input', 'output')
    """

    name: ClassVar[str] = "convert.to_instruction"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {reason: ALL_REASONS[reason] for reason in _REASONS}
    examples: ClassVar[Mapping[str, Example]] = {
        "converted": Example(({"messages": [_HI, _HELLO]},)),
        "nothing": Example(({"messages": []}, {"messages": [_HI, _HELLO]})),
        "no_content": Example(({"messages": [_HI, {"role": "assistant", "content": None}]},)),
        "tool_message": Example(({"messages": [_HI, {"role": "tool", "content": "3"}, _HELLO]},)),
        "unknown_role": Example(({"messages": [{"role": "narrator", "content": "It rained."}, _HI]},)),
        "other_fields": Example(({"messages": [{**_HI, "name": "Ann"}, _HELLO]},)),
        "turn_order": Example(({"messages": [_HELLO, _HI]},)),
        "several_turns": Example(({"messages": [_HI, _HELLO, _HI, _HELLO]},)),
        "system_message": Example(
            ({"messages": [{"role": "system", "content": "Be brief."}, _HI, _HELLO]},), settings={"system_column": None}
        ),
        "ambiguous": Example(
            ({"prompt": "Q: Add.\n\nInput:\n1\nA:", "completion": "1"},),
            settings={"template": "Q: {instruction}[[\nInput: {input}]]\nA:"},
        ),
        "not_the_template": Example(({"prompt": "Add.", "completion": "3"},), settings={"template": "chatml"}),
    }

    into: tuple[str, str, str] = ("instruction", "input", "output")
    text_answer: bool = False

    def written(self, schema: pa.Schema) -> dict[str, pa.DataType]:
        names = self.into if self.system_column is None else (*self.into, self.system_column)
        return dict.fromkeys(names, pa.string())

    def write(self, dialogue: Dialogue, schema: pa.Schema) -> Row:
        fields = fields_of(dialogue, self.asked)
        if fields.system is not None and self.system_column is None:
            raise Misfit("system_message")
        row = (fields.instruction, fields.input, fields.output)
        return row if self.system_column is None else (*row, fields.system)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        schema, roles = super().output(schema, roles)
        texts = self.into if self.text_answer else self.into[:2]
        return schema, roles.changed({"text": texts, "target": self.into[2]})
