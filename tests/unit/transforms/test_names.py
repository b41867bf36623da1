"""`labels.merge_names` and `class_names`: names that mean the same become one; those that only look alike do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.audit import audit
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.kernels.names import edit_distance, same_names, similarity
from curate.transforms.labels.names import MergeNames

LABELS = ["Sports"] * 3 + ["sports ", "SPORTS!", "sport", "Business", "Business", "Bussiness", None]
APART = [
    *[("class_1", "class_2"), ("pos", "neg"), ("C", "C++"), ("C#", "C++"), ("+", "-"), ("1", "-1"), ("1.0", "10")],
    *[("legal", "illegal"), ("positive", "negative"), ("macroeconomics", "microeconomics"), ("cats", "bats")],
    *[("hyperthyroidism", "hypothyroidism"), ("intergovernmental", "intragovernmental")],
    *[("yes", "yes?"), ("male", "female"), ("topic 1 1", "topic 11"), ("red", "rad"), ("体育", "体操")],
]


def corpus(labels: Any, schema: pa.Schema | None = None) -> Corpus:
    table = pa.table({"text": ["t"] * len(labels), "label": labels}, schema=schema)
    return Corpus.from_table(table, Roles(text="text", label="label"))


def merged(transform: MergeNames, labels: Any) -> list[Any]:
    rows = labels if isinstance(labels, Corpus) else corpus(labels)
    return Recipe([Step(transform)], max_quarantine=0).run(rows).corpus.table().column("label").to_pylist()


def test_names_with_one_normal_form_become_the_most_frequent() -> None:
    assert merged(MergeNames(), LABELS) == ["Sports"] * 5 + ["sport", "Business", "Business", "Bussiness", None]


def test_nearly_alike_names_only_on_request() -> None:
    assert merged(MergeNames(min_similarity=0.85), LABELS) == ["Sports"] * 6 + ["Business"] * 3 + [None]


def test_the_users_map_goes_first_and_may_name_a_new_class() -> None:
    made = merged(MergeNames(merge={"sport": "Sports", "Business": "Economy"}, normal_form=False), LABELS)
    assert made == ["Sports"] * 3 + ["sports ", "SPORTS!", "Sports", "Economy", "Economy", "Bussiness", None]
    assert merged(MergeNames(merge={"sport": "SPORTS!"}), LABELS)[:6] == ["Sports"] * 6
    assert merged(MergeNames(merge={"none": "such"}, normal_form=False), LABELS) == LABELS


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_differ_in_meaning_stay_apart(one: str, other: str) -> None:
    assert similarity(one, other) < 0.8
    assert same_names({one: 5, other: 1}, normal_form=True, min_similarity=0.8) == {}


def test_class_numbers_are_merged_by_their_names() -> None:
    features = {"label": {"names": ["Art", "Sports", "sports"], "_type": "ClassLabel"}}
    schema = pa.schema({"text": pa.string(), "label": pa.int64()})
    schema = schema.with_metadata({b"huggingface": json.dumps({"info": {"features": features}}).encode()})
    assert merged(MergeNames(), corpus([0, 1, 1, 2, None], schema)) == [0, 1, 1, 1, None]
    with pytest.raises(ColumnError, match="no row has the class 'Music'"):
        merged(MergeNames(merge={"Art": "Music"}), corpus([0, 1], schema))
    with pytest.raises(ColumnError, match="are int64 without names"):
        merged(MergeNames(), [0, 1])
    (result,) = audit(corpus([0, 1]), checks=["class_names"]).results
    assert (result.status, result.reason) == ("skipped", "the labels are numbers without names")


def test_a_dictionary_column_is_merged() -> None:
    assert merged(MergeNames(), corpus(pa.array(["a b", "A-b", "a b"]).dictionary_encode())) == ["a b"] * 3


def test_a_chain_is_refused() -> None:
    with pytest.raises(ValidationError, match="'b', which itself becomes 'c'"):
        MergeNames(merge={"a": "b", "b": "c"})


def test_the_check_proposes_a_map_that_does_what_it_says() -> None:
    labels = ["Sports"] * 30 + ["Business"] * 30 + ["sports ", "Bussiness", "class_1", "class_2"]
    (finding,) = audit(corpus(labels), checks=["class_names"]).findings
    assert finding.remedy == {
        "use": "labels.merge_names",
        "merge": {"Bussiness": "Business", "sports ": "Sports"},
        "normal_form": False,
    }
    assert finding.rows.column("row_id").to_pylist() == [60, 61]
    assert finding.evidence["classes"] == {"Business": 30, "Sports": 30, "Bussiness": 1, "sports ": 1}


@pytest.mark.parametrize("data", ["banking77/categories.json", "clinc150/data_full.json"])
def test_no_two_classes_of_real_sets_are_taken_for_one(data: str, data_dir: Path) -> None:
    read = json.loads((data_dir / data).read_text())
    names = read if isinstance(read, list) else sorted({label for rows in read.values() for _, label in rows})
    assert len(names) >= 77
    assert same_names(dict.fromkeys(names, 1), normal_form=True, min_similarity=0.7) == {}


@settings(max_examples=60)
@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_likeness_is_mutual_and_a_distance_is_bounded(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert edit_distance(one, other) == edit_distance(other, one) <= max(len(one), len(other))
    assert similarity(one, one) == 1.0
