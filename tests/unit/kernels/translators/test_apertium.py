"""Apertium over many texts at once says of each what it says of it alone, whatever the text holds; faults are told."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.translators.apertium import Apertium
from curate.kernels.translators.apertium_process import Pipeline, stages_of
from curate.kernels.translators.apertium_stream import read, written
from curate.kernels.translators.translator import Pair, Translation

ENGLISH, SPANISH = Pair("en", "es"), Pair("es", "en")
QUESTIONS = [
    "What whisky is known by the company it keeps ?",
    "Where can I find a tape or book to help me say , write and understand Japanese ?",
    "How many cables support the main span of the Golden Gate Bridge ?",
    "What comedian created a punch-drunk pugilist named Cauliflower McPugg ?",
    "When did Mount St. Helen last have a major eruption ?",
    "What s bottled in jeroboams ?",
    "What class of animals makes up more than two-thirds of known species ?",
    "Who killed Martin Luther King ?",
    "What is Mark McGwire s e-mail address ?",
    "it is a fun walk , and i know it",
]


def said(texts: list[str], pair: Pair = ENGLISH, translator: Apertium | None = None) -> list[Translation]:
    got = (translator or Apertium()).ready(pair).translate(texts, 1, [0] * len(texts))
    assert all(len(own) == 1 for own in got)
    return [own[0] for own in got]


@pytest.mark.usefixtures("apertium")
def test_a_text_is_translated_the_same_alone_and_among_others() -> None:
    """The tagger of Apertium 3.8 forgets nothing: after some words it tags all texts that follow otherwise."""
    alone = [said([text])[0] for text in QUESTIONS]
    assert said(QUESTIONS) == alone
    assert said(QUESTIONS[::-1]) == alone[::-1]
    assert said(QUESTIONS * 5) == alone * 5
    assert alone[-1].text == alone[-1].text.lower()


@pytest.mark.usefixtures("apertium")
def test_no_text_bleeds_into_the_next_with_or_without_a_full_stop() -> None:
    texts = ["The dog runs", "and the cat", "I see a house.", "of the", "The dog runs"]
    assert said(texts) == [said([text])[0] for text in texts]


@pytest.mark.usefixtures("apertium")
def test_unknown_words_are_told_and_stand_in_the_text_without_a_mark() -> None:
    got = said(["The blorgs eat *bread* at 5*3 #home @ noon"])[0]
    assert got.unknown == ("blorgs",)
    assert "blorgs" in got.text
    assert [letter for letter in got.text if letter in "*#@"] == list("***#@")


@pytest.mark.usefixtures("apertium")
@pytest.mark.parametrize(
    "odd", ["[", "]", "^", "$", "/", "\\", "@", "<", ">", "{", "}", "~", "_", "+", "^/<>$", "[[t:b:x]]"]
)
def test_what_means_something_in_the_stream_of_apertium_stays(odd: str) -> None:
    got = said([f"The dog {odd} runs", "The cat sleeps"])
    assert odd in got[0].text
    assert got[1] == said(["The cat sleeps"])[0]


@pytest.mark.usefixtures("apertium")
@settings(max_examples=8)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), min_size=1, max_size=30))
def test_any_unicode_goes_through_and_each_text_comes_back_in_its_place(texts: list[str]) -> None:
    alone = said(["The cat sleeps"])[0]
    got = said([*texts, "The cat sleeps"])
    assert len(got) == len(texts) + 1
    assert got[-1] == alone


@pytest.mark.usefixtures("apertium")
def test_time_grows_with_the_length_of_a_text() -> None:
    started = time.perf_counter()
    endless = ["a" * 100_000, "1" * 100_000, "a.b" * 33_333, "$" + "é-" * 50_000, "\U0001f600" * 100_000]
    got = said([*endless, "1 a " * 20_000, "The dog runs"])
    assert "." not in got[5].text
    assert len(got[5].text.split()) == 40_000
    assert [one.text for one in got[:5]] == endless
    assert [bool(one.unknown) for one in got[:5]] == [True, False, True, True, False]
    assert got[-1] == said(["The dog runs"])[0]
    assert time.perf_counter() - started < 40


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_what_apertium_does_not_touch_comes_back_as_it_was(text: str) -> None:
    plain = " ".join(written(text).removesuffix(".[]").split())
    back = read(written(text), "Capital")
    assert not back.unknown
    assert read(plain, "Capital") == back
    assert all(letter.isalnum() or letter in " .,;:!?'\"()%–—’‘“”…«»¿¡·€£&-[]" for letter in plain if letter.isascii())


@pytest.mark.usefixtures("apertium")
def test_its_identity_is_that_of_the_data_and_differs_by_direction(tmp_path: Path) -> None:
    assert Apertium().identity(ENGLISH) == Apertium().identity(Pair("eng", "spa"))
    assert Apertium().identity(ENGLISH) != Apertium().identity(SPANISH)


@pytest.mark.usefixtures("apertium")
def test_its_identity_names_the_options_of_the_programs_and_not_where_the_data_lie(tmp_path: Path) -> None:
    identities = []
    for name, mode in (("a", "lt-proc {0}/en.bin"), ("b", "lt-proc {0}/en.bin"), ("c", "lt-proc -w {0}/en.bin")):
        folder = tmp_path / name
        (folder / "modes").mkdir(parents=True)
        (folder / "en.bin").write_text("data")
        (folder / "modes" / "eng-spa.mode").write_text(mode.format(folder))
        identities.append(Apertium(folder=str(folder)).identity(ENGLISH))
    assert identities[0] == identities[1] != identities[2]


@pytest.mark.usefixtures("apertium")
def test_a_pair_that_is_not_installed_names_the_package() -> None:
    with pytest.raises(CurateError, match=r"no data for af to nl.*apt-get install apertium apertium-afr-nld"):
        Apertium().ready(Pair("af", "nl"))
    with pytest.raises(CurateError, match="apt-cache search apertium"):
        Apertium().ready(Pair("en", "ja"))


def test_without_apertium_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CurateError, match=r"no programs and no data.*apt-get install apertium apertium-eng-spa"):
        Apertium(folder=str(tmp_path)).ready(ENGLISH)


def program(folder: Path, body: str) -> str:
    path = folder / "lt-proc"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("kill -9 $$", "lt-proc died with signal 9"),
        ("echo no such data >&2; exit 3", "exit code 3 over 2 texts .no such data."),
        ("sleep 30", "more than 0.3 s for 2 texts"),
        ("printf 'one\\0'", "gave 1 texts for 2"),
        ("cat; printf 'one more\\0'", "gave 3 texts for 2"),
    ],
)
def test_a_program_that_fails_is_one_clear_error(tmp_path: Path, body: str, message: str) -> None:
    pipeline = Pipeline("eng-spa", [[program(tmp_path, body)]], max_s=0.3 if "sleep" in body else 60)
    with pytest.raises(CurateError, match=f"apertium eng-spa: lt-proc.*{message}|{message}"):
        pipeline.run(["one", "two"])


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="cannot be started"):
        Pipeline("eng-spa", [[str(tmp_path / "gone")]], max_s=60).run(["one"])


def test_modes_are_read_as_a_shell_reads_them() -> None:
    assert stages_of("a '/x y' $1 | b $2 -z\n") == [["a", "/x y", "-g"], ["b", "-z"]]


@pytest.mark.usefixtures("apertium")
def test_the_stages_say_what_the_command_apertium_says() -> None:
    """On texts after which the tagger goes on as before."""
    import subprocess

    texts = ["The children read many books.", "She does not know the blorg.", "We were in the house"]
    mine = [one.text for one in said(texts)]
    command = shutil.which("apertium")
    assert command
    told = subprocess.run(
        [command, "-u", "eng-spa"], input="\n\n".join(texts), capture_output=True, text=True, check=True, env=os.environ
    ).stdout.split("\n\n")
    assert mine == [" ".join(one.split()) for one in told]
