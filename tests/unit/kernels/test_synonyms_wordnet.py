"""WordNet behind gates: what is replaced, and what is left alone because it would go wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from curate.kernels.substitution import candidates
from curate.kernels.synonyms_wordnet import WordNetSource
from curate.kernels.wordnet import WordNet


@pytest.fixture(scope="module")
def source(wordnet: WordNet) -> WordNetSource:
    return WordNetSource(wordnet)


def words(source: WordNetSource, text: str) -> dict[str, list[str]]:
    found, _ = candidates(text, [], source)
    return {text[one.start : one.end]: [option for option, _ in one.options] for one in found}


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [
        ("i purchased it", "purchased", "bought"),
        ("we are purchasing it", "purchasing", "buying"),
        ("the biggest problem", "biggest", "largest"),
        ("two lawyers came", "lawyers", "attorneys"),
        ("it is almost new", "almost", "nearly"),
        ("Lawyers came", "Lawyers", "Attorneys"),
        ("A lawyer came", "lawyer", "attorney"),
        ("THE LAWYER CAME", "LAWYER", "ATTORNEY"),
    ],
)
def test_a_word_gives_way_to_one_in_its_inflection_and_case(
    source: WordNetSource, text: str, word: str, wanted: str
) -> None:
    assert wanted in words(source, text)[word]


@pytest.mark.parametrize(
    "text",
    [
        "it is in as he was",  # function words: "it" is no information technology
        "no one never nothing",
        "i met Lawyer and Car",  # names in the middle of a sentence
        "the film was shot here",  # several senses
        "he saw a bank",
        "a hot dog",  # an expression
        "car park",
        "they look up",
        "she wo n't",
        "",
        "数据 清洗 ا ل 😀",
    ],
)
def test_what_is_not_sure_is_left_alone(source: WordNetSource, text: str) -> None:
    assert words(source, text) == {}


def test_the_part_of_speech_is_that_of_the_place(source: WordNetSource) -> None:
    assert "purchase" in words(source, "i will buy one")["buy"]
    assert all(option.endswith("s") for option in words(source, "she buys it").get("buys", ["s"]))


def test_no_other_word_is_of_several_words_or_never_met(source: WordNetSource, wordnet: WordNet) -> None:
    for word in "purchased biggest lawyers almost famous perhaps wonderful".split():
        for option, score in source.options(word, "", ""):
            assert option.isalpha()
            assert option != word
            assert 0.7 <= score <= 1


def test_a_lower_share_gives_more_words_and_never_fewer(wordnet: WordNet, source: WordNetSource) -> None:
    loose = WordNetSource(wordnet, min_sense_share=0.3, min_count=0)
    text = "an idea that lawyers employ to fix a car is a good thought"
    assert set(words(source, text)) < set(words(loose, text))
    assert loose.revision != source.revision


def test_relations_give_other_words(wordnet: WordNet) -> None:
    opposite = WordNetSource(wordnet, "antonym", 0.5)
    assert words(opposite, "a cheap phone") == {"cheap": ["expensive"]}
    general = WordNetSource(wordnet, "hypernym")
    assert "performers" in words(general, "two good actors")["actors"]


def test_answers_do_not_depend_on_what_was_asked_before(wordnet: WordNet) -> None:
    places = [("buy", "to", ""), ("buy", "a", ""), ("buy", "good", "of"), ("big", "", "car"), ("big", "is", "")]
    once, again = WordNetSource(wordnet), WordNetSource(wordnet)
    forward = [tuple(once.options(*place)) for place in places]
    assert forward == [tuple(again.options(*place)) for place in reversed(places)][::-1]


def test_answers_do_not_depend_on_the_hash_seed(wordnet: WordNet) -> None:
    code = (
        "from curate.kernels.wordnet import load_wordnet\n"
        "from curate.kernels.synonyms_wordnet import WordNetSource\n"
        f"source = WordNetSource(load_wordnet({str(wordnet.folder)!r}), min_sense_share=0.1, min_count=0)\n"
        "print([source.options(word, 'the', '') for word in 'films good idea run thoughts'.split()], source.revision)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_what_is_kept_of_words_does_not_grow(wordnet: WordNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.kernels.synonyms_wordnet._MOST_ENTRIES", 3)
    source = WordNetSource(wordnet)
    text = "the lawyer purchased one automobile , blorb zzyx and the biggest problem"
    assert words(source, text) == words(WordNetSource(wordnet), text) != {}
    assert len(source._entries) <= 3
