"""`dedup.semantic`: which rows go, for whom, whatever the backend, the batches and the order of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.transforms.dedup.semantic import DropSemanticDuplicates

CHAIN = [[1, 0], [1, 0.4], [1, 0.8], [0, 1], None, [0, 0], [2, 0]]  # neighbours in the chain have a cosine above 0.9


def corpus(vectors: list[Any] | None = None, texts: list[str | None] | None = None, **columns: list[Any]) -> Corpus:
    texts = texts or ["text " + "x" * at for at in range(len(vectors or []))]
    table = pa.table(
        {"text": pa.array(texts, pa.string()), **{name: pa.array(values) for name, values in columns.items()}}
    )
    if vectors is not None:
        table = table.append_column("vec", pa.array(vectors, pa.list_(pa.float64())))
    return Corpus.from_table(table, Roles(text="text", label="label" if "label" in columns else None))


def run(rows: Corpus, **settings: Any) -> Curated:
    settings = {"column": "vec", "min_similarity": 0.9} | settings
    return Recipe([step(DropSemanticDuplicates(**settings))], max_quarantine=0).run(rows)


def gone(curated: Curated) -> dict[int, tuple[int | None, float, str]]:
    drops = curated.lineage().to_pylist()
    return {drop["row_id"]: (drop["ref"], round(drop["score"], 3), drop["reason"]) for drop in drops}


def test_a_row_goes_only_for_one_that_stays() -> None:
    why = "semantic_duplicate"
    assert gone(run(corpus(CHAIN))) == {1: (2, 0.957, why), 6: (0, 1.0, why)}


def test_components_take_the_chain_and_say_so() -> None:
    curated = run(corpus(CHAIN), clusters="component")
    assert gone(curated) == {
        1: (0, 0.928, "semantic_duplicate"),
        2: (0, 0.781, "chained_duplicate"),
        6: (0, 1.0, "semantic_duplicate"),
    }
    assert "components: 1 rows went without a kept twin" in curated.counts[0].notes


@pytest.mark.parametrize("keep", ["first", "last", "longest", "central"])
def test_the_keep_rule(keep: str) -> None:
    rows = corpus([[1, 0], [1, 0.1], [1, 0.2]], ["a b", "a b c d", "a"])
    stays = {"first": 0, "last": 2, "longest": 1, "central": 1}[keep]
    assert run(rows, keep=keep).corpus.row_ids().tolist() == [stays]


def test_labels_in_conflict() -> None:
    rows = corpus([[1, 0], [1, 0.1], [0, 1]], label=["x", "y", "x"])
    assert run(rows, conflicts="drop").corpus.row_ids().tolist() == [2]


def test_rows_that_differ_only_in_numbers_are_no_twins() -> None:
    rows = corpus([[1, 0]] * 3, ["room 12 is free", "room 14 is free", "room 12 is free"])
    assert list(gone(run(rows))) == [1, 2]
    assert list(gone(run(rows, distinct="numbers"))) == [2]


@pytest.mark.parametrize("settings", [{}, {"keep": "central"}, {"clusters": "component"}, {"distinct": "numbers"}])
def test_exact_backends_drop_the_same_rows(settings: dict[str, Any]) -> None:
    draw = np.random.default_rng(0)
    centres = draw.standard_normal((60, 24))
    rows = corpus((centres[draw.integers(0, 60, 500)] + 0.3 * draw.standard_normal((500, 24))).tolist())
    pytest.importorskip("torch", reason="the torch backend needs torch")
    found = [gone(run(rows, backend=backend, **settings)) for backend in ("auto", "numpy", "torch")]
    assert found[0] == found[1] == found[2]
    assert 200 < len(found[0]) < 500


def test_faiss_drops_the_same_rows() -> None:
    pytest.importorskip("faiss", reason="the FAISS backend needs faiss-cpu")
    rows = corpus(np.random.default_rng(0).standard_normal((300, 3)).tolist())
    assert gone(run(rows, backend="faiss_flat")) == gone(run(rows, backend="numpy"))


def test_an_approximate_backend_says_how_much_it_finds() -> None:
    rows = corpus(np.random.default_rng(0).standard_normal((400, 3)).tolist())
    notes = run(rows, backend="kmeans").counts[0].notes
    assert notes[0] == "vectors: column vec"
    assert notes[1].startswith("inside the clusters of k-means: finds ")
    assert "pairs of 400 rows" in notes[1]
    assert run(rows).counts[0].notes == ("vectors: column vec", "exact join: every pair is found")


def test_a_column_named_embedding_takes_the_place_of_the_encoder() -> None:
    rows = corpus([[1, 0], [1, 0], [0, 1]])
    named = Corpus.from_table(rows.table().rename_columns(["text", "embedding"]), rows.roles)
    assert list(gone(run(named, column=None))) == [1]


@pytest.mark.parametrize("encoder", ["lsa", "hashed", {"name": "hashed", "n_dimensions": 4096}], ids=str)
def test_texts_that_say_nearly_the_same(encoder: str | dict[str, Any]) -> None:
    texts = [
        "What is the best way to learn the guitar at home?",
        "What is the best way to learn guitar at home?",
        "Which city has the oldest university of the continent?",
        "what is the BEST way to learn the guitar at home",
        None,
        "  ",
    ]
    curated = run(corpus(texts=texts), column=None, encoder=encoder, min_similarity=0.85)
    assert curated.corpus.row_ids().tolist() == [0, 2, 4, 5]
    told = curated.counts[0].notes[0]
    assert told.startswith("vectors: ")
    assert ("4096 dimensions" in told) == isinstance(encoder, dict)


def test_a_bound_belongs_to_its_encoder() -> None:
    assert DropSemanticDuplicates().min_similarity == 0.95
    small = {"name": "lsa", "n_dimensions": 64}
    sentence = {"encoder": "sentence", "model": "some/model"}
    for settings in (sentence, {"column": "vec"}, {"encoder": "hashed"}, {"encoder": small}):
        with pytest.raises(ValidationError, match="min_similarity has no default for"):
            DropSemanticDuplicates(**settings)


def test_vectors_of_two_lengths_are_told_apart_from_null() -> None:
    with pytest.raises(ColumnError, match="has another length"):
        run(corpus([[1, 0], [1, 0, 0]]))


def test_no_row_has_a_vector() -> None:
    assert gone(run(corpus([None, None]))) == {}
