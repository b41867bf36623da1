"""`augment.mlm`: words replaced by, or put in as, what a masked language model expects in their place.

Kobayashi, NAACL 2018, "Contextual Augmentation"; Wu et al. 2019, "Conditional BERT Contextual Augmentation". The model
is `curate.kernels.masked_lm`; here words are chosen, and one of those that it names is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from curate.errors import did_you_mean
from curate.kernels.draws import Draws
from curate.kernels.masked_lm import Gap, MaskedLanguageModel, identity, loaded
from curate.kernels.protected import free_words
from curate.kernels.replacing import Replacement, Span
from curate.kernels.spared_words import LANGUAGES, is_spared
from curate.kernels.substitution import WORD, cased
from curate.transforms.augment.augmenter import Augmenter, allowed
from curate.transforms.augment.draft import Variant

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_BEGINS = re.compile(r"(?:^|[.!?\n])[^\w.!?\n]*$")
_MOST_LETTERS = 40  # a longer run of letters is no word
_LOOKED_BACK = 40  # characters before a word that tell whether a sentence begins with it
_SPARE_WORDS = 64  # asked for beyond top_k: what is left out (function words, the word itself) must not use it up


class _Chosen(NamedTuple):
    """A text with its gaps: the words chosen in it, ascending."""

    text: str
    words: Sequence[Span]

    def pieces(self, *, insert: bool) -> list[str]:
        """The text around its gaps; a word that is put in stands before the chosen one, with a space between."""
        found: list[str] = []
        at = 0
        for start, end in self.words:
            found.append((" " if insert and found else "") + self.text[at:start])
            at = start if insert else end
        return [*found, (" " if insert and found else "") + self.text[at:]]


class AugmentMlm(Augmenter):
    """Replaces words by others that a masked language model expects there, or puts such words in.

    Function words and negations are neither touched nor put in, nor are names and numbers. Only tokens that can be a
    whole word are taken, never one from the inside of a word. A model knows what is usual in a place and not what is
    meant: it turns `a good film` into `a bad film` as gladly as into `a great film`, so labels that hang on single
    words need a judge (`augment.constrain`).

    Attributes:
        model: a folder with a model and its tokenizer, or a name on the Hub.
        model_revision: of a model on the Hub: a commit, tag or branch.
        download: fetch from the Hub what is not in its cache.
        action: `replace` words, or `insert` words before others.
        max_rate: words changed at most, as a share of the words of the text, in (0, 1]; how many is drawn, from one
            on.
        top_k: draw among so many likeliest words.
        top_p: and of these only among the likeliest that have this share of their probability, in (0, 1].
        language: whose function words and negations stay: a code of ISO 639-1.
        max_tokens: of a text; what comes behind them is not read and stays.
        device: where the model runs: `auto`, `cpu` or `cuda`.

    Example:
        >>> AugmentMlm(model="google-bert/bert-base-uncased", n=2).top_k
        20
    """

    name: ClassVar[str] = "augment.mlm"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "replaced": "words replaced by what the model expects there; score is the least probability of one",
        "inserted": "words put in that the model expects there; score is the least probability of one",
    }
    uncounted: ClassVar[frozenset[str]] = frozenset({"model", "model_revision", "download", "device"})
    languages: ClassVar[str] = (
        f"those that the model was trained on, of {', '.join(LANGUAGES)}; words of scripts without spaces stay"
    )

    model: str = Field(min_length=1)
    model_revision: str | None = None
    download: bool = False
    action: Literal["replace", "insert"] = "replace"
    max_rate: float = Field(0.15, gt=0, le=1)
    top_k: int = Field(20, ge=1, le=1000)
    top_p: float = Field(1.0, gt=0, le=1)
    language: str = "en"
    max_tokens: int = Field(256, ge=8)
    device: str = "auto"

    @model_validator(mode="after")
    def _knows_language(self) -> Self:
        if self.language not in LANGUAGES:
            hint = did_you_mean(self.language, LANGUAGES)
            raise ValueError(f"no function words are known of {self.language!r}; {hint}")
        return self

    def revision(self) -> str:
        return identity(self.model, self.model_revision, self.device, download=self.download)

    def setup(self) -> None:
        self._model()

    def _model(self) -> MaskedLanguageModel:
        return loaded(self.model, self.model_revision, self.device, self.download)

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        model, insert = self._model(), self.action == "insert"
        ends = model.read(texts, self.max_tokens)
        each = zip(texts, protected, ends, draws, strict=True)
        chosen = [_Chosen(text, self._chosen(text, guarded, end, draw)) for text, guarded, end, draw in each]
        asked = [one.pieces(insert=insert) for one in chosen]
        gaps = model.filled(asked, self.max_tokens, self.top_k + _SPARE_WORDS)
        return [
            allowed(self._variant(one, its, draw), one.text, guarded)
            for one, its, draw, guarded in zip(chosen, gaps, draws, protected, strict=True)
        ]

    def _chosen(self, text: str, protected: Sequence[Span], end: int, draws: Draws) -> list[Span]:
        words = free_words(text, list(protected), WORD)
        open_to = [span for span in words if span[1] <= end and self._may_change(text, *span)]
        if not open_to:
            return []
        most = min(len(open_to), max(1, int(len(words) * self.max_rate)))
        return [open_to[at] for at in draws.sample(len(open_to), 1 + draws.below(most))]

    def _may_change(self, text: str, start: int, end: int) -> bool:
        """Whether a word is neither a function word nor a name; to put one before it, a space must be there."""
        word = text[start:end]
        if is_spared(word, self.language) or not 1 < len(word) <= _MOST_LETTERS or _UNSPACED.search(word):
            return False
        if self.action == "insert":
            return start > 0 and text[start - 1] == " " and word.islower()
        return word.islower() or (
            word.istitle() and _BEGINS.search(text[max(0, start - _LOOKED_BACK) : start]) is not None
        )

    def _variant(self, chosen: _Chosen, gaps: Sequence[Gap | None], draws: Draws) -> Variant:
        made: list[Replacement] = []
        score = 1.0
        for (start, end), gap in zip(chosen.words, gaps, strict=True):
            beside = {word.lower() for word in _around(chosen.text, start, end)}
            found = None if gap is None else self._drawn(gap, beside, draws)
            if found is None:
                continue
            word, share = found
            score = min(score, share)
            like = chosen.text[start:end]
            if self.action == "insert":
                made.append((start, start, f"{word} "))
            else:
                made.append((start, end, word if like.islower() else cased(word, like)))
        return Variant(made, "inserted" if self.action == "insert" else "replaced", score)

    def _drawn(self, gap: Gap, beside: set[str], draws: Draws) -> tuple[str, float] | None:
        """A word for a gap, with its share of the probability: none that stands there or beside it, and no name."""
        usable = (
            (word, share)
            for word, share in zip(gap.words, gap.shares.tolist(), strict=True)
            if word.islower() and word not in beside and not is_spared(word, self.language)
        )
        found = [one for one, _ in zip(usable, range(self.top_k), strict=False)]
        total = sum(share for _, share in found)
        if not total > 0:
            return None
        left, target = 0.0, draws.uniform() * min(self.top_p, 1.0) * total
        for word, share in found:
            left += share
            if left > target:
                return word, share
        return found[-1]


def _around(text: str, start: int, end: int) -> Iterator[str]:
    """The word itself, the one before and the one behind."""
    yield text[start:end]
    for match in WORD.finditer(text, end, end + 2 * _LOOKED_BACK):
        yield match.group()
        break
    before = [match.group() for match in WORD.finditer(text, max(0, start - 2 * _LOOKED_BACK), start)]
    yield from before[-1:]
