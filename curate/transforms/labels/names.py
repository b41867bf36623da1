"""`labels.merge_names`: give classes whose names mean the same one name: `Sports`, `sports ` and `SPORTS!`.

The check `class_names` proposes the map; this step does what it is told and logs every label it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform
from curate.data.edits import Edits
from curate.data.roles import class_names
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.names import same_names

Names = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(lambda given: tuple(sorted(given.items())) if isinstance(given, Mapping) else given),
    PlainSerializer(dict, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
"""A map of names; written as one, kept as pairs so that it can be hashed."""


class MergeNames(DatasetTransform):
    """Gives rows of classes that mean the same the name of the most frequent of them.

    What is named in `merge` goes where it says. Of the other classes those with one normal form (case, white space,
    punctuation and Unicode form aside) are one, and on request those that are nearly alike. Names with different
    numbers are never one (`class_1`, `class_2`); by similarity neither are words of fewer than five letters, nor names
    that begin differently (`legal`, `illegal`). Class numbers go by their names (`ClassLabel`); the list of declared
    names stays as it is. Labels that are null stay null.

    Attributes:
        merge: for the name of a class the name it gets; a name that no row has yet only where labels are text.
        normal_form: classes with one normal form become one.
        min_similarity: classes at least so alike become one too, 0 to 1; 0.85 finds a slip in a word of eight letters.
        max_share: by similarity a class only joins one of which it has at most this share of the rows, 0 to 1.

    Example:
        >>> MergeNames(merge={"sport": "Sports"}).model_dump()["merge"]
        {'sport': 'Sports'}
    """

    name: ClassVar[str] = "labels.merge_names"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "same_name": "the name of the class means the same as another; score is how alike they are"
    }
    needs: ClassVar[frozenset[str]] = frozenset({"label"})
    examples: ClassVar[Mapping[str, Example]] = {
        "same_name": Example(
            tuple({"text": "a goal", "label": label} for label in ("Sports", "sports ", "SPORTS!", "Sports", "Art"))
        )
    }

    merge: Names = Field((), json_schema_extra={"default": {}})
    normal_form: bool = True
    min_similarity: float | None = Field(None, gt=0, le=1)
    max_share: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _no_chains(self) -> Self:
        wanted = dict(self.merge)
        for name, target in self.merge:
            if target in wanted and wanted[target] != target:
                raise ValueError(f"merge gives {name!r} the name {target!r}, which itself becomes {wanted[target]!r}")
        return self

    def summarize(self, batch: Batch) -> pa.Table:
        labels, name = batch.labels(), str(batch.roles.label)
        labels = labels.dictionary_decode() if pa.types.is_dictionary(labels.type) else labels
        classes = class_names(batch.rows.schema, name)
        text = pa.types.is_string(labels.type) or pa.types.is_large_string(labels.type) or classes
        if not (text or pa.types.is_null(labels.type)):
            raise ColumnError(
                f"the labels in {name!r} are {labels.type} without names of classes",
                hint="leave labels.merge_names out",
            )
        names = _named(labels, classes) if classes else labels.cast(pa.large_string())
        return pa.table({"row_id": batch.row_ids, "name": names, f"label:{name}": labels})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        column = summary.column_names[2]
        names, labels = _one(summary.column("name")), _one(summary.column(column))
        counts = {row["values"]: row["counts"] for row in names.value_counts().to_pylist() if row["values"] is not None}
        wanted = self._wanted(counts)
        if not wanted:
            return Edits()
        cells = {target: _label(target, names, labels) for target, _ in wanted.values()}
        at = pc.indices_nonzero(pc.is_in(names, value_set=pa.array(sorted(wanted), names.type)))
        old = names.take(at).to_pylist()
        values = pa.array([cells[wanted[name][0]] for name in old], labels.type)
        scores = [wanted[name][1] for name in old]
        return Edits.set(
            column.removeprefix("label:"),
            summary.column("row_id").take(at).to_numpy(),
            values,
            "same_name",
            score=scores,
        )

    def _wanted(self, counts: Mapping[str, int]) -> dict[str, tuple[str, float]]:
        """For each name that goes, the name that comes and how alike they are."""
        given = {name: target for name, target in self.merge if name in counts and name != target}
        left = {name: n for name, n in counts.items() if name not in given}
        for name, target in given.items():
            left[target] = left.get(target, 0) + counts[name]
        found = same_names(
            left, normal_form=self.normal_form, min_similarity=self.min_similarity, max_share=self.max_share
        )
        joined = {name: (found[target][0] if target in found else target, 1.0) for name, target in given.items()}
        return {**{name: pair for name, pair in found.items() if name in counts}, **joined}


def _named(labels: pa.Array, classes: list[str]) -> pa.Array:
    """The names of class numbers; a number without a name is its own."""
    known = pc.and_(pc.greater_equal(labels, 0), pc.less(labels, len(classes)))
    index = pc.if_else(known, labels, pa.scalar(None, labels.type))
    return pc.coalesce(pa.array(classes, pa.large_string()).take(index), labels.cast(pa.large_string()))


def _label(name: str, names: pa.Array, labels: pa.Array) -> Any:
    """The label that stands for a name.

    Raises:
        ColumnError: labels are class numbers, and no row has one of that name.
    """
    at = pc.index(names, pa.scalar(name, names.type)).as_py()
    if at >= 0:
        return labels[at].as_py()
    if pa.types.is_integer(labels.type):
        raise ColumnError(
            f"no row has the class {name!r}, so its number is not known", hint="merge into a class with rows"
        )
    return name


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
