"""The confusion matrix of a measurement: a mean over replicates, shown whole for few classes, by size for many."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from curate.learn.outputs import Outputs
from curate.measure.confusion import MOST_CONFUSIONS, Confusion, section
from curate.report.model import Table


def found(n_classes: int) -> tuple[Confusion, list[Outputs], np.ndarray]:
    draw = np.random.default_rng(n_classes)
    labels = draw.integers(0, n_classes - 1, 300)  # the last class has no row
    arms = [[Outputs(draw.dirichlet(np.ones(n_classes), 300)) for _ in range(3)] for _ in range(2)]
    names = [f"class {at}" for at in range(n_classes)]
    return Confusion.of(names, arms[0], arms[1], labels), arms[0], labels


@pytest.mark.parametrize("n_classes", [3, 30])
def test_counts_are_a_mean_over_replicates_and_every_row_is_counted(n_classes: int) -> None:
    made, _, labels = found(n_classes)
    assert made.base.sum() == made.full.sum() == pytest.approx(300)
    assert made.base.sum(axis=1) == pytest.approx(np.bincount(labels, minlength=n_classes))
    cells = made.to_dict()
    assert sum(cell["base"] for cell in cells) == pytest.approx(300)
    assert all(cell["base"] + cell["full"] > 0 for cell in cells)


def test_the_figures_of_a_class_are_those_of_scikit_learn() -> None:
    _, base, labels = found(4)
    one = Confusion.of(["a", "b", "c", "d"], base[:1], base[:1], labels)
    by_class = section(one).blocks[0]
    assert isinstance(by_class, Table)
    want = precision_recall_fscore_support(labels, base[0].values.argmax(axis=1), labels=range(4), zero_division=0)
    for at, row in enumerate(by_class.rows):
        shown = [0.0 if value is None else value for value in row[2::2]]
        assert shown == pytest.approx([figure[at] for figure in want[:3]])
        assert row[1] == (labels == at).sum()


def test_many_classes_show_the_commonest_confusions_and_few_the_whole_matrix() -> None:
    few, many = (section(found(n)[0]).blocks[1] for n in (3, 30))
    assert isinstance(few, Table)
    assert isinstance(many, Table)
    assert len(few.columns) == 4
    assert len(many.rows) == MOST_CONFUSIONS
    counts = [row[2] for row in many.rows]
    assert counts == sorted(counts, reverse=True)  # type: ignore[type-var]
    assert all(row[0] != row[1] for row in many.rows)
