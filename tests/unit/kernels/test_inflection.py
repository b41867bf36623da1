"""Inflection of English words: the forms of other words, and the base forms of forms."""

from __future__ import annotations

import pytest

from curate.kernels.inflection import Inflection, Reading
from curate.kernels.wordnet import WordNet


@pytest.fixture(scope="module")
def inflection(wordnet: WordNet) -> Inflection:
    return Inflection(wordnet.exceptions, wordnet.knows)


@pytest.mark.parametrize(
    ("lemma", "part", "form", "wanted"),
    [
        ("city", "noun", "s", "cities"),
        ("church", "noun", "s", "churches"),
        ("man", "noun", "s", "men"),
        ("information", "noun", "s", None),
        ("kindness", "noun", "s", None),
        ("stop", "verb", "ed", "stopped"),
        ("visit", "verb", "ed", "visited"),
        ("refer", "verb", "ing", "referring"),
        ("die", "verb", "ing", "dying"),
        ("die", "verb", "ed", "died"),
        ("agree", "verb", "ing", "agreeing"),
        ("tell", "verb", "ed", "told"),
        ("write", "verb", "ed", None),
        ("show", "verb", "ed", None),
        ("come", "verb", "ed", None),
        ("put", "verb", "ed", None),
        ("fix", "verb", "s", "fixes"),
        ("big", "adj", "er", "bigger"),
        ("nice", "adj", "est", "nicest"),
        ("funny", "adj", "er", "funnier"),
        ("beautiful", "adj", "er", None),
        ("quickly", "adv", "base", "quickly"),
    ],
)
def test_a_form_is_right_or_there_is_none(
    inflection: Inflection, lemma: str, part: str, form: str, wanted: str | None
) -> None:
    assert inflection.inflected(lemma, part, form) == wanted


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("films", {Reading("noun", "film", "s"), Reading("verb", "film", "s")}),
        ("studied", {Reading("verb", "study", "ed"), Reading("adj", "studied", "base")}),
        ("wrote", {Reading("verb", "write", "ed")}),
        ("funnier", {Reading("adj", "funny", "er")}),
        ("criteria", {Reading("noun", "criterion", "s")}),
        ("qwrty", set()),
        ("", set()),
    ],
)
def test_a_form_is_read_as_all_it_may_be(inflection: Inflection, word: str, wanted: set[Reading]) -> None:
    assert set(inflection.readings(word)) == wanted


def test_what_is_read_from_a_form_gives_the_form_again(inflection: Inflection) -> None:
    for word in "houses buys bought walking bigger larger running tried tries goes boxes wives".split():
        for part, lemma, form in inflection.readings(word):
            assert inflection.inflected(lemma, part, form) in (word, None)
