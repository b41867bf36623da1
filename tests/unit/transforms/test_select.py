"""Dropping and copying rows: which rows go, why, and which row explains it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.transforms.dedup.exact import DropExactDuplicates
from curate.transforms.dedup.leakage import DropLeakedRows
from curate.transforms.filter.length import DropByLength
from curate.transforms.filter.missing import DropMissing
from curate.transforms.labels.issues import DropLabelIssues, label_issues
from curate.transforms.rebalance.oversample import Oversample


def rows(texts: list[str | None], labels: list[Any] | None = None) -> Corpus:
    columns = {"text": pa.array(texts, pa.string())}
    if labels is not None:
        columns["label"] = pa.array(labels)
    return Corpus.from_table(pa.table(columns), Roles(text="text", label="label" if labels else None))


def run(transform: Transform, corpus: Corpus) -> Curated:
    return Recipe([Step(transform)]).run(corpus)


def dropped(transform: Transform, corpus: Corpus) -> dict[int, tuple[str, int | None]]:
    """The reason and the ref for each row dropped."""
    return {e["row_id"]: (e["reason"], e["ref"]) for e in run(transform, corpus).lineage().to_pylist()}


def reasons(transform: Transform, corpus: Corpus) -> dict[int, str]:
    return {row_id: reason for row_id, (reason, _) in dropped(transform, corpus).items()}


def test_length_bounds_are_inclusive_and_a_null_has_length_0() -> None:
    corpus = rows(["abc", "abcd", "abcde", "abcdef", None, ""])
    assert reasons(DropByLength(min_characters=4, max_characters=5), corpus) == {
        0: "too_few_characters",
        3: "too_many_characters",
        4: "too_few_characters",
        5: "too_few_characters",
    }
    assert reasons(DropByLength(min_characters=0), corpus) == {}


def test_words_in_any_script() -> None:
    corpus = rows(["two words", "数据清洗", "one", "ไทย", "a\u00a0b\u3000c"])
    assert reasons(DropByLength(min_words=3), corpus) == {0: "too_few_words", 2: "too_few_words"}


def test_characters_are_code_points() -> None:
    assert reasons(DropByLength(max_characters=2), rows(["éé", "👍🏽", "数据清"])) == {2: "too_many_characters"}


@pytest.mark.parametrize(
    "bounds", [{}, {"min_words": -1}, {"min_words": 5, "max_words": 4}, {"min_characters": 5, "max_characters": 4}]
)
def test_bounds_without_sense_are_refused(bounds: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        DropByLength(**bounds)


def test_missing() -> None:
    corpus = rows(["a", None, "", " \u3000\n", "b", "c"], [1.0, 1.0, 1.0, 1.0, None, float("nan")])
    expected = {1: "null_text", 2: "blank_text", 3: "blank_text", 4: "null_label", 5: "null_label"}
    assert reasons(DropMissing(), corpus) == expected
    assert reasons(DropMissing(blank=False, label=False), corpus) == {1: "null_text"}
    assert reasons(DropMissing(), rows(["a", None])) == {1: "null_text"}


SAME = ["Same text", "other", "same  TEXT", "Ｓame text", "same text, really", "same text", None, "", None, ""]


def test_equal_texts_leave_the_first_and_name_it() -> None:
    gone = dict.fromkeys((2, 3, 5), ("exact_duplicate", 0))
    assert dropped(DropExactDuplicates(), rows(SAME)) == gone


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"keep": "last"}, 5),
        ({"keep": "longest"}, 2),
        ({"case": False}, None),
        ({"space": False, "keep": "last"}, 5),
    ],
)
def test_which_row_stays(settings: dict[str, Any], kept: int | None) -> None:
    gone = dropped(DropExactDuplicates(**settings), rows(SAME))
    if kept is None:
        assert gone == {3: ("exact_duplicate", 0)}
    else:
        assert {ref for _, ref in gone.values()} == {kept}


def test_punctuation_and_digits_count_unless_told() -> None:
    corpus = rows(["call 123!", "call 123", "call 9"])
    assert reasons(DropExactDuplicates(), corpus) == {}
    assert sorted(reasons(DropExactDuplicates(punctuation=True), corpus)) == [1]
    assert sorted(reasons(DropExactDuplicates(punctuation=True, digits=True), corpus)) == [1, 2]


def test_equal_texts_with_different_labels() -> None:
    corpus = rows(["a a", "a A", "b b", "b b"], [0, 1, 1, 1])
    assert dropped(DropExactDuplicates(), corpus) == {1: ("exact_duplicate", 0), 3: ("exact_duplicate", 2)}
    gone = dropped(DropExactDuplicates(conflicts="drop"), corpus)
    assert {row_id: reason for row_id, (reason, _) in gone.items()} == {
        0: "conflicting_label",
        1: "conflicting_label",
        3: "exact_duplicate",
    }


def test_leaked_rows_name_the_row_of_the_test_split_and_it_stays_as_it_is() -> None:
    test = rows(["something", "In the TEST", "in the test"])
    corpus = rows(["in  the test", "mine", None, "mine"]).with_held_out(test=test)
    curated = run(DropLeakedRows(), corpus)
    log = curated.lineage().to_pylist()
    assert [(e["row_id"], e["reason"], e["ref"]) for e in log] == [(0, "leaked", 1)]
    assert curated.corpus.held_out["test"] is test


def test_oversampling_brings_each_class_to_its_share() -> None:
    labels = ["a"] * 10 + ["b"] * 4 + ["c"] + [None] * 2
    corpus = rows([f"t{at}" for at in range(len(labels))], labels)
    after = run(Oversample(to_fraction=0.8), corpus).corpus
    assert {row["values"]: row["counts"] for row in after.labels().value_counts().to_pylist()} == {
        "a": 10,
        "b": 8,
        "c": 8,
        None: 2,
    }


def test_every_row_is_copied_once_before_any_is_copied_twice() -> None:
    labels = ["a"] * 20 + ["b"] * 6
    corpus = rows([f"t{at}" for at in range(len(labels))], labels)
    curated = run(Oversample(), corpus)
    parents = [parent for event in curated.lineage().to_pylist() for parent in event["parents"]]
    copies = np.bincount(np.array(parents) - 20)
    assert copies.sum() == 14
    assert set(copies.tolist()) == {2, 3}
    originals = dict(zip(corpus.row_ids().tolist(), corpus.texts(), strict=True))
    texts = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.texts(), strict=True))
    for event in curated.lineage().to_pylist():
        assert texts[event["row_id"]] == originals[event["parents"][0]]


def test_max_copies_bounds_the_copies_of_a_row() -> None:
    corpus = rows([f"t{at}" for at in range(21)], ["a"] * 20 + ["b"])
    assert run(Oversample(max_copies=3), corpus).counts[0].n_added == 3
    with pytest.raises(ValidationError):
        Oversample(max_copies=0)


@pytest.mark.parametrize("labels", [["a", "a"], [None, None], [1, 2]])
def test_nothing_to_balance(labels: list[Any]) -> None:
    assert run(Oversample(), rows(["x", "y"], labels)).counts[0].n_added == 0


def test_label_issues_are_what_the_probabilities_contradict() -> None:
    codes = np.array([0] * 50 + [1] * 50)
    probs = np.where(codes[:, None] == np.arange(2), 0.9, 0.1).astype(float)
    probs[:3] = [0.02, 0.98]
    issues, scores = label_issues(codes, probs, "prune_by_noise_rate")
    assert np.flatnonzero(issues).tolist() == [0, 1, 2]
    assert np.allclose(scores[:3], 0.98)
    assert np.allclose(scores[3:], 0.1)


def test_probabilities_of_the_users_own_are_taken() -> None:
    codes = [0] * 30 + [1] * 30
    probs = [[0.9, 0.1] if code == 0 else [0.1, 0.9] for code in codes]
    probs[7] = [0.01, 0.99]
    table = pa.table({"text": [f"t{at}" for at in range(60)], "label": codes, "pred_probs": probs})
    gone = dropped(DropLabelIssues(), Corpus.from_table(table, Roles(text="text", label="label")))
    assert gone == {7: ("label_issue", None)}
    assert Recipe([step("labels.drop_issues", min_score=0.995)]).run(Corpus.from_table(table)).counts[0].n_dropped == 0


def test_a_second_run_of_oversampling_makes_new_rows_not_the_same_again() -> None:
    labels = ["big"] * 15 + ["small"] * 5
    first = Corpus.from_table(pa.table({"text": [f"a {n}" for n in range(20)], "label": labels}))
    once = Recipe([step("rebalance.oversample", to_fraction=0.6)]).run(first)
    again = Recipe(["rebalance.oversample"]).run(Corpus.from_table(once.corpus.table(with_ids=True)))
    assert (len(once.corpus), len(again.corpus)) == (24, 30)
    assert len(set(again.corpus.row_ids().tolist())) == 30
