"""Text as arrays: normal forms for comparing, lengths in characters and words, valid for any script.

Arrow's own compute functions do the work where they can (RE2: linear time on any input).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SPACES = r"\s\x{0b}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""The inside of an RE2 character class: every Unicode white space."""
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""The inside of an RE2 character class: scripts that write words without spaces between them."""

_NOT_WORD = re.compile(r"[^\w\s]|_")
_DIGITS = re.compile(r"\d+")


def n_characters(texts: pa.Array) -> NDArray[np.int64]:
    """Code points in each text; a null has none."""
    return np.asarray(pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def n_words(texts: pa.Array) -> NDArray[np.int64]:
    """Words in each text: runs between white space; in scripts without spaces each character counts as a word.

    Example:
        >>> n_words(pa.array(["two words", "数据", None])).tolist()
        [2, 2, 0]
    """
    from curate.kernels.text_statistics import text_counts  # it reads the scripts named above

    return text_counts(texts).words


def is_blank(texts: pa.Array) -> NDArray[np.bool_]:
    """Whether a text is null, empty or only white space."""
    filled = pc.fill_null(pc.match_substring_regex(texts, rf"[^{SPACES}]"), False)
    return ~np.asarray(filled.to_numpy(zero_copy_only=False), dtype=bool)


def normaliser(
    *, case: bool = True, space: bool = True, unicode: bool = True, punctuation: bool = False, digits: bool = False
) -> Callable[[str], str]:
    r"""A function that gives texts which count as the same the same form.

    Args:
        case: ignore upper and lower case (Unicode case folding).
        space: ignore how much and which white space stands between words and around the text.
        unicode: ignore compatibility forms (NFKC: full width, ligatures, composed or not).
        punctuation: ignore punctuation and symbols.
        digits: take every number for the same.

    Example:
        >>> normaliser()("Ｇood \n  day"), normaliser(punctuation=True)("good, day!")
        ('good day', 'good day')
    """

    def normal(text: str) -> str:
        if unicode and not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        if case:
            text = text.casefold()
            if unicode and not text.isascii():
                text = unicodedata.normalize("NFKC", text)
        if punctuation:
            text = _NOT_WORD.sub(" ", text)
        if digits:
            text = _DIGITS.sub("0", text)
        return " ".join(text.split()) if space else text

    return normal
