"""Counts of characters, words and lines against plain Python, on real text of many scripts and on whatever comes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.characters import classes
from curate.kernels.text import SPACES, UNSPACED, n_words
from curate.kernels.text_statistics import TextCounts, text_counts

SPACE_CHARACTERS = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
RAGGED = st.text("aB7 \t\n\r\x0b\x1c\x85\u2028\u00a0é数字กา์한.,-_\u200d😀\x00", max_size=60)


def one(text: str) -> dict[str, int]:
    """The counts of one text."""
    counts = text_counts(pa.array([text], pa.large_string()))
    return {name: int(getattr(counts, name)[0]) for name in [*TextCounts.__dataclass_fields__, "specials"]}


def kind(character: str) -> str:
    category = unicodedata.category(character)
    if character in SPACE_CHARACTERS:
        return "spaces"
    if category[0] == "M" or character in "\u200c\u200d":
        return "marks"
    if category == "Cn" and "\U00020000" <= character < "\U00040000":  # RE2 may know ideographs that Python does not
        return "letters" if pc.match_substring_regex(pa.array([character]), r"\p{Han}")[0].as_py() else "specials"
    return {"L": "letters", "N": "digits"}.get(category[0], "specials")


def reference(text: str) -> dict[str, int]:
    kinds = [kind(character) for character in text]
    count = dict.fromkeys(("letters", "marks", "digits", "spaces", "specials"), 0)
    for each in kinds:
        count[each] += 1
    categories = [unicodedata.category(character) for character in text]
    bare = [line for line in text.splitlines() if set(line) - SPACE_CHARACTERS]
    lone = pc.count_substring_regex(pa.array([text], pa.large_string()), f"[{UNSPACED}]")[0].as_py()
    split = pc.replace_substring_regex(pa.array([text], pa.large_string()), f"[{SPACES}{UNSPACED}]", " ")[0].as_py()
    runs = [run for run in split.split(" ") if run]
    return count | {
        "characters": len(text),
        "lowers": categories.count("Ll"),
        "uppers": categories.count("Lu") + categories.count("Lt"),
        "unspaced": lone,
        "words": lone + len(runs),
        "in_words": sum(map(len, runs)),
        "longest_word": max([len(run) for run in runs] + [int(lone > 0)]),
        "lines": len(text.splitlines()),
        "blank_lines": len(text.splitlines()) - len(bare),
        "in_lines": sum(map(len, bare)),
        "longest_line": max(map(len, bare), default=0),
    }


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), RAGGED))
def test_counts_are_those_of_plain_python(text: str) -> None:
    assert one(text) == reference(text)


def test_counts_of_the_declaration_of_human_rights(data_dir: Path) -> None:
    pages = [path.read_text("utf-8") for path in sorted((data_dir / "udhr").glob("*.html"))]
    assert len(pages) > 25
    for page in pages:
        assert one(page[:40_000]) == reference(page[:40_000])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "\r\n",
        "\r\n\r\n",
        "\r\r\n",
        "\n\r",
        "a\r\n",
        "a\r",
        "\x00",
        "a\x1cb",
        "\u2028",
        "😀" * 300,
        "a" * 1000,
        "ก์" * 200,
    ],
)
def test_counts_at_the_edges(text: str) -> None:
    assert one(text) == reference(text)


def test_nulls_slices_dictionaries_and_chunks_of_text_count_as_they_are() -> None:
    texts = pa.array(["left out", None, "one two", "", "数据 x"])
    assert text_counts(texts[1:]).words.tolist() == [0, 2, 0, 3]
    assert text_counts(texts[1:].dictionary_encode()).words.tolist() == [0, 2, 0, 3]
    assert text_counts(texts[:0]).words.shape == (0,)
    assert text_counts(pa.nulls(2, pa.string())).characters.tolist() == [0, 0]


def test_bytes_that_are_no_text_count_as_special_characters() -> None:
    for broken in [
        b"\xff",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\x80\x80",
        b"\xc0\xaf",
        b"\xf5\x80\x80\x80",
        b"\xf4\x90\x80\x80",
    ]:
        whole = b"a " + broken
        offsets = pa.py_buffer(np.array([0, len(whole)], np.int64))
        texts = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(whole)])
        counts = text_counts(texts)
        assert (counts.characters[0], counts.specials[0], counts.words[0]) == (2 + len(broken), len(broken), 2)


def test_every_code_point_has_the_class_of_its_category() -> None:
    table = classes()
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        told = {0: "specials", 4: "marks", 5: "digits", 6: "spaces"}.get(int(table[code]) & 7, "letters")
        assert told == kind(character), hex(code)


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), RAGGED), max_size=5))
def test_words_are_those_of_the_regular_expression(texts: list[str | None]) -> None:
    array = pa.array(texts, pa.large_string())
    expected = pc.fill_null(pc.count_substring_regex(array, rf"[{UNSPACED}]|[^{SPACES}{UNSPACED}]+"), 0)
    assert n_words(array).tolist() == expected.to_pylist()
