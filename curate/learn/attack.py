"""Attacks on a trained model: which few words of a text to write otherwise so that the model answers wrongly.

Between a fitted model, of which only predictions are asked (and word scores, where it has them), and the signal
`attack` (`curate.learn.attacked`) or the robustness of a measurement. A search is greedy, word by word in the order of
their importance: TextFooler (Jin et al. 2020), PWWS (Ren et al. 2019), HotFlip (Ebrahimi et al. 2018), DeepWordBug (Gao
et al. 2018). Searches of many rows run side by side, so that the model is asked for many texts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from curate.errors import CurateError
from curate.kernels.replacing import Replacement, Span, ordered, replaced
from curate.kernels.substitution import Candidate, candidates, substituted
from curate.kernels.synonyms import SynonymSource

F64 = NDArray[np.float64]
Predict = Callable[[Sequence[str]], F64]
"""Texts to class probabilities, shape (n, n_classes)."""
Outcome = Literal["flipped", "not_flipped", "wrong_before", "no_words"]
_ROWS_AT_ONCE = 256  # searches side by side; bounds the memory, changes no result
_TEXTS_AT_ONCE = 4096


@runtime_checkable
class WordScores(Protocol):
    """A model whose scores are sums over what a text is made of, so that each word has its part in them."""

    def word_scores(self, words: Sequence[str]) -> F64:
        """What each word by itself adds to the scores of the classes before they are scaled, shape (n, n_classes)."""
        ...


class Attack(BaseModel, frozen=True, extra="forbid"):
    """How a search goes.

    Attributes:
        importance: what tells which word comes first: `deletion` (the text without it), `saliency` (that times what
            the best other word does; asks most) or `gradient` (the model's own slopes; asks least, and needs a model
            with word scores).
        max_queries: texts of one row that the model may be asked for, 2 or more; of a text with more words than half
            of them, every second, third … word is tried.
        max_rate: words changed at most, as a share of the words of the text, in (0, 1]; one in any case.
        max_candidates: other words tried for a word.

    Example:
        >>> Attack(importance="gradient").max_queries
        100
    """

    importance: Literal["deletion", "saliency", "gradient"] = "deletion"
    max_queries: int = Field(100, ge=2)
    max_rate: float = Field(0.25, gt=0, le=1)
    max_candidates: int = Field(8, ge=1)


class Target(NamedTuple):
    """A text to be attacked: its label, what of it must stay, and what the model reads before and behind it."""

    text: str
    label: int
    protected: Sequence[Span] = ()
    before: str = ""
    behind: str = ""


@dataclass(frozen=True)
class Attempt:
    """What came of an attack.

    Attributes:
        outcome: `flipped`; `not_flipped`; `wrong_before`: the model erred without; `no_words`: none can be changed.
        replacements: the strongest try, ascending.
        probability: of the label after it, in [0, 1].
        n_queries: texts that the model was asked for.
    """

    outcome: Outcome
    replacements: tuple[Replacement, ...]
    probability: float
    n_queries: int


Search = Generator[list[str], F64, Attempt]
_Order = list[tuple[Candidate, list[str]]]


@dataclass(eq=False)
class _Greedy:
    """One search: yields texts, is sent what the model says of them."""

    target: Target
    words: Sequence[Candidate]
    n_words: int
    how: Attack
    scores: Mapping[str, F64]
    queries: int = 0
    edits: list[Replacement] = field(default_factory=list)
    probability: float = 1.0

    def run(self) -> Search:
        label = self.target.label
        (first,) = yield from self._asked([[]])
        self.probability = float(first[label])
        if first.argmax() != label:
            return self._ended("wrong_before")
        if not self.words:
            return self._ended("no_words")
        most = max(1, int(self.n_words * self.how.max_rate))
        order = yield from self._order(first)
        n_changed = 0
        for word, options in order:
            options = options[: self.how.max_queries - self.queries]
            if n_changed == most or not options:
                break
            tries = [[*self.edits, *substituted(word, option, self.target.text)] for option in options]
            told = yield from self._asked(tries)
            flips = told.argmax(axis=1) != label
            best = min(range(len(tries)), key=lambda at: (not flips[at], told[at, label], at))
            if told[best, label] >= self.probability:
                continue
            self.edits, self.probability, n_changed = tries[best], float(told[best, label]), n_changed + 1
            if flips[best]:
                return self._ended("flipped")
        return self._ended("not_flipped")

    def _ended(self, outcome: Outcome) -> Attempt:
        made = tuple(ordered(self.edits, self.target.text))
        return Attempt(outcome, made, min(1.0, max(0.0, self.probability)), self.queries)

    def _asked(self, tries: Sequence[Sequence[Replacement]]) -> Generator[list[str], F64, F64]:
        self.queries += len(tries)
        target = self.target
        return (
            yield [
                target.before + replaced(target.text, ordered(edits, target.text)) + target.behind for edits in tries
            ]
        )

    def _order(self, first: F64) -> Generator[list[str], F64, _Order]:
        """The words in the order in which they are to be tried, each with its options, the most promising first."""
        if self.how.importance == "gradient":
            return self._by_slopes(first)
        step = -(-len(self.words) // max(1, self.how.max_queries // 2))
        words = [(word, self._options(word)) for word in self.words[::step]]
        label = self.target.label
        without = yield from self._asked([[(word.start, word.end, "")] for word, _ in words])
        lost = self.probability - without[:, label]
        places = sorted(range(len(words)), key=lambda at: (-lost[at], at))
        if self.how.importance == "deletion":
            return [words[at] for at in places]
        weights = np.exp(lost - lost.max())
        gains: list[tuple[float, int, str]] = []
        for at in places:
            word, options = words[at][0], words[at][1][: (self.how.max_queries - self.queries) * 3 // 4]
            if not options:
                break
            told = yield from self._asked([substituted(word, option, self.target.text) for option in options])
            best = int(told[:, label].argmin())
            gains.append((-weights[at] * max(0.0, self.probability - told[best, label]), at, options[best]))
        return [(words[at][0], [option]) for gain, at, option in sorted(gains) if gain < 0]

    def _by_slopes(self, first: F64) -> _Order:
        """By how far a word is expected to move the scores of the label and of the class next to it apart."""
        others = first.copy()
        others[self.target.label] = -1.0
        label, next_to = self.target.label, int(others.argmax())
        ranked: list[tuple[float, int, list[str]]] = []
        for at, word in enumerate(self.words):
            options = self._options(word)
            told = self.scores[self.target.text[word.start : word.end]]
            own = told[label] - told[next_to]
            moved = [own - (self.scores[option][label] - self.scores[option][next_to]) for option in options]
            best = sorted(range(len(options)), key=lambda place: (-moved[place], place))
            kept = [options[place] for place in best if moved[place] > 0][:2]
            if kept:
                ranked.append((-moved[best[0]], at, kept))
        return [(self.words[at], kept) for _, at, kept in sorted(ranked)]

    def _options(self, word: Candidate) -> list[str]:
        return [option for option, _ in word.options[: self.how.max_candidates]]


def attacked(
    model: object, predict: Predict, targets: Sequence[Target], source: SynonymSource, how: Attack
) -> list[Attempt]:
    """Attack a model with each text; what comes of one does not depend on the others.

    Args:
        model: the model, asked for `word_scores` where the importance is `gradient`.
        predict: what it says of texts.
        targets: the texts.
        source: what may stand for a word.
        how: the search.

    Raises:
        CurateError: the importance is `gradient`, and the model has no word scores.

    Example:
        >>> from curate.kernels.synonyms import TableSource
        >>> said = lambda texts: np.array([[0.1, 0.9] if "good" in text else [0.8, 0.2] for text in texts])
        >>> targets = [Target("a good film", 1), Target("a film", 1)]
        >>> made = attacked(None, said, targets, TableSource({"good": ["fine"]}), Attack())
        >>> [(each.outcome, each.replacements, each.n_queries) for each in made]
        [('flipped', ((2, 6, 'fine'),), 3), ('wrong_before', (), 1)]
    """
    found: list[Attempt] = []
    for low in range(0, len(targets), _ROWS_AT_ONCE):
        part = targets[low : low + _ROWS_AT_ONCE]
        words = [candidates(target.text, target.protected, source) for target in part]
        scores = _word_scores(model, part, [found for found, _ in words], how) if how.importance == "gradient" else {}
        searches = [_Greedy(target, *its, how, scores).run() for target, its in zip(part, words, strict=True)]
        found += _side_by_side(searches, predict)
    return found


def _word_scores(
    model: object, targets: Sequence[Target], words: Sequence[Sequence[Candidate]], how: Attack
) -> dict[str, F64]:
    """The scores of all words that stand in the targets and of what may stand there instead."""
    if not isinstance(model, WordScores):
        raise CurateError(
            "importance is 'gradient', and the learner's model has no word scores",
            hint="importance: deletion; bag and linear have word scores",
        )
    every: dict[str, None] = {}
    for target, its in zip(targets, words, strict=True):
        for word in its:
            every[target.text[word.start : word.end]] = None
            every |= dict.fromkeys(option for option, _ in word.options[: how.max_candidates])
    return dict(zip(every, model.word_scores(list(every)), strict=True)) if every else {}


def _side_by_side(searches: Sequence[Search], predict: Predict) -> list[Attempt]:
    """Run searches to their ends, asking the model for what all of them want at once."""
    ended: dict[int, Attempt] = {}
    wanted = {at: next(search) for at, search in enumerate(searches)}
    while wanted:
        said = _predicted([text for texts in wanted.values() for text in texts], predict)
        low, following = 0, {}
        for at, texts in wanted.items():
            try:
                following[at] = searches[at].send(said[low : low + len(texts)])
            except StopIteration as end:
                ended[at] = end.value
            low += len(texts)
        wanted = following
    return [ended[at] for at in range(len(searches))]


def _predicted(texts: list[str], predict: Predict) -> F64:
    """Of each distinct text once."""
    distinct = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    every = list(distinct)
    parts = [predict(every[low : low + _TEXTS_AT_ONCE]) for low in range(0, len(every), _TEXTS_AT_ONCE)]
    return np.concatenate(parts)[[distinct[text] for text in texts]]
