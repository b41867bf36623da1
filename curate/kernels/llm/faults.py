"""What is wrong with a text that a model wrote from other texts: nothing said, a refusal, another language, a copy.

Used by `augment.paraphrase` and `augment.generate` for every answer. How alike two texts are is told by their runs of
three characters (Jaccard), so it needs no spaces between words and takes linear time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from curate.kernels.language import SURE, identify
from curate.kernels.language_codes import base
from curate.kernels.refusals import disclaims, refuses

FAULTS: Mapping[str, str] = {
    "unfinished": "the answer reached the limit of its tokens",
    "schema": "the answer does not hold the fields that were asked for",
    "empty": "the answer says nothing",
    "refusal": "the model refuses, or speaks of itself",
    "language": "the answer is in another language",
    "length": "the answer is too short or too long",
    "copy": "the answer is too much like a text it was made from",
    "unlike": "the answer is too little like the text it was made from",
}
"""Why an answer may become no row, with what each means."""


class Bounds(NamedTuple):
    """What an answer must keep to.

    Attributes:
        min_length_ratio: its least characters, in those of the shortest of its seeds.
        max_length_ratio: its most characters, in those of the longest of its seeds.
        min_distance: its least distance from each of its seeds, in [0, 1].
        max_distance: its greatest distance from the nearest of its seeds, in [0, 1].
        language: the language it must be in; empty: that of its seeds, where it can be told.
    """

    min_length_ratio: float = 0.0
    max_length_ratio: float = float("inf")
    min_distance: float = 0.0
    max_distance: float = 1.0
    language: str = ""


def distance(one: str, other: str) -> float:
    """How far two texts are apart, in [0, 1]: the share of their runs of three characters that only one of them has.

    Case and white space play no part.

    Example:
        >>> distance("A good film.", "a  good film."), round(distance("a good film", "a good story"), 2)
        (0.0, 0.65)
    """
    mine, theirs = _runs(one), _runs(other)
    either = len(mine | theirs)
    return 1 - len(mine & theirs) / either if either else 0.0


def _runs(text: str) -> set[str]:
    plain = f" {' '.join(text.casefold().split())} "
    return {plain[at : at + 3] for at in range(len(plain) - 2)}


def faults(answers: Sequence[str], seeds: Sequence[Sequence[str]], bounds: Bounds) -> list[str]:
    """Of each answer the first fault, one of `FAULTS`; empty where there is none.

    Args:
        answers: n texts.
        seeds: of each the texts it was made from; at least one.
        bounds: what they must keep to.

    Example:
        >>> faults(["I'm sorry, but I can't help with that.", "A film."], [["A fine film"]] * 2, Bounds())
        ['refusal', '']
    """
    refused = _refusing(answers)
    for at in [at for at, one in enumerate(refused) if one]:
        refused[at] = not any(_refusing(seeds[at]))  # of apologies an apology may be made
    spoken = _foreign(answers, seeds, bounds.language)
    told = zip(answers, seeds, refused, spoken, strict=True)
    return [_fault(answer, own, bounds, refuses, foreign) for answer, own, refuses, foreign in told]


def _refusing(texts: Sequence[str]) -> list[bool]:
    said = pa.array(texts, pa.large_string())
    return [one or other for one, other in zip(refuses(said).to_pylist(), disclaims(said).to_pylist(), strict=True)]


def _fault(answer: str, seeds: Sequence[str], bounds: Bounds, refused: bool, foreign: bool) -> str:
    if not answer.strip():
        return "empty"
    if refused:
        return "refusal"
    least, most = min(map(len, seeds)), max(map(len, seeds))
    if not bounds.min_length_ratio * least <= len(answer) <= bounds.max_length_ratio * most:
        return "length"
    if foreign:
        return "language"
    apart = min(distance(answer, seed) for seed in seeds)
    return "copy" if apart < bounds.min_distance else "unlike" if apart > bounds.max_distance else ""


def _foreign(answers: Sequence[str], seeds: Sequence[Sequence[str]], language: str) -> list[bool]:
    """Which answers are surely in another language than the one named, or than their seeds surely are in."""
    if language:
        wanted = [base(language)] * len(answers)
    else:
        found = identify(["\n".join(own) for own in seeds])
        wanted = [base(one[0]) if one and one[1] >= SURE else "" for one in found]
    told = identify(list(answers))
    return [
        bool(one and mine and one[1] >= SURE and base(one[0]) != mine) for one, mine in zip(told, wanted, strict=True)
    ]
