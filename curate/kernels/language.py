"""Which language a text is in, by a model that its package ships: nothing is downloaded.

`langid` is py3langid (naive Bayes over byte n-grams, 140 languages: Lui and Baldwin, "langid.py", ACL 2012); `lingua`
is lingua-language-detector (character n-grams, 75 languages): a hundred times slower, better on one or two words.
`tests/benchmarks/bench_language.py` compares them. Signals and the transform `clean.language` stand on `identify`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Literal

from curate.kernels.langid_batch import BatchIdentifier
from curate.kernels.language_codes import base
from curate.optional import require

Model = Literal["langid", "lingua"]
Told = tuple[str, float]
"""A language and the probability that the text is in it, or in another of its group."""

SURE = 0.8
"""The score from which a language counts as told: of sentences in 72 languages 0.1 % are told wrongly with it, of
single words 0.6 % (`langid`)."""

_PIECE = 1000  # characters of a long text that are read at its begin, in its middle and at its end
_PACKAGES: dict[Model, str] = {"langid": "py3langid", "lingua": "lingua-language-detector"}
_LETTER = re.compile(r"[^\W\d_]")
_NO_PROSE = re.compile(r"https?://\S*|www\.\S*|[^\s@]{1,64}@[^\s@]{1,64}|[@#]\w+|\d+")
_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？।۔؟])|[\r\n\u2028\u2029]+")
_LEAST, _MOST, _MOST_PARTS = 40, 200, 64  # letters of a part, characters of a part, parts of a text


def model_identity(model: Model) -> str:
    """The package and version whose model it is.

    Example:
        >>> model_identity("langid").split()[0]
        'py3langid'
    """
    if model == "lingua":
        require("lingua", extra="lingua", by="the language model 'lingua'")
    return f"{_PACKAGES[model]} {version(_PACKAGES[model])}"


def identify(texts: Sequence[str | None], model: Model = "langid") -> list[Told | None]:
    """The language of each text with its score in [0, 1]; None for a text without a letter.

    Of a text longer than 3,000 characters three pieces of 1,000 are read. Links, addresses, @names, #tags and numbers
    play no part.

    Raises:
        MissingExtra: the package of the model is not installed.

    Example:
        >>> identify(["This is an English sentence.", "12 + 34", None])[0][0]
        'en'
    """
    return list(_identified(tuple(texts), model))


@lru_cache(maxsize=2)  # two signals of one filter read the same batch, one after the other
def _identified(texts: tuple[str | None, ...], model: Model) -> tuple[Told | None, ...]:
    prose = [_prose(text or "") for text in texts]
    at = [place for place, text in enumerate(prose) if _LETTER.search(text)]
    found: list[Told | None] = [None] * len(texts)
    for place, told in zip(at, _model(model)([prose[place] for place in at]), strict=True):
        found[place] = told
    return tuple(found)


def _prose(text: str) -> str:
    """What is read of a text: one form of each letter, no links, no numbers."""
    if len(text) > 3 * _PIECE:
        middle = (len(text) - _PIECE) // 2
        text = " ".join((text[:_PIECE], text[middle : middle + _PIECE], text[-_PIECE:]))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode())
    return " ".join(_NO_PROSE.sub(" ", text).split())


@cache
def _model(model: Model) -> Callable[[Sequence[str]], list[Told | None]]:
    return _langid() if model == "langid" else _lingua()


def _langid() -> Callable[[Sequence[str]], list[Told | None]]:
    from py3langid import langid

    made = BatchIdentifier.of(langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE))

    def tell(texts: Sequence[str]) -> list[Told | None]:
        return [None if told[0] == "zxx" else told for told in made.told(texts)]

    return tell


def _lingua() -> Callable[[Sequence[str]], list[Told | None]]:
    lingua = require("lingua", extra="lingua", by="the language model 'lingua'")
    detector = lingua.LanguageDetectorBuilder.from_all_languages().build()

    def ranked(text: str) -> Iterable[tuple[str, float]]:
        found = detector.compute_language_confidence_values(text)
        return ((one.language.iso_code_639_1.name.lower(), one.value) for one in found)

    return lambda texts: [grouped(ranked(text)) for text in texts]


def grouped(ranked: Iterable[tuple[str, float]]) -> Told | None:
    """The likeliest group's likeliest member with the probability of the group; None where no language is meant.

    Args:
        ranked: codes with probabilities, the likeliest first; `zxx` is no language.

    Example:
        >>> grouped([("sl", 0.4), ("hr", 0.35), ("sr", 0.25)])
        ('hr', 0.6)
    """
    first: dict[str, str] = {}
    total: dict[str, float] = {}
    for code, probability in ranked:
        group = base(code)
        first.setdefault(group, code)
        total[group] = total.get(group, 0.0) + probability
    best = max(total, key=total.__getitem__, default="zxx")
    return None if best == "zxx" or total[best] <= 0 else (first[best], round(min(1.0, total[best]), 4))


def foreign_fractions(texts: Sequence[str | None], model: Model = "langid", sure: float = SURE) -> list[float | None]:
    r"""The share of each text's letters that stand in parts of another language than most of it is in, in [0, 1].

    A part is a sentence or a line of 40 letters or more (shorter ones are taken together with the next), at most 200
    characters; of a text with more than 64 parts 64 are read, evenly spread. Parts whose language is not sure count as
    the majority's. None for a text without a letter.

    Example:
        >>> german = "Das Wetter ist heute sehr schön und warm, wir gehen am Nachmittag in den Park."
        >>> foreign_fractions([german, german + "\nI would rather stay at home this evening, thank you.", "?"])
        [0.0, 0.3981, None]
    """
    parts = [_spread(parts_of(text or "")) for text in texts]
    told = iter(identify([part for one in parts for part in one], model))
    return [_foreign(one, [next(told) for _ in one], sure) for one in parts]


def _spread(parts: list[str]) -> list[str]:
    if len(parts) <= _MOST_PARTS:
        return parts
    return [parts[at * len(parts) // _MOST_PARTS] for at in range(_MOST_PARTS)]


def _foreign(parts: Sequence[str], told: Sequence[Told | None], sure: float) -> float | None:
    sizes = [len(_LETTER.findall(part)) for part in parts]
    letters: dict[str, int] = {}
    for size, one in zip(sizes, told, strict=True):
        if one is not None and one[1] >= sure:
            group = base(one[0])
            letters[group] = letters.get(group, 0) + size
    foreign = sum(letters.values()) - max(letters.values(), default=0)
    return round(foreign / sum(sizes), 4) if sum(sizes) else None


def parts_of(text: str) -> list[str]:
    """The sentences and lines of a text that are long enough to tell their language; see `foreign_fraction`.

    Example:
        >>> parts_of("One. " * 12)
        ['One. One. One. One. One. One. One. One. One. One. One. One.']
    """
    parts: list[str] = []
    held, size = [], 0
    for sentence in _END.split(text):
        for low in range(0, len(sentence), _MOST):
            piece = sentence[low : low + _MOST]
            held.append(piece.strip())
            size += len(_LETTER.findall(piece))
            if size >= _LEAST:
                parts.append(" ".join(held))
                held, size = [], 0
    if size:
        rest = " ".join(held).strip()
        if parts:
            parts[-1] = f"{parts[-1]} {rest}"
        else:
            parts.append(rest)
    return parts
