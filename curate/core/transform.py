"""Transforms: what can be done to rows. A transform proposes `Edits` and never changes anything itself.

A `RowTransform` sees a batch and needs no other row: it streams and fuses with its neighbours. A `DatasetTransform`
first sums up each batch, then decides over the whole summary; neither may depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import BaseModel

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch

ROLE_NAMES = frozenset(Roles.model_fields)


class Transform(BaseModel, frozen=True, extra="forbid"):
    """What every transform declares. Its fields are its settings: validated, hashable, with a JSON schema.

    Attributes:
        name: the registry name, `family.thing`.
        version: raised whenever the same settings give other edits.
        reasons: every reason code its edits may have, with what each means.
        needs: the roles and signals it reads.
        placebo: what does "the same amount of nothing" in a measurement: `matched` (dropping as many random rows of
            the same class, adding plain copies of the same parents) or `resample` (adding copies of random rows).
        private: its lineage keeps no text, and that of every step of the same run keeps what `conceal` leaves.
        keeps_cells: its edits drop rows and do nothing else, so that whatever is known of the other rows still holds.
        uncounted: settings that do not change the edits.
        without: for a role that it asks for, how to set it so that it does without.
        languages: the languages it is valid for, and what it does with a text of another one.
        examples: for each reason a row it gives that reason to, for `curate show` and the page of the transform.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    reasons: ClassVar[Mapping[str, str]]
    needs: ClassVar[frozenset[str]] = frozenset({"text"})
    placebo: ClassVar[Literal["matched", "resample"]] = "matched"
    private: ClassVar[bool] = False
    keeps_cells: ClassVar[bool] = False
    uncounted: ClassVar[frozenset[str]] = frozenset()
    without: ClassVar[Mapping[str, str]] = {}
    languages: ClassVar[str] = "any"
    examples: ClassVar[Mapping[str, Example]] = {}

    def needed(self) -> frozenset[str]:
        """The roles and signals it reads with these settings: `needs`, unless a setting asks for more."""
        return self.needs

    def signals(self) -> dict[str, dict[str, Any]]:
        """Each signal it needs, with the settings of the provider."""
        return {name: {} for name in sorted(self.needed() - ROLE_NAMES)}

    def revision(self) -> str:
        """The revision of whatever it loads that no setting names (a model, a word list); empty where there is none."""
        return ""

    def figures(self) -> dict[str, Any]:
        """What follows from its settings and is worth knowing before a run: plain values by name, as evidence is."""
        return {}

    def conceal(self, texts: pa.Array) -> pa.Array:
        """Of a private transform: what may be kept of texts of the same run, as strings; nothing at all by default."""
        return pa.nulls(len(texts), texts.type)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        """The columns and roles after this transform; new columns are filled with nulls before the edits come."""
        return schema, roles


class RowTransform(Transform):
    """A transform that decides each row by itself."""

    def setup(self) -> None:
        """Load once per worker what `plan` needs: a model, an automaton. Nothing by default."""
        return

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        """Propose edits of the rows in `batch` (at least one); the same for a row whatever stands beside it."""
        raise NotImplementedError


class DatasetTransform(Transform):
    """A transform that must see every row before it decides."""

    def summarize(self, batch: Batch) -> pa.Table:
        """Sum up a batch of at least one row: a table whose first column is `row_id`, of the same schema for every
        batch.

        Called on any worker with any batch size.
        """
        raise NotImplementedError

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        """Propose edits from the summaries of all rows (there may be none); their order must not matter."""
        raise NotImplementedError


def by_row_id(summary: pa.Table) -> pa.Table:
    """A summary in the order of its row ids; the table itself, still memory-mapped, where it stands so already."""
    row_ids = summary.column("row_id").to_numpy()
    return summary if (row_ids[1:] >= row_ids[:-1]).all() else summary.sort_by("row_id")


def widened(batch: Batch, transform: Transform) -> Batch:
    """The batch with the columns and roles that a transform adds; new cells are null."""
    schema, roles = transform.output(batch.rows.schema, batch.roles)
    if schema is batch.rows.schema and roles is batch.roles:
        return batch
    rows = batch.rows
    for name in schema.names:
        if name not in rows.schema.names:
            rows = rows.append_column(schema.field(name), pa.nulls(len(batch), schema.field(name).type))
    return Batch(rows.replace_schema_metadata(schema.metadata), batch.row_ids, roles, batch.signals)
