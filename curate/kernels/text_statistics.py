"""Counts of characters, words and lines, all from one pass over the UTF-8 bytes of texts.

What `filter.alphanumeric`, `.digits`, `.uppercase`, `.special_characters`, `.word_length` and `.line_length` weigh;
the pass is made in csrc/textstats.c, about as fast as the texts can be read from a disk.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.buffers import text_bytes
from curate.kernels.characters import classes
from curate.kernels.native import array, function

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TextCounts:
    """Counts of n texts, each of shape (n,); a null text counts as an empty one.

    Attributes:
        characters: code points.
        letters: of any script (category L).
        lowers: letters in lower case.
        uppers: letters in upper or title case.
        marks: combining marks (category M) and the two joiners that Persian and Indic words hold.
        digits: digits and other numbers (category N).
        spaces: white space.
        unspaced: characters of scripts without spaces between words (Chinese, Japanese, Thai …): words by themselves.
        words: runs between white space, and each unspaced character.
        in_words: characters of the words that are runs.
        longest_word: characters of the longest word.
        lines: lines, as `str.splitlines` finds them.
        blank_lines: lines of white space only, or of nothing.
        in_lines: characters of the lines that are not blank, without the line breaks.
        longest_line: characters of the longest line that is not blank.
    """

    characters: I64
    letters: I64
    lowers: I64
    uppers: I64
    marks: I64
    digits: I64
    spaces: I64
    unspaced: I64
    words: I64
    in_words: I64
    longest_word: I64
    lines: I64
    blank_lines: I64
    in_lines: I64
    longest_line: I64

    @property
    def specials(self) -> I64:
        """What is neither letter, mark, digit nor white space: punctuation, symbols, emoji, control characters."""
        return self.characters - self.letters - self.marks - self.digits - self.spaces


def text_counts(texts: pa.Array) -> TextCounts:
    r"""The counts of each text.

    Args:
        texts: any Arrow type that casts to text. A byte that is no UTF-8 counts as a special character.

    Example:
        >>> counts = text_counts(pa.array(["Two words, 2 digits\n\n数据", None]))
        >>> counts.letters.tolist(), counts.words.tolist(), counts.lines.tolist(), counts.specials.tolist()
        ([16, 0], [6, 0], [3, 0], [1, 0])
    """
    data, offsets = text_bytes(texts)
    counts = np.zeros((len(offsets) - 1, len(TextCounts.__dataclass_fields__)), np.int64)
    _count(data, offsets, len(counts), classes(), counts)
    return TextCounts(*np.ascontiguousarray(counts.T))


_count = function(
    "curate_text_counts", None, array(np.uint8), array(np.int64), ctypes.c_int64, array(np.uint8), array(np.int64)
)
