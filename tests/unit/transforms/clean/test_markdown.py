"""Marks go and their text stays; the words are those a CommonMark parser finds; what is no Markdown stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from curate.transforms.clean.markdown import CleanMarkdown

DOCUMENT = """# A *title* #

Some **bold *and italic*** text, `code_x`, and [a link](https://example.org/a_(b) "title").
Wrapped _emphasis
here_ and ~~gone~~; 2 * 3 * 4 and snake_case_name.

Heading
=======

- one
- two [ref][1]

> quoted **text**

![a picture](p.png) <https://example.org>

---

The end.

[1]: https://example.org/ref
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("## Title ##\ntext", "Title\ntext"),
        ("***x*** **a *i* b** __b b__ _i_ ~~no~~", "x a i b b b i no"),
        ("| a | b |\n|---|:-:|\n| 1 | `2` |\n\nafter", "a\tb\n1\t2\n\nafter"),
        ("```python\n# c\nx = 1 * 2 * 3\n```\nafter", "# c\nx = 1 * 2 * 3\nafter"),
        ("~~~\n**x**", "**x**"),
        ("Title\n=====\ntext\n\n---\n\nmore", "Title\ntext\n\nmore"),
        ("[![alt](i.png)](https://example.org)", "alt"),
        ("[a][1] [b][] [c]\n\n[1]: https://example.org\n[b]: /b 'T'", "a b [c]\n"),
        ("a<!-- note\n -->b", "ab"),
        ("> quoted\n> *text*", "quoted\ntext"),
        ("这是**重点**内容，请看[这里](https://example.org/a)", "这是重点内容，请看这里"),
        ("`` a`b `` \\*kept\\*", "a`b *kept*"),
    ],
)
def test_marks_go(given: str, expected: str) -> None:
    assert CleanMarkdown().rewrite(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "labelled ` hip ' , ` innovative ' and",
        "`` house of games '' and last fall 's `` heist ''",
        r"^(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d]{8,30}$ and ([a-z]*)\.(\w)*$",
        "@_GeeWillikers_ says *_* and >_< so >_< or *____*",
        "2 * 3 * 4 = 24",
        "snake_case_name and __init__",
        "#1 and #hashtag",
        "1. e4 e5\n2. Nf3",
        "# print all\nfor n in rows:\n    print(n)",
        ">>> print(1)",
        "f(*args, **kwargs) a[i](x) a[i][j]",
        "a*b*c 2**3**4",
        "f***ing **** s**t",
        "[John]: hello",
        "don`t, we`ll",
        "好吃(*^_^*)，(*>.<*)",
        "قلعة*بغض*النظر",
        "* item\n+ more\n- [x] done",
        "> 5 years :(",
        "x < y, a|b, ~20",
        "C:\\_x\\*",
        "数据_清洗_数据",
    ],
)
def test_what_only_looks_like_markdown_stays(text: str) -> None:
    assert CleanMarkdown().rewrite(text) == text


def test_urls_and_fences_on_request() -> None:
    clean = CleanMarkdown(keep_urls=True, keep_fences=True)
    assert clean.rewrite("[a](https://example.org) ![p](p.png)") == "a (https://example.org) p"
    assert clean.rewrite("```\n*x*\n```") == "```\n*x*\n```"


def test_the_words_are_those_of_a_commonmark_parser() -> None:
    parser = MarkdownIt("commonmark").enable("strikethrough")
    words = []
    for token in parser.parse(DOCUMENT):
        for child in token.children or []:
            words.append(child.content if child.type in ("text", "code_inline", "image") else " ")
            if child.type == "softbreak":
                words.append(" ")
        words.append(" ")
    ours = CleanMarkdown().rewrite(DOCUMENT).replace("- ", "")
    assert "".join(ours.split()) == "".join("".join(words).split())


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from([*"*_`[]()#>|~\\!- \n", "](", "**", "```", "a", "b c", "http://x", "<!--", "-->"]), max_size=25
    )
)
def test_letters_are_never_lost_but_in_links_and_comments(pieces: list[str]) -> None:
    text = "".join(pieces)
    after = CleanMarkdown(keep_fences=True).rewrite(text)
    if "](" not in text and "]:" not in text and "-->" not in text and "|" not in text:
        assert sorted(filter(str.isalnum, after)) == sorted(filter(str.isalnum, text))


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: not set(text) & set("*_`#>|~<[=-")))
def test_text_without_marks_stays(text: str) -> None:
    assert CleanMarkdown().rewrite(text) == text
