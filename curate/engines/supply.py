"""Supply: the signals a transform needs, from a column of the user's or from the registered provider, cached by
fingerprint.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from curate import registry
from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.signals import Provider, Signal
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.store import Store


def supply(transform: Transform, corpus: Corpus, seed: int, store: Store | None) -> dict[str, Signal]:
    """Every signal a transform needs for a corpus, by name."""
    return {name: signal(name, settings, corpus, seed, store) for name, settings in transform.signals().items()}


def identities(transform: Transform, corpus: Corpus) -> list[Any]:
    """What the signals of a transform are computed from beside the corpus; a column of the corpus is part of it."""
    needed = {name: s for name, s in transform.signals().items() if name not in corpus.column_names}
    return [_identity(registry.get("signals", name)(**settings), corpus) for name, settings in needed.items()]


def _identity(provider: Provider, corpus: Corpus) -> list[Any]:
    return [provider.name, provider.version, config(provider), provider.inputs(corpus)]


def signal(name: str, settings: dict[str, object], corpus: Corpus, seed: int, store: Store | None) -> Signal:
    """One signal: the corpus's own column of that name, else what the provider computes."""
    if name in corpus.column_names:
        table = corpus.table(with_ids=True)
        return Signal.of(pa.table({"row_id": table.column(table.num_columns - 1), "value": table.column(name)}))
    provider: Provider = registry.get("signals", name)(**settings)
    if store is None:
        return Signal.of(provider.compute(corpus, seed))
    place = store.make(
        digest("signal", corpus_fingerprint(corpus), _identity(provider, corpus), seed),
        lambda folder: _write(provider.compute(corpus, seed), folder),
    )
    with pa.memory_map(str(place / "signal.arrow")) as source:
        return Signal.of(pa.ipc.open_file(source).read_all())


def _write(table: pa.Table, folder: Path) -> None:
    with pa.OSFile(str(folder / "signal.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
