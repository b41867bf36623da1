"""`dedup.lines` and `dedup.substring`: just what a slow reading of the definition cuts, whatever the order of the rows,
and nothing else; on real reviews too.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.signals import Signal
from curate.core.step import Step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.kernels.units import units
from curate.kernels.windows import words
from curate.transforms.dedup import substring
from curate.transforms.dedup.lines import CutRepeatedLines, RepeatedLines
from curate.transforms.dedup.substring import CutRepeatedSpans, RepeatedSpans

Columns = list[list[str | None]]
Found = dict[int, list[tuple[str, int, int, int]]]

FEW_WORDS = st.lists(st.sampled_from(["a", "b", "c", "数", "é\u0301", "A"]), max_size=14).flatmap(
    lambda said: st.lists(st.sampled_from([" ", "\n", " \u3000"]), min_size=len(said), max_size=len(said)).map(
        lambda gaps: "".join(word + gap for word, gap in zip(said, gaps, strict=True))
    )
)
TEXTS = st.one_of(st.none(), FEW_WORDS, st.text(max_size=20), st.text("ab \n。. ", max_size=40))
TABLES = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)
HEADER = "For the use of subscribers only, all rights reserved."


def rows(texts: list[str | None], row_ids: list[int] | None = None) -> Corpus:
    ids = None if row_ids is None else np.array(row_ids, np.uint64)
    return Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}), Roles(text="text"), row_ids=ids)


def run(transform: Transform, corpus: Corpus) -> Curated:
    return Recipe([Step(transform)], max_quarantine=0).run(corpus)


def texts_after(transform: Transform, texts: list[str | None]) -> dict[int, str]:
    after = run(transform, rows(texts)).corpus
    return dict(zip(after.row_ids().tolist(), after.texts(), strict=True))


def spans(signal: pa.Table) -> Found:
    values = dict(zip(signal.column("row_id").to_pylist(), signal.column("value").to_pylist(), strict=True))
    return {
        row: [(one["column"], one["start"], one["end"], one["ref"]) for one in those]
        for row, those in values.items()
        if those is not None
    }


def tokens(text: str) -> list[tuple[int, int]]:
    found = words(pa.array([text], pa.large_string()))
    return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))


def slow_spans(cells: list[tuple[int, str, str]], size: int) -> Found:
    """The definition, window by window; `cells` are row id, column and text in the order of row id and column."""
    first: dict[tuple[str, ...], tuple[int, int]] = {}
    found: Found = {}
    for number, (row, column, text) in enumerate(cells):
        at = tokens(text)
        runs: list[list[int]] = []
        for start in range(len(at) - size + 1):
            window = tuple(text[a:b] for a, b in at[start : start + size])
            before = first.setdefault(window, (number, start))
            if before == (number, start):
                continue
            if runs and start < runs[-1][1]:
                runs[-1][1] = start + size
            else:
                runs.append([start, start + size, cells[before[0]][0]])
        for low, high, ref in runs:
            found.setdefault(row, []).append((column, at[low][0], at[high - 1][1], ref))
    return found


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table so small that a corpus is gone through many times, a few bytes at a time."""
    monkeypatch.setattr(substring, "TABLE_BYTES", 8)
    monkeypatch.setattr(substring, "STATE_BYTES", 500)
    monkeypatch.setattr(substring, "READ_BYTES", 16)


@settings(max_examples=300)
@given(table=TABLES, size=st.integers(2, 4), seed=st.integers(0, 99))
def test_spans_are_those_of_the_definition(table: list[tuple[str | None, str | None]], size: int, seed: int) -> None:
    ids = np.random.default_rng(seed).permutation(len(table) * 3)[: len(table)].astype(np.uint64)
    given_rows = pa.table({name: pa.array([row[at] for row in table], pa.string()) for at, name in enumerate("xy")})
    corpus = Corpus.from_table(given_rows, Roles(text=("x", "y")), row_ids=ids)
    cells = sorted(
        (int(row), column, row_cells[column == "y"] or "")
        for row, row_cells in zip(ids, table, strict=True)
        for column in "xy"
    )
    assert spans(RepeatedSpans(min_words=size).compute(corpus, 0)) == slow_spans(cells, size)


