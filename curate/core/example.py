"""Examples of a transform: for a reason, a row that it gives that reason to.

They are data, so that one source serves `curate show`, the page of the transform, and the test that runs them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.roles import Roles


class Example(NamedTuple):
    """Rows to try a transform on, and the settings to try it with.

    Attributes:
        rows: one text or several, or whole rows as dicts, each with the same columns; a column takes the role of its
            name (`text`, `label`, `target`), any other column has none unless `roles` gives it one.
        settings: settings of the transform; the others stand at their default.
        roles: roles of columns that are called otherwise.

    Example:
        >>> Example("too short", settings={"min_words": 3}).table().to_pydict()
        {'text': ['too short']}
    """

    rows: str | tuple[str, ...] | tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any] = {}
    roles: Mapping[str, Any] = {}

    def table(self) -> pa.Table:
        """The rows as a table."""
        given = (self.rows,) if isinstance(self.rows, str) else self.rows
        return pa.Table.from_pylist([{"text": row} if isinstance(row, str) else dict(row) for row in given])

    def corpus(self) -> Corpus:
        """The rows as a corpus with its roles."""
        table = self.table()
        own = {name: name for name in ("text", "label", "target", "group", "weight") if name in table.column_names}
        return Corpus.from_table(table, Roles.model_validate({**own, **self.roles}), name="example")
