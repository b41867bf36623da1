"""Placebos do the same amount of nothing: as many rows, of the same classes, picked blindly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import TOP_BIT
from curate.measure.placebo import n_relabelled, placebo_of, retargets
from curate.transforms.augment.constrain import ConstrainAdded
from curate.transforms.dedup.exact import DropExactDuplicates
from curate.transforms.rebalance.oversample import Oversample

RANDOM = StepRandom(0, "placebo of x")


def test_a_drop_becomes_as_many_random_rows_of_each_class(small: Callable[..., Corpus]) -> None:
    corpus = small(200)
    labels = np.array(corpus.labels().to_pylist())
    gone = np.concatenate([np.flatnonzero(labels == "sport")[:13], np.flatnonzero(labels == "money")[:4]])
    made = placebo_of(DropExactDuplicates(), Edits.drop(gone, "exact_duplicate"), corpus, RANDOM)
    chosen = made.drops.column("row_id").to_numpy()
    assert Counter(labels[chosen]) == {"sport": 13, "money": 4}
    assert len(set(chosen.tolist()) & set(gone.tolist())) < 10
    assert made.reasons() == {"placebo": 17}


def test_a_drop_of_added_rows_becomes_as_many_random_added_rows_of_each_class(small: Callable[..., Corpus]) -> None:
    corpus = Recipe(["augment.aeda"]).run(small(100)).corpus
    label = dict(zip(corpus.row_ids().tolist(), corpus.labels().to_pylist(), strict=True))
    gone = [row for row in corpus.row_ids().tolist() if row >= TOP_BIT and label[row] == "sport"][:9]
    made = placebo_of(ConstrainAdded(), Edits.drop([*gone, 3], "label_turned"), corpus, RANDOM)
    chosen = made.drops.column("row_id").to_pylist()
    assert Counter((label[row], row >= TOP_BIT) for row in chosen) == {("sport", True): 9, (label[3], False): 1}


def test_an_added_row_becomes_a_plain_copy_of_the_same_parent(small: Callable[..., Corpus]) -> None:
    edits = Edits.add([1 << 63], [5], "typo", cells={"text": pa.array(["other"])})
    made = placebo_of(DropExactDuplicates(), edits, small(50), RANDOM)
    assert made.adds.column_names == Edits().adds.column_names
    assert made.adds.column("parents").to_pylist() == [[5]]


def test_rebalancing_becomes_copies_of_random_rows(small: Callable[..., Corpus]) -> None:
    corpus = small(60)
    edits = Edits.add(RANDOM.derive(np.zeros(30), np.arange(30)), np.zeros(30), "rare_class")
    made = placebo_of(Oversample(), edits, corpus, RANDOM)
    parents = [parent for (parent,) in made.adds.column("parents").to_pylist()]
    assert len(parents) == 30
    assert len(set(parents)) == 30


def test_the_row_order_plays_no_part(small: Callable[..., Corpus]) -> None:
    corpus = small(80)
    turned = corpus.take(np.arange(80)[::-1])
    edits = Edits.drop([3, 4, 5], "x")
    one, two = (
        placebo_of(DropExactDuplicates(), edits, c, RANDOM).drops.column("row_id").to_pylist() for c in (corpus, turned)
    )
    assert sorted(one) == sorted(two)


def test_setting_text_has_nothing_as_its_placebo(small: Callable[..., Corpus]) -> None:
    assert (
        placebo_of(DropExactDuplicates(), Edits.set("text", [1], pa.array(["x"]), "y"), small(10), RANDOM).n_edits == 0
    )


def test_relabelling_becomes_the_prediction_of_a_model_on_random_rows(small: Callable[..., Corpus]) -> None:
    corpus = small(120)
    edits = Edits.set("label", [1, 2, 3], pa.array(["sport"] * 3), "relabelled")
    made = placebo_of(DropExactDuplicates(), edits, corpus, RANDOM)
    given = made.sets["label"]
    truth = np.array(corpus.labels().to_pylist())[given.column("row_id").to_numpy()]
    assert given.num_rows == 3
    assert given.column("value").to_pylist() == truth.tolist(), (
        "the classes are easy, so the model's opinion is the truth"
    )


def test_the_labels_that_really_change_are_counted(small: Callable[..., Corpus]) -> None:
    corpus = small(120, noise=0.2)
    truth = corpus.labels().to_pylist()
    turned = pa.array(["money" if label == "sport" else "sport" for label in truth[:40]] + truth[40:50])
    edits = Edits.set("label", np.arange(50), turned, "relabelled")
    assert n_relabelled(edits, corpus) == n_relabelled(edits, corpus.take(np.arange(120)[::-1])) == 40
    made = placebo_of(DropExactDuplicates(), edits, corpus, RANDOM)
    assert made.sets["label"].num_rows == 50
    assert 3 <= n_relabelled(made, corpus) <= 20, "a fifth of the labels is wrong"
    assert n_relabelled(Edits.drop([1], "x"), corpus) == 0


def test_relabelling_a_table_without_a_text_asks_a_model_of_its_columns() -> None:
    table = pa.table({"age": [20, 22, 24, 26, 60, 62, 64, 66] * 5, "label": (["young"] * 4 + ["old"] * 4) * 5})
    corpus = Corpus.from_table(table, Roles(label="label", features="age"))
    given = Edits.set("label", corpus.row_ids()[:6], pa.array(["old"] * 6), "any")
    placebo = placebo_of(DropExactDuplicates(), given, corpus, StepRandom(0, "step"))
    asked = placebo.sets["label"]
    age = dict(zip(corpus.row_ids().tolist(), table["age"].to_pylist(), strict=True))
    assert asked.num_rows == 6
    for row_id, label in zip(asked.column("row_id").to_pylist(), asked.column("value").to_pylist(), strict=True):
        assert label == ("young" if age[row_id] < 40 else "old")


def test_numbers_and_lists_of_classes_to_be_learnt_have_no_placebo() -> None:
    numbers = Corpus.from_table(pa.table({"text": ["a b", "c d"], "target": [1.0, 2.0]}), Roles(target="target"))
    edits = Edits.set("target", [1], pa.array([3.0]), "mended")
    assert retargets(edits, numbers)
    assert placebo_of(DropExactDuplicates(), edits, numbers, RANDOM).n_edits == 0
    lists = Corpus.from_table(pa.table({"text": ["a", "b"], "label": [["x"], ["y"]]}), Roles(label="label"))
    edits = Edits.set("label", [1], pa.array([["x", "y"]]), "mended")
    assert retargets(edits, lists)
    assert placebo_of(DropExactDuplicates(), edits, lists, RANDOM).n_edits == 0
