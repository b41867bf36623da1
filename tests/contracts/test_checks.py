"""Every registered check keeps every promise: on the example corpus, permuted, and on rows Hypothesis finds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import registry
from curate.audit import Audit, audit
from curate.core.check import ROWS, SEVERITIES, Check
from curate.core.contracts import example_corpus
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus

NAMES = registry.names("checks")
QUICK = [name for name in NAMES if name != "label_issues"]
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["", "  ", "same text", "Same  text", "<p>a &amp; b</p>", "doesnâ€™t", "x" * 500]),
    st.text(max_size=30),
)
LABELS = st.one_of(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=40),
    st.lists(st.one_of(st.none(), st.integers(-1, 2)), min_size=1, max_size=40),
    st.lists(st.one_of(st.none(), st.floats(allow_infinity=True)), min_size=1, max_size=40),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=1, max_size=40),
)


def with_test(corpus: Corpus) -> Corpus:
    return corpus.with_held_out(test=corpus.take(np.arange(5, len(corpus), 7)))


@pytest.fixture(scope="module")
def seen() -> Audit:
    return audit(with_test(example_corpus()))


@pytest.mark.parametrize("name", NAMES)
def test_a_check_says_what_it_is(name: str) -> None:
    made = registry.get("checks", name)()
    assert isinstance(made, Check)
    assert made.name == name
    assert made.version
    assert registry.summary("checks", name)
    assert json.loads(made.model_dump_json()) == made.model_dump(mode="json")
    assert type(made).model_validate(made.model_dump()) == made


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_documented(name: str) -> None:
    kind = registry.get("checks", name)
    for field in kind.model_fields:
        assert f"\n        {field}: " in kind.__doc__, f"{name}.{field} stands in no docstring"


def test_every_check_runs_on_the_example_corpus(seen: Audit) -> None:
    assert [result.check.name for result in seen.results] == NAMES
    assert {result.status for result in seen.results if result.check.name != "packing"} == {"finding"}


def test_findings_are_whole(seen: Audit) -> None:
    train = set(seen.corpus.row_ids().tolist())
    splits = {"train": train, "test": set(seen.corpus.held_out["test"].row_ids().tolist())}
    for entry in seen.entries:
        finding = entry.finding
        assert finding.severity in SEVERITIES
        assert finding.title
        assert "\n" not in finding.title
        assert finding.rows.schema == ROWS
        for row in finding.rows.to_pylist():
            assert row["row_id"] in splits[row["split"]]
            assert row["ref"] is None or row["ref"] in splits[row["ref_split"]]
            assert 0 <= row["score"] <= 1
        named = [(row["split"], row["row_id"]) for row in finding.rows.select(["split", "row_id"]).to_pylist()]
        assert len(set(named)) == len(named)


def test_a_remedy_is_a_step_and_drops_just_the_rows_of_its_finding(seen: Audit) -> None:
    for finding in seen.findings:
        if finding.remedy is None:
            continue
        recipe = Recipe.from_dict({"version": 1, "steps": [dict(finding.remedy)]})
        curated = recipe.run(seen.corpus)
        touched = set(curated.lineage().filter(pa.compute.is_null(curated.lineage()["parents"]))["row_id"].to_pylist())
        named = set(finding.rows.filter(pa.compute.equal(finding.rows["split"], "train"))["row_id"].to_pylist())
        assert named <= touched
        blank = {row_id for row_id, text in texts(seen.corpus).items() if not (text or "").strip()}
        if finding.remedy.get("conflicts") == "drop":
            continue  # its remedy keeps one of the rows whose labels agree, and so drops more than those in conflict
        assert touched - named <= blank


def texts(corpus: Corpus) -> dict[int, str | None]:
    return {
        row: text for batch in corpus.batches() for row, text in zip(batch.row_ids.tolist(), batch.texts(), strict=True)
    }


@pytest.mark.parametrize(
    "name", ["missing", "duplicates", "near_duplicates", "leakage", "debris", "balance", "repeated_text"]
)
def test_what_the_remedy_leaves_the_check_finds_clean(name: str, seen: Audit) -> None:
    before = audit(seen.corpus, checks=[name])
    remedied = before.recipe().run(seen.corpus).corpus
    after = audit(remedied, checks=[name])
    assert [finding.title for finding in after.findings if finding.remedy is not None] == []


def test_the_recipe_of_all_remedies_runs(seen: Audit) -> None:
    recipe = seen.recipe()
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    curated = recipe.run(seen.corpus)
    assert [count.step for count in curated.counts] == [step.name for step in recipe.steps]


def test_the_order_of_the_rows_changes_nothing(seen: Audit) -> None:
    corpus = seen.corpus
    turned = corpus.take(np.random.default_rng(3).permutation(len(corpus)))
    again = audit(turned)
    assert again.rows().equals(seen.rows())
    assert again.to_dict()["findings"] == seen.to_dict()["findings"]


def test_the_same_bytes_again_and_with_more_workers(seen: Audit) -> None:
    assert audit(seen.corpus, workers=2).to_json() == seen.to_json()


@pytest.mark.parametrize("name", NAMES)
def test_no_rows_are_no_clean_bill(name: str) -> None:
    schema = pa.schema({"text": pa.string(), "label": pa.int64()})
    empty = Corpus.from_table(schema.empty_table())
    (result,) = audit(empty, checks=[name]).results
    assert (result.status, result.reason) == ("skipped", "there are no rows")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_role_is_said(name: str) -> None:
    (result,) = audit(Corpus.from_table(pa.table({"n": [1, 2]})), checks=[name]).results
    assert result.status == "skipped"
    assert result.reason.startswith("no column has the role")


@settings(max_examples=60)
@given(data=st.data(), labels=LABELS)
def test_no_rows_make_a_check_crash(data: st.DataObject, labels: list[Any]) -> None:
    column = data.draw(st.lists(TEXTS, min_size=len(labels), max_size=len(labels)))
    table = pa.table({"text": pa.array(column, pa.string()), "label": pa.array(labels)})
    if pa.types.is_null(table.schema.field("label").type):
        table = table.set_column(1, "label", pa.nulls(len(table), pa.string()))
    corpus = Corpus.from_table(table)
    seen = audit(with_test(corpus), checks=QUICK)
    assert [(result.check.name, result.reason) for result in seen.crashed] == []
    assert seen.to_json()
    assert seen.report().headline
    seen.recipe().run(seen.corpus)


@settings(max_examples=15)
@given(data=st.data(), labels=LABELS)
def test_no_rows_make_label_issues_crash(data: st.DataObject, labels: list[Any]) -> None:
    column = data.draw(st.lists(TEXTS, min_size=len(labels), max_size=len(labels)))
    corpus = Corpus.from_table(pa.table({"text": pa.array(column, pa.string()), "label": pa.array(labels)}))
    assert [result.reason for result in audit(corpus, checks=["label_issues"]).crashed] == []
