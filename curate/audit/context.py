"""What the audit gives its checks: plans and signals of one corpus, each made once, nothing applied.

Row transforms are planned batch by batch and their edits written to disk as they come, so that memory does not grow
with the texts they would change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.core.fingerprint import config
from curate.core.signals import Signal
from curate.core.transform import RowTransform, Transform
from curate.data.corpus import Corpus
from curate.data.digest import canonical
from curate.data.edits import Edits
from curate.data.store import Store
from curate.engines import supply
from curate.engines.local import LocalEngine
from curate.engines.stages import Planned, read_edits

Progress = Callable[[str, int, int], None]
BATCH_ROWS = 4000


class AuditContext:
    """Implements `curate.core.check.CheckContext`; a context manager, as it keeps plans on the store's disk while it
    is open.

    Args:
        corpus: the rows.
        seed: keys every draw of a plan or a signal.
        store: where signals are kept, and plans for as long as the context is open.
        workers: processes of the engine.
        on_progress: called with (transform, rows done, rows in all).
    """

    def __init__(
        self, corpus: Corpus, *, seed: int, store: Store, workers: int = 1, on_progress: Progress | None = None
    ) -> None:
        self.corpus, self.seed = corpus, seed
        self.failed: dict[str, dict[int, str]] = {}
        self._store, self._on_progress = store, on_progress
        self._engine = LocalEngine(workers=workers, store=store, on_progress=on_progress)
        self._plans: dict[str, Edits] = {}
        self._open = ExitStack()

    def __enter__(self) -> AuditContext:
        self._folder = Path(self._open.enter_context(self._store.scratch()))
        return self

    def __exit__(self, *_: object) -> None:
        self._plans.clear()
        self._open.close()

    def plan(self, transform: Transform) -> Edits:
        """The edits a transform proposes; rows it failed on go to `failed`, by the transform's name."""
        key = canonical([transform.name, config(transform)])
        if key not in self._plans:
            if isinstance(transform, RowTransform):
                self._plans[key], causes = self._stream(transform)
            else:
                self._plans[key], causes = self._engine.plan(transform, self.corpus, seed=self.seed)
            if causes:
                self.failed.setdefault(transform.name, {}).update(causes)
        return self._plans[key]

    def signal(self, name: str, **settings: Any) -> Signal:
        """A signal of the corpus: its own column, else what the provider computes, once: the store has it then."""
        return supply.signal(name, settings, self.corpus, self.seed, self._store)

    def _stream(self, transform: RowTransform) -> tuple[Edits, dict[int, str]]:
        signals = {name: self.signal(name, **settings) for name, settings in transform.signals().items()}
        stage = Planned(transform.name, transform, self.seed, signals)
        stage.prepare()
        folder = self._folder / str(len(self._plans))
        folder.mkdir()
        causes: dict[int, str] = {}
        done = 0
        with _Spill(folder) as spill:
            for batch in self.corpus.batches(BATCH_ROWS):
                edits, failed = stage.plan(batch)
                causes.update(failed)
                spill.write(edits)
                done += len(batch)
                if self._on_progress is not None:
                    self._on_progress(transform.name, done, len(self.corpus))
        return read_edits(folder), causes


class _Spill:
    """Edits written as they come, one Arrow file for each kind, as `read_edits` reads them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pa.RecordBatchWriter] = {}
        self._open = ExitStack()

    def __enter__(self) -> _Spill:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        (self._folder / "edits.json").write_text(json.dumps(list(self._writers)))

    def write(self, edits: Edits) -> None:
        for name, table in edits.tables().items():
            if name not in self._writers:
                sink = self._open.enter_context(pa.OSFile(str(self._folder / f"{len(self._writers)}.arrow"), "wb"))
                self._writers[name] = self._open.enter_context(pa.ipc.new_file(sink, table.schema))
            self._writers[name].write_table(table)
