"""`augment.entity`: names give way to other names of the same type; the spans that mark them move along.

Mention replacement: Dai & Adel, "An Analysis of Simple Data Augmentation for Named Entity Recognition", COLING 2020.
The signal `entity_pool` gathers the names of each type once from the training rows; the rows themselves stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.signals import Learnt, SharedSignal, shared
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.roles import Roles
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError, InputError
from curate.kernels.draws import Draws
from curate.kernels.gazetteer import Gazetteer, Named, renamed
from curate.kernels.replacing import Span, outside
from curate.kernels.synonyms import read_table
from curate.transforms.augment.augmenter import Augmenter, allowed
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.spans import SpanLayout
from curate.transforms.augment.substitute import Table

_SIGNAL = "entity_pool"


class AugmentEntity(Augmenter):
    """Replaces entities by others of the same type.

    The entities are those that the first column of `spans` marks; each keeps its label, and every span moves to where
    its text now lies. Without such a column they are the names of `table`, found whole and as they are written. An
    entity that comes twice in the texts of a row gives way twice to the same other, and none to one they hold already.
    Entities that overlap another marked or protected span stay, each time they come.

    Attributes:
        spans: columns that mark spans of the text; the first one marks the entities, the others are carried.
        label: the field of an entity's span with its type.
        types: only entities of these types, each of which a `table` must have; every type where none is named.
        table: for each type its names; or a file: `.json` as `{"type": ["name"]}`, `.csv` or `.tsv` with a type and
            names in a row. Unless given, the names that the corpus's own spans mark.
        max_rate: the largest share of a text's different entities that are replaced in one variant, in (0, 1]; one
            always may.
        articles: set an English `a` or `an` before a replaced entity right.

    Example:
        >>> AugmentEntity(spans=["entities"], types=["PER"]).signals()
        {'entity_pool': {'columns': (), 'span_column': 'entities', 'label': 'label'}}
    """

    name: ClassVar[str] = "augment.entity"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"entity": "entities replaced by others of their type"}
    refusals: ClassVar[Mapping[str, str]] = {
        **Augmenter.refusals,
        "no_other": "there is no other entity of the type of any of its entities",
    }
    joint: ClassVar[bool] = True
    languages: ClassVar[str] = "any; a name is put in as it was found, so languages that inflect names need care"
    examples: ClassVar[Mapping[str, Example]] = {
        "entity": Example(
            ("We met in Paris.", "An Oslo paper came."), settings={"table": {"place": ["Oslo", "Paris", "York"]}}
        )
    }

    label: str = "label"
    types: tuple[str, ...] = ()
    table: Table | str | None = None
    max_rate: float = Field(1.0, gt=0, le=1)
    articles: bool = True

    @model_validator(mode="after")
    def _entities_are_told(self) -> Self:
        if not self.spans and self.table is None:
            raise ValueError("augment.entity needs a column that marks entities (spans) or names by type (table)")
        if isinstance(self.table, tuple) and (lacking := self._lacking(dict(self.table))):
            raise ValueError(lacking)
        return self

    def _lacking(self, table: Mapping[str, Sequence[str]]) -> str:
        """What a table has no names for of what was asked for; empty: it has names of every type."""
        lacking = [kind for kind in self.types if not table.get(kind)]
        told = f"it has names of: {', '.join(sorted(kind for kind, names in table.items() if names))}"
        return f"types: the table has no names of {', '.join(lacking)}; {told}" if lacking else ""

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """The names of the table, by type."""
        table = read_table(self.table) if isinstance(self.table, str) else dict(self.table or ())
        if self.table is not None and (lacking := self._lacking(table)):
            raise InputError(lacking, hint="name types that the table has")
        return {kind: sorted(set(names)) for kind, names in sorted(table.items())}

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer({kind: names for kind, names in self._named.items() if self._is_wanted(kind)})

    def __getstate__(self) -> dict[object, object]:
        """Without the loaded table: every worker loads its own."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

    def setup(self) -> None:
        _ = self._named if self.spans else self._gazetteer

    def revision(self) -> str:
        return digest("names", self._named) if isinstance(self.table, str) else ""

    def needed(self) -> frozenset[str]:
        return self.needs | {_SIGNAL} if self.table is None else self.needs

    def signals(self) -> dict[str, dict[str, Any]]:
        if self.table is not None:
            return {}
        return {_SIGNAL: {"columns": self.columns, "span_column": self.spans[0], "label": self.label}}

    def _is_wanted(self, kind: str) -> bool:
        return not self.types or kind in self.types

    def _columns(self, roles: Roles) -> tuple[str, ...]:
        columns = super()._columns(roles)
        return columns[:1] if self.spans else columns

    def _guarded(self, text: str, place: int, marked: Mapping[str, tuple[SpanLayout, list[Any]]]) -> list[Span]:
        return super()._guarded(text, place, {name: those for name, those in marked.items() if name != self.spans[0]})

    def varied(
        self,
        batch: Batch,
        places: Sequence[int],
        texts: Sequence[str],
        protected: Sequence[Sequence[Span]],
        draws: Sequence[Draws],
    ) -> Sequence[Variant | str]:
        pool = self._named if self.table is not None else _pool(shared(_SIGNAL, batch.signals[_SIGNAL]))
        if self.spans:
            entities = _Entities.of(batch, self.spans[0], self.label)
            found = [entities.of_row(place, text) for place, text in zip(places, texts, strict=True)]
        else:
            found = [self._gazetteer.find(text) for text in texts]
        return [
            self._variant(text, [one for one in those if self._is_wanted(one.kind)], pool, guard, stream)
            for text, those, guard, stream in zip(texts, found, protected, draws, strict=True)
        ]

    def _variant(
        self,
        text: str,
        found: Sequence[Named],
        pool: Mapping[str, Sequence[str]],
        protected: Sequence[Span],
        draws: Draws,
    ) -> Variant | str:
        free = {edit[:2] for edit in outside([(one.start, one.end, "") for one in found], protected)}
        bound = {text[one.start : one.end] for one in found if one[:2] not in free}
        found = [one for one in found if text[one.start : one.end] not in bound]
        if not found:
            return "unchanged"
        made = renamed(text, found, pool, max_rate=self.max_rate, articles=self.articles, draws=draws)
        return allowed(made, text, protected) if made else "no_other"


