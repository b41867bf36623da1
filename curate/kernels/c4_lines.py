"""The lines of texts by the rules of the C4 corpus: which stay, what is left of them, and counts of what happened.

Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", 2020; the lines are
judged in csrc/c4.c, sentences come from `kernels.word_table`. Used by `filter.c4`.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.buffers import as_texts, text_bytes
from curate.kernels.native import array, function
from curate.kernels.rule_statistics import bounds, structs, unspaced
from curate.kernels.word_table import ChunkTable

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

LINE_OUTCOMES = (
    "kept",
    "long_word",
    "no_end_mark",
    "few_words",
    "javascript",
    "policy",
    "blank",
    "lorem_ipsum",
    "curly_bracket",
)
_N_OUTCOMES = 10

LINES = (
    *("n_lines", "n_kept_lines", *(f"n_{outcome}_lines" for outcome in LINE_OUTCOMES[1:7])),
    *("lorem_ipsum", "curly_bracket", "n_sentences", "unspaced_fraction"),
)


@dataclass(frozen=True)
class LineRules:
    """Which of C4's rules for lines hold.

    Attributes:
        by_sentence: judge sentences, not lines.
        citations: take marks of citation out.
        end_mark: a line must end with a full stop, a question or exclamation mark or a quotation mark.
        min_words: the fewest words of a line.
        max_word_characters: the longest a word may be.
        lorem_ipsum: a text with "lorem ipsum" is given up.
        javascript: a line that names JavaScript goes.
        curly_bracket: a text with an opening curly bracket is given up.
        policy: a line with a phrase of a notice about cookies, terms of use or privacy goes.
    """

    by_sentence: bool = False
    citations: bool = True
    end_mark: bool = True
    min_words: int | None = 3
    max_word_characters: int | None = 1000
    lorem_ipsum: bool = True
    javascript: bool = True
    curly_bracket: bool = True
    policy: bool = True

    def bits(self) -> int:
        """The switches as csrc/c4.c reads them."""
        on = (self.citations, self.end_mark, self.lorem_ipsum, self.javascript, self.curly_bracket, self.policy)
        return sum(1 << at for at, held in enumerate(on) if held)


@dataclass(frozen=True, eq=False)
class JudgedLines:
    """The lines of texts that C4's rules keep.

    Attributes:
        data: bytes in which the kept lines of each text stand, one after the other with the glue between them.
        starts: where each kept line starts, shape (n_kept,).
        stops: where it ends.
        outcomes: lines of each text by outcome, in the order of `LINE_OUTCOMES`, then kept lines that lost a citation;
            shape (n, 10).
        n_lines: lines of each text.
    """

    data: U8
    starts: I64
    stops: I64
    outcomes: I64
    n_lines: I64

    def texts(self) -> pa.Array:
        """The kept lines of each text as one text, without white space around it."""
        ends = np.cumsum(self.outcomes[:, 0])
        whole = memoryview(self.data.data)
        parts = []
        for first, end in zip((ends - self.outcomes[:, 0]).tolist(), ends.tolist(), strict=True):
            held = whole[self.starts[first] : self.stops[end - 1]] if end > first else b""
            parts.append(str(held, "utf-8").strip().encode())
        return as_texts(parts)


def c4_lines(texts: pa.Array, table: ChunkTable, rules: LineRules) -> pa.StructArray:
    r"""What C4's rules for whole texts are held against (Raffel et al., 2020), with what became of the lines; `LINES`.

    Example:
        >>> from curate.kernels.word_table import table
        >>> found = c4_lines(pa.array(["A whole line.\nmenu"]), table("plain"), LineRules())[0].as_py()
        >>> found["n_kept_lines"], found["n_no_end_mark_lines"], found["n_sentences"]
        (1.0, 1.0, 1.0)
    """

    def measure(data: U8, offsets: I64) -> tuple[F64, ...]:
        judged = _judge(data, offsets, table, rules)
        kept = judged.outcomes[:, 0]
        if rules.by_sentence:
            sentences = kept
        else:
            each = table.find(judged.data, judged.starts, judged.stops).n_sentences()
            sentences = np.diff(np.concatenate([[0], np.cumsum(each)])[np.concatenate([[0], np.cumsum(kept)])])
        given_up = judged.outcomes[:, 7:9].sum(axis=1) > 0
        counts = np.concatenate([judged.n_lines[:, None], judged.outcomes[:, :9]], axis=1).astype(np.float64)
        return (*counts.T, np.where(given_up, np.nan, sentences), unspaced(data, offsets))

    return structs(texts, LINES, measure)


def judge_lines(texts: pa.Array, table: ChunkTable, rules: LineRules) -> JudgedLines:
    r"""Which lines of each text C4's rules keep, and what is left of them.

    Example:
        >>> from curate.kernels.word_table import table
        >>> judge_lines(pa.array(["A whole line.[1]\nmenu"]), table("plain"), LineRules()).texts().to_pylist()
        ['A whole line.']
    """
    return _judge(*text_bytes(texts), table, rules)


def _judge(data: U8, offsets: I64, table: ChunkTable, rules: LineRules) -> JudgedLines:
    n = len(offsets) - 1
    counts, starts, stops = _sentence_bounds(data, offsets, table) if rules.by_sentence else _line_bounds(data, offsets)
    out = np.empty(int((stops - starts).sum()) + len(starts) + 1, np.uint8)
    kept_starts, kept_stops = np.empty(len(starts), np.int64), np.empty(len(starts), np.int64)
    outcomes, zeros = np.empty((n, _N_OUTCOMES), np.int64), _zeros()
    least = rules.min_words if rules.min_words is not None else -1
    longest = rules.max_word_characters if rules.max_word_characters is not None else -1
    kept = _c4_lines(
        *(data, n, counts, starts, stops, rules.bits(), least, longest, zeros, len(zeros)),
        *(ord(" " if rules.by_sentence else "\n"), out, kept_starts, kept_stops, outcomes),
    )
    return JudgedLines(out, kept_starts[:kept], kept_stops[:kept], outcomes, counts)


def _line_bounds(data: U8, offsets: I64) -> tuple[I64, I64, I64]:
    n = len(offsets) - 1
    counts = np.empty(n, np.int64)
    made = _lines(data, offsets, n, counts, None, None)
    starts, stops = np.empty(made, np.int64), np.empty(made, np.int64)
    _lines(data, offsets, n, counts, starts.ctypes.data, stops.ctypes.data)
    return counts, starts, stops


def _sentence_bounds(data: U8, offsets: I64, table: ChunkTable) -> tuple[I64, I64, I64]:
    return table.find(data, *bounds(offsets)).sentences()


@cache
def _zeros() -> npt.NDArray[np.uint32]:
    r"""The zero of each set of ten decimal digits, sorted: what `\d` matches."""
    every = "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, 0x20000)))
    return np.array([ord(digit) for digit in re.findall(r"\d", every)][::10], np.uint32)


_U8, _I64, _U32 = array(np.uint8), array(np.int64), array(np.uint32)
_LONG = ctypes.c_int64
_lines = function("curate_lines", _LONG, _U8, _I64, _LONG, _I64, ctypes.c_void_p, ctypes.c_void_p)
_c4_lines = function(
    "curate_c4_lines",
    _LONG,
    *(_U8, _LONG, _I64, _I64, _I64, _LONG, _LONG, _LONG, _U32, _LONG, ctypes.c_uint8),
    *(_U8, _I64, _I64, _I64),
)
