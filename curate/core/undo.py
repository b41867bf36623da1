"""Undo: an added row's parent as it was, from the row and its changes in the lineage (`changes`, schema `CHANGES`).

What an augmenter did stands in the lineage by offset; here it is taken back, and `curate explain` shows the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curate.errors import CurateError
from curate.kernels.replacing import fits, undone


def undo(cells: Mapping[str, Any], changes: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """The texts of the row that an added row was made from.

    Args:
        cells: the added row, by column; as its step left it.
        changes: its entry of the column `changes` of the lineage: `column`, `start`, `end`, `old` and `new` of each
            change, where `start` and `end` are those of the parent's text; None: nothing to undo.

    Returns:
        The cells, with the text of every column that changed as the parent has it. Other cells that differ (spans, a
        label that turned round) stay.

    Raises:
        CurateError: a text is not the one that the changes led to: a later step has changed it, or it is another row's;
            or the cells are no mapping.

    Example:
        >>> undo({"text": "a nice film"}, [{"column": "text", "start": 2, "end": 6, "old": "good", "new": "nice"}])
        {'text': 'a good film'}
    """
    if not isinstance(cells, Mapping):
        raise CurateError(f"undo takes the cells of a row, and not {type(cells).__name__}", hint="{'text': …}")
    by_column: dict[str, list[tuple[int, int, str, str]]] = {}
    for one in changes or ():
        by_column.setdefault(one["column"], []).append((one["start"], one["end"], one["old"], one["new"]))
    before = dict(cells)
    for column, made in by_column.items():
        text = cells.get(column)
        if not isinstance(text, str) or not fits(text, made):
            raise CurateError(
                f"the text in {column!r} is not what these changes led to",
                hint="give the row as its step left it, and its own changes",
            )
        before[column] = undone(text, made)
    return before
