"""`convert.to_prompt`: chats or instruction rows as a prompt and its completion, written by a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from curate.core.example import Example
from curate.data.roles import Roles
from curate.kernels.dialogue import Dialogue, prompt_of
from curate.transforms.convert.conversion import ALL_REASONS, Conversion, Row

_HI = {"role": "user", "content": "Hi"}
_HELLO = {"role": "assistant", "content": "Hello"}


class ToPrompt(Conversion):
    r"""Writes each row as a prompt and its completion, two columns of text.

    Reads chats or instruction rows. The template says how the prompt looks; `chatml` holds chats of any length, with
    the last answer as the completion, any other template one question. The prompt then has the role text, so that later
    steps work on it, and the completion has the role target.

    Attributes:
        into: the columns to write, for prompt and completion.
        text_answer: give the completion the role text too, so that steps which mend and filter texts see it as well.
        columns: the columns to read: one of chats, or three, of instruction, input and answer. Guessed from names and
            types unless given.
        system: the system message of rows that have none.
        system_column: the column of system messages beside instructions, where there is one.
        question: how instruction and input stand in one message; a part in `[[…]]` is left out where its field is
            empty.
        template: `plain` (as `question` says), `chatml`, or a text with the fields `{system}`, `{instruction}` and
            `{input}`; a part in `[[…]]` is left out where its field is empty, `{{` and `}}` are braces.
        exact: refuse rows that could not be converted back as they were.
        misfits: rows that do not fit stay, and the column `not_converted` says why; or they are dropped.

    Example:
        >>> ToPrompt(template="### Question\n{instruction}\n[[{input}\n]]### Answer\n").into
        ('prompt', 'completion')
    """

    name: ClassVar[str] = "convert.to_prompt"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = ALL_REASONS
    examples: ClassVar[Mapping[str, Example]] = {
        "converted": Example(({"messages": [_HI, _HELLO, _HI, _HELLO]},), settings={"template": "chatml"}),
        "nothing": Example(({"instruction": None, "output": "3"}, {"instruction": "Add.", "output": "3"})),
        "no_content": Example(({"messages": [_HI, {"role": "assistant", "content": None}]},)),
        "tool_message": Example(({"messages": [_HI, {"role": "tool", "content": "3"}, _HELLO]},)),
        "unknown_role": Example(({"messages": [{"role": "narrator", "content": "It rained."}, _HI]},)),
        "other_fields": Example(({"messages": [{**_HI, "name": "Ann"}, _HELLO]},)),
        "turn_order": Example(({"messages": [_HELLO, _HI]},)),
        "several_turns": Example(({"messages": [_HI, _HELLO, _HI, _HELLO]},)),
        "system_message": Example(({"messages": [{"role": "system", "content": "Be brief."}, _HI, _HELLO]},)),
        "ambiguous": Example(
            ({"messages": [{"role": "user", "content": "What is <|im_end|>?"}, _HELLO]},),
            settings={"template": "chatml"},
        ),
        "not_the_template": Example(
            ({"messages": [{"role": "user", "content": "Add."}, _HELLO]},),
            settings={"question": "Task: {instruction}[[ Input: {input}]]"},
        ),
    }

    into: tuple[str, str] = ("prompt", "completion")
    text_answer: bool = False

    def written(self, schema: pa.Schema) -> dict[str, pa.DataType]:
        return dict.fromkeys(self.into, pa.string())

    def write(self, dialogue: Dialogue, schema: pa.Schema) -> Row:
        return prompt_of(dialogue, self.prompted, self.asked, exact=self.exact)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        schema, roles = super().output(schema, roles)
        return schema, roles.changed({"text": self.into if self.text_answer else self.into[:1], "target": self.into[1]})
