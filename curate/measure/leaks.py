"""Test rows that stand in training: cleared out where the recipe says so, refused where they are the same, else told.

A step that only takes test rows out of training cannot be judged by those very rows. So `dedup.leakage` is no arm: it
is done first, and every arm is trained on what it leaves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.checks.remedy import plural
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import CurateError, LeakedRows
from curate.report.display import number
from curate.transforms.dedup.leakage import DropLeakedRows, LeakedFrom

Kinds = NDArray[np.str_]
"""For each test row `same`, `near` or `none`: its nearest row in training."""


def clear_leaks(recipe: Recipe, train: Corpus, store: Store | None) -> tuple[Recipe, Corpus, list[str]]:
    """The recipe without its steps of `dedup.leakage`, the rows that these leave, and what to say about it."""
    first = [step for step in recipe.steps if isinstance(step.transform, DropLeakedRows)]
    if not first:
        return recipe, train, []
    rest = [step for step in recipe.steps if step not in first]
    if not rest:
        raise CurateError(
            "the recipe has no step to measure: dedup.leakage is done before, as leaked test rows cannot judge it",
            hint="add the steps to measure",
        )
    done = replace(recipe, steps=tuple(first)).run(train, store=store)
    notes = [
        f"{count.step} dropped {count.n_dropped:,} training rows before anything was trained, so that no arm has them."
        for count in done.counts
    ]
    return replace(recipe, steps=tuple(rest)), done.corpus, notes


def twins_of(test: Corpus, train: Corpus) -> Kinds:
    """Whether each test row has the same text in training, nearly the same or none, shape (n_test,).

    Of rows without a text nothing is known, so none is said to stand there.
    """
    if not train.roles.text:
        return np.full(len(test), "none")
    leaks = LeakedFrom(split="train", match="near").compute(test.with_held_out(train=train), 0).column("value")
    how = np.array(pc.fill_null(pc.struct_field(leaks, "how"), "none").to_pylist(), np.str_)
    return np.where(how == "exact", "same", how)


def refuse_leaks(train: Corpus, found: Kinds, *, allow: bool) -> list[str]:
    """What to say about test rows with the same text in training.

    Raises:
        LeakedRows: there are any, and nobody said that this is meant.
    """
    n_test = int((found == "same").sum())
    if not n_test:
        return []
    leaks = LeakedFrom().compute(train, 0).column("value")
    said = (
        f"{number(n_test)} of {plural(len(found), 'test row')} stand in training, word for word, and test memory there "
        f"({plural(len(leaks) - leaks.null_count, 'training row')})"
    )
    if not allow:
        hint = "begin the recipe with use: dedup.leakage, which drops them from training, or say --allow-leakage"
        raise LeakedRows(said, hint=f"{hint} (allow_leakage=True)")
    return [f"{said}."]
