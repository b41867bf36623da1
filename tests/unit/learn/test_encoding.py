"""The signal `embedding`: a vector for each row, whatever the order of the rows, and cached under the model's name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.core.signals import Signal
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.engines.supply import signal
from curate.errors import ColumnError, CurateError
from curate.learn.encoding import Embedding

TEXTS = ["one text", None, "another text", "one text", " ", "a third"]


def corpus(**columns: pa.Array) -> Corpus:
    return Corpus.from_table(pa.table({"text": pa.array(TEXTS), **columns}), Roles(text="text"))


def lists(values: list[list[float] | None], kind: pa.DataType | None = None) -> pa.Array:
    return pa.array(values, kind or pa.list_(pa.float64()))


@pytest.mark.parametrize("encoder", ["lsa", "hashed"])
def test_equal_texts_have_one_vector_and_blank_ones_none(encoder: str) -> None:
    table = Embedding(encoder=encoder).compute(corpus(), 0)
    values = table.column("value").to_pylist()
    assert table.column("row_id").to_pylist() == list(range(6))
    assert [value is None for value in values] == [False, True, False, False, True, False]
    assert values[0] == values[3] != values[2]
    assert pa.types.is_fixed_size_list(table.schema.field("value").type)


@pytest.mark.parametrize("encoder", ["lsa", "hashed"])
def test_neither_order_nor_copies_change_a_vector(encoder: str) -> None:
    provider, rows = Embedding(encoder=encoder), corpus()
    whole = Signal.of(provider.compute(rows, 0))
    turned = Signal.of(
        provider.compute(
            rows.take(
                [
                    5,
                    3,
                    2,
                    1,
                    0,
                    4,
                ]
            ),
            1,
        )
    )
    fewer = Signal.of(provider.compute(rows.take([0, 2, 5]), 0))
    assert whole.values.equals(turned.values)
    ids = np.array([0, 2, 5], np.uint64)
    assert whole.at(ids).equals(fewer.at(ids))


def test_an_encoder_may_have_settings() -> None:
    made = Embedding(encoder={"name": "hashed", "n_dimensions": 16})
    assert made.compute(corpus(), 0).schema.field("value").type.list_size == 16
    assert made.inputs(corpus()) != Embedding(encoder="hashed").inputs(corpus())


def test_only_blank_texts() -> None:
    table = Embedding().compute(corpus().take([1, 4]), 0)
    assert table.column("value").null_count == 2
    assert Embedding().compute(corpus().take([]), 0).num_rows == 0


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.list_(pa.float32(), 2), pa.large_list(pa.int16())])
def test_vectors_of_a_column(kind: pa.DataType) -> None:
    given = lists([[1, 2], [3, 4], [5, 6], [7, 8], [9, 9], None], kind)
    values = Embedding(column="vec").compute(corpus(vec=given), 0).column("value")
    assert values.to_pylist()[:2] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lists([[1, 2], [1, 2], [1, 2, 3], None, None, None]), "row 2 has another length than that of row 0"),
        (lists([[1, 2], None, [1, float("nan")], None, None, None]), r"row 2 holds .* not finite \(1 such rows\)"),
        (lists([[1, 2], None, None, None, [1, None], None]), "row 4 holds a number that is null"),
        (pa.array(["a"] * 6), "must be a list of numbers, not string"),
    ],
)
def test_a_column_that_holds_no_vectors(given: pa.Array, said: str) -> None:
    with pytest.raises(ColumnError, match=said):
        Embedding(column="vec").compute(corpus(vec=given), 0)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(ColumnError, match=r"no column 'vek'.*did you mean 'vec'"):
        Embedding(column="vek").compute(corpus(vec=lists([[1.0]] * 6)), 0)


def test_an_encoder_that_needs_a_model() -> None:
    with pytest.raises(CurateError, match="'static': it needs the setting 'model'"):
        Embedding(encoder="static").compute(corpus(), 0)


def test_it_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    first = signal("embedding", {"encoder": "hashed"}, corpus(), 0, store)
    monkeypatch.setattr(Embedding, "compute", lambda *_: pytest.fail("computed again"))
    assert signal("embedding", {"encoder": "hashed", "device": "cpu"}, corpus(), 0, store).values.equals(first.values)


def test_another_model_is_another_signal(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"one")
    provider = Embedding(encoder="static", model=str(tmp_path))
    before = provider.inputs(corpus())
    (tmp_path / "weights").write_bytes(b"other")
    assert provider.inputs(corpus()) != before
    assert Embedding(encoder="hashed").inputs(corpus()) != Embedding(encoder="lsa").inputs(corpus())
