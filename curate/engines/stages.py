"""Stages: one step on one batch, with the rows that fail set aside.

A stage is what a step becomes when it meets rows: a row transform plans each batch; a dataset transform has decided
already and hands out the edits of the batch. Either way `curate.data.apply` does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.signals import RowSignal, Signal, own_values
from curate.core.transform import RowTransform, Transform, widened
from curate.data.apply import apply
from curate.data.edits import Edits
from curate.data.lineage import StepCount, quarantine_row
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.engines.kept import KeptValues
from curate.errors import AccountingError, CurateError
from curate.kernels.pii.mask import mask_text

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Failed:
    """Rows that a step could not work on, each with its cause."""

    causes: Mapping[int, str] = field(default_factory=dict)

    def rows(self, batch: Batch, step: str) -> list[dict[str, Any]]:
        """The quarantine rows for those of `batch`, with all their cells."""
        at = [i for i, row_id in enumerate(batch.row_ids.tolist()) if row_id in self.causes]
        cells = batch.rows.take(pa.array(at, pa.int64())).to_pylist()
        return [
            quarantine_row(
                self.causes[row_id], raw=json.dumps(row, default=repr, ensure_ascii=False), row_id=row_id, step=step
            )
            for row_id, row in zip(batch.row_ids[at].tolist(), cells, strict=True)
        ]


def isolate(work: Callable[[Batch], T], batch: Batch) -> tuple[list[T], dict[int, str]]:
    """Do `work` on a batch; where it raises, on its halves, until each failing row stands alone.

    One bad row costs one row, never its batch. A `CurateError` concerns no single row and is raised.

    Returns:
        The results of the parts that worked, and the cause for each row that failed.
    """
    try:
        return [work(batch)], {}
    except (CurateError, AccountingError):
        raise
    except Exception as error:  # noqa: BLE001  # a transform may raise anything on a bad row: it is kept with its cause
        if len(batch) == 1:
            said = mask_text(str(error).split("\n")[0])[:200]  # it may quote the row
            return [], {int(batch.row_ids[0]): f"{type(error).__name__}: {said}"}
    half = len(batch) // 2
    first, failed = isolate(work, batch.slice(0, half))
    second, more = isolate(work, batch.slice(half, len(batch) - half))
    return first + second, {**failed, **more}


def without(batch: Batch, causes: Mapping[int, str]) -> Batch:
    """The batch without the rows that failed."""
    if not causes:
        return batch
    keep = np.array([row_id not in causes for row_id in batch.row_ids.tolist()], dtype=bool)
    at = pa.array(np.flatnonzero(keep))
    signals = {name: values.take(at) for name, values in batch.signals.items()}
    return Batch(batch.rows.take(at), batch.row_ids[keep], batch.roles, signals)


@dataclass(frozen=True, eq=False)
class Stage:
    """One step, ready to work on batches."""

    step: str
    transform: Transform

    @property
    def notes(self) -> tuple[str, ...]:
        """What the transform has to say of how it came to its edits."""
        return ()

    @property
    def refused(self) -> Mapping[str, int]:
        """How many rows the transform could have added and did not, by the reason, where it decides once for all."""
        return {}

    def prepare(self) -> None:
        """Load what the step needs, once per process."""

    def opened(self, keep: Callable[[RowSignal], KeptValues]) -> Stage:
        """The stage for one chunk whose row signals are kept."""
        return self

    def close(self) -> None:
        """Save what the chunk has computed, once all its rows are through."""

    def plan(self, batch: Batch) -> tuple[Edits, Mapping[int, str]]:
        """The edits of a batch, and the cause for each of its rows that failed."""
        raise NotImplementedError

    def work(self, batch: Batch, count: StepCount) -> tuple[Batch, pa.Table, list[dict[str, Any]]]:
        """The batch after the step, its lineage events and its quarantined rows; adds to `count`."""
        began = perf_counter()
        batch = widened(batch, self.transform)
        edits, causes = self.plan(batch)
        count.note(edits.notes)
        count.refuse(edits.refused)
        bad = Failed(causes).rows(batch, self.step) if causes else []
        after, happened = apply(without(batch, causes), edits, step=self.step, private=self.transform.private)
        count.count(len(batch), len(after), happened, len(bad))
        count.seconds += perf_counter() - began
        return after, happened, bad


@dataclass(frozen=True, eq=False)
class Planned(Stage):
    """A row transform: each batch is planned as it comes.

    `signals` were computed before, for all rows; those of `providers` are computed in the stream, or taken from `kept`;
    those of `held` are columns of the rows, each with the type it is read as.
    """

    transform: RowTransform
    seed: int
    signals: Mapping[str, Signal] = field(default_factory=dict)
    providers: tuple[RowSignal, ...] = ()
    held: Mapping[str, pa.DataType | None] = field(default_factory=dict)
    kept: Mapping[str, KeptValues] = field(default_factory=dict)

    def prepare(self) -> None:
        self.transform.setup()
        for provider in self.providers:
            provider.setup()

    def opened(self, keep: Callable[[RowSignal], KeptValues]) -> Stage:
        return replace(self, kept={provider.name: keep(provider) for provider in self.providers})

    def close(self) -> None:
        for values in self.kept.values():
            values.save()

    def plan(self, batch: Batch) -> tuple[Edits, Mapping[int, str]]:
        if not len(batch):
            return Edits(), {}
        random = StepRandom(self.seed, self.step)
        batch = batch.with_signals({name: signal.at(batch.row_ids) for name, signal in self.signals.items()})
        edits, causes = isolate(lambda part: self.transform.plan(self._with_row_signals(part), random), batch)
        return Edits.concat(edits), causes

    def _with_row_signals(self, batch: Batch) -> Batch:
        if not self.providers and not self.held:
            return batch
        held = {name: own_values(name, kind, batch.column(name)) for name, kind in self.held.items()}
        computed = {one.name: self.kept.get(one.name, one).values(batch) for one in self.providers}
        return batch.with_signals({**batch.signals, **held, **computed})


@dataclass(frozen=True, eq=False)
class Decided(Stage):
    """A dataset transform that has decided: its edits are in memory, or in a folder of Arrow files."""

    place: Path | Edits
    failed: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def edits(self) -> Edits:
        return self.place if isinstance(self.place, Edits) else read_edits(self.place)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.edits.notes

    @property
    def refused(self) -> Mapping[str, int]:
        return self.edits.refused

    def plan(self, batch: Batch) -> tuple[Edits, Mapping[int, str]]:
        here = (
            {row_id: self.failed[row_id] for row_id in batch.row_ids.tolist() if row_id in self.failed}
            if self.failed
            else {}
        )
        return self.edits.within(without(batch, here).row_ids), here


def shape(schema: pa.Schema, roles: Roles, stages: list[Stage]) -> tuple[pa.Schema, Roles]:
    """Columns and roles after all stages."""
    for stage in stages:
        schema, roles = stage.transform.output(schema, roles)
    return schema, roles


def write_edits(edits: Edits, folder: Path) -> None:
    """Write edits as one Arrow file per kind, with the kinds named in a small index, and what they tell beside it."""
    named = edits.tables()
    for number, table in enumerate(named.values()):
        with pa.OSFile(str(folder / f"{number}.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    (folder / "edits.json").write_text(json.dumps(list(named)))
    if edits.notes or edits.refused:
        (folder / "told.json").write_text(json.dumps({"notes": edits.notes, "refused": dict(edits.refused)}))


def read_edits(folder: Path) -> Edits:
    """The inverse of `write_edits`, memory-mapped."""
    named = {}
    for number, name in enumerate(json.loads((folder / "edits.json").read_text())):
        with pa.memory_map(str(folder / f"{number}.arrow")) as source:
            named[name] = pa.ipc.open_file(source).read_all()
    place = folder / "told.json"
    told = json.loads(place.read_text()) if place.exists() else {"notes": (), "refused": {}}
    return replace(Edits.from_tables(named), notes=tuple(told["notes"]), refused=told["refused"])
