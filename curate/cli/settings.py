"""Settings as users write them, `KEY=VALUE`: the value is read as YAML, and what YAML cannot read is one line.

Stands between the options of a command (`--learner-set`, `--confirm`, `--sweep`, `--set`) and what they set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli import options as o
from curate.errors import CurateError

if TYPE_CHECKING:
    from curate.learn.learner import Learner

LearnerSet = Annotated[
    list[str] | None,
    o.option("--learner-set", "K=VALUE", "A setting of the learner; may be given more than once."),
]

HINT = "a number, a word, [a, list], {a: mapping}, or text in quotes"
_PAIRS = {"[": "]", "{": "}"}
_QUOTES = "\"'"
_BEFORE_A_QUOTE = ("", "=", ":", ",", "[", "{")


def value_of(text: str, option: str) -> Any:
    """What YAML reads in a value.

    Raises:
        CurateError: it cannot be read.

    Example:
        >>> value_of("{name: lora, rank: 8}", "--learner-set")
        {'name': 'lora', 'rank': 8}
    """
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 2024-13-45 looks like a date and is none
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise CurateError(f"{option}: YAML cannot read {text!r}: {said}", hint=HINT) from None


def settings(given: Sequence[str], option: str) -> dict[str, Any]:
    """Settings, each `KEY=VALUE`.

    Raises:
        CurateError: one is not, or its value cannot be read.

    Example:
        >>> settings(["n_epochs=3", "encoder=static"], "--learner-set")
        {'n_epochs': 3, 'encoder': 'static'}
    """
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not key.strip() or not equals:
            raise CurateError(f"{option} {text!r} is no KEY=VALUE", hint=f"such as {option} n_rows=10")
        found[key.strip()] = value_of(value, option)
    return found


def parted(text: str) -> list[str]:
    """The parts between commas that stand outside brackets, braces and quotes; blank ones are left out.

    Example:
        >>> parted("words=[1, 2], strategy={name: lora, rank: 8},")
        ['words=[1, 2]', 'strategy={name: lora, rank: 8}']
    """
    parts, closing, quote = [""], "", ""
    for letter in text:
        if letter == "," and not closing and not quote:
            parts.append("")
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES and parts[-1].rstrip()[-1:] in _BEFORE_A_QUOTE:  # not the apostrophe of a word
            quote = letter
        elif letter in _PAIRS:
            closing = _PAIRS[letter] + closing
        elif closing and letter == closing[0]:
            closing = closing[1:]
        parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def learner_of(name: str, given: list[str] | None, option: str = "--learner-set") -> Learner:
    """The learner with a name and with settings, each `KEY=VALUE`, the value as YAML reads it."""
    from curate.learn.named import learner_named

    chosen = settings(given or [], option)
    if "name" in chosen:
        raise typer.BadParameter(f"the learner is {name} and has no setting 'name'", param_hint=f"'{option}'")
    return learner_named({"name": name, **chosen})
