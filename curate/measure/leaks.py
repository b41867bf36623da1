"""Test rows that stand in training, word for word or nearly so, or cell for cell in a table without texts: cleared out
where the recipe says so, else refused.

A step that only takes test rows out of training cannot be judged by those very rows. So `dedup.leakage` is no arm: it
is done first, and every arm is trained on what it leaves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.checks.remedy import plural
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.lineage import as_text
from curate.data.store import Store
from curate.errors import CurateError, LeakedRows
from curate.kernels.hashing import hash_texts
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
        if count.n_dropped
    ]
    return replace(recipe, steps=tuple(rest)), done.corpus, notes


def twins_of(test: Corpus, train: Corpus) -> Kinds:
    """Whether each test row has the same text in training, nearly the same or none, shape (n_test,).

    Rows without a text are the same where all features and what is to be learnt are equal, value by value; of rows
    without features nothing is known, so none is said to stand there.
    """
    if not train.roles.text:
        return np.where(_like(test, train), "same", "none")
    leaks = LeakedFrom(split="train", match="near").compute(test.with_held_out(train=train), 0).column("value")
    how = np.array(pc.fill_null(pc.struct_field(leaks, "how"), "none").to_pylist(), np.str_)
    return np.where(how == "exact", "same", how)


def are_comparable(train: Corpus) -> bool:
    """Whether it can be known which test rows stand in training."""
    return bool(train.roles.text or train.roles.features)


def _like(rows: Corpus, others: Corpus) -> NDArray[np.bool_]:
    """Which rows have equals among others in all features and in label or target, shape (n_rows,)."""
    learnt = [column for column in (others.roles.label, others.roles.target) if column is not None]
    columns = [*others.roles.features, *learnt]
    if not others.roles.features or not set(columns) <= set(rows.column_names) & set(others.column_names):
        return np.zeros(len(rows), bool)
    return np.isin(_hashes(rows, columns), _hashes(others, columns))


def _hashes(corpus: Corpus, columns: list[str]) -> NDArray[np.uint64]:
    """A hash of the cells of each row, in which 3 is 3.0 and a null is no empty text."""
    found = [np.empty(0, np.uint64)]
    for batch in corpus.batches(10_000):
        cells = zip(*(_cells(batch.column(name)) for name in columns), strict=True)
        found.append(
            hash_texts("".join("-" if cell is None else f"{len(cell)}:{cell}" for cell in row) for row in cells)
        )
    return np.concatenate(found)


def _cells(column: pa.Array) -> list[str | None]:
    given: list[str | None] = as_text(pc.add(column, 0.0) if pa.types.is_floating(column.type) else column).to_pylist()
    return given


def refuse_leaks(train: Corpus, found: Kinds, *, allow: bool) -> list[str]:
    """What to say about test rows with the same or nearly the same text in training, or the same cells.

    Raises:
        LeakedRows: there are any, and nobody said that this is meant.
    """
    n_same, n_near = int((found == "same").sum()), int((found == "near").sum())
    if not n_same + n_near:
        return []
    if not train.roles.text:
        return _refuse_equals(train, n_same, len(found), allow=allow)
    leaks = LeakedFrom(match="near" if n_near else "exact").compute(train, 0).column("value")
    how = "word for word" if not n_near else "nearly word for word"
    if n_same and n_near:
        how = f"{number(n_same)} word for word and {number(n_near)} nearly so"
    said = (
        f"{number(n_same + n_near)} of {plural(len(found), 'test row')} stand in training, {how}, and test memory "
        f"there ({plural(len(leaks) - leaks.null_count, 'training row')})"
    )
    if not allow:
        use = "use: dedup.leakage with match: near" if n_near else "use: dedup.leakage"
        hint = f"begin the recipe with {use}, which drops them from training, or say --allow-leakage"
        raise LeakedRows(said, hint=f"{hint} (allow_leakage=True)")
    return [f"{said}."]


def _refuse_equals(train: Corpus, n_same: int, n_test: int, *, allow: bool) -> list[str]:
    """The same of rows without a text, which no step drops."""
    n_train = int(_like(train, train.held_out["test"].with_roles(train.roles)).sum())
    said = (
        f"{number(n_same)} of {plural(n_test, 'test row')} stand in training with the same features and the same "
        f"answer, and test memory there ({plural(n_train, 'training row')})"
    )
    if not allow:
        raise LeakedRows(said, hint="drop them from training, or say --allow-leakage (allow_leakage=True)")
    return [f"{said}."]


def refuse_made_labels(test: Corpus) -> None:
    """Refuse test rows whose label or target a step has set: what corrects labels must not also grade itself.

    Raises:
        CurateError: a step set some; only a person's review corrects the label of a test row.
    """
    column, origin = test.roles.label or test.roles.target, test.origin
    if origin is None or column is None or origin.source.fingerprint == test.fingerprint:
        return
    if column not in origin.source.column_names:  # a step made it
        n_set = len(test)
    else:
        before, now = (_by_row(corpus, column) for corpus in (origin.source, test))
        n_set = sum(now[row] != before[row] for row in now.keys() & before.keys())
    if n_set:
        raise CurateError(
            f"a step set the {column} of {plural(n_set, 'test row')}; only a person's review corrects those",
            hint="measure on the test rows as they were read, or as a file in which a person has corrected them",
        )


def _by_row(corpus: Corpus, column: str) -> dict[int, str | None]:
    """The cells of a column, by row, as lineage tells them."""
    cells = as_text(corpus.table().column(column).combine_chunks()).to_pylist()
    return dict(zip(corpus.row_ids().tolist(), cells, strict=True))
