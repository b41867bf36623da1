"""Synonyms of words with one sense, from files written in WordNet's form."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.kernels.wordnet import PARTS, single_sense_synonyms

LINES = {
    "noun": "  1 a licence line\n00000001 06 n 03 sofa 0 couch 1 day_bed 0 000 | a seat\n",
    "verb": "00000003 30 v 02 couch 0 word 0 000 | to put in words\n",
    "adj": "00000004 00 a 02 Swift(a) 0 fleet 0 000 | fast\n",
    "adv": "",
}


def written(folder: Path) -> Path:
    for part in PARTS:
        (folder / f"data.{part}").write_text(LINES[part], encoding="latin-1")
    return folder


def test_only_words_with_one_sense_get_other_words_and_only_single_words(tmp_path: Path) -> None:
    assert single_sense_synonyms(written(tmp_path)) == {
        "sofa": ["couch"],
        "word": ["couch"],
        "swift": ["fleet"],
        "fleet": ["swift"],
    }


def test_files_that_are_missing_or_another_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"data\.noun is not there"):
        single_sense_synonyms(tmp_path)
    (written(tmp_path) / "data.verb").write_text("no such line\n")
    with pytest.raises(CurateError, match=r"data\.verb line 1"):
        single_sense_synonyms(tmp_path)