@settings(max_examples=50)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
@pytest.mark.usefixtures("small_steps")
def test_the_parts_of_a_table_too_small_together_say_the_same(texts: list[str | None]) -> None:
    cells = [(row, "text", text or "") for row, text in enumerate(texts)]
    assert spans(RepeatedSpans(min_words=2).compute(rows(texts), 0)) == slow_spans(cells, 2)


def slow_lines(texts: list[str | None], settings: dict[str, Any]) -> Found:
    every: dict[str, list[tuple[int, int, int]]] = {}
    for row, text in enumerate(texts):
        for start, end in units(text or "", settings["unit"]):
            form = " ".join(text[start:end].casefold().split())
            said = [text[start:end][a:b] for a, b in tokens(text[start:end])]
            if sum(any(map(str.isalnum, word)) for word in said) >= settings["min_words"]:
                every.setdefault(form, []).append((row, start, end))
    found: Found = {}
    for copies in every.values():
        in_rows = sorted({row for row, _, _ in copies})
        seen: set[int] = set()
        for row, start, end in copies:
            across = settings["min_rows"] is not None and len(in_rows) >= settings["min_rows"]
            if across and not (settings["keep_first"] and row == in_rows[0]):
                found.setdefault(row, []).append(("text", start, end, in_rows[row == in_rows[0]]))
            elif settings["within"] and row in seen:
                found.setdefault(row, []).append(("text", start, end, row))
            seen.add(row)
    return {row: sorted(those) for row, those in found.items()}


@settings(max_examples=300)
@given(
    texts=st.lists(st.one_of(st.none(), FEW_WORDS, st.text("aAb \n. ", max_size=40)), min_size=1, max_size=8),
    given_settings=st.fixed_dictionaries(
        {
            "unit": st.sampled_from(["line", "paragraph", "sentence"]),
            "min_rows": st.sampled_from([None, 2, 3]),
            "keep_first": st.booleans(),
            "within": st.booleans(),
            "min_words": st.integers(1, 2),
        }
    ),
)
def test_lines_are_those_of_the_definition(texts: list[str | None], given_settings: dict[str, Any]) -> None:
    signal = RepeatedLines(unicode=False, **given_settings).compute(rows(texts), 0)
    assert spans(signal) == slow_lines(texts, given_settings)


@pytest.mark.parametrize("provider", [RepeatedLines(min_rows=2, min_words=1), RepeatedSpans(min_words=2)])
@given(table=st.lists(TEXTS, min_size=1, max_size=10), seed=st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(provider: Any, table: list[str | None], seed: int) -> None:
    corpus = rows(table)
    mixed = corpus.take(np.random.default_rng(seed).permutation(len(table)))
    here, there = (Signal.of(provider.compute(each, 0)) for each in (corpus, mixed))
    assert here.values.equals(there.values)


@settings(max_examples=200)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), size=st.integers(2, 4))
def test_only_repeated_spans_go_and_a_copy_of_each_stays(texts: list[str | None], size: int) -> None:
    after = texts_after(CutRepeatedSpans(min_words=size, min_left_words=0), texts)
    found = spans(RepeatedSpans(min_words=size).compute(rows(texts), 0))
    kept_words = set()
    for row, text in enumerate(texts):
        gone = [(start, end) for _, start, end, _ in found.get(row, [])]
        at = [span for span in tokens(text or "") if not any(low <= span[0] < high for low, high in gone)]
        kept = [(text or "")[start:end] for start, end in at]
        assert "".join(after[row].split()) == "".join("".join(kept).split())
        if not gone:
            assert after[row] == (text or "")
        kept_words |= set(kept)
    assert kept_words == {(text or "")[a:b] for text in texts for a, b in tokens(text or "")}


@settings(max_examples=200)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), keep=st.booleans(), unit=st.sampled_from(["line", "paragraph"]))
def test_lines_and_paragraphs_are_clean_after_one_run(texts: list[str | None], keep: bool, unit: str) -> None:
    transform = CutRepeatedLines(unit=unit, min_rows=2, keep_first=keep, min_words=1)  # type: ignore[arg-type]
    once = run(transform, rows(texts)).corpus
    twice = run(transform, once)
    assert not len(twice.lineage())


