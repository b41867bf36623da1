"""`split.text`: every character kept, parents in the lineage, families together."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate import Corpus, Recipe, check_transform, load, save_curated
from curate.core.behind import with_kin
from curate.core.random import StepRandom
from curate.core.step import step
from curate.errors import ColumnError
from curate.io.outcome import Outcome
from curate.kernels.text import n_characters, n_words
from curate.kernels.tokenizer import tokenizer
from curate.kernels.units import units
from curate.learn.folds import family_folds
from curate.transforms.split.text import SplitText


def pages(data_dir: Path, n: int = 300) -> Corpus:
    return load(data_dir / "llm_demo_sets" / "c4_demo.jsonl").take(range(n))


def split(corpus: Corpus, **settings: Any) -> Corpus:
    return Recipe([SplitText(**settings)], max_quarantine=0).run(corpus).corpus


def rebuilt(chunks: Corpus) -> dict[int, str]:
    """The text of each long row, put together from its chunks."""
    found: dict[int, str] = {}
    rows = [row for row in chunks.table().to_pylist() if row["chunk_number"] is not None]
    for row in sorted(rows, key=lambda row: (row["chunk_of"], row["chunk_number"])):
        whole = found.setdefault(row["chunk_of"], "")
        assert row["chunk_end"] - row["chunk_start"] == len(row["text"])
        assert row["chunk_start"] <= len(whole), "no character is left out"
        assert whole[row["chunk_start"] :] == row["text"][: len(whole) - row["chunk_start"]]
        found[row["chunk_of"]] = whole[: row["chunk_start"]] + row["text"]
    return found


@pytest.mark.parametrize("overlap", [0, 10])
@pytest.mark.parametrize(("unit", "max_size"), [("word", 60), ("character", 300), ("sentence", 20)])
def test_real_pages_are_covered_in_pieces_of_the_size_asked_for(
    data_dir: Path, unit: str, max_size: int, overlap: int
) -> None:
    corpus = pages(data_dir)
    chunks = split(corpus, unit=unit, max_size=max_size, overlap=overlap)
    texts = corpus.texts()
    whole = rebuilt(chunks)
    assert whole == {number: texts[number] for number in whole}
    kept = chunks.table().filter(pa.compute.is_null(chunks.table().column("chunk_of"))).column("text").to_pylist()
    assert sorted([*whole.values(), *kept]) == sorted(texts)
    assert len(whole) > 50
    size = {"word": n_words, "character": n_characters}.get(unit)
    sizes = (
        [len(units(text, "sentence")) for text in chunks.texts()] if size is None else size(pa.array(chunks.texts()))
    )
    assert max(sizes) <= max_size
    if unit != "sentence":
        assert np.median(sizes) > max_size / 2, "few pieces are small"


def test_pieces_of_tokens_have_no_more_tokens_by_themselves(data_dir: Path, tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    corpus = pages(data_dir, 60)
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(corpus.texts(), vocab_size=1000, show_progress=False)
    made.save(str(tmp_path / "tokenizer.json"))
    settings = {"unit": "token", "tokenizer": str(tmp_path), "max_size": 64}
    chunks = split(corpus, **settings, overlap=16)
    assert max(tokenizer(str(tmp_path), "test").counts(chunks.texts())) <= 64
    assert rebuilt(chunks).items() <= dict(enumerate(corpus.texts())).items()
    check_transform(SplitText(**{**settings, "max_size": 5}), workers=(2,))


@pytest.mark.parametrize("unit", ["word", "sentence"])
def test_scripts_without_spaces_are_cut_at_their_full_stops(unit: str) -> None:
    text = "今天下雨。比赛取消了。没有人在意。我们回家吃饭。"
    chunks = split(Corpus.from_table(pa.table({"text": [text]})), unit=unit, max_size=13 if unit == "word" else 2)
    assert chunks.texts() == ["今天下雨。比赛取消了。", "没有人在意。我们回家吃饭。"]


def test_labels_are_copied_and_the_parent_is_told_in_the_life_of_a_chunk(tmp_path: Path) -> None:
    table = pa.table({"text": ["One two. Three four.", "Five."], "label": [1, 0], "tags": [["a"], []]})
    curated = Recipe([step("split.text", max_size=2), "clean.whitespace"]).run(Corpus.from_table(table))
    rows = curated.corpus.table().select(["text", "label", "tags", "chunk_of", "chunk_number"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("One two.", 1, ["a"], 0, 0),
        ("Three four.", 1, ["a"], 0, 1),
        ("Five.", 0, [], None, None),
    ]
    (count,) = curated.counts[:1]
    assert (count.n_in, count.n_dropped, count.n_added, count.n_out) == (2, 1, 2, 3)
    save_curated(curated, tmp_path / "out")
    life = Outcome(tmp_path / "out").life(int(curated.corpus.row_ids()[0]))
    assert life.fate == "added"
    assert [(event.kind, event.row_id, event.reason) for event in life.events][:2] == [
        ("drop", 0, "too_long"),
        ("add", int(curated.corpus.row_ids()[0]), "chunk"),
    ]


def test_a_parent_that_is_kept_is_not_split_again() -> None:
    corpus = Corpus.from_table(pa.table({"text": ["One two. Three four.", "Five."]}))
    once = split(corpus, max_size=2, keep_parent=True)
    assert once.texts() == ["One two. Three four.", "One two. ", "Three four.", "Five."]
    assert once.table().column("chunk_of").to_pylist() == [0, 0, 0, None]
    again = split(once, max_size=2, keep_parent=True)
    assert again.table().equals(once.table())


def test_the_same_rows_whatever_the_batches_and_the_workers(data_dir: Path) -> None:
    corpus = pages(data_dir, 90)
    recipe = Recipe([SplitText(max_size=50, overlap=10), "clean.whitespace"])
    one = recipe.run(corpus)
    for settings in ({"batch_rows": 7}, {"workers": 2, "chunk_rows": 40}):
        other = recipe.run(corpus, **settings)
        assert other.corpus.table(with_ids=True).equals(one.corpus.table(with_ids=True))
        assert other.lineage().equals(one.lineage())


def test_chunks_of_one_text_never_stand_in_two_folds(data_dir: Path) -> None:
    corpus = pages(data_dir, 120)
    chunks = split(split(corpus, max_size=100), max_size=30, overlap=5)  # chunks of chunks too
    ids = chunks.row_ids()
    families = with_kin(np.arange(len(ids)), ids, chunks.origin)
    ancestors = dict(zip(*(column.to_pylist() for column in chunks.origin.ancestors.columns), strict=True))
    origin = [ancestors.get(row_id, row_id) for row_id in ids.tolist()]
    assert len(set(families.tolist())) == len(set(origin)) == 120
    folds = family_folds(families, np.zeros(len(ids), np.int64), ids, 5, StepRandom(0, "folds"))
    for parent in set(origin):
        assert len({fold for fold, own in zip(folds.tolist(), origin, strict=True) if own == parent}) == 1
    order = np.random.Generator(np.random.PCG64(3)).permutation(len(ids))
    mixed = with_kin(np.arange(len(ids)), ids[order], chunks.origin)
    assert all(
        (mixed[i] == mixed[j]) == (families[order[i]] == families[order[j]]) for i, j in pairwise(range(len(ids)))
    )


def test_settings_and_columns_in_doubt_are_refused() -> None:
    for wrong, said in (
        ({"max_size": 5, "overlap": 3}, "more than half"),
        ({"max_size": 5, "unit": "token"}, "go together"),
        ({"max_size": 5, "tokenizer": "x"}, "go together"),
    ):
        with pytest.raises(ValidationError, match=said):
            SplitText(**wrong)
    two = Corpus.from_table(pa.table({"instruction": ["a b c"], "input": ["d e f"], "output": ["g"]}))
    with pytest.raises(ColumnError, match="splits one column"):
        split(two, max_size=2)
    assert split(two, max_size=2, column="input").table().column("input").to_pylist() == ["d e ", "f"]
    taken = Corpus.from_table(pa.table({"text": ["a b c"], "chunk_of": ["x"]}))
    with pytest.raises(ColumnError, match="'chunk_of', which holds string"):
        split(taken, max_size=2)
