"""Words of texts through the table of chunks: the same as splitting each whole text, whatever the table knows."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels import word_table
from curate.kernels.buffers import text_bytes
from curate.kernels.rule_statistics import gopher_quality, gopher_repetition
from curate.kernels.text import n_words
from curate.kernels.word_kinds import UNSPACED_RANGES, PlainWords
from curate.kernels.word_table import ChunkTable, Found, hashes_of, table

spacy = pytest.importorskip("spacy")


def found(words: ChunkTable, texts: list[str]) -> Found:
    data, offsets = text_bytes(pa.array(texts, pa.string()))
    return words.find(data, offsets[:-1].copy(), offsets[1:].copy())


def word_hashes(of: Found) -> list[int]:
    first, hashes = of.tokens.first, of.tokens.hashes
    return [int(hash_) for item in of.items if item >= 0 for hash_ in hashes[first[item] : first[item + 1]]]


@cache
def whole(language: str) -> Any:
    """spaCy itself, on whole texts."""
    made = spacy.blank(language)
    made.add_pipe("sentencizer")
    return made


PIECES = st.sampled_from(
    [
        *("don't", "dogs'", "' S", "'", ")", ": )", ":)", "(: )", "8 )", "o.O", "a.m.", "10am", "e.g.", "EE. UU."),
        *("\u00a0", "word", "word.", '"Yes!"', "…", "...", " ", "  ", "\n", "\t", "http://a.b/c", "数据。", "und"),
        *("z. B.", "5km", "-", ":(s", "> "),
    ]
)


@settings(max_examples=60)
@example(language="en", parts=["' ", "' ", "S"])
@given(language=st.sampled_from(["en", "de", "es"]), parts=st.lists(PIECES, max_size=12))
def test_the_table_splits_a_text_as_spacy_splits_it(language: str, parts: list[str]) -> None:
    text = "".join(parts)
    document = whole(language)(text)
    words = [token.text.strip() for token in document if token.text.strip()]
    of = found(table("spacy", language), [text])
    every = {int(hashes_of((word,))[0]): word for word in words}
    assert [every.get(hash_) for hash_ in word_hashes(of)] == words
    assert of.n_sentences().tolist() == [len(list(document.sents)) if len(document) else 0]
    counts, starts, stops = of.sentences()
    whole_bytes = text.encode()
    cut = [whole_bytes[start:stop].decode().strip() for start, stop in zip(starts, stops, strict=True)]
    assert cut == [sentence.text.strip() for sentence in document.sents]
    assert counts.sum() == len(cut)


def test_an_exception_across_a_space_stands_in_the_way_of_one_that_is_written_so() -> None:
    """Why some chunks are split together: spaCy looks for exceptions across spaces too, and takes the longest."""
    alone, together = ([token.text for token in whole("en")(text)] for text in (":(s", "> :(s"))
    assert (alone, together) == ([":(", "s"], [">", ":", "(", "s"])
    expected = [int(hashes_of((word,))[0]) for word in together]
    assert word_hashes(found(table("spacy"), ["> :(s"])) == expected


@settings(max_examples=60)
@given(texts=st.lists(st.text(max_size=30), max_size=5))
def test_plain_words_are_runs_between_white_space_and_characters_of_unspaced_scripts(texts: list[str]) -> None:
    expected = [[word for chunk in PlainWords().split(text.split()) for word in chunk] for text in texts]
    of = found(table("plain"), texts)
    assert of.n_words().tolist() == [len(words) for words in expected]
    assert word_hashes(of) == [int(hashes_of((word,))[0]) for words in expected for word in words]


def test_the_table_forgets_and_widens_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_table, "_MOST_CHUNKS", 50)
    texts = [" ".join(f"w{number % 977}x{number % 3}" for number in range(start, start + 300)) for start in range(60)]
    small = ChunkTable(PlainWords())
    many = found(ChunkTable(PlainWords()), [*texts, " ".join(map(str, range(20_000)))])
    one_by_one = [word_hashes(found(small, [text])) for text in texts]
    assert [hash_ for hashes in one_by_one for hash_ in hashes] == word_hashes(many)[: sum(map(len, one_by_one))]
    assert many.n_words()[-1] == 20_000
    assert small._n_chunks < 50 + 300


def test_unspaced_characters_are_those_of_the_word_counts() -> None:
    points = [code for first, last in UNSPACED_RANGES for code in range(first, last + 1)]
    sample = np.random.default_rng(0).choice(np.arange(0x20, 0xD7FF), 4000)
    counted = n_words(pa.array([f"a{chr(code)}a" for code in sample.tolist()]))
    alone = [code for code, words in zip(sample.tolist(), counted.tolist(), strict=True) if words == 3]
    assert alone
    assert set(points).issuperset(alone)


def test_runs_are_compared_as_the_papers_code_does() -> None:
    words = table("plain")
    row = gopher_repetition(pa.array(["ab c d e f x a bc d e f"]), words)[0].as_py()
    assert row["duplicate_5gram_fraction"] == pytest.approx(6 / 23)  # "ab c d e f" and "a bc d e f" are the same run
    assert row["top_2gram_fraction"] == pytest.approx(3 * 2 / 23)  # "d e", twice
    assert gopher_repetition(pa.array(["one"]), words)[0].as_py()["top_2gram_fraction"] is None


def test_nothing_to_count_is_null_and_null_stays_null() -> None:
    rows = gopher_quality(pa.array(["", None, " \n", "!!"]), table("plain"), ("the",)).to_pylist()
    assert rows[1] is None
    assert [row and row["mean_word_length"] for row in rows] == [None, None, None, None]
    assert [row and row["n_words"] for row in rows] == [0, None, 0, 0]


def test_a_language_without_rules_is_an_error_with_a_way_out() -> None:
    with pytest.raises(CurateError, match="xyz") as refused:
        table("spacy", "xyz")
    assert "plain" in str(refused.value.hint)


@pytest.mark.parametrize(
    "text",
    ["!" * 10**6, "a" * 10**6, "a/b:" * 250_000, ": ) " * 250_000, "a " * 500_000, "\n" * 10**6, "数据。" * 330_000],
    ids=["marks", "word", "address", "faces", "words", "lines", "unspaced"],
)
def test_a_million_characters_take_seconds(text: str) -> None:
    began = time.process_time()
    of = found(ChunkTable(word_table.table("spacy")._splitter), [text])
    of.word_runs()
    of.n_sentences()
    assert time.process_time() - began < 15
