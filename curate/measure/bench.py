"""The bench: where cells are trained, each once, in this process or in several, kept in a store where there is one.

With several processes the cells of one replicate are trained while the next one is planned. A cell is kept the moment
it is done, so a killed measurement does none of its finished cells again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

from curate.data.digest import digest
from curate.data.store import Store
from curate.engines.processes import processes, start_in
from curate.errors import CurateError
from curate.measure.cell import Cell, RunResult, read, run, write


@dataclass(frozen=True, eq=False)
class _Job:
    """Cells that are trained together, by key; `future`: in another process."""

    cells: dict[str, Cell]
    future: Future[list[RunResult]] | None


class Bench:
    """Where cells are trained.

    Args:
        store: keeps results; None: only as long as this object.
        workers: processes.
        on_cell: called for each cell that was asked for.
    """

    def __init__(self, store: Store | None, workers: int, on_cell: Callable[[], None] | None = None) -> None:
        self._store, self._workers, self._on_cell = store, workers, on_cell
        self._known: dict[str, RunResult] = {}
        self._jobs: dict[str, _Job] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._fault: Exception | None = None
        self.n_trained = 0
        self.ahead = 0 if workers == 1 else 1
        """How many replicates may be planned before their cells are asked for."""

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=raised[0] is None, cancel_futures=True)
        if self._fault is not None and raised[0] is None:
            raise self._fault

    def find(self, cell: Cell) -> RunResult | None:
        """The result of a cell that has been trained before."""
        return self._find(cell.key())

    def begin(self, cells: Sequence[Cell]) -> list[str]:
        """Have cells trained; `finish` takes their names and gives the results."""
        keys = [cell.key() for cell in cells]
        missing = {
            key: cell
            for key, cell in zip(keys, cells, strict=True)
            if key not in self._jobs and self._find(key) is None
        }
        for group in _together(missing, self._workers):
            job = _Job(group, None if self._workers == 1 else self._start(group))
            self._jobs.update(dict.fromkeys(group, job))
        return keys

    def finish(self, keys: Sequence[str]) -> list[RunResult]:
        """The results of cells that were begun, in order."""
        for key in keys:
            if key in self._jobs:
                self._done(self._jobs[key])
            if self._on_cell is not None:
                self._on_cell()
        return [self._known[key] for key in keys]

    def results(self, cells: Sequence[Cell]) -> list[RunResult]:
        """The result of each cell, in order."""
        return self.finish(self.begin(cells))

    def _start(self, group: dict[str, Cell]) -> Future[list[RunResult]]:
        if self._pool is None:
            self._pool = processes(self._workers)
        future = start_in(self._pool, run, list(group.values()))
        future.add_done_callback(lambda done: self._keep_done(group, done))
        return future

    def _keep_done(self, group: dict[str, Cell], done: Future[list[RunResult]]) -> None:
        """Keep what another process has just finished; called beside the main thread, which meets any fault."""
        if done.cancelled() or done.exception() is not None:
            return
        try:
            self._keep(group, done.result())
        except (CurateError, OSError) as fault:
            self._fault = fault

    def _done(self, job: _Job) -> None:
        if job.future is None:
            results = run(list(job.cells.values()))
            self._keep(job.cells, results)
        else:
            results = job.future.result()
        if self._fault is not None:
            raise self._fault
        for key, result in zip(job.cells, results, strict=True):
            self._known[key] = result
            del self._jobs[key]
        self.n_trained += len(results)

    def _find(self, key: str) -> RunResult | None:
        if key not in self._known and self._store is not None:
            place = self._store.find(key)
            if place is not None:
                self._known[key] = read(place)
        return self._known.get(key)

    def _keep(self, group: dict[str, Cell], results: Sequence[RunResult]) -> None:
        if self._store is not None:
            for key, result in zip(group, results, strict=True):
                self._store.make(key, lambda folder, result=result: write(result, folder))  # type: ignore[misc]


def _together(cells: dict[str, Cell], workers: int) -> list[dict[str, Cell]]:
    """Cells dealt into groups of one learner, none larger than the learner likes or leaves a worker idle."""
    by_learner: dict[str, list[str]] = {}
    for key, cell in cells.items():
        by_learner.setdefault(digest(cell.learner.identity()), []).append(key)
    dealt = []
    for same in by_learner.values():
        at_once = cells[same[0]].learner.fits_at_once
        most = max(1, min(at_once, -(-len(same) // workers)))
        dealt += [{key: cells[key] for key in same[low : low + most]} for low in range(0, len(same), most)]
    return dealt
