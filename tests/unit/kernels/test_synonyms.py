"""Tables of other words, and the words of a text that a source knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import InputError
from curate.kernels.draws import Draws
from curate.kernels.replacing import ordered, replaced, undone
from curate.kernels.substitution import candidates, drawn, vowel_sound
from curate.kernels.synonyms import TableSource, read_table

TABLE = TableSource({"film": ["act", "movie"], "Haus": ["Gebäude"], "idée": ["pensée"], "act": ["film"]})


def shown(text: str) -> list[tuple[str, tuple[str, ...]]]:
    found, _ = candidates(text, [], TABLE)
    return [(text[one.start : one.end], tuple(option for option, _ in one.options)) for one in found]


def test_words_are_found_in_their_case() -> None:
    assert shown("a film. Film! FILM") == [("film", ("act", "movie")), ("Film", ("Act", "Movie"))]
    assert shown("A FILM") == [("FILM", ("ACT", "MOVIE"))]
    assert shown("the Film of it") == []
    assert shown("Film Electric. Film I saw") == [("Film", ("Act", "Movie"))]
    assert shown("Haus im Haus") == [("Haus", ("Gebäude",)), ("Haus", ("Gebäude",))]


def test_a_part_of_a_word_is_no_word() -> None:
    assert shown("films film-maker film's filme\u0301 ide\u0301e") == []
    assert shown("une idée") == [("idée", ("pensée",))]


def test_protected_words_are_neither_found_nor_counted() -> None:
    assert candidates("a film", [(2, 6)], TABLE) == ([], 1)


@pytest.mark.parametrize(
    ("text", "english", "wanted"),
    [
        ("A film", True, {"An act", "A movie"}),
        ("AN ACT", True, {"A FILM"}),
        ("an act", True, {"a film"}),
        ("an film", True, {"an act", "an movie"}),
        ("a film", False, {"a act", "a movie"}),
    ],
)
def test_an_article_that_agreed_agrees_again(text: str, english: bool, wanted: set[str]) -> None:
    found, n_words = candidates(text, [], TABLE, english=english)
    made = {replaced(text, ordered(drawn(found, n_words, 1.0, Draws(seed), text), text)) for seed in range(20)}
    assert made == wanted


def test_a_protected_article_keeps_its_word() -> None:
    assert candidates("a film", [(0, 1)], TABLE) == ([], 1)


def test_which_words_begin_with_a_vowel_to_the_ear() -> None:
    assert all(map(vowel_sound, "hour heir honest apple umbrella uninformed urge utter NHS".split()[:-1]))
    assert not any(map(vowel_sound, "house union university use European one unique uranium".split()))


@given(st.text(max_size=60) | st.text("aA film.FILMé\u0301\n'’-", max_size=60), st.integers(0, 2**64 - 1))
def test_any_text_can_be_taken_back(text: str, seed: int) -> None:
    found, n_words = candidates(text, [], TABLE)
    if found:
        edits = ordered(drawn(found, n_words, 0.5, Draws(seed), text), text)
        new = replaced(text, edits)
        assert undone(new, [(start, end, text[start:end], said) for start, end, said in edits]) == text


def test_tables_are_read_from_files(tmp_path: Path) -> None:
    files = {
        "a.csv": "film,movie\nfilm,picture\ncar,auto,automobile\n",
        "a.tsv": "\ufefffilm\tmovie\tpicture\ncar\tauto\ncar\tautomobile\n\n",
        "a.json": json.dumps({"film": ["movie", "picture"], "car": ["auto", "automobile"]}),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
        assert read_table(str(tmp_path / name)) == {"film": ("movie", "picture"), "car": ("auto", "automobile")}


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.txt", "film movie", "is no .csv, .tsv or .json file"),
        ("a.csv", "film\n", "holds no pair of words"),
        ("a.json", "[1]", "holds no JSON object"),
        ("a.json", '{"a": [1]}', "no text"),
        ("a.json", "{", "cannot be read"),
        ("none.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: str | None, match: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError, match=match):
        read_table(str(tmp_path / name))


@pytest.mark.parametrize("word", ["never", "Not", "don’t", "cant", "nicht", "jamás", "不"])
def test_a_table_may_not_replace_a_negation(word: str) -> None:
    with pytest.raises(InputError, match=rf"replaces negations \({word}\).*augment.negation") as caught:
        TableSource({"film": ["movie"], word: ["always"]})
    assert "\n" not in str(caught.value)


def test_a_table_may_replace_a_function_word_and_put_a_negation() -> None:
    table = TableSource({"is": ["be"], "bad": ["not"], "sin": ["offence"]})
    assert [table.options(word, "", "") for word in ("is", "bad", "sin")] == [
        (("be", 1.0),),
        (("not", 1.0),),
        (("offence", 1.0),),
    ]


def test_a_table_is_known_by_its_words_and_not_by_their_order() -> None:
    assert TableSource({"a": ["b"], "c": ["d"]}).revision == TableSource({"c": ["d"], "a": ["b"]}).revision
    assert TableSource({"a": ["b"]}).revision != TableSource({"a": ["c"]}).revision


def test_capitals_and_protected_spans_of_a_long_text_cost_no_product() -> None:
    text = "A FILM " * 30_000
    protected = [(7 * at, 7 * at + 1) for at in range(0, 30_000, 2)]
    found, n_words = candidates(text, protected, TABLE)
    assert (len(found), n_words) == (15_000, 45_000)