def test_a_span_keeps_its_first_copy_and_names_it() -> None:
    said = "the quick brown fox jumps"
    curated = run(CutRepeatedSpans(min_words=5), rows([f"One: {said} today.", f"Then, {said} tomorrow.", said]))
    assert curated.corpus.texts() == [f"One: {said} today.", "Then, tomorrow."]
    edits = {event["row_id"]: (event["kind"], event["reason"], event["ref"]) for event in curated.lineage().to_pylist()}
    assert edits == {1: ("set", "repeated_in_other_rows", 0), 2: ("drop", "nothing_left", 0)}


def test_a_text_that_says_the_same_over_and_over_keeps_one_round() -> None:
    assert texts_after(CutRepeatedSpans(min_words=50), ["ha " * 1000])[0].split() == ["ha"]
    block = " ".join(f"word{n}" for n in range(60))
    assert texts_after(CutRepeatedSpans(min_words=50), [f"{block}\n{block}\n{block}"])[0] == block
    assert texts_after(CutRepeatedLines(min_words=1), ["x y\n" * 1000])[0] == "x y\n"


def test_short_units_and_few_rows_are_left_alone() -> None:
    texts = ["}\nYes.\nsome line of its own", "}\nYes.\nand another line here", "}\nYes.\na third line is there"]
    assert list(texts_after(CutRepeatedLines(), texts).values()) == texts
    twice = [f"{HEADER}\none", f"{HEADER}\ntwo"]
    assert list(texts_after(CutRepeatedLines(), twice).values()) == twice
    assert list(texts_after(CutRepeatedLines(min_rows=2), twice).values()) == [twice[0], "two"]
    assert list(texts_after(CutRepeatedLines(min_rows=2, keep_first=False), twice).values()) == ["one", "two"]


def test_signs_are_no_words() -> None:
    rule = "│ --- ┆ --- ┆ --- ┆ --- │"
    texts = [f"{rule}\n>>> import numpy as np\n{n}" for n in range(3)]
    assert list(texts_after(CutRepeatedLines(), list(texts)).values()) == texts
    after = texts_after(CutRepeatedLines(min_words=4), list(texts))
    assert list(after.values()) == [texts[0], f"{rule}\n1", f"{rule}\n2"]


def test_what_counts_as_the_same_line() -> None:
    texts = ["Page 1 of the yearly report\na", "page  2 of the  yearly report\nb", "PAGE 3 of the yearly report\nc"]
    assert list(texts_after(CutRepeatedLines(), texts).values()) == texts
    assert list(texts_after(CutRepeatedLines(digits=True), texts).values()) == [texts[0], "b", "c"]
    assert list(texts_after(CutRepeatedLines(digits=True, case=False), texts).values()) == texts
    assert list(texts_after(CutRepeatedLines(digits=True, space=False), texts).values()) == texts


def test_languages_without_spaces() -> None:
    notice = "本网站所有内容版权所有，未经许可不得转载。"
    texts = [f"今天天气很好。{notice}", f"{notice}明天会下雨。", f"后天呢？{notice}晴天。"]
    after = texts_after(CutRepeatedLines(unit="sentence", keep_first=False), texts)
    assert list(after.values()) == ["今天天气很好。", "明天会下雨。", "后天呢？晴天。"]
    assert texts_after(CutRepeatedSpans(min_words=20), texts)[2] == "后天呢？晴天。"


def test_a_row_goes_when_too_little_is_left() -> None:
    texts = [f"{HEADER}\nshort rest here", f"{HEADER}\nonly two", HEADER]
    assert texts_after(CutRepeatedLines(keep_first=False), texts) == {0: "short rest here", 1: "only two"}
    assert texts_after(CutRepeatedLines(keep_first=False, min_left_words=3), texts) == {0: "short rest here"}
    assert texts_after(CutRepeatedLines(keep_first=False, min_left_words=0), texts)[2] == ""


