"""Roles: what each column is for. Guessed from names and `ClassLabel` features, always overridable.

A role names columns, so a transform asks for "the text" and never for a column called `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pyarrow as pa
from pydantic import BaseModel, field_serializer, field_validator

from curate.errors import ColumnError, did_you_mean

Role = Literal["text", "label", "target", "group", "weight", "features"]

_TEXT = ("text", "sentence", "content", "document", "review", "body", "message", "tweet", "comment", "question")
_TEXT_MORE = ("utterance", "query", "abstract", "article", "passage", "post", "description", "title", "prompt", "input")
_LABEL = ("label", "labels", "class", "category", "intent", "sentiment", "topic", "target", "coarse_label", "y")
_PROMPT, _BESIDE = ("instruction", "prompt", "question"), ("input", "context")
_ANSWER = ("output", "response", "completion", "answer")


class Roles(BaseModel, frozen=True, extra="forbid"):
    """The column, or columns, of each role.

    Example:
        >>> Roles(text="body", label="topic").text
        ('body',)
    """

    text: tuple[str, ...] = ()
    label: str | None = None
    target: str | None = None
    group: tuple[str, ...] = ()
    weight: str | None = None
    features: tuple[str, ...] = ()

    @field_validator("text", "group", "features", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    @field_serializer("text", "group", "features")
    def _plain(self, value: tuple[str, ...]) -> str | list[str]:
        return value[0] if len(value) == 1 else list(value)

    def columns(self) -> dict[str, str]:
        """Each column that has a role, with its role, in the order of the roles."""
        named: dict[str, str] = {}
        for role, value in self:
            for column in (value,) if isinstance(value, str) else value or ():
                named.setdefault(column, role)
        return named

    def present(self) -> frozenset[str]:
        """The names of the roles that have a column."""
        return frozenset(role for role, value in self if value)

    def changed(self, given: Mapping[str, Any]) -> Roles:
        """These roles with those in `given` put in their place; None leaves a role as it is."""
        return Roles.model_validate({**dict(self), **{k: v for k, v in given.items() if v not in (None, (), [])}})

    def named(self, given: Mapping[str, Any]) -> Roles:
        """Guessed roles with those in their place that somebody names.

        A guessed label goes where a target is named and no label: what is to be predicted is then the target.

        Example:
            >>> str(Roles(text="text", label="label").named({"target": "price"}))
            'text=text, target=price'
        """
        guessed = self.model_copy(update={"label": None}) if given.get("target") else self
        return guessed.changed(given)

    def check(self, schema: pa.Schema) -> None:
        """Raise `ColumnError` for the first role whose column the schema does not have, or cannot serve it."""
        for column, role in self.columns().items():
            if column not in schema.names:
                raise ColumnError(f"no column {column!r} for the role {role}", hint=did_you_mean(column, schema.names))
            if role == "text" and not is_text(schema.field(column).type):
                raise ColumnError(
                    f"the text column {column!r} holds {schema.field(column).type}, not text",
                    hint="name a text column with --text or roles: {text: …}",
                )
            if role == "weight" and not is_number(schema.field(column).type):
                raise ColumnError(
                    f"the weight column {column!r} holds {schema.field(column).type}, not numbers",
                    hint="name a column of numbers for the role weight",
                )

    def __str__(self) -> str:
        said = {role: value if isinstance(value, str) else "+".join(value) for role, value in self if value}
        return ", ".join(f"{role}={value}" for role, value in said.items()) or "none"


def is_text(kind: pa.DataType) -> bool:
    """Whether a type holds text (null counts: an all-null column may be text)."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return any(matches(kind) for matches in kinds)


def text_columns(roles: Roles, schema: pa.Schema) -> list[str]:
    """The columns that hold what people wrote: those with the role text, and the target where it is text (an answer).

    Example:
        >>> schema = pa.schema({"prompt": pa.string(), "answer": pa.string()})
        >>> text_columns(Roles(text="prompt", target="answer"), schema)
        ['prompt', 'answer']
    """
    target = roles.target
    if target is None or target in roles.text or not is_text(schema.field(target).type):
        return list(roles.text)
    return [*roles.text, target]


def is_number(kind: pa.DataType) -> bool:
    """Whether a type holds numbers (null counts: an all-null column may hold numbers)."""
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_null)
    return any(matches(kind) for matches in kinds)


def class_names(schema: pa.Schema, column: str) -> list[str] | None:
    """The class names of a `datasets.ClassLabel` column, read from the schema's metadata; None where there are none."""
    raw = (schema.metadata or {}).get(b"huggingface")
    if raw is None:
        return None
    feature = json.loads(raw).get("info", {}).get("features", {}).get(column)
    if isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
        names = feature.get("names")
        return list(names) if names else None
    return None


def _first(wanted: Iterable[str], names: Mapping[str, str], taken: Iterable[str | None]) -> str | None:
    return next((names[name] for name in wanted if name in names and names[name] not in taken), None)


def guess_roles(schema: pa.Schema) -> Roles:
    """Guess text, label, target and weight from the names and types of a schema; what cannot be told stays unset.

    Of instruction data the text is the prompt, with the input it comes with, and the target is the answer.

    Example:
        >>> str(guess_roles(pa.schema({"sentence": pa.string(), "label": pa.int64()})))
        'text=sentence, label=label'
        >>> str(guess_roles(pa.schema({name: pa.string() for name in ("instruction", "input", "output")})))
        'text=instruction+input, target=output'
    """
    names = {name.lower(): name for name in reversed(schema.names)}
    texts = {low: name for low, name in names.items() if is_text(schema.field(name).type)}
    labels = [name for name in schema.names if class_names(schema, name)]
    label = _first(_LABEL, names, ()) or (labels[0] if labels else None)
    if label in labels or not labels:
        chosen = label
    else:
        chosen = labels[0]
    text = _first(_TEXT + _TEXT_MORE, texts, (chosen,))
    if text is None:
        rest = [name for name in texts.values() if name != chosen]
        text = rest[0] if len(rest) == 1 else None
    numbers = {low: name for low, name in names.items() if is_number(schema.field(name).type)}
    weight = _first(("weight", "sample_weight"), numbers, (chosen, text))
    prompt, answer = _first(_PROMPT, texts, (chosen,)), _first(_ANSWER, texts, (chosen,))
    if prompt and answer:
        beside = [texts[name] for name in _BESIDE if name in texts and prompt.lower() == "instruction"]
        return Roles(text=(prompt, *beside), label=chosen, target=answer, weight=weight)
    return Roles(text=() if text is None else (text,), label=chosen, weight=weight)
