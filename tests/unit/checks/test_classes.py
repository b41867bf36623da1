from __future__ import annotations

import datasets
import pyarrow as pa
import pytest

from curate.checks.classes import read_classes
from curate.core.check import Skip
from curate.data.corpus import Corpus
from curate.io import load


def corpus(labels: pa.Array) -> Corpus:
    return Corpus.from_table(pa.table({"text": [str(i) for i in range(len(labels))], "label": labels}))


def test_class_label_gives_its_names_and_those_without_rows() -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes", "?"])}
    )
    rows = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [1, 1, 0]}, features=features)
    classes = read_classes(load(rows))
    assert classes.counts() == {"yes": 2, "no": 1, "?": 0}
    assert classes.empty == ("?",)


def test_a_number_without_a_name_says_so() -> None:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])})
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [0, -1]}, features=features)
    assert read_classes(load(rows)).counts() == {"-1 (not declared)": 1, "no": 1, "yes": 0}


def test_floats_that_stand_for_classes_are_classes() -> None:
    assert read_classes(corpus(pa.array([1.0, 0.0, None, float("nan"), 1.0]))).counts() == {"1.0": 2, "0.0": 1}


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (pa.array([i / 7 for i in range(60)]), "a target, not classes"),
        (pa.array([f"id {i}" for i in range(60)]), "60 of 60 labels stand only once"),
        (pa.array([[1], [1, 2]]), "one class for each row"),
        (pa.nulls(3, pa.string()), "no row has a label"),
    ],
)
def test_what_is_no_class_is_skipped_with_the_reason(labels: pa.Array, why: str) -> None:
    with pytest.raises(Skip, match=why):
        read_classes(corpus(labels))
