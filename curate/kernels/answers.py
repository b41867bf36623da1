"""Answers that repeat their prompt, break off, or come in another script than the prompt: pure functions of texts.

Plain scans of the ends of a text; no pattern looks back. Used by `filter.answers`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from curate.kernels.scripts import script_counts

_STOPS = frozenset(".!?…。！？｡．؟۔।॥։።፧")
_CODE = re.compile(
    r"```|^[ \t]*(?:def |class |import |from \w+ import|function |#include|public |SELECT |<\w+|\$ )"
    r"|[{};][ \t]*$|=>|==",
    re.M,
)
_FENCE = re.compile(r"`{3,}")
_ITEM = re.compile(r"\s*(?:[-*+•·–—#>|]|\(?\w{1,3}[.):、]|\d+\s*[-–])")
_WORD = re.compile(r"[^\W\d_]+")
_OPEN, _CLOSED = "([{（［｛「『《【", ")]}）］｝」』》】"

_NEVER_LAST = frozenset(
    """
    a an the and or but nor of which who whose because if than their its your my our
    der das ein eine einen und oder aber von für dass weil le la les une des et ou mais du dans que qui
    el los las pero para lo gli di che uma het een
    """.split()
)
"""Words that no sentence of a few large languages ends with."""

MIN_SENTENCE = 6
"""Words the broken sentence must have, so that a signature or a heading is none."""


MIN_ECHO, MIN_ECHO_LATER = 3, 8
"""Words an answer must repeat: of the whole prompt or its first part; of a later part, where "sort G, A, B, C" may be
answered so.
"""


def echoes(answer: str, prompts: Sequence[str | None]) -> int | None:
    """Which of the prompt's parts the answer merely repeats (len(prompts): all of them); None where it does not.

    Only spaces and Unicode form may differ: who was asked for capitals, a full stop or paragraphs may change just that.

    Example:
        >>> echoes("Name  a fruit.", ["Name a fruit.", None]), echoes("An apple.", ["Name a fruit.", None])
        (0, None)
    """
    said = _plain(answer)
    n_words = _n_words(said)
    if n_words < MIN_ECHO:
        return None
    parts = ["" if part is None else _plain(part) for part in prompts]
    if said in parts:
        at = parts.index(said)
        return at if n_words >= MIN_ECHO_LATER or not any(parts[:at]) else None
    return len(parts) if said == "\n".join(part for part in parts if part) else None


def _plain(text: str) -> str:
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    return "\n".join(line for raw in text.splitlines() if (line := " ".join(raw.split())))


def _n_words(text: str) -> int:
    """Words, or characters where the script has no spaces; exact only where there are few."""
    n = text.count(" ") + text.count("\n") + 1
    return n if text.isascii() or n > 10 else max(n, sum(ord(letter) > 0x2E7F for letter in text))


def breaks_off(text: str) -> str | None:
    r"""How an answer breaks off: in a code block (`fence`), inside a bracket, or in mid-sentence; None: it does not.

    A last line counts as a sentence only behind sentences that end with a stop, so lists, titles, signatures and code
    never do.

    Example:
        >>> breaks_off("It rained. We went home and the"), breaks_off("- milk\\n- eggs and bread"), breaks_off("`a`")
        ('sentence', None, None)
    """
    text = text.rstrip()
    if len(_FENCE.findall(text)) % 2 and sum(map(_is_fence, text.split("\n"))) % 2:
        return "fence"
    start = text.rfind("\n") + 1
    line = text[start:].strip()
    if not line or _CODE.search(text[-2000:]) or "http" in line or "#" in line or "@" in line:
        return None
    if _open_bracket(line):
        return "bracket"
    return "sentence" if _mid_sentence(line, text[:start]) else None


def _is_fence(line: str) -> bool:
    """Whether a line begins or ends a block of code, and not both."""
    return line.lstrip().startswith("```") and len(_FENCE.findall(line)) == 1


def _open_bracket(line: str) -> bool:
    """Whether the last opening bracket of a line is never closed; a sad face is none, nor the end of `]0, 1[`."""
    at = max(line.rfind(mark) for mark in _OPEN)
    if at < 0 or any(mark in line[at:] for mark in _CLOSED) or (line[at] == "[" and "]" in line[max(0, at - 40) : at]):
        return False
    return line[max(0, at - 1) : at] not in (":", ";", "=", "-") and not line[at + 1 :].rstrip().endswith(tuple(_STOPS))


def _mid_sentence(line: str, before: str) -> bool:
    """Whether a line ends within a sentence though those before it end with a stop."""
    last = line[-1]
    if not (last.isalpha() or last in ",，、"):
        return False
    cut = max(line.rfind(stop) for stop in _STOPS)
    tail = line[cut + 1 :]
    words = _WORD.findall(tail[-400:])
    if not words:
        return False
    listed = 2 * tail.count(",") >= len(words)
    whole = tail[: -len(words[-1])].endswith(" ") or last in ",，、"
    dangling = len(words) >= 4 and words[-1] in _NEVER_LAST and whole and not listed
    if _ITEM.match(line) and not dangling:
        return False
    unspaced = ord(words[-1][-1]) > 0x2E7F
    long = len(tail) >= 15 if unspaced else len(words) >= MIN_SENTENCE
    return dangling or (long and cut > 0 and line[cut] in _STOPS and _prose(line[:cut]))


def _prose(text: str) -> bool:
    """Whether what stands before the last stop is a sentence and not an initial, a number or an abbreviation."""
    words = _WORD.findall(text[-200:])
    return bool(words) and (len(words) >= 4 or (len(text) >= 8 and ord(words[-1][-1]) > 0x2E7F)) and len(words[-1]) > 1


def looks_like_code(text: str) -> bool:
    r"""Whether a text holds a line of code, by its first 4,000 characters.

    Example:
        >>> looks_like_code("def f(x):\n    return x"), looks_like_code("Define it.")
        (True, False)
    """
    return _CODE.search(text[:4000]) is not None


def other_script(prompt: str, answer: str, min_letters: int = 20) -> bool:
    """Whether an answer is written in another script than its prompt: at least nine tenths of the letters of each.

    Example:
        >>> other_script("Каким был день в Москве сегодня?", "It was a long and sunny day.")
        True
    """
    asked, said = script_counts(prompt), script_counts(answer)
    if min(sum(asked.values()), sum(said.values())) < min_letters or looks_like_code(answer):
        return False
    (mine, n_mine), (theirs, n_theirs) = next(iter(asked.items())), next(iter(said.items()))
    clear = 10 * n_mine >= 9 * sum(asked.values()) and 10 * n_theirs >= 9 * sum(said.values())
    return mine != theirs and clear
