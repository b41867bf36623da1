"""How often each word comes in a corpus and in how many texts: what TF-IDF is made of, and a word drawn by frequency.

The words are those of `curate.kernels.substitution`, in lower case; runs of scripts without spaces are none. Used by
`augment.tfidf`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import log

from curate.kernels.cutting import is_unspaced
from curate.kernels.draws import Draws
from curate.kernels.substitution import WORD


def told_words(text: str) -> list[str]:
    """The words of a text, as they are written.

    Example:
        >>> told_words("Ann's 2 well-made 数据!")
        ["Ann's", 'well-made']
    """
    words: list[str] = WORD.findall(text)
    return words if text.isascii() else [word for word in words if not is_unspaced(word[0])]


@dataclass
class WordCounts:
    """A running count.

    Attributes:
        n_texts: texts with a word.
        texts: for each word, in lower case, how many texts hold it.
        plain: for each word how often it is written in lower case.

    Example:
        >>> counts = WordCounts()
        >>> counts.add(["The film, the plot", None])
        >>> counts.texts["the"], counts.plain["the"], counts.n_texts
        (1, 1, 1)
    """

    n_texts: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    plain: Counter[str] = field(default_factory=Counter)

    def add(self, texts: Iterable[str | None]) -> None:
        for text in texts:
            words = told_words(text) if text else []
            if words:
                lower = [word.lower() for word in words]
                self.n_texts += 1
                self.texts.update(set(lower))
                self.plain.update(one for one, word in zip(lower, words, strict=True) if one == word)


@dataclass(frozen=True, eq=False)
class WordStatistics:
    """The counts of a corpus, ready to be asked.

    Attributes:
        rarity: for each word its IDF: the logarithm of all texts by those that hold it.
        rarest: that of a word which no text holds.
        words: words that may be drawn, ascending.
        sums: the running sums of their weights.
    """

    rarity: dict[str, float]
    rarest: float
    words: Sequence[str]
    sums: Sequence[float]

    @classmethod
    def of(
        cls,
        n_texts: int,
        texts: dict[str, int],
        plain: dict[str, int],
        *,
        min_rows: int,
        uninformative: bool,
        leave_out: frozenset[str],
    ) -> WordStatistics:
        """The statistics of counts.

        Args:
            n_texts: texts with a word.
            texts: for each word how many texts hold it.
            plain: for each word how often it is written in lower case; names and acronyms are not.
            min_rows: words in fewer texts are not drawn.
            uninformative: draw as UDA does, the less the higher a word's frequency times IDF; else by frequency.
            leave_out: words that are not drawn.
        """
        words = sorted(
            word for word, n in texts.items() if n >= min_rows and 2 * plain.get(word, 0) > n and word not in leave_out
        )
        weights = [float(plain[word]) for word in words]
        if uninformative and words:
            total = sum(plain.values())
            scores = [plain[word] / total * log(n_texts / texts[word]) for word in words]
            highest = max(scores)
            weights = [highest - score for score in scores]
        rarity = {word: log(n_texts / n) for word, n in texts.items()}
        return cls(rarity, log(max(1, n_texts)), words, list(accumulate(weights)))

    def importance(self, words: Sequence[str]) -> list[float]:
        """TF-IDF of each word of a text, in lower case; a word that the corpus lacks is as rare as any.

        Example:
            >>> statistics = WordStatistics.of(
            ...     4, {"the": 4, "cat": 1}, {}, min_rows=1, uninformative=False, leave_out=frozenset()
            ... )
            >>> [round(one, 2) for one in statistics.importance(["the", "cat"])]
            [0.0, 0.69]
        """
        rarity, rarest, n = self.rarity, self.rarest, len(words)
        of = {word: count / n * rarity.get(word, rarest) for word, count in Counter(words).items()}
        return [of[word] for word in words]

    def drawn(self, draws: Draws) -> str | None:
        """A word; None where none may be drawn."""
        if not self.words or self.sums[-1] <= 0:
            return None
        at = bisect_right(self.sums, draws.uniform() * self.sums[-1])
        return self.words[min(at, len(self.words) - 1)]
