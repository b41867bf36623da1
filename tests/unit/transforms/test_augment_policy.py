"""What `augment.policy` promises: how many variants, of which rows, by which augmenter; its placebo."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.engines.local import LocalEngine
from curate.errors import ColumnError, RecipeError
from curate.measure.placebo import placebo_of
from curate.transforms.augment.draft import Draft
from curate.transforms.augment.policy import AugmentByPolicy, _open
from curate.transforms.augment.wanted import VariantsWanted

MIX: list[dict[str, Any]] = [{"use": "augment.aeda", "weight": 3}, {"use": "augment.typo"}]


def corpus(sizes: dict[str | None, int]) -> Corpus:
    labels = [label for label, n in sizes.items() for _ in range(n)]
    texts = [f"this is row number {at} of the class called {label}" for at, label in enumerate(labels)]
    return Corpus.from_table(pa.table({"text": texts, "label": pa.array(labels, pa.string())}))


def added(curated: Any) -> list[dict[str, Any]]:
    return [event for event in curated.lineage().to_pylist() if event["kind"] == "add"]


def test_each_row_has_n_variants_and_the_reason_names_the_augmenter_drawn_by_weight() -> None:
    rows = corpus({"a": 500})
    made = Recipe([step("augment.policy", augmenters=MIX, n=2)]).run(rows)
    events = added(made)
    assert Counter(event["parents"][0] for event in events) == Counter(dict.fromkeys(range(500), 2))
    share = Counter(event["reason"] for event in events)["augment.aeda"] / len(events)
    assert abs(share - 0.75) < 3 * np.sqrt(0.75 * 0.25 / 1000)
    assert all(event["changes"] for event in events)


def test_where_one_augmenter_has_nothing_to_offer_the_others_are_tried() -> None:
    rows = Corpus.from_table(pa.table({"text": ["12 34", "words that can be misspelt", "", None]}))
    mix = [{"use": "augment.typo", "weight": 1000}, {"use": "augment.aeda"}]
    made = Recipe([step("augment.policy", augmenters=mix)]).run(rows)
    assert {event["parents"][0]: event["reason"] for event in added(made)} == {0: "augment.aeda", 1: "augment.typo"}
    assert sum(made.counts[0].refused.values()) == 2


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        ({"to_fraction": 1.0}, {"a": 50, "b": 50, "c": 50}),
        ({"to_fraction": 0.5}, {"a": 50, "b": 25, "c": 25}),
        ({"per_class": 30}, {"a": 50, "b": 30, "c": 30}),
        ({"per_class": {"c": 17}}, {"a": 50, "b": 20, "c": 17}),
        ({"per_class": 60, "max_per_row": 2}, {"a": 60, "b": 60, "c": 21}),
    ],
)
def test_classes_come_to_their_target_each_row_once_before_any_twice(
    settings: dict[str, Any], after: dict[str, int]
) -> None:
    rows = corpus({"a": 50, "b": 20, "c": 7, None: 5})
    made = Recipe([step("augment.policy", augmenters=MIX, **settings)]).run(rows)
    assert Counter(label for label in made.corpus.labels().to_pylist() if label) == after
    label = rows.labels().to_pylist()
    of = Counter(event["parents"][0] for event in added(made))
    for name in "abc":
        each = [of[row] for row in range(len(label)) if label[row] == name]
        assert max(each) - min(each) <= 1
    assert not any(of[row] for row in range(len(label)) if label[row] is None)


def test_the_placebo_of_a_target_is_plain_copies_of_the_same_parents() -> None:
    rows = corpus({"a": 40, "b": 9})
    policy = AugmentByPolicy(augmenters=MIX, to_fraction=1.0)
    edits, failed = LocalEngine().plan(policy, rows, seed=1)
    placebo = placebo_of(policy, edits, rows, StepRandom(1, "placebo"))
    assert not failed
    parents = [sorted(each.adds.column("parents").to_pylist()) for each in (edits, placebo)]
    assert parents[0] == parents[1]
    assert len(parents[0]) == 31
    assert placebo.adds.column_names == edits.adds.column_names[: len(placebo.adds.column_names)]
    assert "text" not in placebo.adds.column_names  # nothing of the copies is changed


def test_the_same_whatever_the_batches_the_order_and_the_workers() -> None:
    rows = corpus({"a": 40, "b": 9})
    recipe = Recipe([step("augment.policy", augmenters=MIX, to_fraction=1.0)], seed=3)
    once = recipe.run(rows)
    for other in (recipe.run(rows, batch_rows=4), recipe.run(rows, workers=2, chunk_rows=10)):
        assert other.corpus.table(with_ids=True) == once.corpus.table(with_ids=True)
    turned = recipe.run(rows.take(np.arange(len(rows))[::-1]))
    assert sorted(turned.corpus.texts()) == sorted(once.corpus.texts())
    assert sorted(turned.corpus.row_ids().tolist()) == sorted(once.corpus.row_ids().tolist())


def test_a_label_that_is_a_class_number_may_be_named_by_its_word() -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["ham", "spam"])}
    )
    data = datasets.Dataset.from_dict({"text": ["one", "two", "three"], "label": [0, 0, 1]}, features=features)
    from curate.io import load

    wanted = VariantsWanted(per_class={"spam": 4}).compute(load(data), 0)
    assert wanted.column("value").to_pylist() == [0, 0, 3]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"augmenters": []}, "at least 1"),
        ({"augmenters": [{"use": "augment.nothing"}]}, "no transform is called"),
        ({"augmenters": [{"use": "augment.aeda", "max_rat": 1}]}, r"augment.aeda.max_rat: .*did you mean 'max_rate'"),
        ({"augmenters": [{"use": "augment.antonym"}]}, "augment.antonym: an opposite turns the meaning round"),
        ({"augmenters": [{"use": "augment.aeda", "n": 2}]}, "for the policy to decide"),
        ({"augmenters": [{"use": "clean.html"}]}, "no augmenter"),
        ({"augmenters": MIX, "to_fraction": 0.5, "per_class": 3}, "not both"),
        ({"augmenters": MIX, "to_fraction": 0.5, "n": 3}, "n goes without a target"),
        ({"augmenters": MIX, "max_per_row": 3}, "goes with to_fraction or per_class"),
        ({"augmenters": MIX, "per_class": {"a": 0}}, "at least 1 row"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        step("augment.policy", **settings)


def test_a_target_is_a_whole_number_of_rows_and_none_where_no_row_has_a_class() -> None:
    def n_added(rows: Corpus) -> int:
        return Recipe([step("augment.policy", augmenters=MIX, to_fraction=0.29)]).run(rows).counts[0].n_added

    assert n_added(corpus({"a": 100, "b": 20})) == 9  # 0.29 * 100 is less than 29 as a float
    assert n_added(corpus({None: 3})) == 0
    assert n_added(corpus({})) == 0


def test_a_variant_that_says_the_same_in_other_edits_leaves_its_turn_to_another() -> None:
    drafts = [
        Draft(0, 7, 0, cells={"text": "b a"}, changes=["text", 0, 1, "a", "b", "text", 2, 3, "b", "a"]),
        Draft(0, 7, 1, cells={"text": "b a"}, changes=["text", 0, 3, "a b", "b a"]),
    ]
    assert _open(drafts) == [1]


def test_what_keeps_a_server_from_answering_is_told_of_a_mix_too(servers: SimpleNamespace, tmp_path: Path) -> None:
    one = {"use": "augment.paraphrase", "model": "tiny", "retries": 0, "concurrency": 1, "min_distance": 0}
    with servers.serving(fault=lambda number, body: "503" if number else "") as server:
        mix = [{**one, "base_url": server.url, "answers": str(tmp_path / "answers")}]
        (count,) = Recipe([step("augment.policy", augmenters=mix)]).run(corpus({"a": 3})).counts
    assert (count.n_added, count.refused) == (1, {"unreachable": 2})
    assert count.notes == (f"{server.url}: HTTP 503: no luck, key was None",)


def test_a_class_that_no_row_has_is_refused() -> None:
    with pytest.raises(ColumnError, match="per_class names 'spam'"):
        Recipe([step("augment.policy", augmenters=MIX, per_class={"spam": 3})]).run(corpus({"a": 3}))
