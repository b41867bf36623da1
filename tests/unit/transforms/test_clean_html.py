"""`clean.html`: what a page shows comes out as readable lines; what only looks like markup stays; time is linear."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.html import CleanHtml

MARKUP = st.text("ab <>/&;=\"'!-\n\tpretdlhuoisfcnm\x00\u00e9\u6570", max_size=80)
PIECES = st.lists(
    st.sampled_from(
        "<p> </p> <b> </b> <table> <tr> <td> </table> <ul> <ol start=3> <li> </ul> <pre> </pre> <br> a &amp; < > & "
        "<a href=u> </a> <div hidden> </div> <script> </script> <!-- --> <td> <svg> <select> <option> \n".split(" ")
    ),
    max_size=30,
).map(" ".join)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<table><tr><th>a<th>b<th>c<tr><td>1<td><td>3</table>", "a\tb\tc\n1\t\t3"),
        ("<table><tr><td><p>one</p></td><td> two </td></tr></table>", "one\ttwo"),
        ("<table><tr><td><p>one</p><p>two</p></td><td>three</td></tr></table>", "one\ntwo\nthree"),
        ("<tr><td>loose</td><td>cells</td></tr>", "loose cells"),
        ("<pre><code>if a:\n    b\n\n    c\n</code></pre>end", "if a:\n    b\n\n    c\nend"),
        ("a <b>b</b> <i> c</i>", "a b c"),
        ("<div hidden>x</div><p style='color:red; display : none'>y</p>seen", "seen"),
        ("<b>a</b><noscript>x</noscript><svg><text>y</text></svg><template>z</template>", "a"),
        ("<ul><li>one<ul><li>two</ul></ul>", "one\ntwo"),
        ("<div hidden>x<div hidden>y</div><p hidden>z</p></div>seen", "seen"),
        ("hidden costs: display: none", "hidden costs: display: none"),
        (
            "<p>The `<b>` tag:</p>\n```html\n<b>x</b>\n  y\n```\n<i>end</i>",
            "The `<b>` tag:\n```html\n<b>x</b>\n  y\n```\nend",
        ),
        ("it`s <b>good</b>, isn`t it <script>f(`<i>`)</script>`<u>`", "it`s good, isn`t it `<u>`"),
    ],
)
def test_what_a_page_shows(given: str, expected: str) -> None:
    assert CleanHtml().rewrite(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "put a <script> tag into the page",
        "a comment begins with <!-- and",
        "if i <b and c> d",
        "vector<int> x; cout << a<b>::c",
        "<user@example.org> wrote: <sigh>",
        "AT&T, R&D; a && b &c",
        "<3 and <<EOF and <=>",
        "use the `<hr>` tag, or `&amp;` for an ampersand",
        "Here:\n\n```html\n<table>\n  <tr><td>1</td></tr>\n</table>\n```\n\nThat is all.",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert CleanHtml().rewrite(text.replace("a<b>::c", "a<B::c")) == text.replace("a<b>::c", "a<B::c")


@pytest.mark.parametrize(
    "text",
    [
        "Use <title> and <script>alert('x')</script> tags like `<b>` in HTML: ```html\n<p>Hi</p>\n```",
        "```html\n<p>Hi &amp; bye</p>\n```",
        "<books>\n\t<book>\n\t\t<title>Alice in Wonderland</title><author>Carroll</author></book>\n</books>",
        "Wrap it in <select> to get a menu.",
        "List<a>",
        "The HTML <div> tag defines a section.",
        "<div> is a block.",
        "Add the <html> tag, then <head>, <title> and <body>; end with the closing </body> and </html> tags.",
        "The code:\n<script>\n    console.log('Hello, world of many words');\n</script>",
    ],
)
def test_a_text_about_markup_stays(text: str) -> None:
    assert CleanHtml().rewrite(text) == text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p>Use the <title> and the <div> tag</p>", "Use the <title> and the <div> tag"),
        ("<title>Emma</title><b>by Jane Austen</b>", "Emma\nby Jane Austen"),
        ("<html><head><title>Emma</title></head><body>by Jane Austen</body></html>", "by Jane Austen"),
        ("<div>Shop <script>track()</script></div>", "Shop"),
        ("&lt;p&gt;Write &lt;b&gt;less&lt;/b&gt;", "Write less"),
    ],
)
def test_beside_mentions_markup_is_markup(given: str, expected: str) -> None:
    assert CleanHtml().rewrite(given) == expected


@pytest.mark.parametrize("text", ["<img src=a.png>", "<!-- 10 March -->", "<html><body></body></html>", "<p></p>"])
def test_no_text_becomes_empty(text: str) -> None:
    assert CleanHtml().rewrite(text) == text


def test_settings() -> None:
    nested = "<ol start=2><li>x<ul><li>y</ul><li value=9>z</ol>"
    assert CleanHtml(lists="marked").rewrite(nested) == "2. x\n  - y\n9. z"
    row = "<table><tr><td>a<td>b</table>"
    assert CleanHtml(cells="pipe").rewrite(row) == "a | b"
    links = "<a href='https://example.org/x'>see</a>, <a href=#top>up</a>, <a href=u>u</a>, <a href=v><img></a>"
    assert CleanHtml(links="text_and_url").rewrite(links) == "see (https://example.org/x), up, u,"
    assert CleanHtml(alt=True).rewrite("<p>a <img alt='cat'></p>") == "a cat"
    assert CleanHtml(keep_hidden=True).rewrite("<p hidden>x</p>") == "x"


def test_quotes_guard_the_angles_in_an_attribute() -> None:
    assert CleanHtml().rewrite('<img alt="a < b > c">kept <a title=\'"x>\'>too</a>') == "kept too"


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=60), MARKUP, PIECES))
def test_any_text_comes_through_with_any_setting(text: str) -> None:
    every = CleanHtml(cells="pipe", lists="marked", links="text_and_url", alt=True, keep_hidden=True)
    for made in (CleanHtml().rewrite(text), every.rewrite(text)):
        assert made == text or set(text) & set("<&")


def test_a_lone_surrogate_is_survived() -> None:
    assert CleanHtml().rewrite("a\ud800<b>x</b>").endswith("x")


N = 100_000
GIANTS = {
    "nested": "<div>" * N + "x" + "</div>" * N,
    "nested tables": "<table><tr><td>x" * (N // 4),
    "nested lists": "<ul><li>x" * (N // 2),
    "open formatting": "<p>" + "".join(f"<b id={i}>" for i in range(500)) + "</p>" + "<p>x" * N,
    "interleaved formatting": "<p>" + "".join(f"<b id={i}></i>" for i in range(500)) + "</p>" + "<p>x" * N,
    "spaces": "<p>" + "<b> </b>" * N,
    "spaces in pre": "<pre>" + " " * 10 * N,
    "open tags": "<a b='x " * N,
    "open quotes": '<a b="' * N,
    "signs": "<" * 5 * N,
    "comments": "<!--" * N,
    "attributes": "<p a=b" + " a=b" * N,
    "equal signs": "<p " + "=" * 10 * N,
    "white space": "<p" + " " * 10 * N,
    "one word": "a" * 10 * N + "<b>",
    "style": "<div style='display" + " " * 10 * N + "'>x</div>",
    "hidden": "<i hidden>" * N,
    "mentions": "a <div> " * N,
    "mentions far apart": "a" + (" " * 1_000 + "<b>") * 1_000,
    "scripts mentioned": "a <script> b </script>" * N,
    "a root": "<a:" * N,
}


@pytest.mark.parametrize("name", GIANTS)
def test_giant_and_twisted_markup_takes_linear_time(name: str) -> None:
    began = time.process_time()
    CleanHtml(lists="marked", links="text_and_url", alt=True).rewrite(GIANTS[name])
    assert time.process_time() - began < 6


def test_words_of_real_articles_survive(data_dir: Path) -> None:
    """Whatever a person read on a page is in its plain text: of 20 pages, at least 97 % of the words in order."""
    import json

    folder = data_dir / "article_extraction"
    truth = json.loads((folder / "ground-truth.dev.json").read_text("utf-8"))
    for key in sorted(truth)[:20]:
        page = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8")
        had, words = CleanHtml().rewrite(page).split(), truth[key]["articleBody"].split()
        assert len(set(words) - set(had)) <= 0.03 * len(set(words)), key
