"""A signal learnt once from the whole corpus: one entry for all rows, the same for any order, cached by its digest."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate.core.signals import SharedSignal, Signal, shared
from curate.data.corpus import Corpus
from curate.errors import ColumnError


class Letters(SharedSignal):
    """The letters of a corpus."""

    name: ClassVar[str] = "letters"
    version: ClassVar[str] = "1"

    def learn(self, corpus: Corpus, seed: int) -> dict[str, pa.Array]:
        return {"letter": pa.array(sorted(set("".join(str(text) for text in corpus.texts()))))}


def corpus(n: int = 5) -> Corpus:
    return Corpus.from_table(pa.table({"text": [f"row {number}" for number in range(n)]}))


def test_each_row_reads_the_same_entry_and_a_row_added_later_does_too() -> None:
    signal = Signal.of(Letters().compute(corpus(), 0))
    for ids in ([0], [4, 2], [99]):
        learnt = shared("letters", signal.at(np.array(ids, np.uint64)))
        assert learnt.columns["letter"].to_pylist() == sorted(set("row 01234"))


def test_what_is_learnt_is_equal_by_its_digest_and_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    one = shared("letters", Letters().compute(corpus(), 0).column("value").chunk(0))
    mixed = Letters().compute(corpus().take(np.array([3, 0, 4, 1, 2])), 0)
    other = shared("letters", mixed.column("value").chunk(0))
    assert one == other
    assert hash(one) == hash(other)
    assert one != shared("letters", Letters().compute(corpus(9), 0).column("value").chunk(0))
    with pa.OSFile(str(tmp_path / "x"), "wb") as sink, pa.ipc.new_file(sink, mixed.schema) as writer:
        writer.write_table(mixed)
    with pa.memory_map(str(tmp_path / "x")) as source:
        read = Signal.of(pa.ipc.open_file(source).read_all())
    assert shared("letters", read.at(np.array([1], np.uint64))) == one


def test_a_column_that_only_has_its_name_is_told() -> None:
    for values in (pa.array([1, 2]), pa.array(["a", "b"]).dictionary_encode()):
        with pytest.raises(ColumnError, match="learnt from the whole corpus"):
            shared("letters", values)


def test_an_empty_corpus_teaches_nothing() -> None:
    assert Letters().compute(corpus(0), 0).num_rows == 0
