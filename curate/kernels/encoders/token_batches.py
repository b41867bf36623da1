"""Batches of tokens for the encoder `sentence`: texts of one length together, and every batch of a length of one shape.

A product of matrices may round a row otherwise where it has other numbers of rows. In batches of one shape, filled up
with rows of nothing, the vector of a text depends on the text alone, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_LENGTH_STEP = 8


def rows_of(features: dict[str, torch.Tensor]) -> Iterator[dict[str, torch.Tensor]]:
    """The tokens of each text of a padded batch, without the padding."""
    mask = features["attention_mask"].bool()
    columns = {name: value for name, value in features.items() if getattr(value, "shape", None) == mask.shape}
    for at, own in enumerate(mask):
        yield {name: value[at][own] for name, value in columns.items()}


def batches_of(
    rows: Iterable[dict[str, torch.Tensor]], n: int, pad_id: int, *, left: bool
) -> Iterator[tuple[list[int], dict[str, torch.Tensor]]]:
    """The texts, by their numbers, in batches of n of one length, rounded up; the last of a length is filled up.

    Args:
        rows: the tokens of each text: `input_ids`, `attention_mask` and what else the model reads, shape (length,).
        n: rows of a batch.
        pad_id: what stands in `input_ids` where a text has ended; elsewhere 0.
        left: whether padding comes before the text.

    Example:
        >>> import torch
        >>> row = {"input_ids": torch.ones(3, dtype=torch.int64), "attention_mask": torch.ones(3, dtype=torch.int64)}
        >>> [(numbers, batch["input_ids"].shape[1]) for numbers, batch in batches_of([row], 2, 0, left=False)]
        [([0], 8)]
    """
    by_length: dict[int, list[tuple[int, dict[str, torch.Tensor]]]] = {}
    for number, row in enumerate(rows):
        length = -(-max(1, len(row["input_ids"])) // _LENGTH_STEP) * _LENGTH_STEP
        by_length.setdefault(length, []).append((number, row))
    for length in sorted(by_length, reverse=True):
        alike = by_length[length]
        for low in range(0, len(alike), n):
            part = alike[low : low + n]
            yield [number for number, _ in part], _filled([row for _, row in part], n, length, pad_id, left)


def _filled(
    rows: list[dict[str, torch.Tensor]], n: int, length: int, pad_id: int, left: bool
) -> dict[str, torch.Tensor]:
    made = {}
    for name, first in rows[0].items():
        whole = first.new_full((n, length), pad_id if name == "input_ids" else 0)
        if name == "attention_mask":
            whole[len(rows) :, 0] = 1  # a row of nothing at all would have no mean
        for at, row in enumerate(rows):
            own = len(row[name])
            whole[at, length - own if left else 0 : length if left else own] = row[name]
        made[name] = whole
    return made
