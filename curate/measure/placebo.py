"""Placebos: the same amount of nothing. What a step's edits would do if they were made to rows picked blindly.

drop → as many random rows of the same classes, added ones for added ones; add → plain copies of the same parents, or
for a rebalancing step copies of random rows; relabel → as many random rows to the model's own prediction; weigh → the
same weights on random rows; set a text, a number or a list of classes → nothing.

Of the rows that a relabelling placebo picks, most keep their label, as the model mostly says what stands there. To pick
among the rows where it does not would be no nothing: there the wrong labels are (Northcutt, Jiang & Chuang 2021), so
that placebo would itself repair labels, and no step that does could ever do more than it. So the pick stays blind, and
how many labels it changed is told (`n_relabelled`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.edits import PLACEBO, Edits
from curate.data.rows import TOP_BIT, Ids
from curate.engines.supply import signal
from curate.kernels.classes import class_codes
from curate.measure.targets import strata

I64 = NDArray[np.int64]


def placebo_of(transform: Transform, edits: Edits, corpus: Corpus, random: StepRandom) -> Edits:
    """The placebo of a step's edits on the rows it saw.

    Args:
        transform: the step's transform; its `placebo` says which kind.
        edits: what it proposed.
        corpus: the rows it saw.
        random: keys the draws; by row id, so that the row order does not matter.
    """
    row_ids = corpus.row_ids()
    kinds = 2 * strata(corpus) + (row_ids >= TOP_BIT)
    parts = [_drops(edits, row_ids, kinds, random), _adds(transform, edits, row_ids, random)]
    if edits.weights.num_rows:
        chosen = row_ids[random.order(row_ids, draw=2)][: edits.weights.num_rows]
        parts.append(Edits.weigh(chosen, edits.weights.column("weight").to_numpy(), PLACEBO))
    label = corpus.roles.label
    if label is not None and label in edits.sets and not retargets(edits, corpus):
        parts.append(_relabels(edits.sets[label].num_rows, label, corpus, row_ids, random))
    return Edits.concat(parts)


def retargets(edits: Edits, corpus: Corpus) -> bool:
    """Whether edits set what has no placebo: a list of classes, a number or a text to be learnt.

    A blind change of those would be a harm and not a nothing, so the placebo leaves them as they are.
    """
    label, target = corpus.roles.label, corpus.roles.target
    lists = label is not None and label in edits.sets and pa.types.is_nested(corpus.schema.field(label).type)
    return lists or (target is not None and target in edits.sets)


def n_relabelled(edits: Edits, corpus: Corpus) -> int:
    """How many labels edits change: a row may be given the label that it has."""
    label = corpus.roles.label
    if label is None or label not in edits.sets or retargets(edits, corpus):
        return 0
    given, row_ids = edits.sets[label], corpus.row_ids()
    order = np.argsort(row_ids)
    at = order[np.searchsorted(row_ids[order], given.column("row_id").to_numpy())]
    had = corpus.labels().take(pa.array(at)).to_pylist()
    return sum(one != other for one, other in zip(had, given.column("value").to_pylist(), strict=True))


def _drops(edits: Edits, row_ids: Ids, codes: I64, random: StepRandom) -> Edits:
    """As many random rows of each class as the step drops of it; for rows that a step added, such rows."""
    gone = edits.drops.column("row_id").to_numpy()
    if not len(gone):
        return Edits()
    order = np.argsort(row_ids)
    classes = codes[order][np.searchsorted(row_ids[order], gone)]
    shuffled = random.order(row_ids)
    chosen = [
        row_ids[shuffled][codes[shuffled] == code][:n]
        for code, n in zip(*np.unique(classes, return_counts=True), strict=True)
    ]
    return Edits.drop(np.concatenate(chosen), PLACEBO)


def _adds(transform: Transform, edits: Edits, row_ids: Ids, random: StepRandom) -> Edits:
    n = edits.adds.num_rows
    if not n:
        return Edits()
    if transform.placebo == "resample":
        parents = row_ids[random.order(row_ids, draw=1)][np.arange(n) % len(row_ids)]
    else:
        parents = np.asarray(pa.compute.list_element(edits.adds.column("parents"), 0).to_numpy())
    return Edits.add(random.derive(parents, np.arange(n)), parents, PLACEBO)


def _relabels(n: int, column: str, corpus: Corpus, row_ids: Ids, random: StepRandom) -> Edits:
    """As many random rows, given the label that a cross-fitted model predicts."""
    _, names = class_codes(corpus.labels())
    chosen = row_ids[random.order(row_ids, draw=3)][:n]
    judge: dict[str, object] = {}
    if not corpus.roles.text:
        judge = {"learner": {"name": "tabular", "kind": "logistic"}}
    probs = signal("pred_probs", judge, corpus, random.seed, None).at(chosen)
    best = [names[int(np.argmax(row))] if row is not None else None for row in probs.to_pylist()]
    kind = corpus.schema.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return Edits.set(column, chosen, pa.array(best, pa.string()).cast(kind), PLACEBO)
