"""augment.synonym, augment.antonym and augment.eda: what rows they add, and what they refuse."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.recipe import Recipe
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError, InputError
from curate.kernels.draws import Draws
from curate.kernels.replacing import ordered, replaced, undone
from curate.kernels.word_context import NEGATIONS
from curate.kernels.wordnet import WordNet
from curate.transforms.augment.antonym import AugmentAntonym
from curate.transforms.augment.eda import AugmentEda
from curate.transforms.augment.synonym import AugmentSynonym

TABLE = {"film": ["movie"], "good": ["fine", "great"], "act": ["film"]}
TEXT = "A good film is a good act , they say not never bad ."


def added(transform: Transform, texts: list[str], labels: list[Any] | None = None) -> list[dict[str, Any]]:
    table = pa.table({"text": texts, "label": labels or ["pos"] * len(texts)})
    corpus = Corpus.from_table(table, Roles(text="text", label="label"))
    made = Recipe([transform], max_quarantine=0).run(corpus).corpus
    return [row for row, row_id in zip(made.table().to_pylist(), made.row_ids(), strict=True) if row_id >= len(texts)]


def refused(transform: Transform, texts: list[str], labels: list[Any] | None = None) -> dict[str, int]:
    table = pa.table({"text": texts, "label": labels or ["pos"] * len(texts)})
    corpus = Corpus.from_table(table, Roles(text="text", label="label"))
    return dict(Recipe([transform], max_quarantine=0).run(corpus).counts[0].refused)


def test_synonyms_of_a_table_stand_in_the_row_and_the_label_stays() -> None:
    rows = added(AugmentSynonym(table={"film": "movie"}), ["the film", "nothing"])
    assert rows == [{"text": "the movie", "label": "pos"}]
    assert refused(AugmentSynonym(table={"film": "movie"}), ["the film", "nothing"]) == {"unchanged": 1}


def test_at_most_the_share_of_words_asked_for_is_replaced() -> None:
    text = " ".join(["good film"] * 20)
    for row in added(AugmentSynonym(table=TABLE, max_rate=0.1, n=30), [text]):
        assert 1 <= sum(one != other for one, other in zip(text.split(), row["text"].split(), strict=True)) <= 4


def test_a_table_may_be_a_file_and_its_content_counts(tmp_path: Path) -> None:
    file = tmp_path / "words.tsv"
    file.write_text("Haus\tGebäude\n", "utf-8")
    augment = AugmentSynonym(table=str(file), language="de")
    assert added(augment, ["ein Haus"])[0]["text"] == "ein Gebäude"
    before = augment.revision()
    file.write_text("Haus\tHütte\n", "utf-8")
    assert AugmentSynonym(table=str(file), language="de").revision() != before


def test_another_language_keeps_its_words_a_and_an() -> None:
    assert added(AugmentSynonym(table={"casa": "escuela"}, language="es"), ["va a casa"])[0]["text"] == "va a escuela"


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"language": "de"}, "WordNet holds English words and none of 'de': give a table"),
        ({"language": "zh", "table": {"a": "b"}}, "no spaces between words"),
        ({"table": {"a": "b"}, "wordnet": "/x"}, "give one of them"),
    ],
)
def test_what_has_no_words_is_refused_with_what_to_give(settings: dict[str, Any], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        AugmentSynonym(**settings)


def test_a_missing_wordnet_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="apt-get install wordnet-base"):
        AugmentSynonym(wordnet=str(tmp_path)).setup()


def test_what_is_loaded_is_not_sent_to_workers(wordnet: WordNet) -> None:
    augment = AugmentSynonym()
    augment.setup()
    assert len(pickle.dumps(augment)) < 2000


def test_the_relation_is_the_reason(wordnet: WordNet) -> None:
    table = pa.table({"text": ["two good actors left"], "label": ["a"]})
    corpus = Corpus.from_table(table, Roles(text="text", label="label"))
    log = Recipe([AugmentSynonym(relation="hypernym")]).run(corpus).lineage().to_pylist()
    assert [event["reason"] for event in log] == ["hypernym"]


def test_an_antonym_turns_the_label_by_its_rule(wordnet: WordNet) -> None:
    flip = {"pos": "neg", "neg": "pos"}
    rows = added(AugmentAntonym(flip=flip), ["a cheap phone", "an expensive phone", "odd"], ["neg", "pos", "other"])
    assert rows == [{"text": "an expensive phone", "label": "pos"}, {"text": "a cheap phone", "label": "neg"}]
    assert refused(AugmentAntonym(flip=flip), ["a cheap phone"], ["other"]) == {"no_flip": 1}


def test_an_antonym_may_keep_the_label_but_must_say_so(wordnet: WordNet) -> None:
    assert added(AugmentAntonym(keep_label=True), ["a cheap phone"]) == [{"text": "an expensive phone", "label": "pos"}]
    for given_settings in ({}, {"flip": {"a": "b"}, "keep_label": True}):
        with pytest.raises(ValidationError, match="say what becomes of the label"):
            AugmentAntonym(**given_settings)


def test_exactly_one_word_is_turned_and_only_one_of_those_named(wordnet: WordNet) -> None:
    text = "the cheap phone is small and the expensive one is large"
    for row in added(AugmentAntonym(keep_label=True, n=20), [text]):
        assert sum(one != other for one, other in zip(text.split(), row["text"].split(), strict=True)) == 1
    for named in ("cheap", "Cheap", "CHEAP"):
        rows = added(AugmentAntonym(keep_label=True, n=20, words=(named,)), [text])
        assert [row["text"] for row in rows] == [text.replace("cheap", "expensive")]


def test_a_negation_without_its_apostrophe_is_no_word_of_wordnet(wordnet: WordNet) -> None:
    for text in ("i cant stand it", "they wont come"):
        for step in (AugmentSynonym(min_sense_share=0, min_count=0, n=20), AugmentSynonym(relation="hypernym", n=20)):
            assert all(set(text.split()[1:2]) <= set(row["text"].split()) for row in added(step, [text]))


def test_a_table_that_replaces_a_negation_is_refused_before_any_row() -> None:
    for step in (AugmentSynonym(table={"never": ["always"]}), AugmentEda(table={"never": ["always"]})):
        with pytest.raises(InputError, match="replaces negations"):
            added(step, ["i never saw it"])


@pytest.mark.parametrize("operation", ["replace", "insert", "swap", "delete"])
def test_each_operation_of_eda_does_what_it_says(operation: str) -> None:
    augment = AugmentEda(operations=(operation,), table=TABLE, n=20, alpha=0.2)
    before = TEXT.split()
    for row in added(augment, [TEXT]):
        after = row["text"].split()
        if operation == "swap":
            assert sorted(after) == sorted(before)
            assert after != before
        elif operation == "delete":
            left = iter(before)
            assert len(after) < len(before)
            assert all(word in left for word in after)
        elif operation == "insert":
            left = iter(after)
            assert len(after) == len(before) + 2
            assert all(word in left for word in before)
        else:
            assert len(after) == len(before)
            assert after != before


def test_eda_draws_among_its_operations_and_tells_which_it_was() -> None:
    table = pa.table({"text": [TEXT] * 40, "label": ["a"] * 40})
    log = Recipe([AugmentEda(table=TABLE)]).run(Corpus.from_table(table, Roles(text="text", label="label"))).lineage()
    counts = log.column("reason").value_counts().to_pylist()
    assert {one["values"] for one in counts} == {"replaced", "inserted", "swapped", "deleted"}
    assert all(one["counts"] >= 3 for one in counts)


def test_an_operation_without_work_leaves_its_turn_to_another() -> None:
    rows = added(AugmentEda(table={"x": "y"}, n=30), ["two words"])
    assert {row["text"] for row in rows} == {"words two", "two", "words"}
    assert refused(AugmentEda(table={"x": "y"}), ["not", "", "..."]) == {"unchanged": 3}


def test_eda_without_synonyms_needs_no_wordnet(tmp_path: Path) -> None:
    augment = AugmentEda(operations=("swap", "delete"), wordnet=str(tmp_path), language="fi")
    assert augment.revision() == ""
    assert added(augment, ["yksi kaksi kolme"])


@given(
    st.text(max_size=60) | st.text("aA film.FILM good not n't é\u0301\n'’-", max_size=60),
    st.integers(0, 2**64 - 1),
    st.sampled_from(
        [
            AugmentSynonym(table=TABLE, max_rate=1.0),
            *(AugmentEda(operations=(one,), table=TABLE, alpha=0.4) for one in ("replace", "insert", "swap", "delete")),
        ]
    ),
)
def test_any_text_can_be_taken_back_and_keeps_its_negations(text: str, seed: int, augment: Any) -> None:
    edits = ordered(augment.replacements(text, [], Draws(seed)).replacements, text)
    new = replaced(text, edits)
    assert undone(new, [(start, end, text[start:end], said) for start, end, said in edits]) == text
    kept = [word for word in new.lower().split() if word in NEGATIONS]
    assert sorted(kept) == sorted(word for word in text.lower().split() if word in NEGATIONS)


def test_long_texts_take_time_in_their_length(wordnet: WordNet) -> None:
    for text in ("a" * 100_000, "a film " * 20_000, "not " * 20_000, "\u0301" * 50_000, "(" * 50_000):
        for augment in (AugmentSynonym(), AugmentEda(alpha=0.01)):
            found = augment.replacements(text, [], Draws(1))  # in quadratic time this takes minutes
            edits = [] if isinstance(found, str) else ordered(found.replacements, text)
            new = replaced(text, edits)
            assert undone(new, [(start, end, text[start:end], said) for start, end, said in edits]) == text


@pytest.mark.parametrize("operation", ["swap", "delete", "insert"])
def test_eda_leaves_words_whole_that_were_split_at_an_apostrophe(operation: Any) -> None:
    text = "i can 't say it 's a good film & is n't &gt; don 't you ?"
    augment = AugmentEda(operations=[operation], alpha=0.5, n=40, table=TABLE)
    for row in added(augment, [text]):
        assert all(part in row["text"] for part in ("can 't", "it 's", "is n't", "&gt;", "don 't"))


@pytest.mark.parametrize("word", ["New York", "C++", "", "e.g.", "4th"])
def test_a_table_with_a_word_that_is_never_found_is_refused(word: str, tmp_path: Path) -> None:
    for name in (AugmentSynonym, AugmentEda):
        with pytest.raises(ValidationError, match="is no single word, so it is never found; leave it out, or exchange"):
            name(table={"film": ["movie"], word: ["Gotham"]})
    path = tmp_path / "words.csv"
    path.write_text("film,movie\nNew York,Gotham\nbig deal,lot\n")
    with pytest.raises(CurateError, match=r"'New York' \(and 1 more\) is no single word"):
        AugmentSynonym(table=str(path)).setup()
    assert added(AugmentSynonym(table={"film": ["moving picture"]}), ["a film"])[0]["text"] == "a moving picture"


def test_a_language_is_told_by_its_code_in_any_form() -> None:
    assert AugmentSynonym(language="en-US").language == AugmentSynonym(language="eng").language == "en"
    with pytest.raises(ValidationError, match="no code of a language"):
        AugmentSynonym(language="klingon", table=TABLE)


@pytest.mark.parametrize("text", ["没有人喜欢这个电影", "ฉันไม่ชอบหนังเรื่องนี้", "この映画は良い。好きです", "电影 很好"])
def test_eda_changes_no_script_without_spaces(text: str) -> None:
    augment = AugmentEda(operations=["swap", "delete", "insert"], table={"film": ["movie"]}, alpha=0.5, n=10)
    assert refused(augment, [text]) == {"unchanged": 10}


def test_eda_keeps_runs_of_such_a_script_whole_among_words() -> None:
    rows = added(AugmentEda(operations=["swap", "delete"], alpha=0.5, n=20), ["a good 电影很好 film 映画 here"])
    assert rows
    assert all("电影很好" in row["text"] and "映画" in row["text"] for row in rows)


def test_eda_refuses_languages_without_spaces_and_those_without_words() -> None:
    with pytest.raises(ValidationError, match="no spaces"):
        AugmentEda(language="zh", operations=["swap"])
    with pytest.raises(ValidationError, match="no spaces"):
        AugmentEda(language="zh")
    with pytest.raises(ValidationError, match=r"operations: \[swap, delete\]"):
        AugmentEda(language="de")


def test_an_article_agrees_with_a_word_put_in_behind_it() -> None:
    augment = AugmentEda(operations=("insert",), table={"car": ["automobile"], "hour": ["moment"]}, alpha=0.4, n=60)
    said = {row["text"] for row in added(augment, ["A car for an hour"])}
    assert any("An automobile car" in text for text in said)
    assert any("a moment hour" in text for text in said)
    assert not any(wrong in text for text in said for wrong in ("A automobile", "a automobile", "an moment"))
    kept = augment.model_copy(update={"protect_pattern": "(?i)an?"})
    for row in added(kept, ["A car for an hour"]):
        assert row["text"].startswith(("A car", "A moment", "automobile A", "moment A"))
        assert "an moment" not in row["text"]
    german = AugmentEda(operations=("insert",), table={"haus": ["auto"]}, language="de", n=20)
    assert "a auto haus" in {row["text"] for row in added(german, ["a haus"])}
