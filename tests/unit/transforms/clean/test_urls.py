"""A URL is taken whole and alone: not the stop behind it, not the bracket around it, not the words beside it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels import urls
from curate.transforms.clean.urls import CleanUrls

PIECES = [
    "http://",
    "www.",
    "a",
    "b.com",
    "org",
    ".",
    ":",
    "/",
    "(",
    ")",
    "[",
    " ",
    "\n",
    "@",
    "中",
    "?",
    "#",
    "<",
    "-",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://example.org/a?b=1#c.", ["https://example.org/a?b=1#c"]),
        ("(http://example.org/x_(y))", ["http://example.org/x_(y)"]),
        ("[www.example.org], too", ["www.example.org"]),
        (
            "http://example.org/x&#8221;@user &quot;http://example.org/a?b=1&amp;c=2&quot;",
            ["http://example.org/x", "http://example.org/a?b=1&amp;c=2"],
        ),
        ("“https://example.org/”", ["https://example.org/"]),
        ("go to example.org/path!", ["example.org/path"]),
        ("请看https://example.org/页面。好", ["https://example.org/"]),
        ("https://bücher.example/ä", ["https://bücher.example/ä"]),
        ("https://user:pw@example.org:8080/a", ["https://user:pw@example.org:8080/a"]),
        ("http://203.0.113.7/x and http://[2001:db8::1]/", ["http://203.0.113.7/x", "http://[2001:db8::1]/"]),
        ("ftp://example.org http://localhost:3000", ["ftp://example.org", "http://localhost:3000"]),
        ("me@example.org, mailto:me@example.org", []),
        ("www.me@example.org", []),
        ("Amazon.com rose; node.js, README.md, e.g. this.is a slip", []),
        ("1.5/2.0 and/or 3.14", []),
        ("http:// and www. alone", []),
    ],
)
def test_where_a_url_begins_and_ends(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in urls.spans(text)] == found


def test_bare_domains_on_request() -> None:
    text = "Amazon.com, bbc.co.uk/news; README.md, me@example.org"
    assert [text[start:end] for start, end in urls.spans(text, "any")] == ["Amazon.com", "bbc.co.uk/news"]
    assert list(urls.spans(text, "never")) == []


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("replace", "Read [URL] ([URL]), then [URL]."),
        ("remove", "Read, then."),
        ("domain", "Read example.org (bbc.co.uk), then example.com."),
    ],
)
def test_what_becomes_of_a_url(action: str, expected: str) -> None:
    text = "Read https://www.example.org/a (http://bbc.co.uk/x), then www.example.com/."
    assert CleanUrls(action=action).rewrite(text) == expected


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_a_second_time_nothing_is_left_to_do(text: str) -> None:
    for action in ("replace", "remove", "domain"):
        for bare in ("never", "with_path", "any"):
            clean = CleanUrls(action=action, bare=bare)
            assert clean.rewrite(clean.rewrite(text)) == clean.rewrite(text)


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: "/" not in text and "www." not in text.lower()))
def test_text_without_a_url_stays(text: str) -> None:
    assert CleanUrls().rewrite(text) == text
