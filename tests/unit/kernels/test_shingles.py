"""Shingles: row by row the same as plain Python makes of a text, whatever the script, the array or the threads."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels import shingles
from curate.kernels.shingles import ShingleSets, Unit, shingle_sets
from curate.kernels.text import SPACES, UNSPACED

MASK = 2**64 - 1
MULTILINGUAL = [
    "Ina kwana? Lafiya lau, yaya gida?",
    "Ɗalibai sun ƙi zuwa makaranta; ƙasa ta yi ɗumi",
    "今天下午三点在北京大学举行了一场 AI 报告会。",
    "ｆｕｌｌ　ｗｉｄｔｈ ①②③ ﬁne",
    "การเรียนรู้ของเครื่อง เป็นสาขา",
    "ありがとうございます、カタカナ ﾊﾝｶｸ",
    "한국어 문장은 띄어쓰기를 한다",
    "العَرَبِيَّة لغة جميلة ١٢٣",
    "हिन्दी में क्षत्रिय",
    "e\u0301te\u0301 vs été, Straße ΣΊΣΥΦΟΣ İstanbul",
    "👍🏽 ok 👩‍👩‍👧 ❤️",
    "❤️",
    "☀️ ☀️",
    "\u0301\u0301 x",
    "㍿ ﷺ",
    "a\0b \0\0",
    "\u2003\u00a0\u3000",
]
EDGES = [
    "",
    " ",
    "\t\n",
    "a",
    "A",
    "a b",
    "a_b-c",
    "!",
    "! !",
    "!!",
    "\0",
    "\0\0",
    "\x01",
    "\x1f",
    "12345678",
    "123456789",
]


def mix(value: int) -> int:
    value ^= value >> 30
    value = value * 0xBF58476D1CE4E5B9 & MASK
    value ^= value >> 27
    value = value * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def item(text: str) -> int:
    data, value = text.encode(), 0
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        value = mix(value ^ int.from_bytes(data[at : at + 8], "little"))
    return mix(value ^ (int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56))


def kind(character: str, found: dict[str, str] = {}) -> str:  # noqa: B006 - a memory
    """One of "space", "alone", "word", "mark", "other"."""
    if character not in found:
        one = pa.array([character])
        alone, space = (pc.match_substring_regex(one, f"[{of}]")[0].as_py() for of in (UNSPACED, SPACES))
        category = unicodedata.category(character)[0]
        plain = "word" if character == "_" else {"L": "word", "N": "word", "M": "mark"}.get(category, "other")
        found[character] = "space" if space else "alone" if alone else plain
    return found[character]


def words(text: str) -> list[tuple[str, bool]]:
    """Words with whether something separates each from the one before."""
    result: list[tuple[str, bool]] = []
    apart, open_word = False, False
    for character in text:
        of = kind(character)
        if of == "mark" and not open_word:
            continue
        if of in ("word", "mark"):
            if open_word:
                result[-1] = (result[-1][0] + character, result[-1][1])
            else:
                result.append((character, apart))
            open_word, apart = True, False
        elif of == "alone":
            result.append((character, apart))
            open_word, apart = False, False
        else:
            open_word, apart = False, True
    return result


def reference(text: str | None, size: int, unit: Unit) -> list[int]:
    """What the set of a text is, the slow way."""
    if text is None:
        return []
    text = "".join(character if character < "\ud800" or character > "\udfff" else "\ufffd" for character in text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = "".join(character.lower()[0] for character in text)
    found = words(text)
    items = [word for word, _ in found]
    if unit == "character":
        items = [c for place, (word, apart) in enumerate(found) for c in (" " if apart and place else "") + word]
    if not items:
        even = "".join(" " if kind(character) == "space" else character for character in text)
        items = [" ".join(part for part in even.split(" ") if part)] if even.strip(" ") else []
    if not items:
        return []
    size = min(size, len(items))
    hashes = set()
    for start in range(len(items) - size + 1):
        value = size
        for one in items[start : start + size]:
            value = (value + item(one)) * 0x9E3779B97F4A7C15 & MASK
        hashes.add(mix(value))
    return sorted(hashes)


def as_lists(sets: ShingleSets) -> list[list[int]]:
    return [part.tolist() for part in np.split(sets.shingles, sets.offsets[1:-1])][: len(sets)]


def agree(texts: list[str | None], size: int, unit: Unit) -> None:
    for text, found in zip(texts, as_lists(shingle_sets(texts, size=size, unit=unit)), strict=True):
        assert found == reference(text, size, unit), (text, size, unit)


@pytest.mark.parametrize("unit", ["word", "character"])
@pytest.mark.parametrize("size", [1, 3, 5, 16])
def test_as_the_reference_on_every_script(size: int, unit: Unit) -> None:
    agree([*MULTILINGUAL, *EDGES, None, "ab " * 40, "x" * 1000 + "ü"], size, unit)


def test_huge_words_and_repetitions() -> None:
    agree(["x" * 100_001, "数" * 50_000, "ab " * 50_000, " ".join(map(str, range(20_000)))], 3, "word")
    assert shingle_sets(["x" * 1_000_000, "xy" * 1_000_000], unit="character").sizes.tolist() == [1, 2]


def known(character: str) -> bool:
    """Old enough for every table of Unicode in use."""
    return unicodedata.ucd_3_2_0.category(character) not in ("Cn", "Cs")


@given(
    texts=st.lists(st.none() | st.text(st.characters(codec="utf-8").filter(known)), max_size=6),
    size=st.integers(1, 16),
    unit=st.sampled_from(["word", "character"]),
)
def test_as_the_reference_on_any_text(texts: list[str | None], size: int, unit: Unit) -> None:
    agree(texts, size, unit)


@given(texts=st.lists(st.text(st.characters(), max_size=8), max_size=4))
def test_any_code_point_goes(texts: list[str]) -> None:
    """Also lone surrogates and what Unicode has not assigned; a text that is not blank has a shingle."""
    sets = shingle_sets(texts)
    assert len(sets) == len(texts)
    assert [size == 0 for size in sets.sizes] == [reference(text, 3, "word") == [] for text in texts]


def test_lone_surrogates_separate() -> None:
    assert as_lists(shingle_sets(["a\ud800b", "\ud83d\ude00 x"], size=1)) == as_lists(
        shingle_sets(["a b", "x"], size=1)
    )


@pytest.mark.parametrize("file", ["hausa_yoruba_noisy_topics", "thucnews_titles", "umsab_tweets_8lang", "udhr"])
def test_as_the_reference_on_real_text(data_dir: Path, file: str) -> None:
    lines: list[str] = []
    for path in sorted((data_dir / file).rglob("*")):
        if path.suffix in (".txt", ".tsv", ".html"):
            lines += [line for line in path.read_text("utf-8", "replace").split("\n")[:200] if all(map(known, line))]
    assert len(lines) > 200
    agree(list(lines), 3, "word")
    agree(list(lines), 4, "character")


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()), pa.binary()]
)
def test_any_arrow_array(kind: pa.DataType) -> None:
    texts: list[str | None] = [*MULTILINGUAL, None, *EDGES, None]
    plain = pa.array(texts, pa.string())
    array = plain.dictionary_encode() if pa.types.is_dictionary(kind) else plain.cast(kind)
    expected = [reference(text, 2, "word") for text in texts]
    assert as_lists(shingle_sets(array, size=2)) == expected
    assert as_lists(shingle_sets(array.slice(3, 9), size=2)) == expected[3:12]
    chunks = pa.chunked_array([array.slice(0, 5), array.slice(5, 0), array.slice(5)])
    assert as_lists(shingle_sets(chunks, size=2)) == expected
    assert as_lists(shingle_sets(pa.chunked_array([], kind), size=2)) == []


def test_bytes_under_a_null_are_not_read() -> None:
    array = pa.Array.from_buffers(
        pa.string(), 2, [pa.py_buffer(b"\x02"), pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"\xff\x61")]
    )
    assert shingle_sets(array).sizes.tolist() == [0, 1]


def test_bytes_that_are_no_text_are_said() -> None:
    broken = pa.LargeStringArray.from_buffers(1, pa.py_buffer(np.array([0, 2], np.int64)), pa.py_buffer(b"\xff\x61"))
    with pytest.raises(CurateError, match="not valid UTF-8"):
        shingle_sets(broken)
    with pytest.raises(CurateError, match="not valid UTF-8"):
        shingle_sets(pa.array([b"a\xe6\x97"]))


@given(
    texts=st.lists(st.tuples(st.binary(max_size=150), st.integers(0, 2)), max_size=5),
    table=st.binary(min_size=128, max_size=0x3000).map(lambda data: np.frombuffer(data, np.uint8) % 5),
    size=st.integers(1, 16),
    of_characters=st.integers(0, 1),
)
def test_no_bytes_and_no_table_lead_out_of_bounds(
    texts: list[tuple[bytes, int]], table: np.ndarray, size: int, of_characters: int
) -> None:
    """The C function itself, on what no caller gives it: the sanitizers watch it in test_native.py."""
    data = np.frombuffer(b"".join(text for text, _ in texts), np.uint8)
    offsets = np.cumsum([0, *(len(text) for text, _ in texts)]).astype(np.int64)
    sources = np.array([source for _, source in texts], np.uint8)
    room = 2 * ((len(data) if of_characters else len(data) // 2) + len(texts))
    out, sizes = np.empty(room, np.uint64), np.empty(len(texts), np.int64)
    scratch = np.empty(2 * 150 + 16, np.uint64)
    both = (data, offsets, data, offsets, sources, len(texts), table, len(table))
    used = shingles._shingles(*both, size, of_characters, out, sizes, scratch)
    assert used == sizes.sum() <= room
    for found in np.split(out[:used], np.cumsum(sizes)[:-1]) if texts else []:
        assert (np.diff(found.astype(object)) > 0).all()


def test_blocks_and_threads_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = MULTILINGUAL * 20 + ["x y z " * 50]
    expected = shingle_sets(texts, threads=1)
    monkeypatch.setattr(shingles, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(shingles, "_BLOCK_ROWS", 7)
    for given_texts in (texts, pa.array(texts), pa.array(texts, pa.string_view())):
        found = shingle_sets(given_texts, threads=3)
        assert np.array_equal(found.offsets, expected.offsets)
        assert np.array_equal(found.shingles, expected.shingles)


def test_take() -> None:
    sets = shingle_sets(["a b c d", "", "e f g"])
    taken = sets.take(np.array([2, 1, 0, 0]))
    assert as_lists(taken) == [as_lists(sets)[row] for row in (2, 1, 0, 0)]


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 17}, {"unit": "byte"}])
def test_bad_options(options: dict) -> None:
    with pytest.raises(CurateError, match="shingle"):
        shingle_sets(["a"], **options)
