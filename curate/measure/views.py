"""The views of a measurement: further sets of rows, and the test rows with their inputs changed.

Labels and targets stay as they are, and every draw is keyed by the row's id: a row is changed alike in every arm and
replicate, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.data.corpus import Corpus
from curate.data.rows import TableRows
from curate.errors import ColumnError, CurateError
from curate.io.loading import keep_columns
from curate.kernels.other_words import WordSettings
from curate.kernels.perturb import with_other_case, with_synonyms, with_typos
from curate.kernels.wordnet import single_sense_synonyms
from curate.learn.attack import Attack
from curate.learn.learner import Learner
from curate.measure.options import Options
from curate.measure.robustness import ATTACK_QUERIES, ATTACKED_ROWS
from curate.measure.sheets import Attacker, View, scorable
from curate.measure.subject import Subject
from curate.measure.targets import Targets, classes_in

OOD = "ood "
"""What the names of further sets begin with, as those of changed inputs have no such word."""

SHOWN_LABELS = 3

Change = Callable[[str, np.random.Generator], str]


def ood_views(given: Mapping[str, Corpus], train: Corpus, targets: Targets, *, features: bool) -> list[View]:
    """The further sets as views, with the roles of the training rows.

    Raises:
        ColumnError: a set lacks the column of a text, label, target or feature.
        CurateError: no row of a set has a target that the measurement knows.
    """
    views = []
    for name, corpus in given.items():
        needed = {role: getattr(train.roles, role) for role in ("text", "label", "target", "features")}
        for column in (*needed["text"], needed["label"], needed["target"], *needed["features"]):
            if column is not None and column not in corpus.column_names:
                raise ColumnError(
                    f"the out-of-domain rows {name!r} have no column {column!r}; they have "
                    f"{', '.join(corpus.column_names)}",
                    hint=f"rename it to {column}",
                )
        seen = corpus.with_roles(keep_columns(train.roles, corpus.column_names).changed(needed))
        known = np.flatnonzero(scorable(targets, seen))
        if not len(known):
            raise _strangers(name, seen, targets)
        views.append(View(OOD + name, seen.take(known), targets, features, n_left_out=len(corpus) - len(known)))
    return views


def _strangers(name: str, rows: Corpus, targets: Targets) -> CurateError:
    """That a set holds no target that training knows, with some of what each side has."""
    if not targets.names:
        return CurateError(f"no row of the out-of-domain set {name!r} has a target", hint="give one whose rows do")
    theirs, known = classes_in(rows), targets.names
    has = f"they are {_some(theirs)}, those of training {_some(known)}" if theirs else "it has none"
    return CurateError(
        f"no row of the out-of-domain set {name!r} has a label that training knows: {has}",
        hint="write its labels like those of training",
    )


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - SHOWN_LABELS
    return ", ".join(names[:SHOWN_LABELS]) + (f" and {more:,} more" if more > 0 else "")


def with_views(subject: Subject, asked: Options, learner: Learner) -> Subject:
    """The subject with the views that are asked for, and a note of the attack where it is left out."""
    features, notes = "features" in learner.reads, subject.notes
    views = ood_views(asked.ood, subject.train, subject.targets, features=features)
    if asked.robustness or asked.synonyms is not None:
        words = None if asked.synonyms is None else single_sense_synonyms(asked.synonyms)
        seed = subject.recipe.seed
        views += changed_views(subject.test, subject.targets, seed, features=features, synonyms=words)
        why = _no_attack(subject.targets, learner)
        if why:
            notes = (*notes, f"Robustness leaves out the attack: {why}.")
        else:
            views.append(attack_view(subject.test, subject.targets, seed))
    return replace(subject, views=tuple(views), notes=notes)


def _no_attack(targets: Targets, learner: Learner) -> str:
    """Why models cannot be attacked, in words; empty where they can."""
    if targets.task != "classification":
        return f"it turns a class into another, and the task is {targets.task}"
    if learner.reads != {"text"}:
        return f"it rewrites texts alone, and the learner {learner.name} reads {' and '.join(sorted(learner.reads))}"
    return ""


def changed_views(
    test: Corpus, targets: Targets, seed: int, *, features: bool, synonyms: Mapping[str, Sequence[str]] | None = None
) -> list[View]:
    """The test rows with slips, in another case and, where synonyms are given, in other words.

    Raises:
        CurateError: the rows have no text, or their text is itself what is learnt.
    """
    if not test.roles.text or (targets.task == "generation" and test.roles.target is None):
        raise CurateError(
            "robustness changes the text of the test rows, and here there is none beside what is learnt",
            hint="leave it out",
        )
    changes: dict[str, Change] = {"typos": with_typos, "case": with_other_case}
    if synonyms is not None:
        changes["synonyms"] = lambda text, generator: with_synonyms(text, generator, synonyms)
    return [View(name, changed(test, name, change, seed), targets, features) for name, change in changes.items()]


def attack_view(test: Corpus, targets: Targets, seed: int) -> View:
    """Some of the test rows, which are written otherwise for each model by an attack on it."""
    chosen = np.sort(StepRandom(seed, "robustness attack").order(test.row_ids())[:ATTACKED_ROWS])
    attacker = Attacker(Attack(max_queries=ATTACK_QUERIES), WordSettings())
    return View("attack", test.take(chosen), targets, attacker=attacker, places=chosen)


def changed(corpus: Corpus, name: str, change: Change, seed: int) -> Corpus:
    """The rows with their texts changed, each by draws of its own.

    Example:
        >>> rows = Corpus.from_table(pa.table({"text": ["one text", "another"], "label": [0, 1]}))
        >>> changed(rows, "capitals", lambda text, generator: text.upper(), seed=0).texts()
        ['ONE TEXT', 'ANOTHER']
    """
    table, random = corpus.table(with_ids=True), StepRandom(seed, f"robustness {name}")
    row_ids = corpus.row_ids().tolist()
    for number, column in enumerate(corpus.roles.text):
        kind = table.schema.field(column).type
        texts = [
            text and change(text, random.generator(row_id, number))
            for row_id, text in zip(row_ids, table.column(column).to_pylist(), strict=True)
        ]
        place = table.schema.get_field_index(column)
        table = table.set_column(place, table.schema.field(column), pa.array(texts, pa.large_string()).cast(kind))
    return Corpus.from_rows(TableRows(table), corpus.roles, name=f"{corpus.name} with other {name}")
