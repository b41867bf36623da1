"""A plain Python function as a step: it sees one row as a dict and says what to change, or that the row goes.

It needs a name and a version, for they are its identity; its code is never pickled into a fingerprint or a recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch


@dataclass(frozen=True)
class Drop:
    """What a step function returns to drop its row.

    Example:
        >>> Drop("no_verb").reason
        'no_verb'
    """

    reason: str = "dropped"
    score: float = 1.0

    def __post_init__(self) -> None:
        if not self.reason or not 0 <= self.score <= 1:
            raise ValueError(f"Drop needs a reason and a score in [0, 1], not {self.reason!r} and {self.score}")


RowFunction = Callable[[dict[str, Any]], Mapping[str, Any] | Drop]


class FunctionStep(RowTransform, arbitrary_types_allowed=True):
    """A Python function called with each row; it returns the cells to set (`{}` for none) or a `Drop`."""

    name: ClassVar[str] = "function"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {}
    needs: ClassVar[frozenset[str]] = frozenset()

    function: RowFunction = Field(exclude=True)
    called: str
    function_version: str

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        columns = {name: batch.column(name).to_pylist() for name in batch.rows.schema.names}
        edits: list[Edits] = []
        changed: dict[str, tuple[list[int], list[Any]]] = {}
        for at, row_id in enumerate(batch.row_ids.tolist()):
            row = {name: cells[at] for name, cells in columns.items()}
            said = self.function(dict(row))
            if isinstance(said, Drop):
                edits.append(Edits.drop([row_id], said.reason, score=said.score))
                continue
            for name, value in self._cells(said, row).items():
                ids, values = changed.setdefault(name, ([], []))
                ids.append(row_id)
                values.append(value)
        for name, (ids, values) in changed.items():
            kind = batch.rows.schema.field(name).type
            edits.append(Edits.set(name, ids, pa.array(values, kind), self.called))
        return Edits.concat(edits)

    def _cells(self, said: Any, row: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(said, Mapping):
            raise TypeError(
                f"step function {self.called!r} returned {type(said).__name__}; "
                "return a dict of the cells to set or curate.Drop(reason)"
            )
        unknown = sorted(set(said) - set(row))
        if unknown:
            raise KeyError(f"step function {self.called!r} sets {unknown[0]!r}, which is no column of the row")
        return {name: value for name, value in said.items() if value != row[name]}
