"""Translations are kept by all that they depend on; what is damaged is made again, and processes share one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

import pytest

from curate.errors import InputError
from curate.kernels.translators.cache import Kept
from curate.kernels.translators.pieces import translated
from curate.kernels.translators.translator import Pair, Translating, Translation, Translator

THERE = Pair("en", "xx")
ASKED: list[str] = []
LOADED = {"end": ""}
"""What stands for a model's files."""


class Backwards(Translator):
    """A language that is written backwards: what a plugin brings."""

    name: ClassVar[str] = "backwards"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = frozenset({"speed"})
    n_at_once: ClassVar[int] = 3

    sampled: bool = False
    speed: int = 1
    fail_at: int = 1000

    @property
    def draws(self) -> bool:
        return self.sampled

    @property
    def most(self) -> int | None:
        return 3

    def identity(self, pair: Pair) -> str:
        return LOADED["end"]

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        return _Backwards(self, LOADED["end"])


class _Backwards:
    def __init__(self, settings: Backwards, end: str) -> None:
        self.settings, self.end = settings, end

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        if len(ASKED) >= self.settings.fail_at:
            raise InputError("power cut")
        ASKED.extend(texts)
        return [
            [
                Translation(f"{text[::-1]}{seed if self.settings.sampled else ''}{'!' * k}{self.end}", (text,))
                for k in range(n)
            ]
            for text, seed in zip(texts, seeds, strict=True)
        ]


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    ASKED.clear()


def test_what_was_translated_is_not_translated_again(tmp_path: Path) -> None:
    kept = Kept(Backwards(), THERE, tmp_path)
    first = kept.translate(["abc", "d\x00é\U0001f600"], 2, [1, 2])
    assert first == [[Translation("cba", ("abc",)), Translation("cba!", ("abc",))], first[1]]
    assert Kept(Backwards(speed=9), THERE, tmp_path).translate(["d\x00é\U0001f600", "abc"], 2, [7, 8]) == first[::-1]
    assert ASKED == ["abc", "d\x00é\U0001f600"]


def test_the_key_names_pair_number_settings_and_the_seed_where_it_counts(tmp_path: Path) -> None:
    for kept, n, seed in (
        (Kept(Backwards(), THERE, tmp_path), 1, 0),
        (Kept(Backwards(), THERE, tmp_path), 2, 0),
        (Kept(Backwards(), THERE._replace(target="yy"), tmp_path), 1, 0),
        (Kept(Backwards(sampled=True), THERE, tmp_path), 1, 0),
        (Kept(Backwards(sampled=True), THERE, tmp_path), 1, 1),
    ):
        kept.translate(["abc"], n, [seed])
    assert ASKED == ["abc"] * 5
    Kept(Backwards(), THERE, tmp_path).translate(["abc"], 1, [99])
    assert ASKED == ["abc"] * 5


@pytest.mark.parametrize("keeps", [True, False])
def test_a_model_whose_files_have_changed_is_loaded_anew(
    tmp_path: Path, keeps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(Backwards(), THERE, tmp_path if keeps else None)
    for end in ("", "?", ""):
        monkeypatch.setitem(LOADED, "end", end)
        assert kept.translate(["abc"], 1, [0])[0][0].text == f"cba{end}"


def test_a_journal_of_a_damaged_file_is_not_played_back_into_the_new_one(tmp_path: Path) -> None:
    kept = Kept(Backwards(), THERE, tmp_path)
    first = kept.translate(["abc"], 1, [0])
    (tmp_path / "translations.sqlite").write_bytes(b"no database at all" * 100)
    (tmp_path / "translations.sqlite-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x01" * 2000)
    assert kept.translate(["abc"], 1, [0]) == first
    assert not (tmp_path / "translations.sqlite-journal").exists()


def test_what_was_done_before_a_fault_is_kept(tmp_path: Path) -> None:
    texts = [f"text {letter}" for letter in "abcdefgh"]
    with pytest.raises(InputError, match="power cut"):
        Kept(Backwards(fail_at=6), THERE, tmp_path).translate(texts, 1, [0] * 8)
    assert len(ASKED) == 6
    with sqlite3.connect(tmp_path / "translations.sqlite") as file:
        assert file.execute("SELECT count(*) FROM translations").fetchone() == (6,)


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    kept = Kept(Backwards(), THERE, tmp_path)
    first = kept.translate(["abc", "def"], 1, [0, 0])
    with sqlite3.connect(tmp_path / "translations.sqlite") as file:
        file.execute("UPDATE translations SET said = replace(said, 'b', 'x')")
        file.execute("UPDATE translations SET said = 'text' WHERE key = (SELECT max(key) FROM translations)")
    ASKED.clear()
    assert kept.translate(["abc", "def"], 1, [0, 0]) == first
    assert ASKED
    ASKED.clear()
    assert kept.translate(["abc", "def"], 1, [0, 0]) == first
    assert not ASKED


@pytest.mark.parametrize("junk", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_put_aside_and_made_again(tmp_path: Path, junk: bytes) -> None:
    kept = Kept(Backwards(), THERE, tmp_path)
    first = kept.translate(["abc"], 1, [0])
    (tmp_path / "translations.sqlite").write_bytes(junk)
    assert kept.translate(["abc"], 1, [0]) == first
    assert kept.translate(["abc"], 1, [0]) == first
    assert ASKED == ["abc", "abc"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot use the cache"):
        Kept(Backwards(), THERE, tmp_path / "file" / "below").translate(["abc"], 1, [0])


def translate_some(folder: Path, first: int) -> list[str]:
    texts = [f"text {number}" for number in range(first, first + 120)]
    return [own[0].text for own in Kept(Backwards(), THERE, folder).translate(texts, 1, [0] * 120)]


def test_several_processes_write_one_file(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("fork")) as pool:
        said = list(pool.map(translate_some, [tmp_path] * 3, [0, 60, 0]))
    assert [own[0] for own in said] == ["0 txet", "06 txet", "0 txet"]
    ASKED.clear()
    translate_some(tmp_path, 30)
    assert not ASKED


def test_lines_and_blanks_stay_and_the_same_line_is_asked_once(tmp_path: Path) -> None:
    text = "ab\r\n\n  cd \tx\u2028-- 12 --\nab\n"
    (got,) = translated(Kept(Backwards(), THERE, None), [text], 1, [0], by_sentence=False, draws=False)
    assert got[0].text == "ba\r\n\n  x\t dc\u2028-- 12 --\nba\n"
    assert ASKED == ["ab", "cd \tx"]
    none, empty = translated(Kept(Backwards(), THERE, None), ["", "12!"], 1, [0, 0], by_sentence=False, draws=False)
    assert none == empty == []
