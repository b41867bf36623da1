"""Words by the rules of a spaCy language, without a model: prefixes, suffixes, infixes, exceptions (spacy.io/usage).

spaCy splits each chunk by itself, except for exceptions of several tokens, which it looks for over the whole text; a
splitter says by masks which chunks could take part in one across a space, and these it gets together. Loaded by
`kernels.word_table` where it is asked for.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Any

from curate.errors import CurateError
from curate.kernels.word_kinds import ALPHABETIC, ENDS_SENTENCE, PUNCTUATION, letters_and_symbols
from curate.optional import require

_BATCH = 512
_MOST_MARKS = 1000
_LONGEST = 10_000
_PIECE, _PIECE_OF_MARKS = 1000, 100


class SpacyRules:
    """Words as the tokenizer of a spaCy language splits them.

    Raises:
        MissingExtra: spaCy is not installed.
        CurateError: spaCy does not know the language, or does not split it by rules.

    Example:
        >>> list(SpacyRules("en").split(["don't", "(yes)."]))
        [['do', "n't"], ['(', 'yes', ')', '.']]
    """

    def __init__(self, language: str) -> None:
        self._language = _blank(language)
        self._ends = frozenset(self._language.add_pipe("sentencizer").punct_chars)
        self._tails, self._heads = _meetings(self._language.tokenizer)

    def split(self, chunks: list[str]) -> Iterator[list[str]]:
        for start in range(0, len(chunks), _BATCH):
            yield from self._batch(chunks[start : start + _BATCH])

    def _batch(self, chunks: list[str]) -> Iterator[list[str]]:
        pieces = [_pieces(chunk) for chunk in chunks]
        different = dict.fromkeys(piece for some in pieces for piece in some)
        text = "\n".join(different)
        with self._language.memory_zone():  # what spaCy notes about these tokens is let go
            places = self._language.tokenizer(text).to_array(["IDX", "LENGTH"]).astype(int)
        tokens = [
            text[start:stop] for start, stop in zip(places[:, 0].tolist(), places.sum(axis=1).tolist(), strict=True)
        ]
        split = dict(zip(different, _lines(tokens), strict=True))
        for some in pieces:
            yield split[some[0]] if len(some) == 1 else [word for piece in some for word in split[piece]]

    def kind(self, token: str) -> int:
        kind = letters_and_symbols(token)
        if token in self._ends:
            kind |= ENDS_SENTENCE
        return kind if kind & ALPHABETIC or not _is_punctuation(token) else kind | PUNCTUATION

    def masks(self, chunk: str) -> tuple[int, int]:
        return self._tails.of(chunk), self._heads.of(chunk)


class _Edges:
    """Bits for strings that a chunk ends with, or starts with, and for chunks that are such a string."""

    def __init__(self, *, last: bool) -> None:
        self._at = -1 if last else 0
        self._has = str.endswith if last else str.startswith
        self._whole: dict[str, int] = {}
        self._edges: dict[str, dict[str, int]] = {}

    def note(self, edge: str, bits: int, *, whole: bool) -> None:
        into = self._whole if whole else self._edges.setdefault(edge[self._at], {})
        into[edge] = into.get(edge, 0) | bits

    def of(self, chunk: str) -> int:
        found = self._whole.get(chunk, 0)
        for edge, bits in self._edges.get(chunk[self._at], {}).items():
            if self._has(chunk, edge):
                found |= bits
        return found


def _meetings(tokenizer: Any) -> tuple[_Edges, _Edges]:
    """Where an exception of several tokens could be cut by a space: what stands before and after the cut.

    spaCy finds such exceptions whatever stands between their tokens, and takes the longest first: one across a space
    changes nothing unless it is written so, but may stand in the way of a shorter one.
    """
    plain = type(tokenizer)(
        tokenizer.vocab,
        prefix_search=tokenizer.prefix_search,
        suffix_search=tokenizer.suffix_search,
        infix_finditer=tokenizer.infix_finditer,
        token_match=tokenizer.token_match,
        url_match=tokenizer.url_match,
    )
    tails, heads = _Edges(last=True), _Edges(last=False)
    for rule in tokenizer.rules:
        tokens = [token.text for token in plain(rule) if not token.is_space]
        for start, cut, stop in combinations(range(len(tokens) + 1), 3):
            before, after = "".join(tokens[start:cut]), "".join(tokens[cut:stop])
            bits = 1 << zlib.crc32(after.encode()) % 64
            tails.note(before, bits, whole=start > 0)
            heads.note(after, bits, whole=stop < len(tokens))
    return tails, heads


def _blank(language: str) -> Any:
    spacy = require("spacy", extra="nlp", by="words: spacy")
    try:
        made = spacy.blank(language)
    except ImportError as error:
        raise CurateError(
            f"spaCy cannot split the language {language!r} here: {str(error).splitlines()[0]}",
            hint="words: plain needs no package and suits every language",
        ) from error
    if type(made.tokenizer) is not spacy.tokenizer.Tokenizer:
        raise CurateError(
            f"spaCy splits {language!r} by a dictionary and not by rules, which is not supported",
            hint="words: plain takes each character for a word there",
        )
    made.vocab.lex_attr_getters = {}  # shapes, numbers and the like of every new word: nobody asks for them
    return made


def _lines(tokens: Iterable[str]) -> Iterator[list[str]]:
    line: list[str] = []
    for token in tokens:
        if token == "\n":
            yield line
            line = []
        elif word := token.strip():
            line.append(word)
    yield line


def _pieces(chunk: str) -> list[str]:
    """A chunk in pieces, where its tokenization would take time that grows with the square of its length.

    spaCy takes mark after mark off both ends and searches what is left each time, and what it knows web addresses by
    looks back from everywhere. So a chunk of more than 10,000 characters, unless they are all letters and digits, or
    with more than 1,000 marks at its ends is cut.
    """
    if len(chunk) <= _MOST_MARKS or chunk.isalnum():
        return [chunk]
    first = next((at for at, character in enumerate(chunk) if character.isalnum()), len(chunk))
    last = next((at for at, character in enumerate(reversed(chunk)) if character.isalnum()), 0)
    if len(chunk) <= _LONGEST and first + last <= _MOST_MARKS:
        return [chunk]
    size = _PIECE if first + last <= _MOST_MARKS else _PIECE_OF_MARKS
    return [chunk[at : at + size] for at in range(0, len(chunk), size)]


@lru_cache(maxsize=1 << 12)
def _is_punctuation(token: str) -> bool:
    return all(unicodedata.category(character).startswith("P") for character in token)
