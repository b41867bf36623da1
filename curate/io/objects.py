"""Python objects to record batches: columns in the order they are first seen, types that widen where nothing is lost.

For JSON and lists of dicts. A row whose cell does not fit its column goes to quarantine; the others are not touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from numbers import Real
from typing import Any

import numpy as np
import pyarrow as pa

Row = Mapping[str, Any]
_FAILURES = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError)
_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool, np.bool_), "a truth value"),
    ((Real,), "a number"),
    ((str,), "text"),
    ((list, tuple, np.ndarray), "a list"),
    ((Mapping,), "an object"),
)


@cache
def _kind(kind: type) -> str:
    return next((said for types, said in _KINDS if issubclass(kind, types)), f"a value of type {kind.__name__}")


def kind_of(value: Any) -> str:
    """What a cell holds, in words; numbers are of one kind."""
    return _kind(type(value))  # type: ignore[arg-type]  # a class is hashable


class Objects:
    """Turns rows into record batches whose schema only ever widens.

    A cell fits its column where it is of the same kind (text, number, truth value, list, object) as most cells of the
    first rows.
    """

    def __init__(self) -> None:
        self.types: dict[str, pa.DataType] = {}
        self.kinds: dict[str, str] = {}

    def schema(self) -> pa.Schema:
        """The columns so far."""
        return pa.schema(list(self.types.items()))

    def batch(self, rows: Sequence[Row], bad: Callable[[int, str], None]) -> pa.RecordBatch:
        """The rows as a record batch, less those that `bad(position, cause)` is told of."""
        names = dict.fromkeys([*self.types, *(name for row in rows for name in row)])
        arrays: dict[str, pa.Array] = {}
        misfits: dict[int, str] = {}
        for name in names:
            values = [row.get(name) for row in rows]
            try:
                arrays[name] = self._fit(name, values)
            except _FAILURES:
                for at, cause in self._misfits(name, values):
                    misfits.setdefault(at, cause)
        if misfits:
            for at in sorted(misfits):
                bad(at, misfits[at])
            kept = [at for at in range(len(rows)) if at not in misfits]
            return self.batch([rows[at] for at in kept], lambda at, cause: bad(kept[at], cause))
        self.types = {name: array.type for name, array in arrays.items()}
        return pa.RecordBatch.from_arrays(list(arrays.values()), schema=self.schema())

    def _fit(self, name: str, values: list[Any]) -> pa.Array:
        """The values in the column's type, widened where need be; a misfit raises one of `_FAILURES`."""
        name.encode()
        types = set(map(type, values))
        types.discard(type(None))
        kinds = set(map(_kind, types))
        if not kinds <= {self.kinds.get(name) or next(iter(kinds), "")}:
            raise pa.ArrowTypeError("several kinds")
        array = array_of(values)
        joined = join(self.types.get(name, pa.null()), array.type)
        array = array if array.type.equals(joined) else pa.array(values, joined)
        self.kinds.update((name, kind) for kind in kinds)
        return array

    def _misfits(self, name: str, values: list[Any]) -> Iterator[tuple[int, str]]:
        """The positions that do not fit, each with its cause; there is at least one."""
        kinds = [None if value is None else kind_of(value) for value in values]
        counts = Counter(kind for kind in kinds if kind is not None)
        known = self.kinds.setdefault(name, max(counts, key=lambda kind: counts[kind]))
        rest = list(values)
        for at, kind in enumerate(kinds):
            if kind not in (None, known):
                rest[at] = None
                yield at, f"column {name!r} holds {kind} where {known} is expected"
        yield from self._one_by_one(name, rest)

    def _one_by_one(self, name: str, values: list[Any]) -> Iterator[tuple[int, str]]:
        """As `_misfits`, trying each value against the type so far."""
        kind = self.types.get(name, pa.null())
        for at, value in enumerate(values):
            if value is None:
                continue
            try:
                name.encode()
                kind = join(kind, array_of([value]).type)
                pa.array([value], kind)
            except UnicodeEncodeError:
                yield at, f"column {name!r} holds half of a surrogate pair, which is not a character"
            except OverflowError:
                yield at, f"column {name!r} holds a whole number beyond 64 bits"
            except _FAILURES:
                yield at, f"column {name!r} holds {kind_of(value)} that does not fit {kind}"


def array_of(values: list[Any]) -> pa.Array:
    """An array of Python values; whole numbers beyond int64 make it uint64 where none is negative."""
    try:
        return pa.array(values)
    except OverflowError:
        return pa.array(values, pa.uint64())


def join(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds the values of both.

    Raises:
        pa.ArrowTypeError: there is none.

    Example:
        >>> join(pa.int64(), pa.float64()), join(pa.null(), pa.string())
        (DataType(double), DataType(string))
    """
    if one.equals(other):
        return one
    if pa.uint64() in (one, other) and pa.int64() in (one, other):
        return pa.uint64()
    schemas = [pa.schema([("value", kind)]) for kind in (one, other)]
    return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
