"""Statistics of lines and paragraphs: what plain Python counts on whatever text there is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.rule_statistics import fineweb_quality, gopher_quality, gopher_repetition
from curate.kernels.word_table import table

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("ab.\n\n\r -•…#\u2028\u0085\u00a0\x1c数é。", max_size=60),
    st.lists(st.sampled_from(["a b.", "- c", "\n", "\n\n", "...", "long " * 9, "\r\n"]), max_size=14).map("".join),
)


def again(parts: Sequence[str]) -> tuple[int, int]:
    """How many parts came before, and their characters."""
    more = {part: count - 1 for part, count in Counter(parts).items()}
    return sum(more.values()), sum(len(part) * count for part, count in more.items())


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@settings(max_examples=60)
@given(text=TEXTS)
def test_repeated_lines_and_paragraphs_are_those_of_python(text: str) -> None:
    row = gopher_repetition(pa.array([text], pa.string()), table("plain"))[0].as_py()
    paragraphs, lines = re.split(r"\n{2,}", text.strip()), re.split("\n+", text)
    for what, parts in (("paragraph", paragraphs), ("line", lines)):
        n, length = again(parts)
        assert row[f"duplicate_{what}_fraction"] == n / len(parts)
        assert row[f"duplicate_{what}_character_fraction"] == share(length, len(text))


@settings(max_examples=60)
@given(text=TEXTS)
def test_runs_of_words_are_those_of_python(text: str) -> None:
    text = re.sub("[\u0e00-\U0010ffff]", "é", text)  # scripts without spaces are split further
    row = gopher_repetition(pa.array([text], pa.string()), table("plain"))[0].as_py()
    words = text.split()
    for n in (2, 3, 4):
        runs = Counter(" ".join(words[at : at + n]) for at in range(len(words) - n + 1))
        most = max(runs.items(), key=lambda item: item[1], default=("", 0))
        assert row[f"top_{n}gram_fraction"] == (share(len(most[0]) * most[1], len(text)) if runs else None)


@settings(max_examples=60)
@given(text=TEXTS)
def test_lines_have_the_marks_that_python_sees(text: str) -> None:
    row = gopher_quality(pa.array([text], pa.string()), table("plain"), ("a",))[0].as_py()
    lines = text.splitlines()
    bullets = sum(line.lstrip().startswith(("-", "•")) for line in lines)
    ends = sum(line.rstrip().endswith(("...", "…")) for line in lines)
    assert row["bullet_line_fraction"] == share(bullets, len(lines))
    assert row["ellipsis_line_fraction"] == share(ends, len(lines))


@settings(max_examples=60)
@given(text=TEXTS)
def test_shapes_of_lines_are_those_of_python(text: str) -> None:
    row = fineweb_quality(pa.array([text], pa.string()), table("plain"), ".。", 3)[0].as_py()
    lines = [line for line in text.split("\n") if line.strip()]
    assert row["n_lines"] == len(lines)
    assert row["terminal_line_fraction"] == share(sum(line.endswith((".", "。")) for line in lines), len(lines))
    assert row["short_line_fraction"] == share(sum(len(line) <= 3 for line in lines), len(lines))
    length = len(text.replace("\n", "")) if lines else 0
    assert row["duplicate_character_fraction"] == share(again(lines)[1], length)


@pytest.mark.parametrize("rows", [[], [None], ["a", None, ""]])
def test_every_row_has_one_struct(rows: list[str | None]) -> None:
    made = gopher_repetition(pa.array(rows, pa.string()), table("plain"))
    assert made.is_valid().to_pylist() == [row is not None for row in rows]
