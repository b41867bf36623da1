"""Cells: one arm in one replicate: train, predict the sealed test rows, keep what the model says of them.

A cell is named by everything that can change its result: training, validation and test rows, learner and seed. Equal
cells are trained once, whichever arm asks, and with a store they outlive the process. Cells of one learner are trained
together where it does that better.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

from curate.data.digest import digest
from curate.errors import CurateError
from curate.learn.examples import Examples
from curate.learn.learner import Fit, Fitted, Learner
from curate.learn.monitored import Monitored
from curate.learn.outputs import Outputs
from curate.measure.sheets import Sheet
from curate.measure.timing import Timing, time_model


@dataclass(frozen=True, eq=False)
class Cell:
    """What one training needs.

    Attributes:
        writes: the model's own text after each row is wanted, too.
        sheets: rows to be predicted beside the test rows.
        timed: how long single rows and small batches take is wanted, and how large the model is.
    """

    learner: Learner
    train: Examples
    validation: Examples | None
    test: Examples
    seed: int
    writes: bool = False
    sheets: tuple[Sheet, ...] = ()
    timed: bool = False

    def key(self) -> str:
        """The identity of the result."""
        rows = ["" if part is None else part.digest for part in (self.train, self.validation, self.test)]
        seed = 0 if self.learner.deterministic else self.seed
        more: list[object] = [name for name in ("writes", "timed") if getattr(self, name)]
        more += [sheet.identity for sheet in self.sheets]
        return digest("cell/4", rows, self.learner.identity(), seed, self.test.n_classes, *more)


@dataclass(frozen=True, eq=False)
class RunResult:
    """What came of a cell.

    Attributes:
        outputs: what the model said of the test rows.
        n_train: training rows.
        n_steps: optimiser steps done.
        seconds: time of training and predicting.
        sheets: what it said of the rows of each sheet.
        predicting: the part of `seconds` that the test rows took.
        timing: how long single rows take and how large the model is, where it was asked.
        monitored: the curve of the training, where the learner has one.
    """

    outputs: Outputs
    n_train: int
    n_steps: int
    seconds: float
    sheets: Mapping[str, Outputs] = field(default_factory=dict)
    predicting: float = 0.0
    timing: Timing | None = None
    monitored: Monitored | None = None


def run(cells: Sequence[Cell]) -> list[RunResult]:
    """Train cells of one learner, and predict."""
    began, results = perf_counter(), []
    fits = [Fit(cell.train, cell.validation, cell.seed) for cell in cells]
    for cell, model in zip(cells, cells[0].learner.fit_many(fits), strict=True):
        fitted = perf_counter()
        outputs = _said(model, cell.test, writes=cell.writes)
        ended = perf_counter()
        sheets = {sheet.name: _said(model, sheet.seen_by(model), writes=cell.writes) for sheet in cell.sheets}
        timing = time_model(model, cell.test) if cell.timed else None
        curve = Monitored.of(model, cell.train, cell.validation, cell.learner)
        results.append(
            RunResult(outputs, len(cell.train), model.n_steps, ended - began, sheets, ended - fitted, timing, curve)
        )
        began = perf_counter()
    return results


def _said(model: Fitted, rows: Examples, *, writes: bool) -> Outputs:
    values = model.predict(rows)
    if rows.task in ("classification", "multilabel"):
        values = values.astype(np.float32)
    return Outputs(values, _written(model, rows) if writes else None)


def _written(model: Fitted, rows: Examples) -> tuple[str, ...]:
    generate = getattr(model, "generate", None)
    if generate is None:
        hint = "a metric that reads no text (bits_per_byte), or a learner that writes: causal"
        raise CurateError("the metric reads what a model writes, and the learner's model writes nothing", hint=hint)
    return tuple(generate(rows.texts))


def write(result: RunResult, folder: Path) -> None:
    """Keep a result in a folder of its own."""
    rest = np.array([result.n_train, result.n_steps, result.seconds, result.predicting])
    every = [result.outputs, *result.sheets.values()]
    values = {f"values_{at}": outputs.values for at, outputs in enumerate(every)}
    np.savez(folder / "cell.npz", rest=rest, **values)  # type: ignore[arg-type]
    timing = None if result.timing is None else asdict(result.timing)
    curve = None if result.monitored is None else result.monitored.to_dict()
    texts = [outputs.texts for outputs in every]
    beside = {"sheets": list(result.sheets), "texts": texts, "timing": timing, "monitored": curve}
    (folder / "beside.json").write_text(json.dumps(beside), encoding="utf-8")


def read(folder: Path) -> RunResult:
    """The result that was kept in a folder."""
    beside = json.loads((folder / "beside.json").read_text(encoding="utf-8"))
    with np.load(folder / "cell.npz") as kept:
        n_train, n_steps, seconds, predicting = kept["rest"].tolist()
        test, *sheets = (
            Outputs(kept[f"values_{at}"], None if texts is None else tuple(texts))
            for at, texts in enumerate(beside["texts"])
        )
    timing = None if beside["timing"] is None else Timing(**beside["timing"])
    curve = None if beside["monitored"] is None else Monitored.from_dict(beside["monitored"])
    by_name = dict(zip(beside["sheets"], sheets, strict=True))
    return RunResult(test, int(n_train), int(n_steps), seconds, by_name, predicting, timing, curve)
