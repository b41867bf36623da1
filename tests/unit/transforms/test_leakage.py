"""Leaks across splits: which rows go, for which twin, however similar, whatever was done to them before."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import TOP_BIT, Batch
from curate.data.store import Store
from curate.errors import InputError
from curate.io import load
from curate.transforms.dedup.across import ExactFinder, NearFinder, RunFinder
from curate.transforms.dedup.leakage import DropLeakedRows, LeakedFrom

RUN = "four score and seven years ago our fathers brought forth on this continent a new nation"


def rows(texts: list[str | None], **columns: list[Any]) -> Corpus:
    return Corpus.from_table(pa.table({"text": pa.array(texts, pa.string()), **columns}))


def leaks(train: Corpus, test: Corpus, **settings: Any) -> dict[int, tuple[str, float, int]]:
    """For each row that leaks how, how similar, and the row of the test."""
    found = LeakedFrom(**settings).compute(train.with_held_out(test=test), 0)
    return {
        row["row_id"]: (row["value"]["how"], round(row["value"]["similarity"], 4), row["value"]["row_id"])
        for row in found.to_pylist()
        if row["value"] is not None
    }


def words(text: str | None) -> set[str]:
    """The words of plain English text, found another way."""
    return set(re.findall(r"\w+", (text or "").lower()))


TRAIN = ["Who wrote Hamlet", "who did write hamlet then", None, "", "?!", "who wrote hamlet?", "what else", "¿?"]
TEST = ["something", "Who wrote Hamlet?", "?!", None, "who wrote Hamlet"]


def test_the_same_text_is_so_whatever_case_space_and_punctuation() -> None:
    found = leaks(rows(TRAIN), rows(TEST))
    assert found == {0: ("exact", 1.0, 1), 4: ("exact", 1.0, 2), 5: ("exact", 1.0, 1)}
    assert leaks(rows(TRAIN), rows(TEST), punctuation=False) == {
        0: ("exact", 1.0, 4),
        4: ("exact", 1.0, 2),
        5: ("exact", 1.0, 1),
    }


def test_near_twins_are_those_of_most_words_in_common_and_the_most_similar_is_named() -> None:
    train = rows(["a b c d e f", "a b c d x", "nothing alike", "A, B, C, D!"])
    test = rows(["a b c d e", "a b c d"])
    assert leaks(train, test, match="near") == {
        0: ("near", 0.8333, 0),
        1: ("near", 0.8, 1),
        3: ("exact", 1.0, 1),
    }
    assert set(leaks(train, test, match="near", min_similarity=0.82)) == {0, 3}


@pytest.mark.parametrize(("unit", "size", "bound"), [("word", 1, 0.75), ("word", 2, 0.5), ("character", 5, 0.6)])
def test_near_twins_of_real_questions_are_those_that_a_brute_force_finds(
    data_dir: Path, unit: str, size: int, bound: float
) -> None:
    train, test = trec(data_dir)
    sides = [[shingles(text, unit, size) for text in corpus.texts()] for corpus in (train.take(range(1200)), test)]
    finder = NearFinder.of(test.texts(), min_similarity=bound, size=size, unit=unit)  # type: ignore[arg-type]
    found = finder.find(train.take(range(1200)).texts())
    for at, one in enumerate(sides[0]):
        similar = [len(one & other) / len(one | other) for other in sides[1]]
        best = int(np.argmax(similar))
        assert found.twin[at] == (best if similar[best] >= bound else -1)
        if found.twin[at] >= 0:
            assert found.similarity[at] == pytest.approx(similar[best])


def shingles(text: str, unit: str, size: int) -> set[Any]:
    found = re.findall(r"\w+", text.lower())
    units = list(" ".join(found)) if unit == "character" else found
    return {tuple(units[at : at + size]) for at in range(max(1, len(units) - size + 1))}


def test_a_shared_run_of_words_is_found_in_whatever_stands_around_it() -> None:
    train = [
        f'He said: "{RUN.upper()}", and left.',
        RUN[:40],
        "years ago " * 9,
        f"{RUN} {RUN}",
        "",
        None,
        "our fathers",
    ]
    found = leaks(rows(train), rows(["not this", f"And so, {RUN} was born", "our fathers"]), match="ngram")
    n = len(RUN.split())
    assert found == {
        0: ("ngram", round(n / (n + 4), 4), 1),
        3: ("ngram", 1.0, 1),
        6: ("exact", 1.0, 2),
    }
    assert set(leaks(rows(train), rows([RUN]), match="ngram", min_fraction=0.9)) == {3}


@pytest.mark.parametrize("n_words", [3, 5, 8])
def test_runs_are_those_that_a_set_of_all_runs_finds(data_dir: Path, n_words: int) -> None:
    train, test = trec(data_dir)
    found = RunFinder(test.texts(), n_words=n_words).find(train.texts())
    known = {run for text in test.texts() for run in runs(text, n_words)}
    expected = []
    for text in train.texts():
        said = re.findall(r"\w+", text.lower())
        n = min(n_words, len(said))
        inside = [
            any(tuple(said[k : k + n]) in known for k in range(max(0, i - n + 1), i + 1)) for i in range(len(said))
        ]
        expected.append(sum(inside) / len(said))
    assert found.similarity.tolist() == pytest.approx(expected)


def runs(text: str, n_words: int) -> set[tuple[str, ...]]:
    said = re.findall(r"\w+", text.lower())
    return {tuple(said[at : at + n_words]) for at in range(max(1, len(said) - n_words + 1))}


def test_the_twin_is_the_text_where_most_runs_stand_first() -> None:
    test = ["a b c d", "x c d e f g", "x c d e f g"]
    assert RunFinder(test, n_words=3).find(["a b c d e f g"]).twin.tolist() == [1]
    assert RunFinder(test, n_words=3).find(["a b c d", "d e f g h", "x c d"]).twin.tolist() == [0, 1, 1]


@pytest.mark.parametrize("encoder", ["hashed", {"name": "hashed", "n_dimensions": 4096}], ids=str)
def test_meaning_is_what_the_encoder_says(encoder: str | dict[str, Any]) -> None:
    found = leaks(
        rows(["the cat sat on the mat", "the cat sat on a mat", "stocks fell", None, ""]),
        rows(["stocks rose", "the cat sat on the mat!", None]),
        match="semantic",
        encoder=encoder,
        min_similarity=0.65,
    )
    assert {row: (how, ref) for row, (how, _, ref) in found.items()} == {0: ("exact", 1), 1: ("semantic", 1)}
    assert 0.65 <= found[1][1] < 1


def test_every_split_or_one() -> None:
    train = rows(["in test", "in validation", "in both", "in none"])
    corpus = train.with_held_out(validation=rows(["in validation", "in both"]), test=rows(["x", "in both", "in test"]))
    log = Recipe([step("dedup.leakage", split="all")]).run(corpus).lineage().to_pylist()
    assert [(e["row_id"], e["ref_split"], e["ref"]) for e in log] == [
        (0, "test", 2),
        (1, "validation", 0),
        (2, "test", 1),
    ]
    assert Recipe([step("dedup.leakage", split="validation")]).run(corpus).corpus.texts() == ["in test", "in none"]


def test_a_split_that_is_not_there_or_has_no_text_is_said() -> None:
    corpus = rows(["a"]).with_held_out(test=Corpus.from_table(pa.table({"n": [1]})))
    for split, said in (("validation", "there is: test"), ("test", "has no text"), ("all", "no held-out split 'all'")):
        with pytest.raises(InputError, match=said):
            Recipe([step("dedup.leakage", split=split)]).run(corpus)


@pytest.mark.parametrize(
    "settings",
    [
        {"min_similarity": 0},
        {"n_words": 0},
        {"n_words": 17},
        {"match": "fuzzy"},
        {"match": "semantic", "encoder": "hashed"},
        {"min_similarity": 0.9},
        {"match": "ngram", "min_similarity": 0.9},
        {"match": "near", "n_words": 8},
        {"match": "near", "encoder": "hashed"},
    ],
    ids=str,
)
def test_settings_without_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DropLeakedRows(**settings)


# What rows were made from


def rewritten(row: dict[str, Any]) -> dict[str, Any]:
    return {"text": f"quite another text of {len(row['text'])} letters"}


class DropOriginals(RowTransform):
    """Drops every rare row that was read, so that only its copies are left."""

    name: ClassVar[str] = "test.originals"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"original": "it is no copy"}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        rare = np.array(batch.labels().to_pylist()) != "a"
        return Edits.drop(batch.row_ids[rare & (batch.row_ids < TOP_BIT)], "original")


def test_cleaning_hides_no_leak() -> None:
    test = rows(["<p>fish &amp; chips</p>"])
    corpus = rows(["<p>fish &amp; chips</p>", "mine"]).with_held_out(test=test)
    curated = Recipe(["clean.html", "dedup.leakage"]).run(corpus)
    assert curated.corpus.texts() == ["mine"]
    (event,) = [event for event in curated.lineage().to_pylist() if event["kind"] == "drop"]
    assert (event["reason"], event["ref"], event["before"]) == ("leaked_origin", 0, "fish & chips")


@pytest.mark.parametrize(
    "settings", [{}, {"batch_rows": 1}, {"chunk_rows": 3}, {"workers": 2, "chunk_rows": 3}], ids=str
)
@pytest.mark.parametrize("match", ["exact", "near", "ngram"])
def test_copies_go_with_the_row_they_were_made_from_even_when_it_is_gone(
    settings: dict[str, Any], match: str, tmp_path: Path
) -> None:
    """Rare rows are copied, all are rewritten, the leaked original is dropped: its copies are still test rows."""
    texts = [f"a common text of number {n}" for n in range(6)] + ["a test row", "a rare row"]
    corpus = rows(texts, label=["a"] * 6 + ["b", "c"]).with_held_out(test=rows(["A test row."]))
    recipe = Recipe(
        [
            step("rebalance.oversample", max_copies=2),
            step(rewritten, name="rewritten", version="1"),
            Step(DropOriginals()),
            step("dedup.leakage", match=match),
        ]
    )
    curated = recipe.run(corpus, store=Store(tmp_path), **settings)
    gone = [e for e in curated.lineage().to_pylist() if e["kind"] == "drop" and e["step"] == "dedup.leakage"]
    assert {event["reason"] for event in gone} == {"leaked_origin"}
    assert {event["ref"] for event in gone} == {0}
    assert len(gone) == 2
    assert all(event["row_id"] >= int(TOP_BIT) for event in gone)
    assert curated.corpus.labels().to_pylist() == ["a"] * 6 + ["c"] * 2


# Whatever the order


@pytest.mark.parametrize(
    ("match", "settings"),
    [
        ("exact", {}),
        ("near", {"min_similarity": 0.7}),
        ("ngram", {"n_words": 6}),
        ("semantic", {"encoder": "hashed", "min_similarity": 0.7}),
    ],
)
def test_the_order_of_the_rows_and_the_size_of_batches_change_nothing(
    data_dir: Path, match: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    train, test = trec(data_dir)
    given = {"match": match, **settings}
    train, draw = train.take(range(800)), np.random.default_rng(0)
    expected = leaks(train, test, **given)
    assert {how for how, _, _ in expected.values()} >= ({"exact", match} if match != "exact" else {"exact"})
    turned = train.take(draw.permutation(len(train))), test.take(draw.permutation(len(test)))
    assert leaks(*turned, **given) == expected
    recipe = Recipe([step("dedup.leakage", **given)])
    for how in ({"batch_rows": 7}, {"workers": 2, "chunk_rows": 300, "store": Store(tmp_path)}):
        made = recipe.run(turned[0].with_held_out(test=turned[1]), **how).corpus  # type: ignore[arg-type]
        assert set(train.row_ids().tolist()) - set(made.row_ids().tolist()) == set(expected)


# Real data


def trec(data_dir: Path) -> tuple[Corpus, Corpus]:
    def read(name: str) -> Corpus:
        lines = (data_dir / "trec_raw" / name).read_text("latin-1").splitlines()
        return rows([line.split(" ", 1)[1] for line in lines])

    return read("train_5500.label"), read("TREC_10.label")


def banking(data_dir: Path) -> tuple[Corpus, Corpus]:
    return load(str(data_dir / "banking77" / "train.csv")), load(str(data_dir / "banking77" / "test.csv"))


def test_the_eleven_leaks_of_trec(data_dir: Path) -> None:
    train, test = trec(data_dir)
    assert len(leaks(train, test)) == 11
    after = Recipe(["dedup.leakage"]).run(train.with_held_out(test=test)).corpus
    assert len(after) == len(train) - 11
    assert leaks(after, test) == {}


def test_one_test_row_in_four_of_banking77_has_a_near_twin_in_training(data_dir: Path) -> None:
    train, test = banking(data_dir)
    found = leaks(test, train, match="near")
    assert round(sum(how == "exact" for how, _, _ in found.values()) / len(test), 3) == 0.008
    assert round(len(found) / len(test), 2) == 0.24
    after = Recipe([step("dedup.leakage", match="near")]).run(train.with_held_out(test=test)).corpus
    assert leaks(test, after, match="near") == {}


def test_the_leaks_of_clinc150_are_those_a_set_of_normal_forms_finds(data_dir: Path) -> None:
    splits = json.loads((data_dir / "clinc150" / "data_full.json").read_text())
    train, val, test = (rows([text for text, _ in splits[name]]) for name in ("train", "val", "test"))
    corpus = train.with_held_out(validation=val, test=test)
    curated = Recipe([step("dedup.leakage", split="all")]).run(corpus)
    known = {" ".join(re.findall(r"[^\W_]+", text.lower())) for part in (val, test) for text in part.texts()}
    expected = [text for text in train.texts() if " ".join(re.findall(r"[^\W_]+", text.lower())) not in known]
    assert curated.corpus.texts() == expected
    assert len(expected) < len(train)


def test_finders_take_nothing_and_find_nothing() -> None:
    for finder in (
        ExactFinder([]),
        NearFinder.of([], min_similarity=0.5, size=1, unit="word"),
        RunFinder([], n_words=3),
    ):
        assert finder.find(["a", None]).twin.tolist() == [-1, -1]
        assert len(finder.find([])) == 0


def test_a_hundred_thousand_equal_rows_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *([[RUN]] * 100_000)])
    corpus = load(str(path)).with_held_out(test=rows([RUN] * 2000))
    for match in ("exact", "near", "ngram"):
        assert len(Recipe([step("dedup.leakage", match=match)]).run(corpus).corpus) == 0
