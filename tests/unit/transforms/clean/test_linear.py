"""No text of a megabyte makes a repair slow: for each pattern the texts that would break a careless one."""

from __future__ import annotations

from time import process_time

import pytest

from curate import registry

N_CHARACTERS = 1_000_000
MOST_S = 15.0
"""Far above what a megabyte takes (0.1 to 3 s), far below what quadratic time takes (minutes)."""
PIECES: dict[str, list[str]] = {
    "case": ["A ", "http://", "A.", "a.a/", "İ"],
    "contractions": ["n't", "it's ", "can ", "'", "is not "],
    "control": ["\u00ad", "\x1b[0;", "\u200d", "👩\u200d", "🏴\U000e0067", "\ufe0f", "\u200b"],
    "emoji": ["👩\u200d", "🇩", "1\ufe0f\u20e3", "\u200d", "👍🏽", "❤"],
    "hyphenation": ["a-\n", "a", "ab-\ncd", "\u00ad\n", "- "],
    "latex": [
        "\\textbf{",
        "{",
        "}",
        "$a",
        "$^{",
        "\\(",
        "\\begin{equation}",
        "\\begin{verbatim}",
        "\\emph{a} %\n",
        "\\'",
    ],
    "markdown": [
        "*a",
        "**a",
        "_a",
        "`a",
        "``a",
        "[a](",
        "[](x",
        "![",
        "<!--",
        "|--|\n",
        "a|b\n--|--\n",
        "# ",
        "\\*",
        "> ",
        "if (:",
    ],
    "quotes": ["“", "—", "«\u00a0", "\u00a0", "中“"],
    "repeats": ["a", "!", "aaaa ", "-", "....", "aaaa", "。"],
    "urls": ["http://", "www.", "a.", "a@", "http://a@", "a.com/(", "-", "http://a/)", "https://a.b/["],
    "width": ["ｶ", "ﾞ", "カ", "Ａ"],
}
SETTINGS: dict[str, dict[str, object]] = {
    "emoji": {"action": "remove"},
    "latex": {"assume": True, "math": "drop"},
    "markdown": {"keep_urls": True},
    "quotes": {"guillemets": True, "cjk": True},
    "urls": {"action": "remove", "bare": "any"},
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, pieces in PIECES.items() for piece in pieces])
def test_a_megabyte_takes_seconds(name: str, piece: str) -> None:
    transform = registry.get("transforms", f"clean.{name}")(**SETTINGS.get(name, {}))
    text = (piece * (N_CHARACTERS // len(piece))) + "x"
    began = process_time()
    transform.rewrite(text)
    assert process_time() - began < MOST_S
