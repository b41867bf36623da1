"""The cells of the few rows that a report shows, read from the corpus by row id; no other texts are held.

Personal data and secrets in them are masked as they are read, so that no report shows any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from curate.audit.evidence import TRAIN
from curate.data.corpus import Corpus
from curate.data.lineage import as_text
from curate.data.rows import Batch
from curate.kernels.pii.mask import mask_texts

TEXT_CHARACTERS = 500
SLACK = 60


@dataclass(frozen=True)
class Shown:
    """One row as a report shows it.

    Attributes:
        text: its text, cut to `TEXT_CHARACTERS`; None where there is none.
        label: its label, by name.
        whole: the same in full, where asked for; else as `text`.
        cells: its text columns in full, where asked for.
    """

    text: str | None
    label: str | None
    whole: str | None = None
    cells: Mapping[str, str | None] = field(default_factory=dict)


class ShownRows:
    """Rows of a corpus and of its held-out splits by (split, row id).

    Args:
        corpus: the training rows with their held-out splits.
        wanted: the (split, row id) of all rows to show.
        in_full: those whose text is kept in full, to compare it with another.
    """

    def __init__(
        self, corpus: Corpus, wanted: Iterable[tuple[str, int]], in_full: Collection[tuple[str, int]] = ()
    ) -> None:
        by_split: dict[str, list[int]] = {}
        for split, row_id in wanted:
            by_split.setdefault(split, []).append(row_id)
        sources = {**corpus.held_out, TRAIN: corpus}
        self._rows = {
            split: _read(sources[split], ids, {row_id for of, row_id in in_full if of == split})
            for split, ids in by_split.items()
        }

    def get(self, split: str, row_id: int) -> Shown:
        """A row; an empty one where the split has no such row (one that an edit adds)."""
        return self._rows.get(split, {}).get(row_id, Shown(None, None))


def cut(text: str | None) -> str | None:
    """A text short enough for a table's cell."""
    if text is None or len(text) <= TEXT_CHARACTERS + SLACK:
        return text
    return f"{text[:TEXT_CHARACTERS].rstrip()}… {len(text) - TEXT_CHARACTERS:,} more characters"


def _read(corpus: Corpus, row_ids: Iterable[int], in_full: Collection[int]) -> dict[int, Shown]:
    wanted = np.unique(np.fromiter(row_ids, np.uint64))
    names, shown = corpus.class_names(), {}
    for batch in corpus.batches(1 << 12):
        at = np.flatnonzero(np.isin(batch.row_ids, wanted))
        if len(at):
            part = Batch(batch.rows.take(pa.array(at)), batch.row_ids[at], batch.roles)
            shown.update(_shown(part, names, in_full))
    return shown


def _shown(batch: Batch, names: list[str] | None, in_full: Collection[int]) -> dict[int, Shown]:
    n = len(batch)
    texts = _masked(batch.texts()) if batch.roles.text else [None] * n
    labels = [None] * n if batch.roles.label is None else _masked(as_text(batch.labels()).to_pylist())
    columns = {name: _masked(batch.texts(name)) for name in batch.roles.text}
    rows = {}
    for at, row_id in enumerate(batch.row_ids.tolist()):
        cells = {name: column[at] for name, column in columns.items()} if row_id in in_full else {}
        short = cut(texts[at])
        rows[row_id] = Shown(short, _named(labels[at], names), texts[at] if row_id in in_full else short, cells)
    return rows


def _masked(texts: list[str | None]) -> list[str | None]:
    masked: list[str | None] = mask_texts(pa.array(texts, pa.large_string())).to_pylist()
    return masked


def _named(label: str | None, names: list[str] | None) -> str | None:
    """The class name of a label that is the number of one."""
    if label is None or names is None or not label.isdecimal() or int(label) >= len(names):
        return label
    return names[int(label)]
