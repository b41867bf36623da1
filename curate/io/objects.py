"""Python objects to record batches: columns in the order they are first seen, types that widen where nothing is lost.

For JSON and lists of dicts. A row whose cell does not fit its column goes to quarantine with its cause; the others are not touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]
_FAILURES = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError)
_KINDS = {bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list", tuple: "a list"}


def kind_of(value: Any) -> str:
    """What a cell holds, in words; numbers are of one kind."""
    return _KINDS.get(type(value)) or ("an object" if isinstance(value, Mapping) else f"a {type(value).__name__}")


class Objects:
    """Turns rows into record batches whose schema only ever widens.

    A cell fits its column where it is of the same kind (text, number, truth value, list, object) as most cells of the first rows.
    """

    def __init__(self) -> None:
        self.types: dict[str, pa.DataType] = {}
        self.kinds: dict[str, str] = {}

    def schema(self) -> pa.Schema:
        """The columns so far."""
        return pa.schema(list(self.types.items()))

    def batch(self, rows: Sequence[Row], bad: Callable[[int, str], None]) -> pa.RecordBatch:
        """The rows as a record batch, less those that `bad(position, cause)` is told of."""
        kept = list(range(len(rows)))
        names = dict.fromkeys([*self.types, *(name for row in rows for name in row)])
        fits: dict[int, str] = {}
        for name in names:
            for at, cause in self._misfits(name, [row.get(name) for row in rows]):
                fits.setdefault(at, cause)
        for at, cause in sorted(fits.items()):
            bad(at, cause)
        kept = [at for at in kept if at not in fits]
        if fits:
            names = dict.fromkeys([*self.types, *(name for at in kept for name in rows[at])])
        for name in names:
            self.types[name] = self._widened(name, [rows[at].get(name) for at in kept])
        arrays = [pa.array([rows[at].get(name) for at in kept], kind) for name, kind in self.types.items()]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema()) if arrays else _no_columns(len(kept))

    def _widened(self, name: str, values: list[Any]) -> pa.DataType:
        return join(self.types.get(name, pa.null()), array_of(values).type)

    def _misfits(self, name: str, values: list[Any]) -> Iterable[tuple[int, str]]:
        """The positions that do not fit, with the cause; empty, and fast, where all do."""
        types = set(map(type, values)) - {type(None)}
        kinds = {kind_of(value) for value in values if value is not None} if len(types) > 1 else set(map(_kind, types))
        known = self.kinds.get(name)
        if len(kinds) <= 1 and (known is None or not kinds or kinds == {known}):
            if kinds:
                self.kinds[name] = next(iter(kinds))
            try:
                name.encode()
                kind = self._widened(name, values)
                pa.array(values, kind)
            except _FAILURES:
                return list(self._one_by_one(name, values))
            return []
        if known is None:
            counts = Counter(kind_of(value) for value in values if value is not None)
            known = self.kinds[name] = max(counts, key=lambda kind: counts[kind])
        wrong = [(at, v) for at, v in enumerate(values) if v is not None and kind_of(v) != known]
        gone = {at for at, _ in wrong}
        rest = self._one_by_one(name, [None if at in gone else value for at, value in enumerate(values)])
        return [*((at, f"column {name!r} holds {kind_of(v)} where {known} is expected") for at, v in wrong), *rest]

    def _one_by_one(self, name: str, values: list[Any]) -> Iterable[tuple[int, str]]:
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
                yield at, f"column {name!r} holds a value that does not fit {kind}"


def _kind(kind: type) -> str:
    return _KINDS.get(kind) or ("an object" if issubclass(kind, Mapping) else f"a {kind.__name__}")


def _no_columns(n_rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_struct_array(pa.array([{}] * n_rows, pa.struct([])))


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
