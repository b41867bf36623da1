"""Slips in one word: two letters swapped, one left out, doubled, put in or hit wrong, and where in a text they come.

What augmenters of characters share (`curate.transforms.augment`), and what measurements perturb with (`perturb`). Kinds
as in Pruthi, Dhingra & Lipton, "Combating Adversarial Misspellings with Robust Word Recognition", ACL 2019.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement

Slip = Literal["swap", "delete", "double", "insert", "replace"]
WORD_OF_LETTERS = re.compile(r"[^\W\d_]+")
_NO_ALPHABET = (
    "\u0900-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
"""Scripts that do not set letter beside letter: Indic ones, Thai, Khmer, kana, Hangul, Han."""


LETTERS = rf"^\W\d_{_NO_ALPHABET}"
"""The letters of alphabets, for a character class of `re` (`runs`)."""
LETTERS_AND_DIGITS = rf"^\W_{_NO_ALPHABET}"


def slipped(word: str, at: int, kind: Slip, key: str = "") -> Replacement:
    """One slip as a replacement in the word; it may change nothing where two equal letters are swapped.

    Args:
        word: at least two characters.
        at: which of them, in [0, len(word)); the last one is swapped with the one before it.
        kind: the slip.
        key: what is struck behind a letter, or in place of it.

    Example:
        >>> slipped("film", 1, "swap"), slipped("Film", 0, "replace", "G")
        ((1, 3, 'li'), (0, 1, 'G'))
    """
    letter = word[at]
    if kind == "swap":
        first = min(at, len(word) - 2)
        return first, first + 2, word[first + 1] + word[first]
    if kind == "delete":
        return at, at + 1, ""
    if kind == "double":
        return at, at, letter
    return (at, at + 1, key) if kind == "replace" else (at + 1, at + 1, key)


def taken(word: str, first: int, others: Mapping[str, str], draws: Draws) -> tuple[int, str] | None:
    """A random character of a word that has others, and one of them; None where there is none.

    Args:
        word: any word.
        first: the first character that may be taken.
        others: what may stand for a character.
        draws: where the draws come from.

    Example:
        >>> taken("film", 1, {"l": "ko"}, Draws(0)), taken("film", 1, {}, Draws(0))
        ((2, 'k'), None)
    """
    n = len(word) - first
    if n < 1:
        return None
    at = start = first + draws.below(n)
    while not (found := others.get(word[at])):
        at = at + 1 if at + 1 < len(word) else first
        if at == start:
            return None
    return at, draws.choice(found)


def in_some(
    words: Sequence[int],
    text: str,
    max_rate: float,
    draws: Draws,
    slip: Callable[[str, Draws], Replacement | None],
) -> list[Replacement]:
    """A slip in some words of a text: in one up to a share `max_rate` of them, in one at least where any can have one.

    Args:
        words: where each of them starts and ends, ascending: start, end, start, end …
        text: the text.
        max_rate: in (0, 1].
        draws: where the draws come from.
        slip: gives the slip of a word, with the offsets of the word; None where it can have none.

    Example:
        >>> in_some([0, 4, 5, 9], "good film", 0.5, Draws(3), lambda word, draws: (0, 1, word[0].upper()))
        [(5, 6, 'F')]
    """
    n = len(words) // 2
    if not n:
        return []
    n_slips = 1 + draws.below(max(1, int(n * max_rate)))
    found: list[Replacement] = []
    for at in draws.sample(n, n_slips):
        start = words[2 * at]
        made = slip(text[start : words[2 * at + 1]], draws)
        if made is not None:
            found.append((start + made[0], start + made[1], made[2]))
    return found or _in_first(words, text, draws, slip)


def _in_first(
    words: Sequence[int], text: str, draws: Draws, slip: Callable[[str, Draws], Replacement | None]
) -> list[Replacement]:
    """A slip in the first word that can have one, from a random word on."""
    n = len(words) // 2
    first = draws.below(n)
    for step in range(n):
        at = (first + step) % n
        start = words[2 * at]
        made = slip(text[start : words[2 * at + 1]], draws)
        if made is not None:
            return [(start + made[0], start + made[1], made[2])]
    return []
