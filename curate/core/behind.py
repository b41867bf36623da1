"""What the rows of a corpus stand for: their own texts, and those they were made from (`curate.data.origin`).

So a search for leaks sees through cleaning and augmenting (`dedup.leakage`, the check `leakage`, `measure`), and rows
made from one row never stand on two sides of a split or a fold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.data.origin import Origin, matches
from curate.data.rows import TOP_BIT, Ids
from curate.kernels.hashing import hash_texts
from curate.kernels.unionfind import link


def texts_behind(corpus: Corpus, n_rows: int) -> Iterator[tuple[Ids, list[str | None], bool]]:
    """Every text that a row of a corpus stands for: its own, then those it was made from where they differ.

    Args:
        corpus: rows with a text.
        n_rows: how many of them are read at once.

    Yields:
        Row ids of the corpus, a text for each, and whether these are the rows' own texts.

    Example:
        >>> import pyarrow as pa
        >>> from curate.core.recipe import Recipe
        >>> made = Recipe(["clean.html"]).run(Corpus.from_table(pa.table({"text": ["<p>a</p>", "b"]}))).corpus
        >>> [(texts, own) for _, texts, own in texts_behind(made, 10)]
        [(['a', 'b'], True), (['<p>a</p>'], False)]
    """
    origin = corpus.origin
    touched = origin is not None and origin.source.fingerprint != corpus.fingerprint and origin.source.roles.text
    ids, hashes = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for batch in corpus.batches(n_rows):
        texts = batch.texts()
        yield batch.row_ids, texts, True
        if touched:
            ids.append(batch.row_ids)
            hashes.append(hash_texts(texts))
    if origin is not None and touched:
        yield from _texts_before(origin, np.concatenate(ids), np.concatenate(hashes), n_rows)


def _texts_before(
    origin: Origin, row_ids: Ids, hashes: NDArray[np.uint64], n_rows: int
) -> Iterator[tuple[Ids, list[str | None], bool]]:
    """The texts of the source that stand behind some rows, where they are not the rows' own by `hashes`."""
    order = np.argsort(row_ids)
    added, place = matches(row_ids[order], origin.ancestors.column("row_id").to_numpy())
    parent = np.concatenate([row_ids, origin.ancestors.column("ancestor").to_numpy()[added]])
    child = np.concatenate([np.arange(len(row_ids)), order[place]])
    by_parent = np.argsort(parent, kind="stable")
    for batch in origin.source.batches(n_rows):
        texts = batch.texts()
        at, pair = matches(parent[by_parent], batch.row_ids)
        mine = child[by_parent][pair]
        differs = hash_texts(texts)[at] != hashes[mine]
        if differs.any():
            yield row_ids[mine[differs]], [texts[place] for place in at[differs].tolist()], False


def with_kin(
    families: NDArray[np.int64], row_ids: Ids, origin: Origin | None, *, of_first_parent: bool = False
) -> NDArray[np.int64]:
    """Families joined where some of their rows were made from one row: copies, chunks of a text, and the row itself.

    Args:
        families: the family of each row, named by its first position, shape (n,).
        row_ids: the id of each row, shape (n,).
        origin: what the rows were made from.
        of_first_parent: join a row that was made from several with the first of them alone, whose copy it is; with all
            of them a few rows made from examples of a class make the whole class one family.

    Example:
        >>> import pyarrow as pa
        >>> from curate.core.recipe import Recipe
        >>> from curate.core.step import step
        >>> rows = Corpus.from_table(pa.table({"text": ["One two. Three four.", "Five."]}))
        >>> made = Recipe([step("split.text", max_size=2)]).run(rows).corpus
        >>> with_kin(np.arange(3), made.row_ids(), made.origin).tolist()
        [0, 0, 2]
    """
    if origin is None or not len(origin.ancestors):
        return families
    order = np.argsort(row_ids)
    child, ancestor = _first_ancestors(origin) if of_first_parent else map(_numbers, origin.ancestors.columns)
    asked, place = matches(row_ids[order], child)
    names = np.concatenate([row_ids, ancestor[asked]])
    where = np.concatenate([np.arange(len(row_ids)), order[place]])
    _, first, name = np.unique(names, return_index=True, return_inverse=True)
    return link(families, where, where[first][name])


