"""WordNet read from files written in its form, and from those that a system has."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.kernels.wordnet import PARTS, WordNet, find_wordnet, load_wordnet, single_sense_synonyms

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


def test_a_folder_without_the_files_is_refused_with_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CurateError, match="apt-get install wordnet-base, or name the folder: wordnet: FOLDER"):
        find_wordnet(str(tmp_path))
    monkeypatch.setenv("CURATE_WORDNET", str(tmp_path))
    with pytest.raises(CurateError, match=str(tmp_path)):
        find_wordnet()
    written(tmp_path)
    assert find_wordnet() == tmp_path
    with pytest.raises(CurateError, match=r"cannot be read: "):
        load_wordnet()


def test_a_word_has_its_senses_in_order_with_their_counts(wordnet: WordNet) -> None:
    first = wordnet.synset("noun", wordnet.offsets("film", "noun")[0])
    assert {"movie", "film", "picture"} <= set(first.words)
    counts = wordnet.counts("film", "noun")
    assert len(counts) == len(wordnet.offsets("film", "noun"))
    assert counts[0] == max(counts) > 0
    assert wordnet.counts("film", "adv") == () == wordnet.offsets("no such word", "noun") == wordnet.offsets("", "noun")


def test_every_word_of_every_index_is_found(wordnet: WordNet) -> None:
    for part in PARTS:
        with (wordnet.folder / f"index.{part}").open(encoding="latin-1") as lines:
            words = [line.split()[0] for line in lines if not line.startswith("  ")]
        assert all(wordnet.knows(word, part) for word in words)
        for word in words[::500]:
            for offset in wordnet.offsets(word, part):
                assert word in [one.lower().split("(")[0] for one in wordnet.synset(part, offset).words]


def test_pointers_lead_from_word_to_word(wordnet: WordNet) -> None:
    synset = wordnet.synset("adj", wordnet.offsets("cheap", "adj")[0])
    (antonym,) = [pointer for pointer in synset.pointers if pointer.symbol == "!"]
    assert wordnet.synset(antonym.part, antonym.offset).words[antonym.target - 1] == "expensive"


def test_words_of_an_expression_are_neighbours(wordnet: WordNet) -> None:
    assert {"hot dog", "look up"} <= wordnet.neighbours
    assert "hot film" not in wordnet.neighbours


def test_counts_come_from_the_index_of_senses_where_there_is_no_list_of_counts(
    wordnet: WordNet, index_of_senses: Path, tmp_path: Path
) -> None:
    for name in (*(f"{kind}.{part}" for kind in ("data", "index") for part in PARTS), index_of_senses.name):
        (tmp_path / name).symlink_to(wordnet.folder / name)
    other = WordNet(tmp_path)
    assert other.counts("film", "noun") == wordnet.counts("film", "noun")
    assert other.revision != wordnet.revision
