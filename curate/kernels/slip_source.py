"""Every slip of a finger in a word, as a source of other words: what attacks on a model try first.

Kinds and limits are those of `curate.kernels.perturb`; that such slips break models is shown in Gao et al. 2018,
"Black-box Generation of Adversarial Text Sequences to Evade Deep Learning Classifiers" (DeepWordBug), and that readers
mind them little as long as a word keeps its first letter, in Pruthi, Dhingra & Lipton 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from curate.kernels.draws import Draws
from curate.kernels.hashing import hash_texts
from curate.kernels.keyboards import beside
from curate.kernels.perturb import TYPO_LETTERS
from curate.kernels.slips import Slip, slipped
from curate.kernels.synonyms import Option

_MOST_LETTERS = 64  # of a longer run of letters, which is no word, only the first are slipped on


class SlipSource:
    """Words of four letters or more with one slip behind the first letter: two letters swapped, one left out, doubled,
    or the key beside it hit. They come in an order that is random by the word.

    Example:
        >>> [word for word, _ in SlipSource().options("film", "the", "")][:3]
        ['fulm', 'fiml', 'flm']
    """

    revision: str = "slips 1"

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        return _slips(word)


@lru_cache(maxsize=1 << 14)
def _slips(word: str) -> tuple[Option, ...]:
    if len(word) < TYPO_LETTERS:
        return ()
    found: dict[str, None] = {}
    for at in range(1, min(len(word), _MOST_LETTERS) - 1):
        if word[at].isalpha() and word[at + 1].isalpha():
            found |= dict.fromkeys(_at(word, at))
    found.pop(word, None)
    every = list(found)
    draws = Draws(int(hash_texts([word])[0]))
    for last in range(len(every) - 1, 0, -1):
        other = draws.below(last + 1)
        every[last], every[other] = every[other], every[last]
    return tuple((one, 1.0) for one in every)


def _at(word: str, at: int) -> list[str]:
    kinds: list[tuple[Slip, str]] = [("swap", ""), ("delete", ""), ("double", "")]
    kinds += [("replace", key) for key in beside().get(word[at].lower(), "")]
    return [_made(word, *slipped(word, at, kind, key)) for kind, key in kinds]


def _made(word: str, start: int, end: int, new: str) -> str:
    return word[:start] + new + word[end:]
