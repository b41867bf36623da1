"""Label rules (`flip: {pos: neg, neg: pos}`): which label a row has once an augmenter turned its meaning round.

A negated review is no longer positive; an augmenter that kept its label would teach noise. Without a rule for a row's
label there is no row: `no_flip`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from curate.data.roles import Roles, class_names
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Draft


def _pairs(given: Any) -> Any:
    """A map as sorted pairs of strings; `true` and `1` of a recipe are what they look like in a table."""
    if isinstance(given, Mapping):
        given = given.items()
    if isinstance(given, str) or not isinstance(given, Iterable):
        return given
    return tuple(sorted((_text(old), _text(new)) for old, new in given))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


TextMap = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs),
    PlainSerializer(dict, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
"""A map from text to text; written as one, kept as pairs so that it can be hashed."""
Flips = TextMap
"""A label rule: for a label the one that a variant has instead."""


def flips_of(
    flip: Sequence[tuple[str, str]], labels: pa.Array, names: Sequence[str] | None, column: str
) -> dict[Any, Any]:
    """A label rule in the values of its column.

    Args:
        flip: old and new label, as text: names of classes, or the values as they are written.
        labels: cells of the label column, of any plain type.
        names: the names of class numbers (`ClassLabel`); None where there are none.
        column: the name of the column, for the error.

    Raises:
        ColumnError: the column has no place for a label of the rule.

    Example:
        >>> flips_of((("neg", "pos"), ("1", "0")), pa.array([0, 1]), ["neg", "pos"], "label")
        {0: 1, 1: 0}
    """
    kind = labels.type.value_type if pa.types.is_dictionary(labels.type) else labels.type
    return {_typed(old, kind, names, column): _typed(new, kind, names, column) for old, new in flip}


def _typed(said: str, kind: pa.DataType, names: Sequence[str] | None, column: str) -> Any:
    if names and said in names:
        return list(names).index(said)
    allowed = f"its classes are {', '.join(names)}" if names else "write the labels as the column has them"
    try:
        value: Any = said if pa.types.is_null(kind) else pa.array([said]).cast(kind)[0].as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ColumnError(f"flip names {said!r}, but {column!r} holds {kind}", hint=allowed) from error
    if names and not 0 <= value < len(names):
        raise ColumnError(f"flip names {said!r}, and {column!r} has no such class", hint=allowed)
    return value


class FlippingAugmenter(Augmenter):
    """An augmenter whose variants have another label than their parents. Of several texts `columns` names the one.

    Attributes:
        flip: for a label the label that a variant has instead, as `{pos: neg, neg: pos}`; class numbers go by name or
            number. A row whose label is not named has no variant.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"text", "label"})
    refusals: ClassVar[Mapping[str, str]] = {
        **Augmenter.refusals,
        "no_flip": "`flip` says no other label for that of the row",
    }

    flip: Flips = Field(min_length=1)

    def _columns(self, roles: Roles) -> tuple[str, ...]:
        columns = super()._columns(roles)
        if self.flip and len(columns) > 1:
            raise ColumnError(
                f"a label turns round with one text, and there are {len(columns)}: {', '.join(columns)}",
                hint=f"columns: [{columns[-1]}]",
            )
        return columns

    def settle(self, batch: Batch, drafts: Sequence[Draft]) -> None:
        column = str(batch.roles.label)
        labels = batch.labels()
        rule = flips_of(self.flip, labels, class_names(batch.rows.schema, column), column)
        told = labels.to_pylist()
        for draft in drafts:
            if not draft.changes:
                continue
            new = rule.get(told[draft.place])
            if new is None:
                draft.refuse("no_flip")
            else:
                draft.cells[column] = new
