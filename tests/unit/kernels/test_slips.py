"""Slips, keyboards, look-alikes and tables of misspellings: what each promises of one word or one text."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.keyboards import LAYOUTS, Layout, beside, near
from curate.kernels.letter_case import in_case
from curate.kernels.look_alikes import confusable, homoglyphs, other_marks, scanned, unmarked
from curate.kernels.misspelling_table import in_case_of, read_misspellings
from curate.kernels.replacing import ordered
from curate.kernels.runs import runs
from curate.kernels.slips import LETTERS, LETTERS_AND_DIGITS, in_some, slipped, taken

WORDS = st.text(min_size=2, max_size=20)
KEYS = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_keys_lie_beside_each_other_in_both_directions_and_capitals_beside_capitals(layout: Layout) -> None:
    keys = near(layout, digits=True)
    for key, around in keys.items():
        assert around
        assert key not in around
        assert all(key.lower() in keys[other.lower()] for other in around)
        assert {other.isdigit() for other in around} == {key.isdigit()}
        assert all(other.isupper() for other in around) or not key.isupper() or "ß" in around
    assert all(set(beside(layout)[key]) <= set(near(layout)[key]) for key in beside(layout))


def test_the_keyboards_are_those_of_their_countries() -> None:
    assert set("zgrf") <= set(near("de")["t"])
    assert "y" not in near("de")["t"]
    assert set(near("fr")["q"]) == set("azsw")
    assert "ñ" in near("es")["l"]
    assert set(near("ru")["а"]) == set("кевпсм")
    assert near("en", digits=True)["0"] == "9"


@given(WORDS, st.integers(0, 19), st.sampled_from(["swap", "delete", "double", "insert", "replace"]))
def test_a_slip_is_one_edit_of_a_letter_or_two(word: str, at: int, kind: str) -> None:
    at %= len(word)
    start, end, new = slipped(word, at, kind, "k")  # type: ignore[arg-type]
    typed = word[:start] + new + word[end:]
    assert abs(len(typed) - len(word)) == {"swap": 0, "replace": 0}.get(kind, 1)
    assert 0 <= start <= end <= len(word)
    assert end - start <= 2
    if kind == "swap":
        assert sorted(typed) == sorted(word)


@given(st.text(max_size=200), KEYS, st.floats(0.01, 1))
def test_slips_come_in_at_least_one_word_and_in_no_more_than_their_share(text: str, bits: int, rate: float) -> None:
    (words,) = runs([text], LETTERS, 2)
    made = in_some(
        [edge for word in words for edge in word], text, rate, Draws(bits), lambda word, draws: (0, 1, word[0] + "*")
    )
    assert len(made) <= max(1, int(len(words) * rate))
    assert bool(made) == bool(words)
    assert made == ordered(made, text)
    assert {start for start, _, _ in made} <= {start for start, _ in words}


def test_a_word_that_can_have_no_slip_gives_its_turn_to_one_that_can() -> None:
    words = [0, 3, 4, 7, 8, 11]
    for bits in range(50):
        made = in_some(words, "one two six", 0.1, Draws(bits), lambda word, _: (0, 1, "S") if word == "six" else None)
        assert made == [(8, 9, "S")]
    assert in_some(words, "one two six", 1.0, Draws(0), lambda word, draws: None) == []


@given(WORDS, KEYS)
def test_what_is_taken_is_a_character_that_has_others_and_never_the_first_ones(word: str, bits: int) -> None:
    others = near("en")
    found = taken(word, 1, others, Draws(bits))
    if found is None:
        assert not any(letter in others for letter in word[1:])
    else:
        at, new = found
        assert at >= 1
        assert new in others[word[at]]


@given(st.lists(st.text(max_size=60), max_size=8), st.sampled_from([r"^\W\d_", r"^\W_", LETTERS, LETTERS_AND_DIGITS]))
@example(["\n", "", "a\nb", "数据 word", "\ud800x", "ﬁ" * 5], LETTERS)
def test_runs_are_what_a_regular_expression_finds(texts: list[str], characters: str) -> None:
    for shortest in (1, 3):
        word = re.compile(f"[{characters}]{{{shortest},}}")
        assert list(runs(texts, characters, shortest)) == [[m.span() for m in word.finditer(text)] for text in texts]


def test_words_are_those_of_alphabets() -> None:
    texts = ["The film", "Фильм", "数据清洗", "ภาษาไทย", "हिन्दी", "데이터", "עברית", "ένα δύο"]
    assert [len(found) for found in runs(texts, LETTERS, 2)] == [2, 1, 0, 0, 0, 0, 1, 2]


@given(st.text(max_size=40))
def test_a_text_in_another_case_is_the_same_to_whoever_ignores_case(text: str) -> None:
    for case in ("lower", "upper", "title"):
        assert in_case(text, case).lower() == text.lower()  # type: ignore[arg-type]


def test_what_a_scanner_confuses_is_another_thing_that_looks_like_it() -> None:
    for shape, others in scanned().items():
        assert shape not in others
        assert len(set(others)) == len(others)
        assert confusable().fullmatch(shape)
    assert "m" in scanned()["rn"]
    assert "rn" in scanned()["m"]
    assert {"d"} <= set(scanned()["cl"])
    assert {"l", "I"} <= set(scanned()["1"])
    assert not any(shape.isdigit() and other.isdigit() for shape, others in scanned().items() for other in others)


def test_homoglyphs_are_of_another_script_and_look_back() -> None:
    for scripts in (("cyrillic",), ("greek",), ("cyrillic", "greek")):
        table = homoglyphs(scripts)  # type: ignore[arg-type]
        for letter, others in table.items():
            mine = unicodedata.name(letter).split()[0]
            assert all(unicodedata.name(other).split()[0] != mine for other in others)
            assert all(letter in table[other] for other in others)
            assert all(letter.isupper() == other.isupper() for other in others)


@given(st.text(max_size=40))
def test_letters_without_marks_have_none_left(text: str) -> None:
    plain = "".join(map(unmarked, text))
    assert "".join(map(unmarked, plain)) == plain
    assert not any("\u0300" <= letter <= "\u036f" for letter in plain)


def test_other_marks_are_on_the_same_letter() -> None:
    assert all(unmarked(letter) == unmarked(other) for letter, others in other_marks().items() for other in others)
    assert all(letter not in others for letter, others in other_marks().items())
    assert "".join(map(unmarked, "Łódź, Ærø, straße, йод, ёлка, cafe\u0301")) == "Lodz, Æro, straße, йод, елка, cafe"


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_lines_may_be_read_as_a_table(lines: list[str]) -> None:
    for right, wrongs in read_misspellings(lines).items():
        assert right
        assert wrongs
        assert right not in wrongs
        assert not any(" " in wrong for wrong in wrongs)


def test_a_real_table_gives_the_spellings_that_people_write(data_dir: Path) -> None:
    found = read_misspellings((data_dir / "spelling" / "spell-errors.txt").read_text("utf-8").splitlines())
    assert len(found) > 7000
    assert "definately" in found["definitely"]
    assert found["looking"].count("look") == 2
    assert in_case_of("teh", "The") == "Teh"


def test_draws_begun_together_are_those_of_each_stream_alone() -> None:
    keys = np.random.default_rng(0).integers(0, 2**64, 100, dtype=np.uint64)
    for bits, stream in zip(keys.tolist(), Draws.streams(keys), strict=True):
        alone = Draws(bits)
        assert [stream.bits() for _ in range(20)] == [alone.bits() for _ in range(20)]
    assert Draws.streams(keys[:0]) == []


@given(KEYS, st.integers(1, 40), st.integers(1, 50))
def test_samples_are_ascending_and_of_their_size(bits: int, n: int, size: int) -> None:
    drawn = Draws(bits).sample(n, size)
    assert drawn == sorted(set(drawn))
    assert len(drawn) == min(n, size)
    assert all(0 <= one < n for one in drawn)


def test_every_sample_is_as_likely_as_any_other() -> None:
    seen = [tuple(Draws(bits * 2654435761).sample(4, 2)) for bits in range(6000)]
    assert all(abs(seen.count(pair) - 1000) < 120 for pair in set(seen))
    assert len(set(seen)) == 6
