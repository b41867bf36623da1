"""Small changes to a text that people read past: slips of the finger, another case, another word for the same.

What a robust model does not mind. Slips leave a word's first letter, as readers need it (Pruthi, Dhingra & Lipton 2019,
"Combating Adversarial Misspellings with Robust Word Recognition"); draws come from the caller, keyed by row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from curate.kernels.keyboards import beside
from curate.kernels.letter_case import lower, upper
from curate.kernels.slips import WORD_OF_LETTERS, Slip, slipped

TYPO_RATE = 0.1
"""The chance of a slip in each word of at least `TYPO_LETTERS` letters."""
TYPO_LETTERS = 4
SYNONYM_RATE = 0.5
"""The chance that a word with another word for it is replaced."""
_SLIPS: tuple[Slip, ...] = ("swap", "delete", "double", "replace")


def with_typos(text: str, generator: np.random.Generator, rate: float = TYPO_RATE) -> str:
    """The text with slips: in each word of four letters or more, with the chance `rate`, one slip behind its first
    letter.

    A slip swaps two letters, leaves one out, doubles one or hits the key beside it, each alike; a letter that is on no
    QWERTY key is doubled instead.

    Args:
        text: any text; only words of letters change.
        generator: where the draws come from.
        rate: in [0, 1].

    Example:
        >>> with_typos("a good film", np.random.default_rng(3), rate=1.0)
        'a good flim'
    """
    return WORD_OF_LETTERS.sub(lambda match: _slip(match.group(), generator, rate), text)


def _slip(word: str, generator: np.random.Generator, rate: float) -> str:
    if len(word) < TYPO_LETTERS or generator.random() >= rate:
        return word
    at, kind = int(generator.integers(1, len(word) - 1)), _SLIPS[int(generator.integers(4))]
    pick = generator.random()
    keys = beside().get(word[at], "")
    if kind == "replace" and not keys:
        kind = "double"
    start, end, new = slipped(word, at, kind, keys[int(pick * len(keys))] if keys else "")
    return word[:start] + new + word[end:]


def with_other_case(text: str, generator: np.random.Generator) -> str:
    """The text in lower case, in capitals or with each word's first letter a capital, each alike.

    Letters whose case cannot be turned round without changing them otherwise (ß, ŉ, the final sigma) stay: so whoever
    ignores case sees no difference.

    Example:
        >>> with_other_case("Straße in Rom", np.random.default_rng(0))
        'Straße In Rom'
    """
    kind = int(generator.integers(3))
    if kind == 2:
        return WORD_OF_LETTERS.sub(lambda match: upper(match.group()[0]) + "".join(map(lower, match.group()[1:])), text)
    return "".join(map((lower, upper)[kind], text))


def with_synonyms(
    text: str, generator: np.random.Generator, synonyms: Mapping[str, Sequence[str]], rate: float = SYNONYM_RATE
) -> str:
    """The text with other words for the same: each word that has some is replaced with the chance `rate`.

    Args:
        text: any text.
        generator: where the draws come from.
        synonyms: other words by word, in lower case.
        rate: in [0, 1].

    Example:
        >>> with_synonyms("Buy a car", np.random.default_rng(0), {"car": ["automobile"]}, rate=1.0)
        'Buy a automobile'
    """

    def other(match: re.Match[str]) -> str:
        word = match.group()
        found = synonyms.get(word.lower(), ())
        if not found or generator.random() >= rate:
            return word
        chosen = found[int(generator.integers(len(found)))]
        return (
            chosen.upper() if word.isupper() and len(word) > 1 else chosen.capitalize() if word[0].isupper() else chosen
        )

    return WORD_OF_LETTERS.sub(other, text)
