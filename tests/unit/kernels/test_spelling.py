"""Misspelt words: likely slips count for more, what the corpus or the dictionary knows is right, and nothing is sure
without reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.misspellings import WordCounts, corrections, misspelt
from curate.kernels.spelling import Lexicon, Speller, bundled_lexicon, read_lexicon
from curate.kernels.typing_errors import likelihood, same_by_variant, stems

pytest.importorskip("symspellpy")

LETTERS = st.text("abcdeyst", max_size=7)


def test_likelier_slips_weigh_more() -> None:
    order = [("teh", "the"), ("nevr", "never"), ("tje", "the"), ("txe", "the"), ("xhe", "the"), ("zzz", "the")]
    weights = [likelihood(*pair) for pair in order]
    assert weights == sorted(weights, reverse=True)
    assert likelihood("agression", "aggression") > likelihood("agreession", "aggression")


@given(LETTERS, LETTERS)
def test_likelihood_is_a_weight(typed: str, meant: str) -> None:
    assert (likelihood(typed, meant) == 0) == (typed == meant)
    assert likelihood(typed, meant) <= 0


@pytest.mark.parametrize(
    ("word", "other", "same"),
    [
        ("color", "colour", True),
        ("theaters", "theatres", True),
        ("organisation", "organization", True),
        ("traveled", "travelled", True),
        ("archeologist", "archaeologist", True),
        ("installment", "instalment", True),
        ("realy", "really", False),
        ("recieve", "receive", False),
    ],
)
def test_british_and_american_spellings_are_no_slips(word: str, other: str, same: bool) -> None:
    assert same_by_variant(word, other) == same == same_by_variant(other, word)


def test_stems() -> None:
    assert "snowboard" in stems("snowboarders")
    assert "write" not in [stem for stem in stems("writeing") if stem == "write"]


def test_a_lexicon_is_read_line_by_line() -> None:
    assert read_lexicon(["The 20", "", "the", "new york 3"]).counts == {"the": 21, "new": 1}


@pytest.fixture(scope="module")
def english() -> Speller:
    return Speller(bundled_lexicon(), {})


@pytest.mark.parametrize(
    ("word", "meant"),
    [("teh", "the"), ("definately", "definitely"), ("recieve", "receive"), ("accomodate", "accommodate")],
)
def test_plain_misspellings_are_sure(english: Speller, word: str, meant: str) -> None:
    made = english.meant(word)
    assert made is not None
    assert made[0] == meant
    assert made[1] > 0.6


@pytest.mark.parametrize(
    "word", ["the", "neighborhood", "dont", "xq", "zzzzqqq", "café", "日本語", "a" * 10_000, "snowboarding"]
)
def test_what_is_right_or_unknowable_is_left(english: Speller, word: str) -> None:
    made = english.meant(word)
    assert made is None or made[1] < 0.5


def test_what_the_corpus_often_says_is_right() -> None:
    assert Speller(bundled_lexicon(), {"teh": 5}).meant("teh") is None
    assert Speller(bundled_lexicon(), {"teh": 4}).meant("teh") is not None
    assert Speller(bundled_lexicon(), {}, protected=frozenset({"teh"})).meant("teh") is None
    own = Speller(bundled_lexicon(), {"kubernetes": 40, "kuberentes": 1}).meant("kuberentes")
    assert own is not None
    assert own[0] == "kubernetes"


def test_a_correction_must_be_more_frequent_than_the_word() -> None:
    lexicon = Lexicon({"biotic": 1, "pin": 10**7})
    assert Speller(lexicon, {"biopic": 3}, min_ratio=10).meant("biopic") is None
    assert Speller(lexicon, {"biopic": 1, "biotic": 50}, min_ratio=10).meant("biopic") is not None


def test_without_a_dictionary_only_swaps_and_doubles_are_mended() -> None:
    words = {"wiederholen": 30, "weiderholen": 1, "gegen": 60, "geben": 2, "haben": 90, "halben": 3}
    speller = Speller(None, words)
    assert [word for word in words if speller.meant(word)] == ["weiderholen"]


def found(texts: list[str], speller: Speller | None = None) -> list[list[str]]:
    counts = WordCounts()
    counts.add(texts)
    speller = speller or Speller(bundled_lexicon(), counts.lower())
    known = {word: meant for word, meant in corrections(counts, speller).items() if meant[1] >= 0.5}
    return [
        [text[start:end] + ">" + value for start, end, value, _ in misspelt(text, known, speller)] for text in texts
    ]


def test_where_a_word_stands_decides() -> None:
    assert found(["Teh end was definately near."]) == [["Teh>The", "definately>definitely"]]
    assert found(["We saw Definately there."]) == [[]]
    assert found(['He said: "definately." (definately), definately!']) == [["definately>definitely"] * 3]
    untouched = "x definately_2 #definately @definately definately.com a/definately definately-so DEFINATELY defiNately"
    assert found([untouched + " 3definately `definately` <definately> \\definately definately's"]) == [[]]


def test_a_text_in_another_language_is_left() -> None:
    english_row, spanish = (
        "he will definately come to the house",
        "las condiciones del problema son definately dificiles",
    )
    assert found([english_row, spanish]) == [["definately>definitely"], []]


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.text(max_size=40), st.text("teh dfinaly.\n\"'A\u6570\ud800\x00", max_size=40)), max_size=5)
)
def test_any_text_comes_through(texts: list[str]) -> None:
    for speller in (None, Speller(None, {"the": 9})):
        assert len(found(texts, speller)) == len(texts)


@pytest.mark.parametrize("text", ["a" * 10**6, "(" * 10**6, "a) " * 300_000, "a" * 10**6 + "!" * 10**6, " " * 10**6])
def test_giant_texts_take_linear_time(text: str) -> None:
    began = time.process_time()
    found(["teh " + text])
    assert time.process_time() - began < 5
