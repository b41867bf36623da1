"""The named rule sets decide as datatrove does: row by row, the same rows stay, with the same text, for the same rule.

On real text of many kinds and languages, with default settings and with others. datatrove is the reference for these
rules; its own reasons are mapped to ours here.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate import registry
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles

pytest.importorskip("spacy")
data = pytest.importorskip("datatrove.data")
filters = pytest.importorskip("datatrove.pipeline.filters")

LANGUAGES = ("arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish")
QUICK_ROWS, MOST_ROWS = 6, 500

REASONS = {
    "filter.gopher_quality": {
        "gopher_short_doc": "too_few_words",
        "gopher_long_doc": "too_many_words",
        "gopher_below_avg_threshold": "short_words",
        "gopher_above_avg_threshold": "long_words",
        "gopher_too_many_hashes": "too_many_hashes",
        "gopher_too_many_ellipsis": "too_many_ellipses",
        "gopher_too_many_bullets": "too_many_bullets",
        "gopher_too_many_end_ellipsis": "too_many_ellipsis_lines",
        "gopher_below_alpha_threshold": "too_few_alphabetic_words",
        "gopher_enough_stop_words": "too_few_stop_words",
    },
    "filter.gopher_repetition": {
        "empty": "empty",
        "dup_para_frac": "duplicate_paragraphs",
        "dup_para_char_frac": "duplicate_paragraph_characters",
        "dup_line_frac": "duplicate_lines",
        "dup_line_char_frac": "duplicate_line_characters",
        **{f"top_{n}_gram": f"top_{n}gram" for n in (2, 3, 4)},
        **{f"duplicated_{n}_n_grams": f"duplicate_{n}gram" for n in range(5, 11)},
    },
    "filter.c4": {name: name for name in ("lorem_ipsum", "curly_bracket", "too_few_sentences")},
    "filter.fineweb_quality": {
        "empty": "empty",
        "line_punct_ratio": "unpunctuated_lines",
        "short_line_ratio": "short_lines",
        "char_dup_ratio": "duplicate_characters",
        "list_ratio": "too_many_lines",
    },
}
CLASSES = {
    "filter.gopher_quality": "GopherQualityFilter",
    "filter.gopher_repetition": "GopherRepetitionFilter",
    "filter.c4": "C4QualityFilter",
    "filter.fineweb_quality": "FineWebQualityFilter",
}
STRICT_RUNS = ((2, 0.05), (3, 0.04), (4, 0.03))
STRICT_REPEATS = ((5, 0.02), (6, 0.02), (7, 0.01), (8, 0.01), (9, 0.01), (10, 0.005))
PARTS = ("paragraph", "paragraph_character", "line", "line_character")

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *((name, {}, {}) for name in CLASSES),
    (
        "filter.gopher_quality",
        {"min_doc_words": 5, "min_avg_word_length": None, "min_stop_words": None, "max_non_alpha_words_ratio": 0.7},
        {"min_words": 5, "min_mean_word_length": None, "min_stop_words": None, "min_alphabetic_word_fraction": 0.7},
    ),
    (
        "filter.gopher_quality",
        {"language": "de", "stop_words": ["der", "und", "die"], "max_doc_words": 200, "max_avg_word_length": 5},
        {"language": "de", "stop_words": ["der", "und", "die"], "max_words": 200, "max_mean_word_length": 5},
    ),
    (
        "filter.gopher_repetition",
        {
            **dict.fromkeys(("dup_line_frac", "dup_para_frac", "dup_line_char_frac", "dup_para_char_frac")),
            "language": "fr",
            "top_n_grams": STRICT_RUNS,
            "dup_n_grams": STRICT_REPEATS,
        },
        {
            **{f"max_duplicate_{part}_fraction": None for part in PARTS},
            "language": "fr",
            **{f"max_top_{n}gram_fraction": most for n, most in STRICT_RUNS},
            **{f"max_duplicate_{n}gram_fraction": most for n, most in STRICT_REPEATS},
        },
    ),
    ("filter.c4", {"split_paragraph": False, "min_num_sentences": 3}, {"split_by": "sentence", "min_sentences": 3}),
    (
        "filter.c4",
        {
            "filter_no_terminal_punct": False,
            "min_words_per_line": 5,
            "filter_curly_bracket": False,
            "max_word_length": 20,
        },
        {"end_mark": False, "min_words_per_line": 5, "curly_bracket": False, "max_word_characters": 20},
    ),
    (
        "filter.c4",
        {"remove_citations": False, "min_num_sentences": -1, "filter_javascript": False, "filter_policy": False},
        {"citations": False, "min_sentences": None, "javascript": False, "policy": False},
    ),
    (
        "filter.fineweb_quality",
        {"line_punct_thr": 0.5, "line_punct_exclude_zero": True, "short_line_thr": 0.4, "short_line_length": 60},
        {
            "min_terminal_line_fraction": 0.5,
            "keep_unpunctuated": True,
            "max_short_line_fraction": 0.4,
            "short_line_characters": 60,
        },
    ),
    (
        "filter.fineweb_quality",
        {"stop_chars": ("a", ".", "。"), "char_duplicates_ratio": 0.2, "new_line_ratio": 0.05},
        {"end_marks": "a.。", "max_duplicate_character_fraction": 0.2, "max_line_break_fraction": 0.05},
    ),
]
NAMES = [f"{name} {given or 'as it is'}" for name, _, given in CASES]


def _groups(path: Path, size: int) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        while part := "".join(islice(lines, size)).strip():
            yield part


def _pages(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "article_extraction" / "html").iterdir()):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield raw.decode("utf-8", "replace")[:30_000]


def _imdb(folder: Path) -> Iterator[str]:
    with gzip.open(folder / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in islice(lines, 1000))


def _csv(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from (" ".join(row[1:]) for row in islice(csv.reader(file), 1000))


def _web(folder: Path) -> Iterator[str]:
    with (folder / "llm_demo_sets" / "c4_demo.jsonl").open(encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)


def _articles(folder: Path) -> Iterator[str]:
    rows = json.loads((folder / "article_extraction" / "ground-truth.dev.json").read_text("utf-8"))
    yield from (row["articleBody"] for row in rows.values())


def _chinese(folder: Path) -> Iterator[str]:
    rows = json.loads((folder / "llm_demo_sets" / "alpaca_zh_demo.json").read_text("utf-8"))
    yield from (f"{row['instruction']}\n{row['output']}" for row in rows)


def _tweets(folder: Path) -> Iterator[str]:
    for language in LANGUAGES:
        yield from islice(_groups(folder / "umsab_tweets_8lang" / f"{language}_train_text.txt", 10), 60)


SOURCES: dict[str, Callable[[Path], Iterator[str]]] = {
    "web": _web,
    "articles": _articles,
    "pages": _pages,
    "imdb": _imdb,
    "ag_news": lambda folder: _csv(folder / "ag_news" / "test.csv"),
    "dbpedia": lambda folder: _csv(folder / "dbpedia14_sample" / "train.csv"),
    "chinese": _chinese,
    "tweets": _tweets,
    "german": lambda folder: _groups(folder / "multi30k" / "train.de.gz", 12),
    "french": lambda folder: _groups(folder / "multi30k" / "train.fr.gz", 12),
}
AWKWARD = [
    *("", " ", "\n", "\n\n\n", "a", "a\n", "\ufeff", "\x00", "\x1c\x1d", "x" * 1200 + ".", "…", "...", "- \n• \n-x"),
    "One two three.\u2028Four five six! \r\nSeven eight nine?\x0b[12] Ten eleven twelve [edit] [citation needed].",
    "We use coo\u212aies, all of us. LOREM ipsum is here now.",
    "Set a { b } c d. JavaScript is here, you see.",
    "dogs' Something and (: ) and 8 ) or ' S and ' ' bout",
    "[١٢] That is a citation in Arabic digits. [",
    "#" * 60,
    "A b c d e. A b c d e. A b c d e.\n\n\nA b c d e.\n\n\nA b c d e.",
    "ab c a bc ab c a bc ab c a bc " * 3,
]


def ours(name: str, given: dict[str, Any], texts: list[str]) -> list[tuple[str | None, str | None]]:
    """The text of each kept row, or the reason of one that goes."""
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}), Roles(text="text"))
    step = Step(registry.get("transforms", name)(judge_unspaced=True, **given))
    curated = Recipe([step], max_quarantine=0).run(corpus)
    made: list[tuple[str | None, str | None]] = [(None, None)] * len(texts)
    kept = curated.corpus.table().column("text").to_pylist()
    for row_id, text in zip(curated.corpus.row_ids().tolist(), kept, strict=True):
        made[row_id] = (text, None)
    for event in curated.lineage().to_pylist():
        if event["kind"] == "drop":
            made[event["row_id"]] = (None, event["reason"])
    return made


def theirs(name: str, given: dict[str, Any], texts: list[str]) -> list[tuple[str | None, str | None]]:
    """The same from datatrove; a text that it fails on (it divides by a count of 0) stays."""
    judge = getattr(filters, CLASSES[name])(**given)
    made: list[tuple[str | None, str | None]] = []
    for number, text in enumerate(texts):
        document = data.Document(text=text, id=str(number))
        try:
            verdict = judge.filter(document)
        except ZeroDivisionError:
            verdict = True
        made.append((document.text, None) if verdict is True else (None, REASONS[name][verdict[1]]))
    return made


@pytest.mark.parametrize(("name", "reference", "given"), CASES, ids=NAMES)
def test_real_rows_are_judged_as_the_reference_judges_them(
    name: str, reference: dict[str, Any], given: dict[str, Any], data_dir: Path
) -> None:
    texts = [text for source in SOURCES.values() for text in islice(source(data_dir), QUICK_ROWS)]
    assert ours(name, given, texts) == theirs(name, reference, texts)


@pytest.mark.parametrize(("name", "reference", "given"), CASES, ids=NAMES)
def test_awkward_rows_are_judged_as_the_reference_judges_them(
    name: str, reference: dict[str, Any], given: dict[str, Any]
) -> None:
    assert ours(name, given, AWKWARD) == theirs(name, reference, AWKWARD)


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("name", "reference", "given"), CASES, ids=NAMES)
def test_every_row_is_judged_as_the_reference_judges_it(
    name: str, reference: dict[str, Any], given: dict[str, Any], source: str, data_dir: Path
) -> None:
    texts = list(islice(SOURCES[source](data_dir), MOST_ROWS))
    assert ours(name, given, texts) == theirs(name, reference, texts)
