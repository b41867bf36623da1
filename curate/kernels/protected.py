"""What no augmenter may touch: addresses, mentions, tags, HTML entities, placeholders, code, and what a user names.

A slip in `{name}` or in a URL is no variation that a writer makes; it breaks what the text is for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from curate.kernels.replacing import Span, outside
from curate.kernels.urls import spans as urls

_OF_URLS = ("/", "www.", "WWW.", "Www.")
_SUSPECT = ("@", "#", "{", "<", "[", "`", "$", "%", *_OF_URLS, "&")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PROTECTED = re.compile(
    r"@(?<!\w@)\w{1,100}|#(?<!\w#)\w{1,100}"
    r"|\{\{?[\w .:!-]{0,60}\}\}?|\$\{\w{1,60}\}|%\(\w{1,60}\)[sd]|%[sd]\b"
    r"|</?[A-Za-z][^<>]{0,200}>"
    r"|\[(?:MASK|PAD|CLS|SEP|UNK|INST|/INST)\]"
    r"|`[^`\n]{1,200}`"
    r"|&(?:[A-Za-z]{2,31}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
)
"""Every branch begins with a character, so that `re` looks for those and tries no branch elsewhere."""


def protected_spans(text: str, pattern: str | None = None) -> list[Span]:
    r"""The stretches of a text that must stay as they are, ascending; they do not overlap.

    Args:
        text: any text.
        pattern: a regular expression whose matches stay, too.

    Example:
        >>> text = "Dear {name}, see www.example.org (code 77)"
        >>> [text[start:end] for start, end in protected_spans(text, r"code \d+")]
        ['{name}', 'www.example.org', 'code 77']
    """
    found: list[Span] = []
    if any(mark in text for mark in _SUSPECT):
        found += [match.span() for match in _PROTECTED.finditer(text)]
        if any(mark in text for mark in _OF_URLS):
            found += urls(text)
        if "@" in text:
            found += [match.span() for match in _EMAIL.finditer(text)]
    return _merged([*found, *matches(text, pattern)])


def matches(text: str, pattern: str | None) -> list[Span]:
    """Where a pattern matches; nowhere where there is none."""
    return [match.span() for match in _compiled(pattern).finditer(text)] if pattern is not None else []


def suspects(texts: Sequence[str]) -> set[int]:
    """Which of many texts may have stretches that must stay; all others have none.

    Example:
        >>> suspects(["one", "two@a.org", "three", "[MASK] @four"])
        {1, 3}
    """
    joined = "\n".join(texts)
    ends = list(accumulate(len(text) + 1 for text in texts))
    found: set[int] = set()
    for mark in _SUSPECT:
        at = joined.find(mark)
        while at >= 0:
            row = bisect_right(ends, at)
            found.add(row)
            at = joined.find(mark, ends[row])
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start == end:
            continue
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def free_words(text: str, protected: Sequence[Span], word: re.Pattern[str]) -> list[Span]:
    r"""Where the matches of `word` lie that touch no protected span.

    Example:
        >>> free_words("see @me now", [(4, 7)], re.compile(r"\w+"))
        [(0, 3), (8, 11)]
    """
    return free([match.span() for match in word.finditer(text)], protected)


def free(spans: list[Span], protected: Sequence[Span]) -> list[Span]:
    """Those of some spans that touch no protected one.

    Example:
        >>> free([(0, 3), (5, 7), (8, 11)], [(4, 7)])
        [(0, 3), (8, 11)]
    """
    return [edit[:2] for edit in outside([(*span, "") for span in spans], protected)] if protected else spans
