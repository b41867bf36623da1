"""What a measurement's model is to learn: classes, sets of classes, numbers or texts, from the columns that hold them.

Labels become the words people know them by, so that train and test rows agree on them. Stands between a corpus and the
examples that a learner sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.data.roles import is_number
from curate.errors import CurateError
from curate.kernels.classes import class_codes
from curate.learn.examples import Examples, Task
from curate.learn.learner import Learner


def label_names(corpus: Corpus) -> pa.Array:
    """The label of each row in words: the name a `ClassLabel` gives it, a whole number without its `.0`, else as text.

    A null, a NaN and a number outside a `ClassLabel` (-1, by custom) are null.
    """
    labels, names = corpus.labels(), corpus.class_names()
    if pa.types.is_dictionary(labels.type):
        labels = labels.cast(labels.type.value_type)
    if names is not None and pa.types.is_integer(labels.type):
        known = [None if code is None or not 0 <= code < len(names) else names[code] for code in labels.to_pylist()]
        return pa.array(known, pa.string())
    return pa.array([_word(value) for value in labels.to_pylist()], pa.string())


def _word(value: object) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True, eq=False)
class Classes:
    """One class a row: the class names of a measurement, and how labels become numbers."""

    names: tuple[str, ...]
    task: ClassVar[Task] = "classification"

    @classmethod
    def of(cls, train: Corpus, test: Corpus) -> Classes:
        """The classes of the training rows, then those that only the test rows have.

        Raises:
            CurateError: they have none in common, there is but one, or there are too many to be classes.
        """
        trained, tested = (class_codes(label_names(corpus))[1] for corpus in (train, test))
        names = dict.fromkeys([*trained, *tested])
        if trained and tested and not set(trained) & set(tested):
            raise CurateError(
                f"no class of the test rows ({', '.join(tested[:3])}) is one of training ({', '.join(trained[:3])})",
                hint="write the labels of both alike",
            )
        if not names:
            raise CurateError(f"no row has a label in {train.roles.label!r}", hint="name the label column with --label")
        if len(names) < 2:
            raise CurateError(
                f"the label has 1 class ({next(iter(names))}), so a model has nothing to tell apart",
                hint="measure needs 2 or more",
            )
        if len(names) > len(train) / 2:
            raise CurateError(
                f"the label has {len(names):,} classes for {len(train):,} rows; it does not look like a class",
                hint="name the label column with --label",
            )
        return cls(tuple(names))

    def notes(self, train: Corpus, test: Corpus) -> list[str]:
        """What to say about classes that only test rows have."""
        trained, tested = (set(class_codes(label_names(corpus))[1]) for corpus in (train, test))
        unseen = sorted(tested - trained)
        return [f"No training row is of these classes of the test rows: {', '.join(unseen[:5])}."] if unseen else []

    def known(self, corpus: Corpus) -> NDArray[np.bool_]:
        """Which rows have a label, shape (n,)."""
        return self.codes(corpus) >= 0

    def codes(self, corpus: Corpus) -> NDArray[np.int64]:
        """The class number of each row, shape (n,), -1 for a row without a label."""
        names = label_names(corpus)
        found = pc.index_in(names, value_set=pa.array(self.names, pa.string()))
        unknown = names.filter(pc.and_(found.is_null(), names.is_valid()))
        if len(unknown):
            raise CurateError(f"a step sets the label {unknown[0].as_py()!r}, which no training or test row had")
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def examples(self, corpus: Corpus, *, features: bool = False) -> Examples:
        """The rows with a label as a learner sees them."""
        codes = self.codes(corpus)
        return _examples(corpus, np.maximum(codes, 0), codes >= 0, len(self.names), self.task, features)


@dataclass(frozen=True, eq=False)
class LabelSets:
    """Any number of classes a row: a label column of lists. A null is no label; an empty list is "none of them"."""

    names: tuple[str, ...]
    task: ClassVar[Task] = "multilabel"

    @classmethod
    def of(cls, train: Corpus, test: Corpus) -> LabelSets:
        """The classes of the training rows, then those that only the test rows have.

        Raises:
            CurateError: there are none.
        """
        names = dict.fromkeys(name for corpus in (train, test) for name in sorted({*_flat(label_sets(corpus))}))
        if not names:
            raise CurateError(f"no row has a class in {train.roles.label!r}", hint="measure needs one or more")
        return cls(tuple(names))

    def notes(self, train: Corpus, test: Corpus) -> list[str]:
        """What to say about classes that only test rows have."""
        unseen = sorted({*_flat(label_sets(test))} - {*_flat(label_sets(train))})
        return [f"No training row is of these classes of the test rows: {', '.join(unseen[:5])}."] if unseen else []

    def known(self, corpus: Corpus) -> NDArray[np.bool_]:
        """Which rows have a list of classes, shape (n,)."""
        return np.array([given is not None for given in label_sets(corpus)], np.bool_)

    def examples(self, corpus: Corpus, *, features: bool = False) -> Examples:
        """The rows with a list of classes as a learner sees them."""
        at = {name: number for number, name in enumerate(self.names)}
        given = label_sets(corpus)
        targets = np.zeros((len(given), len(at)), np.bool_)
        for row, names in enumerate(given):
            for name in names or ():
                if name not in at:
                    raise CurateError(f"a step sets the label {name!r}, which no training or test row had")
                targets[row, at[name]] = True
        return _examples(corpus, targets, self.known(corpus), len(at), self.task, features)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A number a row: the column of the role target."""

    names: ClassVar[tuple[str, ...]] = ()
    task: ClassVar[Task] = "regression"

    def notes(self, train: Corpus, test: Corpus) -> list[str]:
        """Nothing."""
        return []

    def known(self, corpus: Corpus) -> NDArray[np.bool_]:
        """Which rows have a finite number, shape (n,)."""
        return np.asarray(np.isfinite(_numbers(corpus)))

    def examples(self, corpus: Corpus, *, features: bool = False) -> Examples:
        """The rows with a number as a learner sees them."""
        values, known = _numbers(corpus), self.known(corpus)
        return _examples(corpus, np.where(known, values, 0.0), known, 0, self.task, features)


