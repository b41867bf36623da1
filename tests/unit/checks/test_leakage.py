from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from curate.audit import CheckResult, audit
from curate.data.corpus import Corpus

Look = Callable[..., CheckResult]


def test_rows_of_both_sides_are_counted_and_name_each_other(result: Look) -> None:
    train = {"text": ["seen", "only here", "SEEN ", "too"], "label": [1, 2, 1, 2]}
    test = {"text": ["new", "seen", "seen", "seen", "Too"], "label": [1, 1, 1, 1, 2]}
    finding, _ = result("leakage", test=test, **train).findings
    assert finding.severity == "high"
    assert finding.value == 4 / 5
    assert {key: finding.evidence[key] for key in ("n_training_rows", "n_test_rows")} == {
        "n_training_rows": 3,
        "n_test_rows": 4,
    }
    sides = finding.rows.select(["split", "row_id", "ref_split", "ref"]).to_pylist()
    assert sides == [
        {"split": "train", "row_id": 0, "ref_split": "test", "ref": 1},
        {"split": "train", "row_id": 2, "ref_split": "test", "ref": 1},
        {"split": "train", "row_id": 3, "ref_split": "test", "ref": 4},
        {"split": "test", "row_id": 1, "ref_split": "train", "ref": 0},
        {"split": "test", "row_id": 2, "ref_split": "train", "ref": 0},
        {"split": "test", "row_id": 3, "ref_split": "train", "ref": 0},
        {"split": "test", "row_id": 4, "ref_split": "train", "ref": 3},
    ]


def test_a_single_row_is_high(result: Look) -> None:
    train = {"text": [f"train {i}" for i in range(999)] + ["test 5"]}
    finding, _ = result("leakage", test={"text": [f"test {i}" for i in range(1000)]}, **train).findings
    assert finding.severity == "high"
    assert finding.remedy == {"use": "dedup.leakage", "split": "test"}


def test_blank_texts_do_not_leak(result: Look) -> None:
    assert result("leakage", test={"text": ["", None, "x"]}, text=["", None, "y"]).status == "ok"


def test_without_a_held_out_split_it_is_skipped_and_says_what_to_type(result: Look) -> None:
    found = result("leakage", text=["a"])
    assert found.status == "skipped"
    assert "--test" in found.reason


def test_every_held_out_split_is_looked_at() -> None:
    def rows(*texts: str) -> Corpus:
        return Corpus.from_table(pa.table({"text": list(texts)}))

    seen = audit(rows("a", "b", "c").with_held_out(validation=rows("b"), test=rows("c")), checks=["leakage"])
    assert sorted(f.remedy["split"] for f in seen.findings if f.remedy) == ["test", "validation"]
    assert [step.name for step in seen.recipe().steps] == ["dedup.leakage", "dedup.leakage.2"]
    assert seen.recipe().run(seen.corpus).corpus.texts() == ["a"]


def test_the_row_named_is_the_one_of_the_lowest_id_in_whatever_order() -> None:
    train = Corpus.from_table(pa.table({"text": ["a", "a", "b"]}))
    test = Corpus.from_table(pa.table({"text": ["a", "c", "a"]}))
    one = audit(train.with_held_out(test=test), checks=["leakage"])
    other = audit(train.take([2, 1, 0]).with_held_out(test=test.take([2, 1, 0])), checks=["leakage"])
    assert other.rows().equals(one.rows())
