"""Types of text columns, told from every value: whole numbers, numbers, true/false where nothing is lost, else text.

A value is a number only where the number gives the value's meaning back exactly: `007`, `1,5` and dates stay text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

_INT = r"^(0|-?[1-9][0-9]*)$"
_FLOAT = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_SPECIAL = r"^(nan|-?inf)$"
_BOOL = r"^(true|false)$"
_NOT_DIGIT = r"([eE].*$)|[^0-9]"
_EXACT_DIGITS = 15
_PROBE = 64


def _all(matches: pa.Array) -> bool:
    return bool(pc.all(matches).as_py())


def kind_of(values: pa.Array) -> str:
    """The narrowest kind that all values have.

    One of `int`, `wide` (an int that a float may not hold), `float`, `special` (nan, inf), `bool`, `text`.

    `values` is a text array without nulls, at least one value long.
    """
    if _all(pc.match_substring_regex(values, _INT)):
        if _all(pc.less_equal(pc.binary_length(values), _EXACT_DIGITS)):
            return "int"
        return "wide" if _fits_int64(values) else "text"
    if _all(pc.match_substring_regex(values, _BOOL)):
        return "bool"
    special = pc.match_substring_regex(values, _SPECIAL)
    numbers = values.filter(pc.invert(special))
    if not len(numbers):
        return "special"
    return "float" if _all(pc.match_substring_regex(numbers, _FLOAT)) and _exact(numbers) else "text"


def _fits_int64(values: pa.Array) -> bool:
    try:
        values.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return True


def _exact(numbers: pa.Array) -> bool:
    """Whether each has at most 15 digits, or says the same as the shortest way to write its float; and is in range."""
    floats = numbers.cast(pa.float64())
    digits = pc.ascii_ltrim(pc.replace_substring_regex(numbers, _NOT_DIGIT, ""), "0")
    vanished = pc.and_(pc.equal(floats, 0.0), pc.greater(pc.binary_length(digits), 0))
    if not _all(pc.and_(pc.is_finite(floats), pc.invert(vanished))):
        return False
    short = pc.less_equal(pc.binary_length(digits), _EXACT_DIGITS)
    shortest = pc.equal(floats.cast(pa.string()), numbers)
    doubtful = numbers.filter(pc.invert(pc.or_(short, shortest))).to_pylist()
    return all(Decimal(text) == Decimal(repr(float(text))) for text in doubtful)


_JOINS = {
    frozenset(pair): joined
    for pair, joined in {
        ("int", "wide"): "wide",
        ("int", "float"): "float",
        ("int", "special"): "float",
        ("float", "special"): "float",
    }.items()
}
_TYPES = {"int": pa.int64(), "wide": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


@dataclass
class ColumnKind:
    """What the values of one column have shown so far; None before the first value."""

    kind: str | None = None

    def update(self, values: pa.Array) -> None:
        """Take in more values; `values` may hold nulls."""
        if self.kind == "text":
            return
        values = values.drop_null() if values.null_count else values
        for part in (values[:_PROBE], values[_PROBE:]):
            if len(part) and self.kind != "text":
                self._join(kind_of(part))

    def _join(self, kind: str) -> None:
        if self.kind is None or self.kind == kind:
            self.kind = kind
        else:
            self.kind = _JOINS.get(frozenset((self.kind, kind)), "text")

    @property
    def type(self) -> pa.DataType:
        """The Arrow type; a column without values, or with nothing but nan, is text."""
        return _TYPES.get(self.kind or "text", pa.string())


def kinds_of(arrays: Iterable[pa.Array]) -> list[ColumnKind]:
    """The kinds of whole columns.

    Example:
        >>> [str(kind.type) for kind in kinds_of([pa.array(["1", None]), pa.array(["007", "1"])])]
        ['int64', 'string']
    """
    kinds = []
    for array in arrays:
        kind = ColumnKind()
        kind.update(array)
        kinds.append(kind)
    return kinds
