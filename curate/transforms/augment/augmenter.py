"""What every augmenter is: it writes variants of a text, and everything else is done here, once.

Here rows are chosen and draws keyed, spans are carried, protected stretches guarded, edits kept by offset, and variants
that are none (unchanged, twice the same) refused and counted. A subclass says how one text varies: `EditAugmenter` by
replacements, `RewriteAugmenter` by writing texts anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from curate.core.random import StepRandom, key
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError
from curate.kernels.draws import Draws
from curate.kernels.protected import protected_spans, suspects
from curate.kernels.replacing import Replacement, Span, differences, ordered, outside
from curate.transforms.augment.draft import Draft, Variant, edits_of, told_together
from curate.transforms.augment.spans import SpanLayout


class Augmenter(RowTransform):
    """Adds variants of rows, or sets their texts.

    Attributes:
        n: variants of each row.
        fraction: the share of rows that get variants, in [0, 1]; which rows is drawn for each by itself.
        in_place: set the text of the row instead of adding rows; `n` is then 1.
        columns: the text columns that vary; every column with the role text where none is named.
        spans: columns that mark spans of the first of them; they are carried, and what they mark is not touched.
        protect_pattern: a regular expression whose matches are not touched, beside addresses, mentions, placeholders,
            tags, entities of HTML (`&gt;`) and code, which never are.
    """

    refusals: ClassVar[Mapping[str, str]] = {
        "unchanged": "nothing in the text could be varied",
        "repeated": "the same variant as another of this row",
        "protected": "the variant loses what must stay",
    }
    """Why a variant may not become a row, with what each means; subclasses add theirs."""
    joint: ClassVar[bool] = False
    """Whether the text columns vary as one text: who has a name in a premise has the same in its hypothesis."""

    n: int = Field(1, ge=1, le=1000)
    fraction: float = Field(1.0, ge=0, le=1)
    in_place: bool = False
    columns: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    protect_pattern: str | None = None

    @field_validator("protect_pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            protected_spans("", pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return pattern

    @field_validator("columns")
    @classmethod
    def _each_once(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(columns)) < len(columns):
            raise ValueError(f"a column varies once: {', '.join(columns)}")
        return columns

    @model_validator(mode="after")
    def _one_in_place(self) -> Self:
        if self.in_place and self.n != 1:
            raise ValueError(f"in_place sets a text once: n is 1 and not {self.n}")
        return self

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterable[Variant | str]:
        """A variant of each text, or the refusal why there is none; one at a time takes least memory and time.

        Args:
            texts: n texts.
            protected: of each text the spans that must stay, ascending.
            draws: a stream of draws for each, by its row and copy.
        """
        raise NotImplementedError

    def varied(
        self,
        batch: Batch,
        places: Sequence[int],
        texts: Sequence[str],
        protected: Sequence[Sequence[Span]],
        draws: Sequence[Draws],
    ) -> Iterable[Variant | str]:
        """`variants`, for augmenters that read other cells or signals of the rows, too: `places` in `batch`."""
        return self.variants(texts, protected, draws)

    def settle(self, batch: Batch, drafts: Sequence[Draft]) -> None:
        """What else follows once all texts are written: other cells of a draft, or its refusal. Nothing by default."""
        return

    def chosen(self, batch: Batch, random: StepRandom) -> NDArray[np.bool_]:
        """Which rows get variants, shape (n,)."""
        return np.asarray(random.uniform(batch.row_ids) < self.fraction)

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        chosen = np.flatnonzero(self.chosen(batch, random))
        rows = zip(chosen.tolist(), batch.row_ids[chosen].tolist(), strict=True)
        drafts = [Draft(place, row_id, copy) for place, row_id in rows for copy in range(self.n)]
        self.fill(batch, drafts, random)
        default = next(iter(self.reasons))
        edits = edits_of(batch, drafts, random, in_place=self.in_place, default_reason=default)
        notes = self.troubles(edits.refused)
        return replace(edits, notes=notes) if notes else edits

    def troubles(self, refused: Mapping[str, int]) -> tuple[str, ...]:
        """What kept it from its work, one line each, for the people who read; `refused` counts by reason."""
        return ()

    def fill(self, batch: Batch, drafts: Sequence[Draft], random: StepRandom) -> None:
        """Write the variants of rows of a batch into drafts, or their refusals; the same for a row and copy always."""
        columns = self._columns(batch.roles)
        for number, group in enumerate([columns] if self.joint else [(column,) for column in columns]):
            self._vary(batch, group, drafts, random, spans=() if number else self.spans)
        self.settle(batch, drafts)

    def _columns(self, roles: Roles) -> tuple[str, ...]:
        for column in self.columns:
            if column not in roles.text:
                raise ColumnError(f"{column!r} has not the role text", hint=f"text columns: {', '.join(roles.text)}")
        return self.columns or roles.text

    def _vary(
        self, batch: Batch, columns: Sequence[str], drafts: Sequence[Draft], random: StepRandom, spans: Sequence[str]
    ) -> None:
        """Write the variants of one column, or of several as one text, into the drafts."""
        cells = [as_strings(batch.column(column)) for column in columns]
        texts, marked = told_together(cells), self._marked(batch, spans)
        told = [draft for draft in drafts if texts[draft.place] is not None]
        places = [draft.place for draft in told]
        given = [text for text in (texts[place] for place in places) if text is not None]
        guarded = self._all_guarded(dict(zip(places, given, strict=True)), marked)
        copies, which = np.unique([draft.copy for draft in told], return_inverse=True)
        salts = np.array([key(copy) for copy in copies.tolist()], np.uint64)[which]
        draws = Draws.streams(random.bits([draft.parent for draft in told], key(*columns) % (1 << 32)) ^ salts)
        said = self.varied(batch, places, given, [guarded.get(place, ()) for place in places], draws)
        for draft, text, variant in zip(told, given, said, strict=True):
            if isinstance(variant, str):
                draft.refused = draft.refused or variant
            elif len(columns) == 1:
                draft.take(columns[0], text, variant, marked)
            else:
                draft.take_parts(columns, [column[draft.place] or "" for column in cells], variant, marked)

    def _marked(self, batch: Batch, columns: Sequence[str]) -> dict[str, tuple[SpanLayout, list[Any]]]:
        for column in columns:
            if column not in batch.rows.schema.names:
                raise ColumnError(f"there is no column {column!r} that could mark spans")
        return {
            column: (SpanLayout.of(column, batch.rows.schema.field(column).type), batch.column(column).to_pylist())
            for column in columns
        }

    def _all_guarded(
        self, texts: Mapping[int, str], marked: Mapping[str, tuple[SpanLayout, list[Any]]]
    ) -> dict[int, list[Span]]:
        """What may not be touched, by place; places that have nothing of it are left out where that costs no look."""
        if marked or self.protect_pattern is not None:
            return {place: self._guarded(text, place, marked) for place, text in texts.items()}
        places = list(texts)
        return {
            places[at]: self._guarded(texts[places[at]], places[at], marked) for at in suspects(list(texts.values()))
        }

    def _guarded(self, text: str, place: int, marked: Mapping[str, tuple[SpanLayout, list[Any]]]) -> list[Span]:
        own = protected_spans(text, self.protect_pattern)
        for column, (layout, cells) in marked.items():
            own += layout.spans(cells[place], column, text)
        return sorted(own) if marked else own


class EditAugmenter(Augmenter):
    """An augmenter that edits single places of a text."""

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement] | Variant | str:
        """What to put where in one text, in any order; a refusal where there is nothing.

        Those that overlap another, change nothing or touch a protected span are left out by the caller.
        """
        raise NotImplementedError

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterator[Variant | str]:
        return map(self._variant, texts, protected, draws)

    def _variant(self, text: str, protected: Sequence[Span], draws: Draws) -> Variant | str:
        return allowed(self.replacements(text, protected, draws), text, protected)


def allowed(found: Sequence[Replacement] | Variant | str, text: str, protected: Sequence[Span]) -> Variant | str:
    """A variant with those of its replacements, in order, that may stand; a refusal where none is left."""
    if isinstance(found, str):
        return found
    replacements = found.replacements if isinstance(found, Variant) else found
    kept = ordered(outside(replacements, protected) if protected else replacements, text)
    if not kept:
        return "unchanged"
    return found._replace(replacements=kept) if isinstance(found, Variant) else Variant(kept)


class RewriteAugmenter(Augmenter):
    """An augmenter that writes whole texts anew, many at once."""

    def rewrites(self, texts: Sequence[str], draws: Sequence[Draws]) -> Sequence[str | None]:
        """A new text for each, None where there is none; what differs is found word by word."""
        raise NotImplementedError

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        written = self.rewrites(texts, draws)
        return [self._variant(*one) for one in zip(texts, written, protected, strict=True)]

    def _variant(self, text: str, new: str | None, protected: Sequence[Span]) -> Variant | str:
        if new is None or new == text:
            return "unchanged"
        edits = differences(text, new)
        return Variant(edits) if len(outside(edits, protected)) == len(edits) else "protected"
