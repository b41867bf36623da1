"""Several corpora as one: nothing is lost, the first has priority, and what does not fit is said in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest

import curate
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.merge import merge
from curate.data.roles import Roles
from curate.data.rows import ROW_ID
from curate.data.store import Store
from curate.errors import ColumnError, InputError


def rows(texts: list[str], labels: list[Any] | None = None, **more: list[Any]) -> Corpus:
    columns: dict[str, Any] = {"text": texts, "label": labels or [1] * len(texts), **more}
    return Corpus.from_table(pa.table(columns))


GOLD, WEB = rows(["by hand", "Checked twice"]), rows(["found", "By  hand", "checked twice", "found"], [0, 0, 0, 0])


def test_the_rows_of_all_stand_one_after_the_other_with_ids_and_source() -> None:
    made = merge({"gold": GOLD, "web": WEB})
    assert made.texts() == GOLD.texts() + WEB.texts()
    assert made.row_ids().tolist() == list(range(6))
    assert made.table().column("source").to_pylist() == ["gold"] * 2 + ["web"] * 4
    assert made.roles == GOLD.roles
    assert merge({"gold": GOLD, "web": WEB}, source="from", as_group=True).roles.group == ("from",)
    assert curate.merge is merge


@pytest.mark.parametrize(("first", "kept"), [(["gold", "web"], {"gold": 2, "web": 1}), (["web", "gold"], {"web": 3})])
@pytest.mark.parametrize("use", ["dedup.exact", "dedup.near", "dedup.minhash"])
def test_of_equal_texts_the_row_of_the_corpus_named_first_stays(
    first: list[str], kept: dict[str, int], use: str
) -> None:
    corpora = {"gold": GOLD, "web": WEB}
    made = Recipe([use]).run(merge({name: corpora[name] for name in first})).corpus
    found = made.table().column("source").value_counts().to_pylist()
    assert {row["values"]: row["counts"] for row in found} == kept


def test_a_column_may_have_the_say_instead() -> None:
    one, other = rows(["same"], trust=[0.2]), rows(["Same"], trust=[0.9])
    made = Recipe([step("dedup.exact", keep="highest", by="trust")]).run(merge({"one": one, "other": other}))
    assert made.corpus.table().column("source").to_pylist() == ["other"]


@pytest.mark.parametrize("settings", [{"batch_rows": 1}, {"chunk_rows": 2}, {"chunk_rows": 4, "workers": 2}], ids=str)
def test_however_it_is_run(settings: dict[str, Any], tmp_path: Path) -> None:
    made = merge({"gold": GOLD, "web": WEB})
    recipe = Recipe(["clean.whitespace", "dedup.exact"])
    plain, other = recipe.run(made), recipe.run(made, store=Store(tmp_path), **settings)
    assert other.corpus.table(with_ids=True).equals(plain.corpus.table(with_ids=True))


@pytest.mark.parametrize(("start", "stop"), [(0, 6), (1, 3), (2, 5), (5, 6), (3, 3)])
@pytest.mark.parametrize("n_rows", [1, 2, 10])
def test_any_range_of_rows_can_be_read(start: int, stop: int, n_rows: int) -> None:
    made = merge({"gold": GOLD, "web": WEB})
    parts = list(made.rows.batches(n_rows, start, stop))
    assert all(part.num_rows <= n_rows for part in parts)
    assert [row_id for part in parts for row_id in part.column(ROW_ID).to_pylist()] == list(range(start, stop))


def test_columns_may_stand_in_any_order_and_hold_kin_types() -> None:
    one = Corpus.from_table(pa.table({"text": pa.array(["a"], pa.string()), "label": pa.array([1], pa.int32())}))
    other = Corpus.from_table(
        pa.table({"label": pa.array([None, 2], pa.int64()), "text": pa.array(["b", None], pa.large_string())})
    )
    category = Corpus.from_table(
        pa.table({"label": pa.nulls(1), "text": pa.array(["c"]).dictionary_encode()}), Roles(text="text")
    )
    made = merge({"one": one, "other": other, "category": category})
    assert made.table().drop_columns(["source"]).to_pydict() == {
        "text": ["a", "b", None, "c"],
        "label": [1, None, 2, None],
    }
    assert made.schema.field("label").type == pa.int64()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Corpus.from_table(pa.table({"text": ["a"]})), "web has no column 'label', which gold has"),
        (rows(["a"], more=["b"]), "gold has no column 'more', which web has"),
        (rows(["a"], ["word"]), "the column 'label' holds int64 in gold and string in web"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(other: Corpus, said: str) -> None:
    with pytest.raises(ColumnError) as raised:
        merge({"gold": GOLD, "web": other})
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)


def test_a_source_column_that_is_there_already_and_nothing_to_merge() -> None:
    merged = merge({"gold": GOLD})
    with pytest.raises(ColumnError, match=r"gold has a column .source. already .name the new one: merge\(…, source="):
        merge({"gold": merged, "web": merged})
    with pytest.raises(InputError, match="no corpus"):
        merge({})


def labelled(texts: list[str], names: list[str]) -> datasets.Dataset:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)})
    return datasets.Dataset.from_dict({"text": texts, "label": [0] * len(texts)}, features=features)


def test_datasets_come_in_and_go_out_with_their_class_names() -> None:
    one, other = (curate.load(labelled([text], ["no", "yes"])) for text in ("a", "b"))
    made = merge({"one": one, "other": other}).to_dataset()
    assert made.features["label"].names == ["no", "yes"]
    assert made["source"][:] == ["one", "other"]
    with pytest.raises(ColumnError, match="'label' has other class names in other than in one"):
        merge({"one": one, "other": curate.load(labelled(["b"], ["yes", "no"]))})


def test_held_out_splits_stay_held_out() -> None:
    test, more = rows(["is a test"]), rows(["is one too"])
    made = merge({"gold": GOLD.with_held_out(test=test), "web": WEB.with_held_out(test=more, validation=more)})
    assert made.held_out["test"].texts() == ["is a test", "is one too"]
    assert made.held_out["validation"] is more


def test_the_same_corpora_have_the_same_fingerprint_and_another_order_another() -> None:
    made = merge({"gold": GOLD, "web": WEB})
    assert made.fingerprint == merge({"gold": GOLD.take(np.arange(2)), "web": WEB}).fingerprint
    assert made.fingerprint != merge({"web": WEB, "gold": GOLD}).fingerprint


def test_corpora_without_names_are_refused() -> None:
    with pytest.raises(InputError, match="stand in a dict by name, not in a list"):
        merge([])  # type: ignore[arg-type]
