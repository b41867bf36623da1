"""What a judge says of the labels of added rows, and the notes that `augment.constrain` leaves of each step.

The judge prefers another class than the label for some rows that nobody changed, too. So its disagreement on the
parents stands beside that on the added rows, and the difference is the estimate (`kernels.flip_rate`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.errors import ColumnError
from curate.kernels.flip_rate import Share, flip_rate

Mask = NDArray[np.bool_]
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judged:
    """The judge's opinion of each row.

    Attributes:
        known: which rows have a label and an opinion, where the labels have two classes or more, shape (n,).
        own: the probability of the row's label, 1 where nothing is known, shape (n,).
        other: that of the likeliest other class, 0 where nothing is known, shape (n,).
    """

    known: Mask
    own: F64
    other: F64

    @classmethod
    def of(cls, probs: pa.ChunkedArray, codes: NDArray[np.int64], names: list[str]) -> Judged:
        """The opinions of the signal `pred_probs`, for labels that are these class numbers."""
        n = len(codes)
        known = np.asarray(probs.is_valid().to_numpy(), dtype=bool) & (codes >= 0)
        own, other = np.ones(n), np.zeros(n)
        at = np.flatnonzero(known) if len(names) > 1 else np.empty(0, np.int64)
        if len(at):
            values = probs.take(pa.array(at)).combine_chunks()
            matrix = np.asarray(values.flatten().to_numpy(zero_copy_only=False), dtype=np.float64).reshape(len(at), -1)
            if matrix.shape[1] != len(names):
                raise ColumnError(
                    f"pred_probs holds {matrix.shape[1]} probabilities a row; the labels have {len(names)} classes"
                )
            own[at] = matrix[np.arange(len(at)), codes[at]]
            matrix[np.arange(len(at)), codes[at]] = -1.0
            other[at] = matrix.max(axis=1)
        mask = np.zeros(n, bool)
        mask[at] = True
        return cls(mask, own, other)

    @property
    def disagrees(self) -> Mask:
        """Where the judge prefers another class, shape (n,)."""
        return self.known & (self.other > self.own)

    def turned(self, min_probability: float, min_margin: float) -> Mask:
        """Where the label is less probable than a bound, and another class more probable by a margin, shape (n,)."""
        return self.known & (self.own < min_probability) & (self.other - self.own >= min_margin)


def told(
    makers: NDArray[np.object_],
    judged: Mask,
    reason: NDArray[np.object_],
    parent: NDArray[np.int64],
    kin: NDArray[np.int64],
    labels: Judged | None,
    judge: str | None,
    n_folds: int,
) -> tuple[str, ...]:
    """A note for each maker of rows: how many stay, why others go, the estimated flip rate.

    Args:
        makers: what made each row, shape (n,).
        judged: which rows were judged, shape (n,).
        reason: why a row goes, empty where it stays, shape (n,).
        parent: the position of each row's parent, -1 where it is not there, shape (n,).
        kin: a number for all rows that come from one, shape (n,).
        labels: the judge's opinions; None where nobody judged.
        judge: the name of the learner that judged.
        n_folds: its folds.
    """
    notes: list[str] = []
    for maker in sorted({str(name) for name in makers[judged]}):
        mine = judged & (makers == maker)
        said = [_stayed(maker, reason[mine])]
        if labels is not None:
            said.append(_flips(mine, parent, kin, labels, f"{judge}, {n_folds} folds"))
        notes.append("; ".join(said))
    return tuple(notes)


def _stayed(maker: str, reason: NDArray[np.object_]) -> str:
    count = Counter(str(why) for why in reason if why)
    why = ", ".join(f"{name} {n:,}" for name, n in sorted(count.items(), key=lambda item: (-item[1], item[0])))
    stay = f"{maker}: of {len(reason):,} added rows {len(reason) - sum(count.values()):,} stay"
    return f"{stay}; refused: {why}" if why else stay


def _flips(mine: Mask, parent: NDArray[np.int64], kin: NDArray[np.int64], labels: Judged, judge: str) -> str:
    """The estimated flip rate, over the rows whose parents were judged, too."""
    at = np.flatnonzero(mine & labels.known & (parent >= 0))
    at = at[labels.known[parent[at]]]
    if not len(at):
        return "no flip rate, as no added row and its parent both have a label that the judge can doubt"
    rate = flip_rate(labels.disagrees[at], labels.disagrees[parent[at]], kin[at])
    added, parents = (f"{100 * share.value:.1f} %" for share in (rate.added, rate.parents))
    return (
        f"estimated label flips {_signed(rate.flipped)} points ({judge}: another class for {added} of {rate.n_rows:,} "
        f"added rows in {rate.n_families:,} families, {parents} of their parents)"
    )


def _signed(share: Share) -> str:
    return f"{100 * share.value:+.1f} [{100 * share.low:+.1f}, {100 * share.high:+.1f}]"
