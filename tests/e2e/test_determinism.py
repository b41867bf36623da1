"""The same bytes whatever the workers, the size of batches and chunks, the order of rows and where they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from curate.core.contracts import example_corpus
from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.rows import ROW_ID
from curate.data.store import Store
from curate.io import save

CHUNK = 220
RECIPE = Recipe(
    [
        "clean.unicode",
        "clean.html",
        "clean.whitespace",
        step("filter.missing", label=False),
        step("dedup.exact", keep="longest"),
        "dedup.leakage",
        step("labels.drop_issues", n_folds=3),
        step("filter.length", min_words=3, max_words=200),
        step("rebalance.oversample", max_copies=3),
        step("clean.unicode", name="again", normalization="NFD"),
    ],
    seed=11,
)
FORMATS = ("jsonl", "csv", "parquet", "arrow")


def source() -> Corpus:
    """Slightly more than two chunks of text that every step has something to do with."""
    examples = example_corpus()
    texts, labels = examples.table().column("text").to_pylist(), examples.labels().to_pylist()
    rows = []
    for at in range(2 * CHUNK + 7):
        text, label = texts[at % len(texts)], labels[at % len(texts)]
        noisy = "art" if at % 11 == 0 else label
        rows.append({"text": text if text is None or at < len(texts) else f"{text} ({at % 150})", "label": noisy})
    table = pa.Table.from_pylist(rows, schema=pa.schema({"text": pa.string(), "label": pa.string()}))
    return Corpus.from_table(table, Roles(text="text", label="label")).with_held_out(**examples.held_out)


def run(corpus: Corpus, **settings: Any) -> Curated:
    return RECIPE.run(corpus, **{"chunk_rows": CHUNK, **settings})


@pytest.fixture(scope="module")
def expected() -> Curated:
    return run(source())


def files(curated: Curated, folder: Path) -> dict[str, bytes]:
    """What every format holds of the rows and the lineage."""
    lineage = Corpus.from_table(curated.lineage().drop_columns(["parents", "changes"]), Roles())
    saved = [save(curated.corpus, folder / f"rows.{ending}", with_ids=True) for ending in FORMATS]
    saved += [save(lineage, folder / f"lineage.{ending}") for ending in FORMATS]
    return {path.name: path.read_bytes() for path in saved}


def by_row(curated: Curated) -> tuple[pa.Table, pa.Table]:
    """Rows and lineage in the order of the row ids."""
    rows, lineage = curated.corpus.table(with_ids=True), curated.lineage()
    order = np.argsort(lineage.column("row_id").to_numpy(), kind="stable")
    return rows.sort_by(ROW_ID), lineage.take(pa.array(order))


def test_the_recipe_has_something_to_do(expected: Curated) -> None:
    idle = [count.step for count in expected.counts if not count.reasons]
    assert idle == []
    assert len(source()) > 2 * CHUNK


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_rows": 1},
        {"batch_rows": 7},
        {"batch_rows": 1000},
        {"stored": True},
        {"stored": True, "batch_rows": 7},
        pytest.param({"stored": True, "workers": 2}, marks=pytest.mark.slow),
        pytest.param({"stored": True, "workers": 2, "batch_rows": 1}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_same_bytes_however_it_is_run(expected: Curated, settings: dict[str, Any], tmp_path: Path) -> None:
    settings = dict(settings)
    store = Store(tmp_path / "store") if settings.pop("stored", False) else None
    curated = run(source(), store=store, **settings)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    assert files(curated, tmp_path / "one") == files(expected, tmp_path / "other")
    assert curated.lineage().equals(expected.lineage())
    told = [{**vars(count), "seconds": 0} for count in curated.counts]
    assert told == [{**vars(count), "seconds": 0} for count in expected.counts]
    assert curated.corpus.fingerprint == expected.corpus.fingerprint


@pytest.mark.parametrize("chunk_rows", [1, 50, 10_000])
def test_the_same_rows_in_chunks_of_any_size(expected: Curated, chunk_rows: int) -> None:
    curated = run(source(), chunk_rows=chunk_rows)
    assert curated.corpus.table(with_ids=True).equals(expected.corpus.table(with_ids=True))
    assert curated.lineage().equals(expected.lineage())


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_by_row_id_for_rows_in_another_order(expected: Curated, seed: int, tmp_path: Path) -> None:
    corpus = source()
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(corpus))
    curated = run(corpus.take(order), store=Store(tmp_path), batch_rows=7)
    for mine, theirs in zip(by_row(curated), by_row(expected), strict=True):
        assert mine.equals(theirs)


def test_a_step_put_in_between_does_not_change_the_draws_of_the_others() -> None:
    plain = Recipe([step("rebalance.oversample", max_copies=1)], seed=5).run(source())
    more = Recipe(["clean.html", step("rebalance.oversample", max_copies=1)], seed=5).run(source())
    assert more.corpus.row_ids().tolist() == plain.corpus.row_ids().tolist()


def test_the_lineage_tells_the_difference(expected: Curated) -> None:
    """What went in, the edits of the lineage applied by hand, is what came out."""
    before = dict(zip(source().row_ids().tolist(), source().table().to_pylist(), strict=True))
    for event in expected.lineage().sort_by([("row_id", "ascending")]).to_pylist():
        row_id, kind = event["row_id"], event["kind"]
        if kind == "drop":
            before.pop(row_id, None)
        elif kind == "add":
            assert event["parents"]
    after = set(expected.corpus.row_ids().tolist())
    lineage = expected.lineage()
    added = set(lineage.filter(pc.equal(lineage["kind"], "add")).column("row_id").to_pylist())
    assert after == set(before) | added
