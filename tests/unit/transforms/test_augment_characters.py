"""Augmenters of characters: what each of them does to a word, and what none of them does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from curate import registry
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError, InputError
from curate.kernels.keyboards import near
from curate.kernels.look_alikes import scanned, unmarked
from curate.transforms.augment.aeda import AugmentAeda
from curate.transforms.augment.misspell import AugmentMisspell

TEXT = "The modern clock stood in the corner of 1 hall"
SLIPS = ["augment.keyboard", "augment.typo", "augment.ocr", "augment.homoglyph", "augment.case", "augment.diacritics"]


def variants(name: str, text: str = TEXT, n: int = 200, **given: Any) -> list[str]:
    """The different variants of a text."""
    rows = Corpus.from_table(pa.table({"text": [text]}), Roles(text="text"))
    return Recipe([step(name, n=n, **given)]).run(rows).corpus.texts()[1:]  # type: ignore[return-value]


def words(text: str, other: str) -> list[tuple[str, str]]:
    """The words that differ, where there are as many."""
    return [(one, two) for one, two in zip(text.split(" "), other.split(" "), strict=True) if one != two]


@pytest.mark.parametrize("name", SLIPS)
def test_one_word_slips_at_least_and_no_more_than_the_share_and_short_words_never(name: str) -> None:
    text = "Élan vital résumé naïve über café déjà voilà as it is"
    for other in variants(name, text, max_rate=0.25, min_length=4):
        changed = words(text, other)
        assert 1 <= len(changed) <= 2
        assert all(len(word) >= 4 for word, _ in changed)


def test_a_key_is_one_beside_the_right_one_in_the_case_of_the_letter() -> None:
    for other in variants("augment.keyboard", "FILM film 2019", min_length=1, max_rate=1.0):
        for word, typed in words("FILM film 2019", other):
            ((right, wrong),) = [(a, b) for a, b in zip(word, typed, strict=True) if a != b]
            assert wrong in near("en")[right]
            assert typed[0] == word[0]
        assert other.endswith("2019")
    assert any("2019" not in other for other in variants("augment.keyboard", "in 2019", digits=True))
    assert any(other[0] != "f" for other in variants("augment.keyboard", "film", keep_first=False))


@pytest.mark.parametrize(
    ("layout", "text", "seen"),
    [("de", "lang", "ö"), ("fr", "quatre", "é"), ("es", "calle", "ñ"), ("ru", "фильм", "ы")],
)
def test_each_layout_has_its_own_letters(layout: str, text: str, seen: str) -> None:
    found = "".join(variants("augment.keyboard", text, layout=layout, keep_first=False))
    others = {other for letter in text for other in near(layout).get(letter, "")}  # type: ignore[arg-type]
    assert set(found) <= set(text) | others
    assert seen in found


def test_a_text_without_keys_is_refused_and_not_lost() -> None:
    rows = Corpus.from_table(pa.table({"text": ["фильм", "数据"]}), Roles(text="text"))
    made = Recipe([step("augment.keyboard")]).run(rows)
    assert made.counts[0].refused == {"unchanged": 2}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("swap", {"flims", "fimls", "filsm"}),
        ("delete", {"fims", "flms", "fils", "film"}),
        ("double", {"fiilms", "fillms", "filmms", "filmss"}),
    ],
)
def test_slips_of_the_finger_are_of_their_kind(kind: str, expected: set[str]) -> None:
    found = set(variants("augment.typo", "films", kinds=[kind]))
    assert found == expected


def test_a_slip_of_two_equal_letters_leaves_one_out() -> None:
    assert set(variants("augment.typo", "xaaa", kinds=["swap"])) == {"xaa"}
    assert all(len(other) == 5 for other in variants("augment.typo", "film", kinds=["insert"]))


def test_a_scanner_reads_what_looks_alike_and_digits_only_where_it_may() -> None:
    seen = variants("augment.ocr")
    assert any("modem" in other or "comer" in other for other in seen)
    for word, read in [pair for other in seen for pair in words(TEXT, other)]:
        assert any(
            word[:at] + new + word[at + len(old) :] == read
            for old, news in scanned().items()
            for new in news
            for at in range(len(word))
            if word.startswith(old, at)
        )
    text = "room 101 so long"
    assert any(any(map(str.isalpha, other.split(" ")[1])) for other in variants("augment.ocr", text))
    for other in variants("augment.ocr", text, digits=False):
        assert [letter for letter in other if letter.isdigit()] == list("101")


def test_homoglyphs_look_the_same_and_are_not() -> None:
    for other in variants("augment.homoglyph", scripts=["greek"]):
        assert len(other) == len(TEXT)
        assert not other.isascii()
    assert any(not other.isascii() for other in variants("augment.homoglyph", "я скоро", scripts=["cyrillic"]))


def test_case_changes_nothing_but_case() -> None:
    seen = [*variants("augment.case"), *variants("augment.case", whole=True)]
    assert {other.lower() for other in seen} == {TEXT.lower()}
    assert {TEXT.upper(), TEXT.lower(), TEXT.title()} == set(variants("augment.case", whole=True))
    kept = variants("augment.case", "Ask @Me at A@b.org NOW", whole=True, cases=["lower"])
    assert kept == ["ask @Me at A@b.org now"]


def test_marks_are_dropped_or_others_and_the_letters_stay() -> None:
    text = "Le café déjà cafe\u0301 Łódź йод"
    dropped = variants("augment.diacritics", text)
    assert "".join(map(unmarked, text)) in dropped
    for other in [*dropped, *variants("augment.diacritics", text, kinds=["vary"])]:
        assert "".join(map(unmarked, other)) == "".join(map(unmarked, text))
    assert variants("augment.diacritics", "no marks at all") == []
    assert "йод" in dropped[0]


def test_spaces_are_put_in_or_left_out_and_nothing_else() -> None:
    for kinds, longer in ((["split"], 1), (["double"], 1), (["join"], -1)):
        for other in variants("augment.spacing", kinds=kinds, max_rate=0.1):
            assert other.replace(" ", "") == TEXT.replace(" ", "")
            assert len(other) == len(TEXT) + longer
    kept = variants("augment.spacing", "write to a@b.org or see http://a.org/x now", max_rate=1.0)
    assert kept
    assert all("a@b.org " in other and " http://a.org/x" in other for other in kept)


def test_spacing_leaves_negations_whole_and_alone() -> None:
    text = "Do not go on now, it isn’t knot cannot never don't see, ca n't; je n'ai pas vu"
    told = re.compile(r"(?<!\w)(?:not|isn’t|cannot|never|don't|n't|n'|pas)(?![^\W_])|(?<!\w)n'(?=ai)", re.IGNORECASE)
    for kinds in (["split"], ["join"], ["split", "join", "double"]):
        seen = variants("augment.spacing", text, kinds=kinds, max_rate=1.0)
        assert seen
        for other in seen:
            assert told.findall(other) == told.findall(text)


def test_misspellings_are_those_of_the_table_in_the_case_of_the_word(data_dir: Path) -> None:
    table = str(data_dir / "spelling" / "spell-errors.txt")
    seen = variants("augment.misspell", "Definitely a WEDNESDAY", table=table, max_rate=1.0)
    assert any(other.startswith("Def") for other in seen)
    assert any("WENSDAY" in other for other in seen)


def test_a_misspelling_that_is_a_word_comes_only_where_asked_for() -> None:
    lines = ["their->there", "theire->there", "there->their"]
    assert variants("augment.misspell", "there", lines=lines) == ["theire"]
    assert set(variants("augment.misspell", "there", lines=lines, words_as_wrong=True)) == {"their", "theire"}


def test_several_words_are_misspelt_as_one_where_the_table_has_them() -> None:
    lines = ["alot->a lot", "aswell->as well", "al->a"]
    seen = variants("augment.misspell", "A lot, as well as a lottery; A LOT", lines=lines, max_rate=1.0)
    assert "Alot, aswell as a lottery; ALOT" in seen
    assert not any("alottery" in other for other in seen)
    assert variants("augment.misspell", "a lot", lines=["wel->well", "alot->a lot"], min_length=6) == []


@for_any(text=st.text("a lot, LOT\nİ", max_size=30))
def test_words_of_a_table_lie_apart_in_any_text(text: str) -> None:
    for places in AugmentMisspell(lines=["alot->a lot", "alo->a lot a"], min_length=1).words([text]):
        edges = list(places)
        assert edges == sorted(edges)
        assert all(text[start:end].strip(" ,\n") for start, end in zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize("line", ["a lot->alot", "the->the", "teh", "eg->e.g.", "3d->3rd", "alot->a  lot"])
def test_lines_that_can_never_be_used_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"lines: .* (names no misspelling|is never found)"):
        AugmentMisspell(lines=["teh->the", line])


def test_tables_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name a table of misspellings, or give lines"):
        AugmentMisspell()
    for given, said in ((b"", "names no misspelling"), (b"caf\xe9->cafe", "is not in UTF-8")):
        path = tmp_path / "table.txt"
        path.write_bytes(given)
        with pytest.raises(InputError, match=said):
            AugmentMisspell(table=str(path)).setup()
    with pytest.raises(CurateError, match="no table of misspellings at"):
        AugmentMisspell(table=str(tmp_path / "none")).revision()


def test_another_table_is_another_revision(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    seen = set()
    for line in ("teh->the", "hte->the"):
        path.write_text(line)
        seen.add(AugmentMisspell(table=str(path)).revision())
    assert len(seen) == 2


def test_marks_stand_before_words_with_a_space_behind_and_every_word_stays() -> None:
    text = "a sad , superior human comedy"
    seen = variants("augment.aeda", text)
    assert len(set(seen)) > 20
    for other in seen:
        left = [piece for piece in other.split(" ") if piece not in AugmentAeda().marks]
        assert left == [piece for piece in text.split(" ") if piece not in AugmentAeda().marks]
        assert 1 <= len(other.split(" ")) - len(text.split(" ")) <= 2
    assert {mark for other in seen for mark in other.split(" ") if len(mark) == 1} >= set(AugmentAeda().marks)


def test_as_many_marks_as_a_third_of_the_words_each_number_alike_and_none_within_an_address() -> None:
    text = " ".join(f"w{at}" for at in range(30))
    added = [len(other.split(" ")) - 30 for other in variants("augment.aeda", text, n=1000)]
    assert set(added) == set(range(1, 11))
    assert all(60 < added.count(number) < 140 for number in range(1, 11))
    address = "see http://a.org/b and a@b.org or {name}"
    assert all(
        piece in other.split(" ")
        for other in variants("augment.aeda", address, max_rate=1.0)
        for piece in ("http://a.org/b", "a@b.org", "{name}")
    )


def test_settings_that_make_no_sense_are_refused() -> None:
    for name, given in (
        ("augment.keyboard", {"layout": "dvorak"}),
        ("augment.typo", {"kinds": []}),
        ("augment.typo", {"max_rate": 0}),
        ("augment.spacing", {"min_length": 1}),
        ("augment.homoglyph", {"scripts": ["runic"]}),
        ("augment.aeda", {"marks": []}),
    ):
        with pytest.raises(ValueError, match=next(iter(given))):
            registry.get("transforms", name)(**given)
