"""Answers with a form: the JSON schema that is asked for, and the fields read out of whatever was said.

A server that knows schemas keeps to it (https://json-schema.org); of the others the first JSON object with all fields
counts, be it in a code fence or behind "Sure, here it is:". Nothing else is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

_TRIES = 20
_QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“", "「": "」"}


@lru_cache(maxsize=64)
def schema_of(fields: tuple[str, ...]) -> str:
    """The JSON schema of an object with these fields, all text, as JSON.

    Example:
        >>> schema_of(("text",))
        '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], ...}'
    """
    properties = {name: {"type": "string"} for name in fields}
    asked = {"type": "object", "properties": properties, "required": list(fields), "additionalProperties": False}
    return json.dumps(asked)


def fields_of(said: str, fields: Sequence[str]) -> dict[str, str] | None:
    r"""The fields in an answer; None where no JSON object in it has them all as text.

    Example:
        >>> fields_of('Sure:\n```json\n{"text": "A fine day."}\n```', ["text"])
        {'text': 'A fine day.'}
        >>> fields_of('{"text": 3}', ["text"]) is None
        True
    """
    decoder = json.JSONDecoder(strict=False)  # small models break lines inside of strings
    at = -1
    for _ in range(_TRIES):
        at = said.find("{", at + 1)
        if at < 0:
            return None
        try:
            found, _ = decoder.raw_decode(said, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and all(isinstance(found.get(name), str) for name in fields):
            return {name: _clean(found[name]) for name in fields}
    return None


def whole_of(said: str) -> str:
    """A whole answer as a text: without the space and the one pair of quotation marks around it.

    Example:
        >>> whole_of('  "A fine day." ')
        'A fine day.'
    """
    text = said.strip()
    inside = len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[-1] not in text[1:-1]
    return _clean(text[1:-1] if inside else text)


def _clean(text: str) -> str:
    """A text that a cell can hold: no lone surrogate, which an escape in JSON may have made."""
    return text.encode("utf-8", "replace").decode().strip()
