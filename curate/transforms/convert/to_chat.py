"""`convert.to_chat`: instruction rows, prompts or chats of another style as chats: lists of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa

from curate.core.example import Example
from curate.kernels.dialogue import STYLES, Dialogue, messages_of
from curate.transforms.convert.conversion import ALL_REASONS, Conversion, Row
from curate.transforms.convert.source import chat_style

_REASONS = (
    *("converted", "nothing", "no_content", "tool_message", "unknown_role", "other_fields"),
    *("ambiguous", "not_the_template"),
)


class ToChat(Conversion):
    r"""Writes each row as a chat, a list of messages with a role and a content.

    Reads instruction rows (instruction, input, output), prompts with their completions, or chats of the other style.
    An answer that is null becomes a chat that ends with the user. The roles of the columns stay as they are: a chat is
    no text. Where the column exists already, its cells are replaced, in its own style.

    Attributes:
        into: the column to write.
        style: `messages` (role and content; user and assistant) or `sharegpt` (from and value; human and gpt), where
            the column is new.
        columns: the columns to read: one of chats; two, of prompt and answer; or three, of instruction, input and
            answer. Guessed from names and types unless given.
        system: the system message of rows that have none.
        system_column: the column of system messages beside instructions, where there is one.
        question: how instruction and input stand in one message; a part in `[[…]]` is left out where its field is
            empty.
        template: how the prompts are written: `plain`, `chatml`, or a text with the fields `{system}`, `{instruction}`
            and `{input}`.
        exact: refuse rows that could not be converted back as they were.
        misfits: rows that do not fit stay, and the column `not_converted` says why; or they are dropped.

    Example:
        >>> ToChat(system="Answer in one sentence.").into
        'messages'
    """

    name: ClassVar[str] = "convert.to_chat"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {reason: ALL_REASONS[reason] for reason in _REASONS}
    examples: ClassVar[Mapping[str, Example]] = {
        "converted": Example(({"instruction": "Add.", "input": "1 and 2", "output": "3"},)),
        "nothing": Example(({"prompt": None, "completion": "3"}, {"prompt": "Add.", "completion": "3"})),
        "no_content": Example(({"chat": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": None}]},)),
        "tool_message": Example(({"chat": [{"from": "human", "value": "Hi"}, {"from": "observation", "value": "3"}]},)),
        "unknown_role": Example(({"chat": [{"from": "narrator", "value": "It rained."}]},)),
        "other_fields": Example(({"chat": [{"from": "human", "value": "Hi", "weight": 0.0}]},)),
        "ambiguous": Example(({"instruction": "Add.\n\nInput:\n1", "input": "", "output": "1"},)),
        "not_the_template": Example(({"prompt": "Add.", "completion": "3"},), settings={"template": "chatml"}),
    }

    into: str = "messages"
    style: Literal["messages", "sharegpt"] = "messages"

    def written(self, schema: pa.Schema) -> dict[str, pa.DataType]:
        return {self.into: pa.list_(pa.struct([(name, pa.string()) for name in STYLES[self.style]]))}

    def write(self, dialogue: Dialogue, schema: pa.Schema) -> Row:
        there = chat_style(schema.field(self.into).type) if self.into in schema.names else None
        return (messages_of(dialogue, there or self.style),)
