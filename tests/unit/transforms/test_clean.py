"""Cleaning changes what is broken, keeps all else to the letter, and tells what it changed."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.transforms.clean.html import CleanHtml
from curate.transforms.clean.unicode import CleanUnicode
from curate.transforms.clean.whitespace import CleanWhitespace

SPACED = st.text("ab \t\n\r\x0b\x0c\x1c\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000", max_size=40)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("  two\t words \n\n\n\nend ", "two words\n\nend"),
        ("a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"),
        ("a\u00a0\u3000b", "a b"),
        ("one \n two", "one\ntwo"),
        ("\n\n a", "a"),
        ("", ""),
        (" ", ""),
        ("fine as it is", "fine as it is"),
        ("zero\u200bwidth", "zero\u200bwidth"),
    ],
)
def test_white_space(given: str, expected: str) -> None:
    assert CleanWhitespace().rewrite(given) == expected


@given(SPACED)
def test_white_space_afterwards(text: str) -> None:
    for keep_lines in (True, False):
        clean = CleanWhitespace(keep_lines=keep_lines)
        after = clean.rewrite(text)
        assert clean.rewrite(after) == after
        assert after == after.strip()
        assert not re.search(r"[^\S \n]|  | \n|\n |\n\n\n", after)
        assert keep_lines or "\n" not in after
        assert after.split() == text.split()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("The Mona Lisa doesnâ€™t", "The Mona Lisa doesn’t"),
        ("cafÃ©", "café"),
        ("e\u0301", "é"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("nul\x00", "nul"),
        ("a\r\nb", "a\nb"),
        ("&amp; stays", "&amp; stays"),
        ("“curly” stays", "“curly” stays"),
        ("👩‍👩‍👧 stays", "👩‍👩‍👧 stays"),
        ("السلام stays", "السلام stays"),
    ],
)
def test_unicode(given: str, expected: str) -> None:
    assert CleanUnicode().rewrite(given) == expected


def test_unicode_settings() -> None:
    assert CleanUnicode(normalization=None).rewrite("e\u0301") == "e\u0301"
    assert CleanUnicode(uncurl_quotes=True).rewrite("“a”") == '"a"'
    assert CleanUnicode(fix_character_width=False).rewrite("Ａ") == "Ａ"
    assert CleanUnicode(fix_latin_ligatures=False).rewrite("ﬁ") == "ﬁ"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p>Fish &amp; chips<br>for x<y</p>", "Fish & chips\nfor x<y"),
        ("returns <class 'int'> if a < b", "returns <class 'int'> if a < b"),
        ("List<T> and a<b>c", "List<T> and a<b>c"),
        ("AT&T &copy; &unknown; &#x41;", "AT&T © &unknown; A"),
        ("<script>var a;</script>kept<style>x</style>", "kept"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ("<pre>  two\n  lines</pre>", "  two\n  lines"),
        ("<!-- gone -->stays", "stays"),
        ("never <b>closed<br>", "never closed"),
        ("never <b>closed", "never <b>closed"),
        ("<p>", "<p>"),
        ("&#0; &#xD800;", "&#0; &#xD800;"),
    ],
)
def test_html(given: str, expected: str) -> None:
    assert CleanHtml().rewrite(given) == expected


def test_markup_nested_as_deep_as_one_likes_takes_no_time_and_no_stack() -> None:
    assert CleanHtml().rewrite("<div>" * 50_000 + "deep" + "</div>" * 50_000) == "deep"


def test_only_text_columns_change_and_nulls_stay_null() -> None:
    table = pa.table({"a": ["x  y", None], "b": ["x  y", "x  y"], "c": ["x  y", "z"]})
    curated = Recipe(["clean.whitespace"]).run(Corpus.from_table(table, Roles(text=["a", "b"])))
    assert curated.corpus.table().to_pydict() == {"a": ["x y", None], "b": ["x y", "x y"], "c": ["x  y", "z"]}
    assert curated.lineage().select(["row_id", "column", "before"]).to_pydict() == {
        "row_id": [0, 0, 1],
        "column": ["a", "b", "b"],
        "before": ["x  y"] * 3,
    }


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_text_column_keeps_its_type(kind: pa.DataType) -> None:
    table = pa.table({"text": pa.array(["x  y", None, "x  y", "z"]).cast(kind)})
    curated = Recipe(["clean.whitespace"]).run(Corpus.from_table(table))
    assert curated.corpus.schema == table.schema
    assert curated.corpus.table().column("text").to_pylist() == ["x y", None, "x y", "z"]


def test_full_width_is_how_chinese_is_written() -> None:
    text = "味道不错，送餐很快！（下次再来）"
    assert CleanUnicode().rewrite(text) == text
    assert CleanUnicode(fix_character_width=True).rewrite("Ａ！") == "A!"


def test_markup_that_is_escaped_throughout_is_markup() -> None:
    assert CleanHtml().rewrite("&lt;b&gt;Oil&lt;/b&gt; &amp; gas") == "Oil & gas"
    assert CleanHtml().rewrite("<p>the &lt;b&gt; tag</p>") == "the <b> tag"
    assert CleanHtml().rewrite("if a &lt; b") == "if a < b"
