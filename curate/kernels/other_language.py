"""Whether a text is in another language than English, told where two witnesses agree, so that short texts pass.

Rules of English applied to another language change what is said: French *son ami* is no English son. `language` tells
which language a text is most like, the function words (`stop_words`) whether it is in it; neither alone will do for
texts of three words. `augment.counterfactual` and `augment.negation` ask before they turn anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from curate.kernels.language import SURE, Told, identify, model_identity
from curate.kernels.language_codes import base
from curate.kernels.stop_words import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_LEAST_SHARE = 0.2
"""The share of English function words from which a text passes, where another language only seems sure."""
_STOP = frozenset(STOP_WORDS["en"].split())


def other_languages(texts: Sequence[str]) -> list[str]:
    """The code of each text's language where it is another than English; empty where it is English or not told.

    Another language is told by the model and by the text's function words: as many of that language as of English, one
    at least. Words of both (*a*, *in*, *man*) do not count. Where no function words are known of a language, or none
    stand in the text, the model must be sure and English function words be few.

    Args:
        texts: any texts.

    Example:
        >>> other_languages(["Son ami est venu.", "Sie will gehen.", "He runs.", "Her son, a señor.", ""])
        ['fr', 'de', '', '', '']
    """
    return [_other(text, told) for text, told in zip(texts, identify(texts), strict=True)]


def identity() -> str:
    """What it stands on, for fingerprints."""
    return model_identity("langid")


def _other(text: str, told: Told | None) -> str:
    if told is None or base(told[0]) == "en":
        return ""
    code, score = base(told[0]), told[1]
    words = [word.lower() for word in _WORD.findall(text)]
    mine, theirs = (len(_own_words(one).intersection(words)) for one in ("en", code))
    if theirs and theirs >= mine:
        return code
    n_english = sum(word in _STOP for word in words)
    return code if score >= SURE and n_english < _LEAST_SHARE * len(words) else ""


@cache
def _own_words(code: str) -> frozenset[str]:
    """The function words of a language that no other has: of another than English, none that English has as a word."""
    mine = frozenset(STOP_WORDS.get(code, "").split())
    if code == "en":
        return mine - frozenset().union(*(said.split() for other, said in STOP_WORDS.items() if other != "en"))
    return mine - _STOP - _ENGLISH


_ENGLISH = frozenset(
    "am an die den des man war hat was or come plus son me mi no so on sur par over door but pero do can via her don "
    "had we die dot per si mine mu sai dan nun also tot sua my".split()
)
"""English words that are function words elsewhere."""
