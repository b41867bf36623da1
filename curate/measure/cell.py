"""Cells: one arm in one replicate: train, predict the sealed test rows, keep the probabilities.

A cell is named by everything that can change its result: training, validation and test rows, learner and seed. Equal
cells are trained once, whichever arm asks, and with a store they outlive the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from curate.data.digest import digest
from curate.data.store import Store
from curate.engines.processes import map_in, processes
from curate.kernels.hashing import hash_texts_128
from curate.learn.learner import Examples, Learner


@dataclass(frozen=True, eq=False)
class Cell:
    """What one training needs."""

    learner: Learner
    train: Examples
    validation: Examples | None
    test: Examples
    seed: int

    def key(self) -> str:
        """The identity of the result."""
        rows = [_rows_digest(part) for part in (self.train, self.validation, self.test)]
        seed = 0 if self.learner.deterministic else self.seed
        return digest("cell", rows, self.learner.identity(), seed, self.test.n_classes)


@dataclass(frozen=True, eq=False)
class RunResult:
    """What came of a cell.

    Attributes:
        probs: class probabilities of the test rows, float32, shape (n_test, n_classes).
        n_train: training rows.
        n_steps: optimiser steps done.
        seconds: time of training and predicting.
    """

    probs: NDArray[np.float32]
    n_train: int
    n_steps: int
    seconds: float


def _rows_digest(rows: Examples | None) -> str:
    if rows is None:
        return ""
    weights = [] if rows.weights is None else [digest(rows.weights.tobytes().hex())]
    return digest(hash_texts_128(rows.texts).tobytes().hex(), rows.labels.tobytes().hex(), weights)


def run(cell: Cell) -> RunResult:
    """Train and predict."""
    began = perf_counter()
    model = cell.learner.fit(cell.train, validation=cell.validation, seed=cell.seed)
    probs = model.predict_proba(cell.test.texts).astype(np.float32)
    return RunResult(probs, len(cell.train), model.n_steps, perf_counter() - began)


class Bench:
    """Where cells are run: each once, in this process or in several, kept in a store where there is one.

    Args:
        store: keeps results; None: only as long as this object.
        workers: processes.
        on_cell: called after each cell that was asked for.
    """

    def __init__(self, store: Store | None, workers: int, on_cell: Callable[[], None] | None = None) -> None:
        self._store, self._workers, self._on_cell = store, workers, on_cell
        self._known: dict[str, RunResult] = {}
        self._pool: ProcessPoolExecutor | None = None
        self.n_trained = 0

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=raised[0] is None, cancel_futures=True)

    def results(self, cells: Sequence[Cell]) -> list[RunResult]:
        """The result of each cell, in order."""
        keys = [cell.key() for cell in cells]
        missing = {key: cell for key, cell in zip(keys, cells, strict=True) if self._find(key) is None}
        for key, result in zip(missing, self._run(list(missing.values())), strict=True):
            self._keep(key, result)
            self.n_trained += 1
            self._tell()
        for _ in range(len(cells) - len(missing)):
            self._tell()
        return [self._known[key] for key in keys]

    def _tell(self) -> None:
        if self._on_cell is not None:
            self._on_cell()

    def _run(self, cells: list[Cell]) -> Iterator[RunResult]:
        if self._workers == 1 or len(cells) < 2:
            return map(run, cells)
        if self._pool is None:
            self._pool = processes(self._workers)
        return map_in(self._pool, run, cells)

    def _find(self, key: str) -> RunResult | None:
        if key not in self._known and self._store is not None:
            place = self._store.find(key)
            if place is not None:
                self._known[key] = _read(place)
        return self._known.get(key)

    def _keep(self, key: str, result: RunResult) -> None:
        self._known[key] = result
        if self._store is not None:
            self._store.make(key, lambda folder: _write(result, folder))


def _write(result: RunResult, folder: Path) -> None:
    np.savez(folder / "cell.npz", probs=result.probs, rest=np.array([result.n_train, result.n_steps, result.seconds]))


def _read(folder: Path) -> RunResult:
    with np.load(folder / "cell.npz") as kept:
        n_train, n_steps, seconds = kept["rest"].tolist()
        return RunResult(kept["probs"], int(n_train), int(n_steps), seconds)
