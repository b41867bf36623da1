"""Words from the corpus, names by type, word vectors, contractions, numbers and dates: what each of them promises."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.signals import Signal
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, CurateError
from curate.kernels.dates import dates
from curate.kernels.replacing import undone
from curate.kernels.word_counts import told_words
from curate.transforms.augment.contraction import AugmentContraction
from curate.transforms.augment.date import AugmentDate
from curate.transforms.augment.entity import AugmentEntity, EntityPool
from curate.transforms.augment.number import AugmentNumber
from curate.transforms.augment.synonym import AugmentSynonym
from curate.transforms.augment.tfidf import AugmentTfidf, CountedWords

ENTITY = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())]))
ANSWERS = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int64()))])
NAMES = {"PER": ["Ann Lee", "Bob", "Zoë"], "LOC": ["Oslo", "New York"], "ORG": ["Acme"]}
TEXTS = [
    "Ann Lee met Bob in Oslo.",
    "Bob works for Acme in New York.",
    "Zoë left an Oslo firm; Zoë likes Oslo 👍.",
    "Nobody came.",
]


def spans_of(text: str) -> list[dict[str, Any]]:
    found = []
    for kind, names in NAMES.items():
        for name in names:
            at = text.find(name)
            while at >= 0:
                found.append({"start": at, "end": at + len(name), "label": kind})
                at = text.find(name, at + 1)
    return found


def ner(texts: list[str] = TEXTS) -> Corpus:
    table = pa.table(
        {
            "text": texts,
            "entities": pa.array([spans_of(text) for text in texts], ENTITY),
            "answers": pa.array([{"text": [text[:2]], "answer_start": [0]} for text in texts], ANSWERS),
        }
    )
    return Corpus.from_table(table, Roles(text="text"))


def made(corpus: Corpus, transform: Any, **settings: Any) -> list[dict[str, Any]]:
    run = Recipe([transform], **settings).run(corpus)
    rows = dict(zip(run.corpus.row_ids().tolist(), run.corpus.table().to_pylist(), strict=True))
    old = dict(zip(corpus.row_ids().tolist(), corpus.texts(), strict=True))
    found = []
    for event in run.lineage().to_pylist():
        if event["kind"] == "add":
            changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
            row = rows[event["row_id"]]
            assert undone(row["text"], changes) == old[event["parents"][0]]
            found.append({**row, "parent": event["parents"][0], "changes": changes})
    return found


def test_entities_give_way_to_others_of_their_type_and_keep_their_labels() -> None:
    rows = made(ner(), AugmentEntity(spans=["entities"], n=8))
    assert len(rows) >= 12
    for row in rows:
        before = spans_of(TEXTS[row["parent"]])
        assert [one["label"] for one in row["entities"]] == [one["label"] for one in before]
        for one in row["entities"]:
            assert row["text"][one["start"] : one["end"]] in NAMES[one["label"]]
        zoe = [row["text"][one["start"] : one["end"]] for one in row["entities"] if one["label"] == "PER"]
        if row["parent"] == 2:
            assert len(set(zoe)) == 1
            assert " an New" not in row["text"]


def test_only_types_asked_for_change_and_other_spans_are_carried_or_keep_an_entity() -> None:
    rows = made(ner(), AugmentEntity(spans=["entities", "answers"], types=["LOC"], n=4))
    assert rows
    for row in rows:
        assert row["text"][: len("Ann Lee")] == TEXTS[row["parent"]][: len("Ann Lee")]
        (start,), (said,) = row["answers"]["answer_start"], row["answers"]["text"]
        assert row["text"][start : start + len(said)] == said == TEXTS[row["parent"]][:2]
    pooled = made(ner(), AugmentEntity(spans=["entities", "answers"], types=["PER"], n=4))
    assert all(row["parent"] == 0 and row["text"].startswith("Ann Lee") for row in pooled)


def test_a_users_table_by_type_needs_no_spans(tmp_path: Path) -> None:
    corpus = Corpus.from_table(pa.table({"text": ["To Paris, by bus from Parisians of Rome"]}))
    place = tmp_path / "names.json"
    place.write_text('{"place": ["Paris", "Rome", "Lima"]}')
    rows = made(corpus, AugmentEntity(table=str(place), n=5))
    assert {new for row in rows for *_, new in row["changes"]} == {"Lima"}
    assert all("Parisians" in row["text"] for row in rows)
    one = AugmentEntity(table=str(place)).revision()
    place.write_text('{"place": ["Paris", "Rome", "Bonn"]}')
    assert AugmentEntity(table=str(place)).revision() != one
    spanned = made(ner(), AugmentEntity(spans=["entities"], table={"PER": ["Max"]}))
    assert {new for row in spanned for *_, new in row["changes"]} == {"Max"}


def test_without_entities_to_go_by_one_line_says_so() -> None:
    with pytest.raises(ValidationError, match="needs a column that marks entities"):
        AugmentEntity()
    with pytest.raises(ColumnError, match="no column 'entities'"):
        Recipe([AugmentEntity(spans=["entities"])]).run(Corpus.from_table(pa.table({"text": ["a"]})))
    with pytest.raises(ColumnError, match="no field 'type' with their type"):
        Recipe([AugmentEntity(spans=["entities"], label="type")]).run(ner())


def test_types_that_the_table_does_not_have_are_refused(tmp_path: Path) -> None:
    table = {"place": ["Oslo", "Rome"], "team": []}
    for spans in ([], ["entities"]):
        for kind in ("plce", "team"):
            with pytest.raises(ValidationError, match=f"the table has no names of {kind}; it has names of: place"):
                AugmentEntity(table=table, types=["place", kind], spans=spans)
        path = tmp_path / "names.json"
        path.write_text('{"place": ["Oslo", "Rome"]}')
        with pytest.raises(CurateError, match="the table has no names of plce; it has names of: place"):
            AugmentEntity(table=str(path), types=["plce"], spans=spans).setup()


def test_entities_that_have_no_other_are_refused_by_that_reason() -> None:
    run = Recipe([AugmentEntity(spans=["entities"], types=["ORG"])]).run(ner())
    assert run.counts[0].refused == {"unchanged": 3, "no_other": 1}


@given(text=st.text(max_size=40), cuts=st.lists(st.integers(0, 40), max_size=6), seed=st.integers(0, 2**32))
def test_entities_of_any_text_keep_their_type(text: str, cuts: list[int], seed: int) -> None:
    pairs = zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)
    cell = [{"start": low, "end": high, "label": "PER"} for low, high in pairs if high <= len(text)]
    table = pa.table({"text": [text, "Bob"], "entities": pa.array([cell, spans_of("Bob")], ENTITY)})
    corpus = Corpus.from_table(table, Roles(text="text"))
    transform = AugmentEntity(spans=["entities"], n=2, articles=False)
    pool = EntityPool(span_column="entities").compute(corpus, 0)
    names = set(pool.column("value").chunk(0).dictionary.field("name")[0].as_py())
    (batch,) = corpus.batches()
    batch = batch.with_signals({"entity_pool": Signal.of(pool).at(batch.row_ids)})
    for row in transform.plan(batch, StepRandom(seed, "x")).adds.to_pylist():
        if row["parents"] == [0]:
            assert len(row["entities"]) == len(cell)
            assert undone(row["text"], [tuple(one.values())[1:] for one in row["changes"]]) == text
            changed = {(one["start"], one["end"]): one["new"] for one in row["changes"]}
            assert set(changed.values()) <= names
            assert set(changed) <= {(one["start"], one["end"]) for one in cell}


def words_corpus(data_dir: Path) -> Corpus:
    lines = (data_dir / "trec_raw" / "train_5500.label").read_text("latin-1").splitlines()[:1500]
    return Corpus.from_table(pa.table({"text": [line.split(" ", 1)[1] for line in lines]}))


def test_words_that_tell_stay_and_new_ones_are_of_the_training_rows(data_dir: Path) -> None:
    corpus = words_corpus(data_dir)
    rows = made(corpus, AugmentTfidf(rate=0.3))
    own = {word for text in corpus.texts() for word in told_words(str(text).lower())}
    assert len(rows) > 1300
    counts = Counter(word for text in corpus.texts() for word in set(told_words(str(text).lower())))
    gone = [old.lower() for row in rows for _, _, old, _ in row["changes"]]
    assert all(
        new.lower() in own for row in rows for _, _, old, new in row["changes"] if old.lower() not in ("a", "an")
    )
    assert not {"not", "no", "never", "the", "who"} & set(gone)
    stayed = [
        word for row in rows for word in set(str(row["text"]).lower().split()) if word.isalpha() and len(word) > 3
    ]
    assert np.median([counts[word] for word in gone if len(word) > 3]) >= np.median([counts[w] for w in stayed]) / 4


def test_the_statistics_are_held_once_and_a_column_of_that_name_is_told(data_dir: Path) -> None:
    corpus = words_corpus(data_dir)
    table = CountedWords().compute(corpus, 0)
    assert table.column("value").chunk(0).nbytes < 400_000
    mixed = corpus.take(np.random.default_rng(0).permutation(len(corpus)))
    digest = [
        one.column("value").chunk(0).dictionary.field("digest")[0].as_py()
        for one in (table, CountedWords().compute(mixed, 0))
    ]
    assert digest[0] == digest[1]
    named = Corpus.from_table(pa.table({"text": ["a good film"], "word_counts": [3]}), Roles(text="text"))
    with pytest.raises(ColumnError, match="has the name of a signal"):
        Recipe([AugmentTfidf()]).run(named)


def test_held_out_rows_lend_no_words() -> None:
    train = Corpus.from_table(pa.table({"text": ["good film here", "good film there", "long song here"]}))
    both = train.with_held_out(test=Corpus.from_table(pa.table({"text": ["secret words only", "secret words"]})))
    rows = made(both, AugmentTfidf(rate=1.0, n=20, min_rows=1, draw="uninformative"))
    assert rows
    assert not any("secret" in row["text"] or "words" in row["text"] for row in rows)


def test_contractions_go_both_ways_and_only_there() -> None:
    text = "I can't say it's been John's. I do not know what it is; WON'T."
    corpus = Corpus.from_table(pa.table({"text": [text, "nothing here"]}))
    expand = made(corpus, AugmentContraction(action="expand", n=10))
    contract = made(corpus, AugmentContraction(action="contract", n=10))
    assert {pair[2:] for row in expand for pair in row["changes"]} == {
        ("can't", "cannot"),
        ("it's", "it has"),
        ("WON'T", "WILL NOT"),
    }
    assert {pair[2:] for row in contract for pair in row["changes"]} == {("do not", "don't")}
    assert len({row["text"] for row in made(corpus, AugmentContraction(n=30))}) > 5


def test_numbers_and_dates_leave_each_other_and_addresses_alone() -> None:
    text = "On 5 March 2024 we sold 250 of 1,400 at www.x.org/40 for user@40.org; 40 left, {250x}."
    corpus = Corpus.from_table(pa.table({"text": [text]}))
    for row in made(corpus, AugmentNumber(n=20)):
        assert row["text"].startswith("On 5 March 2024 we sold ")
        assert "www.x.org/40 for user@40.org" in row["text"]
        assert {old for _, _, old, _ in row["changes"]} <= {"250", "1,400", "40"}
    dated = made(corpus, AugmentDate(n=20))
    assert dated
    assert {old for row in dated for _, _, old, _ in row["changes"]} == {"5 March 2024"}


def test_all_dates_of_a_text_move_alike_by_whole_weeks_where_one_has_a_weekday() -> None:
    text = "It began on Monday, 5 August 2024 and ended on 2024-08-10, 5 days later."
    corpus = Corpus.from_table(pa.table({"text": [text]}))
    rows = made(corpus, AugmentDate(n=30))
    assert len(rows) > 20
    for row in rows:
        first, second = dates(row["text"])
        assert (second.day - first.day).days == 5
        assert first.day.weekday() == 0
        assert abs((first.day - date(2024, 8, 5)).days) <= 365


@pytest.mark.parametrize(("max_days", "n_days"), [(3, []), (6, []), (7, [-7, 7]), (20, [-14, -7, 7, 14])])
def test_a_weekday_moves_no_date_farther_than_it_may(max_days: int, n_days: list[int]) -> None:
    corpus = Corpus.from_table(pa.table({"text": ["It began on Monday, 5 August 2024."]}))
    run = Recipe([AugmentDate(max_days=max_days, n=50)]).run(corpus)
    moved = {(dates(str(text))[0].day - date(2024, 8, 5)).days for text in run.corpus.texts()[1:]}
    assert sorted(moved) == n_days
    assert n_days or run.counts[0].refused == {"unchanged": 50}


def test_a_text_with_days_that_share_a_month_keeps_its_dates() -> None:
    texts = ["Open from 25 to 27 March 2024, told on 3 May 2024.", "Closed 24. - 26. Dezember 2023"]
    run = Recipe([AugmentDate(n=5)]).run(Corpus.from_table(pa.table({"text": texts})))
    assert run.counts[0].refused == {"unchanged": 10}


def test_numbers_of_names_and_ranges_stay() -> None:
    texts = ["Flight 103 was late.", "Windows 3 came out. Windows 3 was slow.", "It costs 3 to 5 dollars", "Bought 12."]
    rows = made(Corpus.from_table(pa.table({"text": texts})), AugmentNumber(n=3, max_change=1))
    assert {row["parent"] for row in rows} == {3}


def test_synonyms_come_from_word_vectors(tmp_path: Path) -> None:
    place = tmp_path / "words.vec"
    place.write_text("film 1 0 0\nmovie 0.9 0.1 0\nthe 1 0 0\ntax 0 1 0\nfilms 1 0 0\n")
    corpus = Corpus.from_table(pa.table({"text": ["The film about tax", "Film!"]}))
    rows = made(corpus, AugmentSynonym(embedding=str(place)))
    assert [row["text"] for row in rows] == ["The movie about tax", "Movie!"]
    for settings, said in (
        ({"embedding": str(place), "table": {"a": "b"}}, "give one of them"),
        ({"embedding": str(place), "relation": "hypernym"}, "use WordNet"),
    ):
        with pytest.raises(ValidationError, match=said):
            AugmentSynonym(**settings)
    with pytest.raises(CurateError, match="no word vectors at"):
        Recipe([step("augment.synonym", embedding=str(tmp_path / "none.vec"))]).run(corpus)


def test_a_language_whose_function_words_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="function_words to true"):
        AugmentTfidf(language="fi")
    assert AugmentTfidf(language="fi", function_words=True).language == "fi"
