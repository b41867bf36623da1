"""Which words no model and no attack may replace: function words and negations, which carry a sentence's sense."""

from __future__ import annotations

from functools import cache, lru_cache

from curate.kernels.rewritten import NEGATION_LANGUAGES, n_negations
from curate.kernels.stop_words import STOP_WORDS

LANGUAGES = tuple(sorted(STOP_WORDS))
"""Languages whose function words are known, as ISO 639-1 codes."""


@lru_cache(maxsize=1 << 16)
def is_spared(word: str, language: str) -> bool:
    """Whether a word is a function word or a negation of a language; of `LANGUAGES`.

    Example:
        >>> [is_spared(word, "en") for word in ("Not", "couldn't", "which", "film")]
        [True, True, True, False]
    """
    told = word.lower().replace("’", "'")
    return told in _function_words(language) or (language in NEGATION_LANGUAGES and n_negations(told, language) > 0)


@cache
def _function_words(language: str) -> frozenset[str]:
    return frozenset(STOP_WORDS[language].split())