def test_of_several_text_columns_none_is_emptied_but_with_all_of_its_row() -> None:
    q, a = [HEADER, "a", f"b\n{HEADER}", HEADER], ["the first", HEADER, "third", HEADER]
    table = pa.table({"q": q, "a": a, "n": [1, 2, 3, 4]})
    curated = run(CutRepeatedLines(keep_first=False), Corpus.from_table(table, Roles(text=("q", "a"))))
    assert curated.corpus.table().to_pylist() == [
        {"q": HEADER, "a": "the first", "n": 1},
        {"q": "a", "a": HEADER, "n": 2},
        {"q": "b", "a": "third", "n": 3},
    ]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
@pytest.mark.parametrize("transform", [CutRepeatedLines(), CutRepeatedSpans(min_words=5)])
def test_the_type_of_a_column_stays(kind: pa.DataType, transform: Transform) -> None:
    texts = pa.array([f"{HEADER}\n{n}" for n in range(4)] + [None]).cast(kind)
    after = run(transform, Corpus.from_table(pa.table({"text": texts}), Roles(text="text"))).corpus
    assert after.schema.field("text").type == kind
    assert after.texts() == [f"{HEADER}\n0", "1", "2", "3", ""]


@pytest.mark.parametrize("transform", [CutRepeatedLines(min_words=1, min_rows=2), CutRepeatedSpans(min_words=2)])
@pytest.mark.parametrize("texts", [["x" * (1 << 20)] * 2, [None, None], ["", " \n"], ["one line"], []])
def test_the_edges(transform: Transform, texts: list[str | None]) -> None:
    after = texts_after(transform, texts)
    whole_row_repeats = isinstance(transform, CutRepeatedLines) and len(texts) == 2 and bool((texts[0] or "").strip())
    assert after == {row: text or "" for row, text in enumerate(texts[:1] if whole_row_repeats else texts)}


@pytest.mark.slow
@pytest.mark.parametrize("transform", [CutRepeatedLines(), CutRepeatedSpans(min_words=5)])
def test_a_million_identical_lines(transform: Transform) -> None:
    line = "the same line again and again"
    began = process_time()
    assert texts_after(transform, [f"{line}\n" * 10**6]) == {0: f"{line}\n"}
    assert len(texts_after(transform, [line] * 10**6)) == 1
    assert process_time() - began < 120


@pytest.mark.parametrize(
    ("kind", "given_settings"),
    [
        (CutRepeatedLines, {"min_rows": 1}),
        (CutRepeatedLines, {"min_words": 0}),
        (CutRepeatedLines, {"unit": "page"}),
        (CutRepeatedLines, {"min_rows": None, "within": False}),
        (CutRepeatedLines, {"min_left_words": -1}),
        (CutRepeatedSpans, {"min_words": 1}),
    ],
)
def test_settings_without_sense_are_refused(kind: type[Transform], given_settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind(**given_settings)


@pytest.fixture(scope="module")
def reviews(data_dir: Path) -> list[str]:
    with gzip.open(data_dir / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(3000), strict=False)]
    return list(dict.fromkeys(text.strip() for text in texts))


def test_a_header_and_a_footer_go_from_real_reviews_and_nothing_else(reviews: list[str]) -> None:
    footer = "Was this review helpful to you? Sign in to vote. Copyright the reviewer."
    planted = [
        f"{HEADER}\n{text}\n\n{footer}" if row % 3 == 0 else text.replace("<br /><br />", "\n\n")
        for row, text in enumerate(reviews)
    ]
    after = texts_after(CutRepeatedLines(keep_first=False, within=False, min_rows=50), list(planted))
    expected = [text if row % 3 == 0 else planted[row] for row, text in enumerate(reviews)]
    assert [after[row] for row in range(len(reviews))] == expected


def test_a_passage_goes_from_real_reviews_and_nothing_else(reviews: list[str]) -> None:
    clean = run(CutRepeatedSpans(), rows(list(reviews))).corpus.texts()
    passage = " ".join(re.split(r"\s+", clean[7])[:80])
    hosts = [100, 200, 300]
    planted = [f"{text}\n{passage}\n{text[:50]}" if row in hosts else text for row, text in enumerate(clean)]
    after = texts_after(CutRepeatedSpans(), list(planted))
    assert len(passage.split()) == 80
    for row, text in enumerate(clean):
        assert after[row] == (f"{text}\n{text[:50]}" if row in hosts else text)
