"""The signals `quality` and `toxicity`: the probability that a text is like one kind of texts and not like another.

`filter.quality` and `filter.toxicity` read them. A classifier is trained once per process, deterministically, when the
first batch needs it (`curate.learn.judge`); its identity is the learner's and the content of what it learns from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.core.fingerprint import config
from curate.core.signals import RowSignal
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.rows import Batch
from curate.errors import ColumnError, CurateError, did_you_mean
from curate.kernels.classes import class_codes
from curate.kernels.text import is_blank
from curate.learn.judge import Judge
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec, learner_named
from curate.learn.reference import content, opened, sampled, texts_of
from curate.learn.sequence_classifier import classifier_identity, loaded
from curate.transforms.filter.quality import LikenessSettings
from curate.transforms.filter.toxicity import ToxicitySettings

_MAX_BYTES = 2**28  # of each side: bounds the memory where rows are whole books


class Quality(LikenessSettings, RowSignal):
    """The probability that a text comes from one source and not from another; null where there is no text.

    Its settings are those of `filter.quality`.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "probability, 0 to 1"

    def revision(self) -> str:
        read = [content(self.like, self.like_text), content(self.unlike, self.unlike_text)]
        return digest(*read, _learner(self.learner).identity())

    @cached_property
    def _read(self) -> str:
        return self.revision()

    def values(self, batch: Batch) -> pa.Array:
        return _of_texts(batch, _judge(_Asked(digest(config(self), self._read), self)).probabilities)

    def judge(self) -> Judge:
        """Train; see `curate.learn.judge`."""
        like, unlike = (
            texts_of(source, text, max_bytes=_MAX_BYTES, max_rows=self.max_rows)
            for source, text in ((self.like, self.like_text), (self.unlike, self.unlike_text))
        )
        return Judge.of(like, unlike, _learner(self.learner), self.n_folds)


class Toxicity(ToxicitySettings, RowSignal):
    """The probability that a text is toxic, by a classifier of the user's; null where there is no text.

    Its settings are those of `filter.toxicity`.
    """

    name: ClassVar[str] = "toxicity"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "probability, 0 to 1"

    def revision(self) -> str:
        if self.model is not None:
            return classifier_identity(self.model, self.model_revision)
        return digest(self._labelled(), _learner(self.learner).identity())

    @cached_property
    def _read(self) -> str:
        return self.revision()

    def _labelled(self) -> Any:
        """What the labelled rows hold, as plain values."""
        if not isinstance(self.train, str):
            return self.train
        corpus = opened(self.train, self.train_text, self.train_label)
        return [corpus.fingerprint, corpus.roles.model_dump(mode="json")]

    def values(self, batch: Batch) -> pa.Array:
        if self.model is not None:
            made = loaded(self.model, self.model_revision, self.device, self.download)
            return _of_texts(batch, lambda texts: made.probabilities(texts, self.positive))
        return _of_texts(batch, _judge(_Asked(digest(config(self), self._read), self)).probabilities)

    def judge(self) -> Judge:
        """Train; see `curate.learn.judge`."""
        toxic, others = self._sides()
        return Judge.of(toxic, others, _learner(self.learner), self.n_folds)

    def _sides(self) -> tuple[list[str], list[str]]:
        """The texts with one of the labels, and those with another one."""
        if not isinstance(self.train, str):
            given = [pair for pair in self.train or () if pair[0].strip()]
            return (
                [text for text, label in given if label in self.positive],
                [text for text, label in given if label not in self.positive],
            )
        corpus = opened(self.train, self.train_text, self.train_label)
        codes, found = _codes(corpus, self.positive)
        toxic = np.isin(codes, found)
        rows = (np.flatnonzero(toxic), np.flatnonzero(~toxic & (codes >= 0)))
        first, second = (sampled(corpus.take(at), _MAX_BYTES, self.max_rows) for at in rows)
        return first, second


@dataclass(frozen=True)
class _Asked:
    """A signal under a key that tells its settings and what it learns from."""

    key: str
    signal: Quality | Toxicity = field(compare=False)


@lru_cache(maxsize=4)
def _judge(asked: _Asked) -> Judge:
    """The judge of a signal; another one where what it learns from has changed."""
    return asked.signal.judge()


def _learner(given: LearnerSpec) -> Learner:
    """The learner of a judge.

    Raises:
        CurateError: there is none of that name, a setting of it is wrong, or it learns no classes of texts.
        MissingExtra: what it needs is not installed.
    """
    made = learner_named(given)
    if "classification" not in made.tasks or "text" not in made.reads:
        raise CurateError(f"the learner {made.name!r} learns no classes of texts", hint="learner: bag")
    made.check_installed()
    return made


def _of_texts(batch: Batch, probabilities: Callable[[Sequence[str]], NDArray[np.float64]]) -> pa.Array:
    """What is said of each text that is one, to four places; null for the others."""
    texts = batch.text_array()
    at = np.flatnonzero(~is_blank(texts))
    values, known = np.zeros(len(batch)), np.zeros(len(batch), bool)
    if at.size:
        values[at] = np.round(probabilities([str(text) for text in texts.take(pa.array(at)).to_pylist()]), 4)
        known[at] = True
    return pa.array(values, pa.float64(), mask=~known)


def _codes(corpus: Corpus, positive: Sequence[str]) -> tuple[NDArray[np.int64], list[int]]:
    """The class of each row, -1 for one without a label, and the classes that are called as in `positive`.

    Raises:
        ColumnError: there is no label column, or no row has such a label.
    """
    if corpus.roles.label is None:
        raise ColumnError(f"{corpus.name} has no column of labels that can be told", hint="name it with train_label")
    codes, names = class_codes(corpus.labels())
    called = corpus.class_names() or []
    found = [
        at
        for at, name in enumerate(names)
        if name in positive or (name.isdecimal() and int(name) < len(called) and called[int(name)] in positive)
    ]
    if not found:
        hint = did_you_mean(positive[0], [*names, *called])
        raise ColumnError(f"no row of {corpus.name} has the label {' or '.join(positive)}", hint=hint)
    return codes, found
