"""Lines, paragraphs and sentences stand where they should; cutting touches nothing but the white space around it."""

from __future__ import annotations

from time import process_time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.units import Unit, cut, units

TEXTS = st.one_of(
    st.text(max_size=80),
    st.text("ab.!?。 \n\r\t\"')AB数1", max_size=80),
)


def split(text: str, unit: Unit) -> list[str]:
    return [text[start:end] for start, end in units(text, unit)]


@pytest.mark.parametrize("unit", get_args(Unit))
@given(text=TEXTS)
def test_units_hold_everything_but_white_space_once(unit: Unit, text: str) -> None:
    found = units(text, unit)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in found)
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())


@given(text=TEXTS)
def test_lines_are_those_of_splitlines_that_are_not_blank(text: str) -> None:
    assert split(text, "line") == [line for line in text.splitlines() if line.strip()]


def test_paragraphs_end_at_blank_lines() -> None:
    text = "\n\n  one\ntwo\n \t\nthree\r\n\r\nfour"
    assert split(text, "paragraph") == ["  one\ntwo", "three", "four"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rains. It pours! Really? Yes.", ["It rains.", "It pours!", "Really?", "Yes."]),
        ("Dr. Smith met Mr. J. R. Jones, e.g. at St. Paul's.", ["Dr. Smith met Mr. J. R. Jones, e.g. at St. Paul's."]),
        ("He left the U.S. Army. Then he slept.", ["He left the U.S. Army.", "Then he slept."]),
        ("Pi is 3.14 or so. In 1999. Then on.", ["Pi is 3.14 or so.", "In 1999.", "Then on."]),
        ("1. Eggs\n2. Milk and so on. Done", ["1. Eggs\n2. Milk and so on.", "Done"]),
        ('"Stop!" she said. "No."', ['"Stop!" she said.', '"No."']),
        ("(One.) Two... three... Four", ["(One.)", "Two... three...", "Four"]),
        ("今天很好。明天呢？「走吧！」他说。", ["今天很好。", "明天呢？", "「走吧！」", "他说。"]),
        ("Она ушла. Он остался.", ["Она ушла.", "Он остался."]),
        ("यह अच्छा है। वह भी।", ["यह अच्छा है।", "वह भी।"]),
        ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
        ("No stop here\n\nNext one", ["No stop here", "Next one"]),
        ("see example.com. Next", ["see example.com.", "Next"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text, "sentence") == expected


@pytest.mark.parametrize("text", ["." * 10**6, ".)" * 10**6, "a." * 10**6, ". " * 10**6, "\n" * 10**6, '."' * 10**6])
@pytest.mark.parametrize("unit", get_args(Unit))
def test_no_text_takes_long(text: str, unit: Unit) -> None:
    began = process_time()
    found = units(text, unit)
    cut(text, found[::2])
    assert process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ("one two three", "two", "one three"),
        ("one two", "one", "two"),
        ("one two", "two", "one"),
        ("a\nHEAD\nb", "HEAD", "a\nb"),
        ("a\n\nHEAD\n\nb", "HEAD", "a\n\nb"),
        ("a\n\nHEAD b", "HEAD", "a\n\nb"),
        ("a HEAD\n\nb", "HEAD", "a\n\nb"),
        ("if a:\n    HEAD\n    b", "    HEAD", "if a:\n    b"),
        ("if a:\n    HEAD\nb", "    HEAD", "if a:\nb"),
        ("x\n    HEAD\n    b", "HEAD", "x\n    b"),
        ("x  \nHEAD\nb", "HEAD", "x  \nb"),
        ("foo\nHEAD\n", "HEAD", "foo\n"),
        ("HEAD\n   foo", "HEAD", "   foo"),
        ("a\r\nHEAD\r\nb", "HEAD", "a\r\nb"),
        ("今天HEAD很好", "HEAD", "今天很好"),
        ("今天 HEAD很好", "HEAD", "今天 很好"),
        ("word数据数据more", "数据数据", "word more"),
        ("HEAD", "HEAD", ""),
        (" HEAD ", "HEAD", " "),
    ],
)
def test_what_a_cut_leaves(text: str, gone: str, left: str) -> None:
    start = text.index(gone)
    assert cut(text, [(start, start + len(gone))]) == left


def test_cuts_with_nothing_between_them_are_one() -> None:
    assert cut("a b c d", [(2, 3), (4, 5)]) == "a d"
    assert cut("a b c d", [(2, 5), (4, 5)]) == "a d"
    assert cut("a\n\nb\n\nc\n\nd", [(3, 4), (6, 7)]) == "a\n\nd"
    assert cut("a b", []) == "a b"


@given(text=TEXTS, data=st.data())
def test_only_white_space_beside_a_cut_may_change(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    at, kept = 0, ""
    for start, end in spans:
        kept, at = kept + text[at:start], end
    kept += text[at:]
    assert "".join(cut(text, spans).split()) == "".join(kept.split())


@pytest.mark.parametrize("unit", ["line", "paragraph"])
@given(text=TEXTS, data=st.data())
def test_other_lines_and_paragraphs_stay_what_they_are(unit: Unit, text: str, data: st.DataObject) -> None:
    found = units(text, unit)
    gone = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    rest = cut(text, [span for span, out in zip(found, gone, strict=True) if out])
    assert split(rest, unit) == [text[start:end] for (start, end), out in zip(found, gone, strict=True) if not out]
