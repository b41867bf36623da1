"""Judging a text that was written anew (back-translated): does it still say what the other said, and not the same way?

Cheap looks at words, for `augment.backtranslate`; what takes a model stands in the constraints on added rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_ENGLISH = (
    "not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot"
    "|(?:do|does|did|is|are|was|were|wo|would|ca|could|should|have|has|had|ai|must|need)nt"
)
_NEGATIONS: Mapping[str, re.Pattern[str]] = {
    language: re.compile(rf"(?<!\w)(?:{words})(?!\w)" + more, re.IGNORECASE)
    for language, words, more in (
        (
            "en",
            _ENGLISH,
            r"|n ?['’]t(?!\w)",
        ),
        ("es", "no|nunca|jamás|nadie|nada|ninguno|ninguna|ningún|ni|tampoco|sin", ""),
        ("de", "nicht|nichts|nie|niemals|niemand|nirgends|kein|keine|keinen|keinem|keiner|keines|weder|ohne", ""),
        ("fr", "ne|jamais|rien|personne|aucun|aucune|ni|sans", r"|(?<!\w)n['’](?=\w)"),
    )
}
NEGATION_LANGUAGES = tuple(_NEGATIONS)
"""Languages whose negations are known, as ISO 639-1 codes."""


def n_negations(text: str, language: str) -> int:
    """How many negations stand in a text of one of `NEGATION_LANGUAGES`.

    Example:
        >>> n_negations("It isn't bad, no?", "en"), n_negations("Das ist nicht gut", "de")
        (2, 1)
    """
    return sum(1 for _ in _NEGATIONS[language].finditer(text))


def words_of(text: str) -> list[str]:
    """The words of a text, without regard to case.

    Example:
        >>> words_of("It's a FILM!")
        ["it's", 'a', 'film']
    """
    return [match.group().casefold() for match in _WORD.finditer(text)]


def overlap(some: Iterable[str], others: Iterable[str]) -> float:
    """The share of the different words of both texts that both have, in [0, 1]; 1 where neither has a word.

    Example:
        >>> overlap(["a", "good", "film"], ["a", "nice", "film"])
        0.5
    """
    a, b = set(some), set(others)
    return len(a & b) / len(a | b) if a or b else 1.0


def length_ratio(text: str, other: str) -> float:
    """How many times longer the longer text is, in characters; at least 1.

    Example:
        >>> length_ratio("four", "eightfold")
        2.25
    """
    low, high = sorted((len(text), len(other)))
    return high / max(low, 1)


def most_diverse(texts: Sequence[str], n: int, first: int = 0) -> list[int]:
    """Which n texts differ most from each other, by their words: each time the one farthest from all those taken.

    Gonzalez 1985; at most half as good as the best n, and the same for the same texts in the same order.

    Args:
        texts: the candidates, the likelier the earlier; of two that are as far the earlier is taken.
        n: how many.
        first: the one to start from.

    Example:
        >>> most_diverse(["a good film", "a fine film", "one nice movie"], 2)
        [0, 2]
    """
    if not texts or n < 1:
        return []
    words = [set(words_of(text)) for text in texts]
    taken = [first]
    near = [overlap(own, words[first]) for own in words]
    while len(taken) < min(n, len(texts)):
        best = min((at for at in range(len(texts)) if at not in taken), key=lambda at: (near[at], at))
        taken.append(best)
        near = [max(old, overlap(own, words[best])) for old, own in zip(near, words, strict=True)]
    return taken
