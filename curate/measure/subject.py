"""The subject of a measurement: training rows, sealed test rows, what is learnt of them, and what must be said first.

Here the test rows are sealed and guarded: rows of theirs in training, labels that a step gave them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from curate.core.behind import with_kin
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.engines.guards import check_needs
from curate.errors import ColumnError, CurateError, InputError
from curate.io.loading import keep_columns
from curate.kernels.classes import class_codes
from curate.learn.folds import families, family_sample
from curate.learn.learner import Learner
from curate.measure.leaks import Kinds, clear_leaks, refuse_leaks, refuse_made_labels, twins_of
from curate.measure.replicate import check_at_inference
from curate.measure.sheets import View
from curate.measure.targets import Targets, label_names, strata, targets_of

TEST_FRACTION = 0.2


@dataclass(frozen=True, eq=False)
class Subject:
    """The rows that a measurement is made on.

    Attributes:
        recipe: the steps to be measured; those that clear out leaks are done already.
        train: the training rows.
        test: the sealed test rows that have a target.
        targets: what is to be learnt.
        twins: how each test row stands in training.
        notes: what must be said about the rows.
        views: further rows on which every arm is looked at.
    """

    recipe: Recipe
    train: Corpus
    test: Corpus
    targets: Targets
    twins: Kinds
    notes: tuple[str, ...] = ()
    views: tuple[View, ...] = ()


def subject_of(
    recipe: Recipe, corpus: Corpus, test: Corpus | None, learner: Learner, store: Store | None, *, allow_leakage: bool
) -> Subject:
    """Seal the test rows, clear out leaks where the recipe says so, and look at what is left.

    Raises:
        LeakedRows: test rows stand in training, or nearly the same, and nobody said that this is meant.
        InputError: there are no training or no test rows.
        CurateError: no steps, no label, fewer than two classes, test labels that a step has set, or next to no training
            row that is not a test row.
    """
    corpus = Corpus.expect(corpus)
    corpus = corpus.with_roles(corpus.roles.named(dict(recipe.roles)))
    _check(recipe, corpus, learner)
    train, sealed, notes = split(corpus, test, recipe.seed)
    refuse_made_labels(sealed)
    targets_of(train, sealed, learner)  # what is wrong with the rows as they came is said of those
    whole, given_train = recipe, train
    recipe, train, cleared = clear_leaks(recipe, train, store)
    _check_left(whole, recipe, given_train, train)
    targets = targets_of(train, sealed, learner)
    check_at_inference(recipe, targets.task, train)
    notes += [*cleared, *targets.notes(train, sealed)]
    labelled = sealed.take(np.flatnonzero(targets.known(sealed)))
    if not len(labelled):
        raise CurateError("no test row has a label or target", hint="name the column of the test rows with --label")
    twins = twins_of(labelled, train)
    given = test is not None or "test" in corpus.held_out
    notes += refuse_leaks(train, twins, allow=allow_leakage or not given)
    return Subject(recipe, train, labelled, targets, twins, tuple(notes))


def _check(recipe: Recipe, corpus: Corpus, learner: Learner) -> None:
    check_needs(recipe, corpus)
    check_reads(learner, corpus)
    if not recipe.steps:
        raise CurateError("the recipe has no steps, so there is nothing to measure")


def _check_left(whole: Recipe, rest: Recipe, train: Corpus, left: Corpus) -> None:
    """Refuse what the steps against leaks leave where no model can be trained on it: it is the steps that are named."""
    classes = _n_classes(train), _n_classes(left)
    if len(left) == len(train) or (len(left) >= 2 * max(1, classes[0]) and classes[1] >= min(2, classes[0])):
        return
    names = " and ".join(step.name for step in whole.steps if step not in rest.steps)
    kinds = ", all of one class" if len(left) and classes[1] == 1 < classes[0] else ""
    raise CurateError(
        f"step {names} left {len(left):,} of {len(train):,} training rows{kinds}: the others stand in the test rows, "
        "or nearly so",
        hint="test on rows that are not in the training file: --test SOURCE",
    )


def _n_classes(corpus: Corpus) -> int:
    """How many classes the rows have; 0 where they have no label, or lists of labels."""
    if corpus.roles.label is None or pa.types.is_nested(corpus.schema.field(corpus.roles.label).type):
        return 0
    return len(class_codes(label_names(corpus))[1])


def check_reads(learner: Learner, corpus: Corpus) -> None:
    """Raise a `ColumnError` where the rows lack a role that a learner reads."""
    for role in sorted(learner.reads):
        if role not in corpus.roles.present():
            raise ColumnError(
                f"the learner {learner.name!r} needs a column with the role {role}; "
                f"the columns are {', '.join(corpus.column_names)}",
                hint=f"name it with --{role}",
            )


def split(corpus: Corpus, test: Corpus | None, seed: int) -> tuple[Corpus, Corpus, list[str]]:
    """The training rows, the sealed test rows, and what to say about them.

    Raises:
        InputError: there are no training or no test rows.
    """
    if not len(corpus):
        raise InputError(f"there are no rows in {corpus.name}", hint="give rows under the header")
    sealed = test if test is not None else corpus.held_out.get("test")
    if sealed is not None and not len(sealed):
        raise InputError(f"there are no rows in the test split ({sealed.name})", hint="give test rows: --test SOURCE")
    if sealed is not None:
        roles = keep_columns(corpus.roles, sealed.column_names)  # a test split needs no weights and no groups
        needed = {role: getattr(corpus.roles, role) for role in ("text", "label", "target", "features")}
        needed["group"] = roles.group or sealed.roles.group  # which may stand in the test rows alone
        return corpus.with_held_out(test=sealed), sealed.with_roles(roles.changed(needed)), []
    kin = with_kin(families(corpus), corpus.row_ids(), corpus.origin)
    chosen = family_sample(kin, strata(corpus), corpus.row_ids(), TEST_FRACTION, StepRandom(seed, "test split"))
    sealed = corpus.take(np.flatnonzero(chosen))
    share = f"{len(sealed):,} rows ({TEST_FRACTION:.0%}, by near-duplicate family)"
    note = f"No test split was given: {share} were set aside and sealed."
    return corpus.take(np.flatnonzero(~chosen)).with_held_out(test=sealed), sealed, [note]