class _Entities:
    """The entities that a column marks."""

    def __init__(self, layout: SpanLayout, column: str, cells: list[Any], label: str) -> None:
        self._layout, self._column, self._cells, self._label = layout, column, cells, label

    @classmethod
    def of(cls, batch: Batch, column: str, label: str) -> _Entities:
        """The entities of a batch.

        Raises:
            ColumnError: there is no such column, it marks no spans, or they have no such field.
        """
        if column not in batch.rows.schema.names:
            raise ColumnError(f"there is no column {column!r} that could mark entities", hint="name it with spans")
        kind = batch.rows.schema.field(column).type
        layout = SpanLayout.of(column, kind)
        if label not in layout.fields(kind):
            told = ", ".join(layout.fields(kind))
            raise ColumnError(
                f"the spans of {column!r} have no field {label!r} with their type: {told}", hint="label: …"
            )
        return cls(layout, column, batch.column(column).to_pylist(), label)

    def of_row(self, place: int, text: str) -> list[Named]:
        """Those of one row that overlap no other and lie in its text, ascending."""
        cell = self._cells[place]
        spans, kinds = self._layout.spans(cell, self._column), self._layout.values(cell, self._label)
        marked = sorted(
            (start, end, str(kind)) for (start, end), kind in zip(spans, kinds, strict=True) if kind is not None
        )
        found: list[Named] = []
        reach = 0
        for at, (start, end, kind) in enumerate(marked):
            follows = marked[at + 1][0] if at + 1 < len(marked) else len(text)
            if reach <= start < end <= min(follows, len(text)):
                found.append(Named(start, end, kind))
            reach = max(reach, end)
        return found


@lru_cache(maxsize=4)
def _pool(learnt: Learnt) -> dict[str, list[str]]:
    pool: dict[str, list[str]] = {}
    for kind, name in zip(*(learnt.columns[name].to_pylist() for name in ("kind", "name")), strict=True):
        pool.setdefault(kind, []).append(name)
    return pool


class EntityPool(SharedSignal):
    """The names of each type that the corpus's own spans mark. The settings are those of `augment.entity`.

    Attributes:
        columns: the first of them is the text; unless given, the first column with the role text.
        span_column: the column that marks entities.
        label: the field of a span with its type.
    """

    name: ClassVar[str] = _SIGNAL
    version: ClassVar[str] = "1"

    columns: tuple[str, ...] = ()
    span_column: str
    label: str = "label"

    def learn(self, corpus: Corpus, seed: int) -> dict[str, pa.Array]:
        found: set[tuple[str, str]] = set()
        for batch in corpus.batches():
            entities = _Entities.of(batch, self.span_column, self.label)
            texts = as_strings(batch.column((*self.columns, *corpus.roles.text)[0]))
            for place, text in enumerate(texts):
                told = str(text or "")
                found.update((one.kind, told[one.start : one.end]) for one in entities.of_row(place, told))
        pairs = sorted((kind, name) for kind, name in found if name.strip())
        return {
            "kind": pa.array([kind for kind, _ in pairs], pa.string()),
            "name": pa.array([name for _, name in pairs], pa.string()),
        }
