"""Roles are guessed from names, types and class labels, and a guess that cannot be told is not made."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.data.roles import Roles, class_names, guess_roles, is_text
from curate.errors import ColumnError

S, I, F = pa.string(), pa.int64(), pa.float64()  # noqa: E741


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"text": S, "label": I}, "text=text, label=label"),
        ({"sentence": S, "label": I}, "text=sentence, label=label"),
        ({"Text": S, "Label": S}, "text=Text, label=Label"),
        ({"id": I, "review": S, "sentiment": S}, "text=review, label=sentiment"),
        ({"only": S}, "text=only"),
        ({"only": S, "y": I}, "text=only, label=y"),
        ({"a": S, "b": S}, "none"),
        ({"a": I}, "none"),
        ({"text": I, "body": S}, "text=body"),
        ({"text": S, "weight": F}, "text=text, weight=weight"),
        ({"text": S, "weight": S}, "text=text"),
        ({"title": S, "content": S, "class": I}, "text=content, label=class"),
        ({"question": S, "target": S}, "text=question, label=target"),
        ({"text": pa.large_string()}, "text=text"),
        ({"text": pa.dictionary(pa.int32(), S)}, "text=text"),
        ({"text": pa.null()}, "text=text"),
        ({"instruction": S, "input": S, "output": S}, "text=instruction+input, target=output"),
        (
            {"instruction": S, "context": S, "response": S, "category": S},
            "text=instruction+context, label=category, target=response",
        ),
        ({"prompt": S, "completion": S}, "text=prompt, target=completion"),
        ({"question": S, "answer": S, "input": S}, "text=question, target=answer"),
        ({"question": S, "answer": I}, "text=question"),
        ({"input": S, "output": S}, "text=input"),
        ({}, "none"),
    ],
)
def test_guesses(columns: dict[str, pa.DataType], expected: str) -> None:
    assert str(guess_roles(pa.schema(columns))) == expected


def class_label(*columns: str) -> dict[bytes, bytes]:
    features = {name: {"names": ["no", "yes"], "_type": "ClassLabel"} for name in columns}
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


def test_a_class_label_is_the_label_whatever_its_name() -> None:
    schema = pa.schema({"text": S, "fine": I}, metadata=class_label("fine"))
    assert str(guess_roles(schema)) == "text=text, label=fine"
    assert class_names(schema, "fine") == ["no", "yes"]
    assert class_names(schema, "text") is None
    named_too = pa.schema({"text": S, "label": S, "fine": I}, metadata=class_label("fine"))
    assert guess_roles(named_too).label == "fine"


def test_one_name_or_several() -> None:
    assert Roles(text="a") == Roles(text=["a"]) == Roles(text=("a",))
    assert Roles(text=["a", "b"]).model_dump(mode="json")["text"] == ["a", "b"]
    assert Roles(text="a").model_dump(mode="json")["text"] == "a"
    assert Roles.model_validate_json(Roles(text=["a", "b"], label="c").model_dump_json()).text == ("a", "b")
    assert Roles(text=None).text == ()
    with pytest.raises(ValidationError):
        Roles(txt="a")


def test_other_roles_replace_those_guessed_and_leave_the_rest() -> None:
    guessed = Roles(text="text", label="label")
    assert guessed.changed({"label": "topic"}) == Roles(text="text", label="topic")
    assert guessed.changed({"label": None, "text": ()}) == guessed


def test_a_target_that_is_named_leaves_no_guessed_label() -> None:
    guessed = Roles(text="text", label="label")
    assert guessed.named({"target": "price"}) == Roles(text="text", target="price")
    assert guessed.named({"target": "price", "label": "topic"}) == Roles(text="text", target="price", label="topic")
    assert guessed.named({"target": None, "text": "body"}) == Roles(text="body", label="label")


def test_every_role_must_name_a_column() -> None:
    schema = pa.schema({"text": S, "n": I})
    Roles(text="text", label="n").check(schema)
    for role in ("text", "label", "target", "group", "weight", "features"):
        with pytest.raises(ColumnError, match=f"no column 'nn' for the role {role}"):
            Roles(**{role: "nn"}).check(schema)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(S, True), (pa.large_string(), True), (pa.null(), True), (pa.dictionary(pa.int8(), S), True), (I, False)],
)
def test_what_counts_as_text(kind: pa.DataType, expected: bool) -> None:
    assert is_text(kind) is expected


def test_weights_are_numbers() -> None:
    schema = pa.schema({"text": S, "weight": S})
    with pytest.raises(ColumnError, match="weight column 'weight' holds string, not numbers"):
        Roles(text="text", weight="weight").check(schema)