@dataclass(frozen=True, eq=False)
class Texts:
    """A text a row: that of the role target, which follows the row's text; without that role the text itself."""

    names: ClassVar[tuple[str, ...]] = ()
    task: ClassVar[Task] = "generation"

    def notes(self, train: Corpus, test: Corpus) -> list[str]:
        """Nothing."""
        return []

    def known(self, corpus: Corpus) -> NDArray[np.bool_]:
        """Which rows have a text to be written, shape (n,)."""
        return np.array([bool(text.strip()) for text in _written(corpus)], np.bool_)

    def examples(self, corpus: Corpus, *, features: bool = False) -> Examples:
        """The rows with a text to be written as a learner sees them."""
        targets = np.array(_written(corpus), dtype=object)
        texts = corpus.texts() if corpus.roles.target is not None else [""] * len(corpus)
        return _examples(corpus, targets, self.known(corpus), 0, self.task, features, texts)


class Targets(Protocol):
    """What is to be learnt, and how the column that holds it becomes what a learner sees."""

    @property
    def names(self) -> tuple[str, ...]:
        """The classes; none where the task has none."""
        ...

    @property
    def task(self) -> Task: ...

    def notes(self, train: Corpus, test: Corpus) -> list[str]: ...

    def known(self, corpus: Corpus) -> NDArray[np.bool_]: ...

    def examples(self, corpus: Corpus, *, features: bool = False) -> Examples: ...


def targets_of(train: Corpus, test: Corpus, learner: Learner) -> Targets:
    """What the learner shall learn of these rows: their label, else their target, else the text itself.

    Raises:
        CurateError: the learner learns nothing that the rows have.
    """
    offered = _offered(train)
    task = next((task for task in offered if task in learner.tasks), None)
    if task is None:
        able = "bag" if learner.tasks == {"generation"} else "causal"
        other = f"--learner {able}, " if offered else ""
        raise CurateError(
            f"the learner {learner.name!r} does {', '.join(sorted(learner.tasks))}; the rows have "
            f"{' and '.join(offered) or 'no label and no target'}",
            hint=f"{other}or name another column with --label or --target".removeprefix("or "),
        )
    if task == "classification":
        return Classes.of(train, test)
    if task == "multilabel":
        return LabelSets.of(train, test)
    return Numbers() if task == "regression" else Texts()


