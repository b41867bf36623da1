"""Supply: the signals a transform needs, from a column of the user's or from the registered provider, cached by
fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate import registry
from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.signals import Provider, RowSignal, Signal, own_values
from curate.core.transform import RowTransform, Transform
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.store import Store


def supply(transform: Transform, corpus: Corpus, seed: int, store: Store | None) -> dict[str, Signal]:
    """Every signal a transform needs for a corpus, by name."""
    return {name: signal(name, settings, corpus, seed, store) for name, settings in transform.signals().items()}


def held(transform: Transform, columns: Sequence[str]) -> dict[str, pa.DataType | None]:
    """The signals of a transform that a column of the user's holds, each with the type it is read as; None: any."""
    return {name: _kind(name) for name in transform.signals() if name in columns}


def _kind(name: str) -> pa.DataType | None:
    known: type[Provider] = registry.get("signals", name) if name in registry.names("signals") else Provider
    return known.kind if issubclass(known, RowSignal) else None


def in_stream(transform: Transform, columns: Sequence[str]) -> tuple[RowSignal, ...] | None:
    """The signals of a row transform that no column holds, where all of them can be computed batch by batch.

    None where one must see all rows first, and for a transform that must.
    """
    asked = {name: settings for name, settings in transform.signals().items() if name not in columns}
    if not isinstance(transform, RowTransform) or not set(asked) <= set(registry.names("signals")):
        return None
    made = [registry.get("signals", name)(**settings) for name, settings in asked.items()]
    alone = tuple(one for one in made if isinstance(one, RowSignal))
    return alone if len(alone) == len(made) else None


def identities(transform: Transform, corpus: Corpus, made: Sequence[Provider] = ()) -> list[Any]:
    """What the signals of a transform are computed from beside the corpus; a column of the corpus is part of it.

    `made` are the providers that will compute them: a file that one has read for its identity is not read again.
    """
    given = {one.name: one for one in made}
    needed = {name: s for name, s in transform.signals().items() if name not in corpus.column_names}
    return [
        _identity(given.get(name) or registry.get("signals", name)(**settings), corpus)
        for name, settings in needed.items()
    ]


def _identity(provider: Provider, corpus: Corpus) -> list[Any]:
    return [provider.name, provider.version, config(provider), provider.inputs(corpus)]


def signal(name: str, settings: dict[str, object], corpus: Corpus, seed: int, store: Store | None) -> Signal:
    """One signal: the corpus's own column of that name, else what the provider computes."""
    if name in corpus.column_names:
        table = corpus.table(with_ids=True)
        values = own_values(name, _kind(name), table.column(name))
        return Signal.of(pa.table({"row_id": table.column(table.num_columns - 1), "value": values}))
    provider: Provider = registry.get("signals", name)(**settings)
    if store is None:
        return Signal.of(provider.compute(corpus, seed))
    place = store.make(
        digest("signal", corpus_fingerprint(corpus), _identity(provider, corpus), seed),
        lambda folder: _write(provider, corpus, seed, folder),
    )
    with pa.memory_map(str(place / "signal.arrow")) as source:
        return Signal.of(pa.ipc.open_file(source).read_all())


def _write(provider: Provider, corpus: Corpus, seed: int, folder: Path) -> None:
    """The values in a file; those of a row signal as they come, so that memory does not grow with the rows."""
    tables = iter(provider.tables(corpus) if isinstance(provider, RowSignal) else [provider.compute(corpus, seed)])
    first = next(tables, None)
    if first is None:
        first = provider.compute(corpus, seed)
    with pa.OSFile(str(folder / "signal.arrow"), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)
