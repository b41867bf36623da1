"""C4's rules for lines: what a few lines of Python make of any text."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.c4_lines import LineRules, c4_lines, judge_lines
from curate.kernels.word_table import table

NOTICES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
PIECES = st.sampled_from(
    [
        *("a b c.", "A b.", "word", " ", "\n", "\n", "\r\n", "\u2028", "[12]", "[", "[edit]", "[citation needed]", "]"),
        *(
            "Lorem ipsum",
            "JAVAscript",
            "{",
            "uses coo\u212aies",
            "Terms of use",
            "...",
            "!",
            '"',
            "x" * 12,
            "é" * 9,
            "[٣]",
        ),
    ]
)
RULES = st.builds(
    LineRules,
    citations=st.booleans(),
    end_mark=st.booleans(),
    min_words=st.sampled_from([None, 2, 3]),
    max_word_characters=st.sampled_from([None, 10]),
    lorem_ipsum=st.booleans(),
    javascript=st.booleans(),
    curly_bracket=st.booleans(),
    policy=st.booleans(),
)


def kept(text: str, rules: LineRules) -> str | None:
    """The text of the lines that stay; None where it is given up."""
    lines = []
    for raw in text.splitlines():
        line, words = raw.strip(), raw.split()
        if rules.max_word_characters is not None and any(len(word) > rules.max_word_characters for word in words):
            continue
        if rules.citations:
            line = re.sub(r"\[(\d*|edit|citation needed)\]", "", line)
        if rules.end_mark and (not re.search(r"[.?!\"']\Z", line) or line.endswith("...")):
            continue
        if rules.min_words is not None and len(words) < rules.min_words:
            continue
        low = line.lower()
        if rules.lorem_ipsum and "lorem ipsum" in low:
            return None
        if rules.javascript and "javascript" in low:
            continue
        if rules.curly_bracket and "{" in line:
            return None
        if not (rules.policy and any(notice in low for notice in NOTICES)):
            lines.append(line)
    return "\n".join(lines).strip()


@settings(max_examples=60)
@given(texts=st.lists(st.lists(PIECES, max_size=14).map("".join), max_size=4), rules=RULES)
def test_what_is_left_of_a_text_is_what_python_leaves(texts: list[str], rules: LineRules) -> None:
    column = pa.array(texts, pa.string())
    expected = [kept(text, rules) for text in texts]
    left = judge_lines(column, table("plain"), rules).texts().to_pylist()
    rows = c4_lines(column, table("plain"), rules).to_pylist()
    assert [None if row["n_sentences"] is None else text for row, text in zip(rows, left, strict=True)] == expected


def test_every_line_has_one_fate() -> None:
    lines = ["Here is a line.[1]", "", "menu", "Two words.", "With JavaScript it works.", "Our privacy policy is long."]
    text = "\n".join([*lines, "x" * 30 + " is not a word."])
    row = c4_lines(pa.array([text]), table("plain"), LineRules(max_word_characters=20))[0].as_py()
    fates = ("kept", "no_end_mark", "few_words", "javascript", "policy", "long_word", "blank")
    assert [row[f"n_{fate}_lines"] for fate in fates] == [1] * 7
    assert row["n_lines"] == 7


@pytest.mark.parametrize(
    ("text", "name"), [("It is Lorem Ipsum.", "lorem_ipsum"), ("So it {is} here.", "curly_bracket")]
)
def test_a_text_is_given_up_at_a_line_that_would_stay(text: str, name: str) -> None:
    row = c4_lines(pa.array([f"{text}\nAnd here are more words."]), table("plain"), LineRules())[0].as_py()
    assert (row[name], row["n_sentences"]) == (1, None)
    short = c4_lines(pa.array([text.split()[-1]]), table("plain"), LineRules())[0].as_py()
    assert short[name] == 0


def test_sentences_are_judged_where_lines_are_not() -> None:
    rules = LineRules(by_sentence=True)
    found = judge_lines(pa.array(["One two three. Yes. Four five\nsix. menu"]), table("plain"), rules)
    assert found.texts().to_pylist() == ["One two three. Four five\nsix."]