def _offered(corpus: Corpus) -> list[Task]:
    """The tasks that the columns of a corpus pose, the likeliest first."""
    tasks: list[Task] = []
    if corpus.roles.label is not None:
        kind = corpus.schema.field(corpus.roles.label).type
        tasks.append("multilabel" if _is_list(kind) else "classification")
    if corpus.roles.target is not None:
        tasks.append("regression" if is_number(corpus.schema.field(corpus.roles.target).type) else "generation")
    elif corpus.roles.text and not tasks:
        tasks.append("generation")
    return tasks


def strata(corpus: Corpus) -> NDArray[np.int64]:
    """The class of each row, for draws that take each class alike; fifths of a number; else all of one class."""
    task = next(iter(_offered(corpus)), None)
    if task == "classification":
        return np.maximum(class_codes(corpus.labels())[0], 0)
    if task == "regression":
        from scipy import stats  # half a second, which a process that only trains need not wait for

        ranks = stats.rankdata(np.nan_to_num(_numbers(corpus)), method="average")
        return np.minimum((5 * ranks / (len(ranks) + 1)).astype(np.int64), 4)
    return np.zeros(len(corpus), np.int64)


def whole_texts(corpus: Corpus, task: Task) -> list[str]:
    """What a learner may be prepared on: of each row its text and, where one is to be written, that behind it."""
    texts = corpus.texts() if corpus.roles.text else []
    if task != "generation" or corpus.roles.target is None:
        return texts
    return [text + target for text, target in zip(texts, _written(corpus), strict=True)]


def label_sets(corpus: Corpus) -> list[list[str] | None]:
    """The classes of each row in words; null where the row has no list."""
    names = dict(enumerate(corpus.class_names() or ()))

    def word(value: object) -> str | None:
        return names[value] if isinstance(value, int) and value in names else _word(value)

    return [
        None if given is None else [name for name in map(word, given) if name is not None]
        for given in corpus.labels().to_pylist()
    ]


def classes_in(corpus: Corpus) -> list[str]:
    """The classes that the labels of rows name, in order, whether a row has one of them or a list."""
    if _is_list(corpus.schema.field(str(corpus.roles.label)).type):
        return sorted({*_flat(label_sets(corpus))})
    return class_codes(label_names(corpus))[1]


def _flat(given: list[list[str] | None]) -> Iterator[str]:
    return chain.from_iterable(names for names in given if names is not None)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _numbers(corpus: Corpus) -> NDArray[np.float64]:
    column = corpus.table().column(str(corpus.roles.target)).cast(pa.float64())
    return np.asarray(column.fill_null(np.nan).to_numpy(), dtype=np.float64)


def _written(corpus: Corpus) -> list[str]:
    if corpus.roles.target is None:
        return corpus.texts()
    return [text or "" for text in corpus.table().column(corpus.roles.target).cast(pa.large_string()).to_pylist()]


def _examples(
    corpus: Corpus,
    targets: NDArray[Any],
    known: NDArray[np.bool_],
    n_classes: int,
    task: Task,
    features: bool,
    texts: list[str] | None = None,
) -> Examples:
    """The rows whose target is known."""
    if texts is None:
        texts = corpus.texts() if corpus.roles.text else [""] * len(corpus)
    weights, table = None, None
    if corpus.roles.weight is not None:
        weights = corpus.table().column(corpus.roles.weight).fill_null(1.0).to_numpy().astype(np.float64)
    if features:
        table = corpus.table().select(list(corpus.roles.features))
    rows = Examples(texts, targets, weights, n_classes, task, table)
    return rows if known.all() else rows.take(np.flatnonzero(known))
