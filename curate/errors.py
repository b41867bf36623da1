"""The errors of curate: what was given, what is allowed, where, and what to type next.

Every error a user can cause derives from `CurateError`; the command prints it as one clear line and exits with 2.
Anything else is a fault of curate itself and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class CurateError(Exception):
    """A fault in what was given: data, names, options or environment.

    Args:
        message: what was given and what is wrong with it; one line.
        hint: what to type or change next; one line.

    Example:
        >>> str(CurateError("no column 'txt'", hint="did you mean 'text'?"))
        "no column 'txt' (did you mean 'text'?)"
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(message if hint is None else f"{message} ({hint})")


class InputError(CurateError):
    """A source that cannot be read, or a destination that cannot be written."""


class ColumnError(CurateError):
    """A column or role that the data does not have, or has with the wrong type."""


class UnknownName(CurateError):
    """A name that no registry holds."""


class MissingExtra(CurateError):
    """A package of an optional extra that is not installed."""


class QuarantineExceeded(CurateError):
    """More rows failed than `max_quarantine` allows."""


class GuardExceeded(CurateError):
    """A step dropped more rows than its `max_drop` allows."""


class LeakedRows(CurateError):
    """Rows of the test split stand in training, where that makes a measurement worthless."""


class AccountingError(Exception):
    """Rows in and rows out do not balance: a fault of curate or of a plugin, never of the data."""


@dataclass(frozen=True)
class Problem:
    """One fault of a recipe: `path` is where (`steps[2].min_words`), `message` what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class RecipeError(CurateError):
    """All faults of a recipe at once, each with its path."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "the recipe has a problem" if count == 1 else f"the recipe has {count} problems"
        super().__init__(f"{head}: " + "; ".join(map(str, self.problems)))


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The name in `allowed` most like `name`, or None where nothing is close.

    Example:
        >>> nearest("dedup.exat", ["dedup.exact", "clean.html"])
        'dedup.exact'
    """
    found = difflib.get_close_matches(name, list(allowed), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """A hint for a name that is not known: the nearest one, else all that are allowed."""
    names = sorted(allowed)
    close = nearest(name, names)
    if close is not None:
        return f"did you mean {close!r}?"
    return "allowed: " + ", ".join(map(repr, names)) if names else "there are none"


_PLAIN = (
    ("Value error, ", ""),
    ("Input should be ", "must be "),
    ("a valid integer", "a whole number"),
    ("a valid number", "a number"),
    ("a valid string", "a text"),
    ("a valid boolean", "true or false"),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
    ("greater than", "above"),
    ("less than", "below"),
)


def in_plain_words(message: str) -> str:
    """What a validator (pydantic's, and typer's after it) finds wrong with a value, as curate says it.

    Example:
        >>> in_plain_words("Input should be a valid integer, unable to parse string as an integer")
        'must be a whole number'
        >>> in_plain_words("Input should be greater than or equal to 1")
        'must be at least 1'
    """
    said = message.split(", unable to ")[0]
    for theirs, ours in _PLAIN:
        said = said.replace(theirs, ours)
    return said[:1].lower() + said[1:]
