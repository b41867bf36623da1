"""Where a conversion finds its dialogues: the columns of a chat, of instruction rows or of prompts, given or guessed.

Shared by `convert.to_chat`, `convert.to_instruction` and `convert.to_prompt`; `curate.kernels.dialogue` reads the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import pyarrow as pa

from curate.data.roles import is_text
from curate.data.rows import as_strings
from curate.errors import ColumnError, did_you_mean
from curate.kernels.dialogue import STYLES

Kind = Literal["chat", "instruction", "prompt"]
_KINDS: dict[int, Kind] = {1: "chat", 2: "prompt", 3: "instruction"}
_INPUTS = ("input", "context")
_ANSWERS = ("output", "response", "answer", "completion", "solution")
_PROMPTS = ("prompt", "question", "query", "problem")


class Source(NamedTuple):
    """A form and its columns: the chat; instruction, input (or none, "") and answer; or prompt and answer."""

    kind: Kind
    columns: tuple[str, ...]


def chat_style(kind: pa.DataType) -> str | None:
    """The style in which a column of this type holds chats; None where it holds none.

    Example:
        >>> chat_style(pa.list_(pa.struct({"from": pa.string(), "value": pa.string()})))
        'sharegpt'
    """
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
        return None
    fields = {field.name: field.type for field in kind.value_type}
    for style, names in STYLES.items():
        if all(name in fields and is_text(fields[name]) for name in names):
            return style
    return None


def find_source(schema: pa.Schema, given: Sequence[str], into: Sequence[str], step: str) -> Source:
    """The form and columns to read.

    Args:
        schema: the columns there are.
        given: the columns as the user names them: one of chats, two of prompt and answer, three of instruction, input
            and answer; guessed where there are none.
        into: the columns to be written, which are not read by a guess.
        step: the name of the transform, for the error.

    Raises:
        ColumnError: there is no such column, it holds something else, or several forms are there.

    Example:
        >>> names = ("instruction", "input", "output")
        >>> find_source(pa.schema([(name, pa.string()) for name in names]), (), ("messages",), "convert.to_chat")
        Source(kind='instruction', columns=('instruction', 'input', 'output'))
    """
    if given:
        return _checked(Source(_KINDS[len(given)], tuple(given)), schema)
    free = [name for name in schema.names if name not in into]
    found = _guesses(schema, free)
    if len(found) == 1:
        return found[0]
    if not found:
        said, hint = "finds no chat, instruction or prompt", "columns: [instruction, input, output]"
    else:
        told = " and ".join("+".join(filter(None, source.columns)) for source in found)
        said, hint = f"could read {told}", f"columns: [{', '.join(filter(None, found[0].columns))}]"
    raise ColumnError(f"{step} {said}; the columns are {', '.join(schema.names)}", hint=f"say which: {hint}")


def _checked(source: Source, schema: pa.Schema) -> Source:
    for name in source.columns:
        if name not in schema.names:
            raise ColumnError(f"there is no column {name!r}", hint=did_you_mean(name, schema.names))
        kind = schema.field(name).type
        if source.kind == "chat" and chat_style(kind) is None:
            raise ColumnError(
                f"the column {name!r} holds {kind}, not chats",
                hint="a chat is a list of {role, content} or {from, value}, texts both",
            )
        if source.kind != "chat" and not is_text(kind):
            raise ColumnError(f"the column {name!r} holds {kind}, not text", hint="name columns of text")
    return source


def _guesses(schema: pa.Schema, free: Sequence[str]) -> list[Source]:
    """Every form that the columns offer."""
    texts = {name.lower(): name for name in reversed(free) if is_text(schema.field(name).type)}
    found = [Source("chat", (name,)) for name in free if chat_style(schema.field(name).type) is not None]
    answer = next((texts[name] for name in _ANSWERS if name in texts), None)
    if answer is not None and "instruction" in texts:
        given = next((texts[name] for name in _INPUTS if name in texts), "")
        found.append(Source("instruction", (texts["instruction"], given, answer)))
    prompt = next((texts[name] for name in _PROMPTS if name in texts), None)
    if answer is not None and prompt is not None:
        found.append(Source("prompt", (prompt, texts.get("completion", answer))))
    return found


def cells(rows: pa.RecordBatch, source: Source) -> Iterator[tuple[object, ...]]:
    """The cells of the source's columns, row by row; None for a column that is not there."""
    n_rows = rows.num_rows
    if source.kind == "chat":
        yield from zip(rows.column(source.columns[0]).to_pylist(), strict=True)
        return
    columns = [as_strings(rows.column(name)) if name else [None] * n_rows for name in source.columns]
    yield from zip(*columns, strict=True)
