"""Texts cut into the pieces that a translator reads, and put together again around what is no language.

Line breaks, blanks at the ends of lines and lines without a letter stay as they are; the same piece is translated once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import xxhash

from curate.kernels.translators.translator import Translating, Translation
from curate.kernels.units import units

Span = tuple[int, int]

_LINE = re.compile(r"[^\s](?:[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*[^\s])?")
_LETTER = re.compile(r"[^\W\d_]")


def pieces_of(text: str, *, by_sentence: bool) -> list[Span]:
    r"""Where the pieces of a text lie: its lines or sentences, without the blanks around them, that have a letter.

    Example:
        >>> pieces_of("One. Two.\n\n3 ! \n four ", by_sentence=False)
        [(0, 9), (17, 21)]
        >>> pieces_of("One. Two.", by_sentence=True)
        [(0, 4), (5, 9)]
    """
    spans = [match.span() for match in _LINE.finditer(text)]
    if by_sentence:
        spans = [
            (start + low, start + high) for start, end in spans for low, high in units(text[start:end], "sentence")
        ]
    return [(start, end) for start, end in spans if _LETTER.search(text, start, end)]


def translated(
    translating: Translating, texts: Sequence[str], n: int, seeds: Sequence[int], *, by_sentence: bool, draws: bool
) -> list[list[Translation]]:
    """Up to n translations of each text, whatever lines it has.

    Args:
        translating: what translates a piece.
        texts: any texts.
        n: translations of each text; the k-th is made of the k-th of each piece, or of its last where it has fewer.
        seeds: of each text what keys its draws.
        by_sentence: whether a piece is a sentence; else a line.
        draws: whether the seed plays a part: then a piece is translated once for each seed.
    """
    spans = [pieces_of(text, by_sentence=by_sentence) for text in texts]
    keys = [
        [(text[start:end], _seed(seed, at) if draws else 0) for at, (start, end) in enumerate(own)]
        for text, seed, own in zip(texts, seeds, spans, strict=True)
    ]
    wanted = list(dict.fromkeys(key for own in keys for key in own))
    said = translating.translate([text for text, _ in wanted], n, [seed for _, seed in wanted])
    known = dict(zip(wanted, said, strict=True))
    return [
        _joined(text, own, [known[key] for key in mine]) for text, own, mine in zip(texts, spans, keys, strict=True)
    ]


def _seed(seed: int, piece: int) -> int:
    return xxhash.xxh3_64_intdigest(f"{seed} {piece}".encode())


def _joined(text: str, spans: Sequence[Span], said: Sequence[Sequence[Translation]]) -> list[Translation]:
    if not spans or not all(said):
        return []
    return [
        _put(text, spans, [own[min(at, len(own) - 1)] for own in said]) for at in range(max(len(own) for own in said))
    ]


def _put(text: str, spans: Sequence[Span], said: Sequence[Translation]) -> Translation:
    parts: list[str] = []
    at = 0
    for (start, end), one in zip(spans, said, strict=True):
        parts += (text[at:start], one.text)
        at = end
    unknown = dict.fromkeys(word for one in said for word in one.unknown)
    return Translation("".join([*parts, text[at:]]), tuple(unknown))