def _numbers(column: pa.ChunkedArray) -> Ids:
    return np.asarray(column.to_numpy(), dtype=np.uint64)


def _first_ancestors(origin: Origin) -> tuple[Ids, Ids]:
    """Each row that was added, and the row of the source that it comes from by first parents."""
    roots: dict[int, int] = {}
    made = {row_id: parent for row_id, (parent, _, _) in _makers(origin).items()}
    for row_id, parent in made.items():
        while parent in made:
            parent = roots.get(parent, made[parent])
        roots[row_id] = parent
    return np.fromiter(roots, np.uint64, len(roots)), np.fromiter(roots.values(), np.uint64, len(roots))


PARENTS = pa.schema(
    [
        ("row_id", pa.uint64()),
        ("parent", pa.uint64()),
        ("step", pa.string()),
        ("reason", pa.string()),
        ("text", pa.large_string()),
    ]
)


def parents_of(corpus: Corpus, n_rows: int) -> pa.Table:
    """The added rows of a corpus, each with its first parent: the row whose copy it was before its cells were set.

    Where the parent is gone, its own parent stands for it and so on, at last the row as it was read. A row with a
    derived id of which the corpus knows no origin was added before it was written to a file: its parent is null.

    Args:
        corpus: rows, some of them added.
        n_rows: how many are read at once.

    Returns:
        A table `PARENTS`, ascending by row id; `text` is the parent's.

    Example:
        >>> from curate.core.recipe import Recipe
        >>> rows = Corpus.from_table(pa.table({"text": ["One, two."], "label": ["a"]}))
        >>> made = Recipe([{"use": "augment.aeda"}]).run(rows).corpus
        >>> [(row["parent"], row["step"], row["text"]) for row in parents_of(made, 10).to_pylist()]
        [(0, 'augment.aeda', 'One, two.')]
    """
    row_ids = np.sort(corpus.row_ids())
    derived = row_ids[row_ids >= TOP_BIT]
    made = {} if corpus.origin is None else _makers(corpus.origin)
    here, found = set(row_ids.tolist()), []
    for row_id in derived.tolist():
        parent, step, reason = made.get(row_id, (None, None, None))
        while parent is not None and parent not in here and parent in made:
            parent = made[parent][0]
        found.append((row_id, parent, step, reason))
    columns = zip(*found, strict=True) if found else ((), (), (), ())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, PARENTS.types, strict=False)]
    texts = _texts_of(corpus, {row[1] for row in found}, n_rows)
    told = pa.array([texts.get(row[1]) for row in found], pa.large_string())
    return pa.Table.from_arrays([*arrays, told], schema=PARENTS)


def _makers(origin: Origin) -> dict[int, tuple[int, str, str]]:
    """The first parent of each row that was added, with the step and its reason."""
    parents = pc.list_element(origin.made.column("parents"), 0).to_pylist()
    others = (origin.made.column(name).to_pylist() for name in ("row_id", "step", "reason"))
    return {row_id: (parent, step, reason) for parent, row_id, step, reason in zip(parents, *others, strict=True)}


def _texts_of(corpus: Corpus, wanted: set[int | None], n_rows: int) -> dict[int | None, str | None]:
    """The texts of some rows: as they stand, else as they were read."""
    found: dict[int | None, str | None] = {}
    for rows in [corpus.origin.source, corpus] if corpus.origin is not None else []:
        for batch in rows.batches(n_rows) if rows.roles.text else ():
            texts = batch.texts()
            found |= {row: texts[at] for at, row in enumerate(batch.row_ids.tolist()) if row in wanted}
    return found
