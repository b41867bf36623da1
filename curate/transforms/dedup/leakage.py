"""`dedup.leakage`: drop training rows whose text stands in a held-out split; the split itself is never changed.

The signal `leaked_from` is the one place where a sealed split is read on behalf of a transform, and it says no more
than which row is the twin, and how similar. How twins are found: `curate.transforms.dedup.across`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field, model_validator

from curate.core.behind import texts_behind
from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest, digest
from curate.data.edits import Edits
from curate.data.rows import Batch, Ids
from curate.errors import InputError
from curate.kernels.encoders.encoder import Encoder, EncoderSpec, encoder_named
from curate.kernels.native import compiled_from
from curate.kernels.pairs import NO_TWIN
from curate.transforms.dedup.across import ExactFinder, Exactly, Finder, MeaningFinder, NearFinder, RunFinder

LEAK = pa.struct(
    [
        ("split", pa.string()),
        ("row_id", pa.uint64()),
        ("similarity", pa.float32()),
        ("how", pa.string()),
    ]
)
ALL = "all"
BOUNDS = {"near": 0.75, "semantic": 0.9}
MOST_ROWS = 1 << 16
READ_BY = {
    "min_similarity": ("near", "semantic"),
    **dict.fromkeys(("unit", "shingle_size"), ("near",)),
    **dict.fromkeys(("n_words", "min_fraction"), ("ngram",)),
    **dict.fromkeys(("encoder", "model", "model_revision"), ("semantic",)),
}


class LeakSettings(BaseModel, frozen=True, extra="forbid"):
    """What counts as a twin of a held-out row; described in `DropLeakedRows`."""

    split: str = "test"
    match: Literal["exact", "near", "ngram", "semantic"] = "exact"
    punctuation: bool = True
    min_similarity: float | None = Field(default=None, gt=0, le=1)
    unit: Literal["word", "character"] = "word"
    shingle_size: int = Field(default=1, ge=1, le=16)
    n_words: int = Field(default=13, ge=1, le=16)
    min_fraction: float = Field(default=0.0, ge=0, le=1)
    encoder: EncoderSpec = "lsa"
    model: str | None = None
    model_revision: str | None = None
    device: str = "auto"

    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})

    @model_validator(mode="after")
    def _where_it_is_read(self) -> Self:
        for name, matches in READ_BY.items():
            if self.match not in matches and getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is read by match: {' and '.join(matches)}, not by match: {self.match}")
        return self

    @model_validator(mode="after")
    def _bound_of_its_own(self) -> Self:
        if self.match == "semantic" and self.min_similarity is None and self.encoder != "lsa":
            raise ValueError(f"min_similarity has no default for the encoder {self.encoder!r}: see `dedup.semantic`")
        return self

    @property
    def bound(self) -> float:
        """The similarity from which two texts are twins."""
        return self.min_similarity or BOUNDS[self.match]

    def _encoder(self) -> Encoder:
        return encoder_named(self.encoder, self.model, self.model_revision, self.device)


class DropLeakedRows(LeakSettings, RowTransform):
    """Drops training rows that have a twin in a held-out split, which is the `ref` of the edit.

    Every `match` finds the rows with the same text; all but `exact` find others beside them. A row also goes for
    what it was made from: its own text as it was read, where steps have changed it since, and the rows it was derived
    from. So neither cleaning nor augmenting hides a leak.

    Attributes:
        split: the held-out split, or `all` of them.
        match: `exact`, the same text; `near`, similar shingles; `ngram`, a shared run of words, as when a training
            corpus is cleared of benchmarks; `semantic`, nearly the same meaning by the vectors of an encoder.
        punctuation: the same text whatever the punctuation. Case, white space and Unicode form never count.
        min_similarity: for `near`, the Jaccard similarity of the shingle sets from which two texts are twins, 0.75
            unless given: three of four words, in any order. In BANKING77 24 % of the test rows have such a twin, and a
            model is right on 8 points more of them than of the others. For `semantic` the cosine, 0.9 unless given,
            which is the bound of `lsa`.
        unit: for `near`, shingles of `word`s or of `character`s, which forgive spelling and take longer.
        shingle_size: for `near`, words or characters per shingle; 3 words for long texts whose order matters.
        n_words: for `ngram`, the length of the run. 13 as for GPT-3 (Brown et al. 2020, appendix C, which takes 8 to 13
            by the length of the benchmark's texts); PaLM takes 8 and asks for 70 % of them, Llama 2 more than 10.
        min_fraction: for `ngram`, the share of a row's words that must stand in such runs; 0: one run is enough.
        encoder: for `semantic`: `lsa`, learnt on the texts of both sides, or another, by its name or a mapping with
            settings (`dedup.semantic` tells of them).
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        model_revision: of a model on the Hub.
        device: where a model and the join run: `auto`, `cpu` or `cuda`.

    Example:
        >>> DropLeakedRows(match="near").signals()["leaked_from"]["match"]
        'near'
    """

    name: ClassVar[str] = "dedup.leakage"
    version: ClassVar[str] = "2"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "leaked": "a row of the held-out split has the same text; ref is that row's id there",
        "leaked_near": "a row of the held-out split has nearly the same text; score is how similar",
        "leaked_ngram": "a row of the held-out split has a run of the same words; score is the share of words in runs",
        "leaked_semantic": "a row of the held-out split means nearly the same; score is the cosine of their vectors",
        "leaked_origin": "its text as it was read, or a row it was derived from, has a twin in the held-out split",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "leaked_from"})

    def signals(self) -> dict[str, dict[str, Any]]:
        return {"leaked_from": {name: getattr(self, name) for name in LeakSettings.model_fields}}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        leaks = batch.signals["leaked_from"]
        found = np.flatnonzero(leaks.is_valid().to_numpy(zero_copy_only=False))
        if not len(found):
            return Edits()
        split, row_id, similarity, how = leaks.take(pa.array(found)).flatten()
        reasons = ["leaked" if kind == "exact" else f"leaked_{kind}" for kind in how.to_pylist()]
        score = similarity.to_numpy(zero_copy_only=False)
        return Edits.drop(batch.row_ids[found], reasons, score=score, ref=row_id, ref_split=split)


class LeakedFrom(LeakSettings, Provider):
    """For each training row its best twin in a held-out split, as `split, row_id, similarity, how`; null where there is
    none.

    `how` is `exact`, `near`, `ngram`, `semantic`, or `origin` for a row that leaks by what it was made from.

    Attributes:
        required: whether it is an error that there is no such split with a text; else no row leaks then.
    """

    name: ClassVar[str] = "leaked_from"
    version: ClassVar[str] = "2"

    required: bool = True

    def inputs(self, corpus: Corpus) -> list[str]:
        read = [compiled_from(), *(corpus_fingerprint(held_out) for held_out in self._held_out(corpus).values())]
        if self.match == "semantic":
            encoder = self._encoder()
            read.append(digest(encoder.name, encoder.version, config(encoder), encoder.identity()))
        origin = corpus.origin
        if origin is None or origin.source.fingerprint == corpus.fingerprint:
            return read
        behind = batches_digest(origin.ancestors.schema, origin.ancestors.to_batches())
        return [*read, corpus_fingerprint(origin.source), behind]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        splits = self._held_out(corpus)
        if not splits:
            return pa.table({"row_id": corpus.row_ids(), "value": pa.nulls(len(corpus), LEAK)})
        held = _HeldOut.of(splits)
        finder = Exactly(ExactFinder(held.texts, punctuation=self.punctuation), self._beyond(held.texts, corpus))
        row_ids, found = [np.empty(0, np.uint64)], [_FOUND.empty_table()]
        for ids, texts, own in texts_behind(corpus, MOST_ROWS):
            if own:
                row_ids.append(ids)
            twins, same = finder.find(texts)
            at = np.flatnonzero(twins.twin != NO_TWIN)
            how = np.where(same[at], "exact", self.match) if own else np.full(len(at), "origin")
            columns = [ids[at], twins.twin[at], twins.similarity[at], np.full(len(at), own), how]
            found.append(pa.table([pa.array(column) for column in columns], schema=_FOUND))
        return held.leaks(np.concatenate(row_ids), _best(pa.concat_tables(found)))

    def _held_out(self, corpus: Corpus) -> dict[str, Corpus]:
        """The splits to look in, by name."""
        there = {split: rows for split, rows in sorted(corpus.held_out.items()) if rows.roles.text}
        if self.split == ALL and there:
            return there
        if self.split in there:
            return {self.split: there[self.split]}
        if not self.required:
            return {}
        if self.split in corpus.held_out:
            raise InputError(f"the held-out split {self.split!r} has no text", hint="name its column with --text")
        has = ", ".join(corpus.held_out) or "none"
        raise InputError(
            f"there is no held-out split {self.split!r} to look for leaks; there is: {has}",
            hint="give --test SOURCE or --held-out NAME=SOURCE; in Python corpus.with_held_out(NAME=…)",
        )

    def _beyond(self, texts: list[str | None], corpus: Corpus) -> Finder | None:
        """What finds the twins of `texts` that do not have the same text."""
        if self.match == "near":
            return NearFinder.of(texts, min_similarity=self.bound, size=self.shingle_size, unit=self.unit)
        if self.match == "ngram":
            return RunFinder(texts, n_words=self.n_words, min_fraction=self.min_fraction)
        if self.match == "semantic":
            asked = (text for _, part, _ in texts_behind(corpus, MOST_ROWS) for text in part)
            return MeaningFinder.of(texts, asked, self._encoder(), self.bound, self.device)
        return None


_FOUND = pa.schema(
    [
        ("row_id", pa.uint64()),
        ("place", pa.int64()),
        ("similarity", pa.float64()),
        ("own", pa.bool_()),
        ("how", pa.string()),
    ]
)


def _best(found: pa.Table) -> pa.Table:
    """One line for each row: the most similar twin, by the row's own text where that is as similar, then the first."""
    place, similarity = (found.column(name).to_numpy() for name in ("place", "similarity"))
    row_id, own = found.column("row_id").to_numpy(), found.column("own").to_numpy()
    order = np.lexsort((place, ~own, -similarity, row_id))
    _, first = np.unique(row_id[order], return_index=True)
    return found.take(pa.array(order[first]))


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """The rows of some held-out splits in the order of split and row id, so that the first twin is always the same."""

    splits: pa.Array
    row_ids: Ids
    texts: list[str | None]

    @classmethod
    def of(cls, splits: Mapping[str, Corpus]) -> _HeldOut:
        """The rows of these splits; each stands for its texts before any step too."""
        parts = [(name, *part) for name, corpus in splits.items() for part in texts_behind(corpus, MOST_ROWS)]
        row_ids = np.concatenate([np.empty(0, np.uint64), *(ids for _, ids, _, _ in parts)])
        number = np.repeat([list(splits).index(name) for name, *_ in parts], [len(ids) for _, ids, _, _ in parts])
        texts = [text for _, _, told, _ in parts for text in told]
        order = np.lexsort((row_ids, number))
        names = pa.array(list(splits), pa.string()).take(pa.array(number[order], pa.int64()))
        return cls(names, row_ids[order], [texts[at] for at in order.tolist()])

    def leaks(self, row_ids: Ids, best: pa.Table) -> pa.Table:
        """The signal: `LEAK` for each row that leaks, null for all others."""
        place = best.column("place").combine_chunks()
        twins = pa.array(self.row_ids, pa.uint64()).take(place)
        similarity = best.column("similarity").combine_chunks().cast(pa.float32())
        columns = [self.splits.take(place), twins, similarity, best.column("how").combine_chunks()]
        leaks = pa.StructArray.from_arrays(columns, fields=list(LEAK))
        leaked = best.column("row_id").to_numpy()
        at = np.minimum(np.searchsorted(leaked, row_ids), max(0, len(leaked) - 1))
        known = leaked[at] == row_ids if len(leaked) else np.zeros(len(row_ids), bool)
        return pa.table({"row_id": row_ids, "value": leaks.take(pa.array(at, pa.int64(), mask=~known))})
