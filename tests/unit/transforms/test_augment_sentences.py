"""Shuffle, crop and concat: edits that can be undone, spans that still mark their text, labels by construction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.kernels.replacing import undone
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.concat import AugmentConcat
from curate.transforms.augment.contraction import AugmentContraction
from curate.transforms.augment.crop import AugmentCrop
from curate.transforms.augment.date import AugmentDate
from curate.transforms.augment.number import AugmentNumber
from curate.transforms.augment.shuffle import AugmentShuffle

SPAN = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())]))
REVIEW = "The food was cold. We waited for Ann Lee. Nobody smiled at www.x.org. Everything cost 30 dollars."
PIECES = [
    "Ann came.",
    "Bob can't go!",
    "It is 2,500 now.",
    "On May 5, 2024 we met.",
    "今天好。",
    "مرحبا؟",
    "“No.”",
    "1. a",
    "\n",
    "\n\n",
    "👩‍👩‍👧",
    "\x00",
    "end",
    "x@y.org",
]
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join), st.text(max_size=60))
STEPS: list[Augmenter] = [
    AugmentShuffle(n=2, spans=["entities"]),
    AugmentShuffle(across=True, links=False, spans=["entities"]),
    AugmentCrop(spans=["entities"]),
    AugmentCrop(unit="word", n=2, spans=["entities"]),
    AugmentContraction(spans=["entities"]),
    AugmentNumber(spans=["entities"], years=True),
    AugmentDate(spans=["entities"]),
]


def corpus(rows: list[dict[str, Any]]) -> Corpus:
    schema = pa.schema([("text", pa.string()), ("label", pa.string()), ("entities", SPAN)])
    whole = [{"label": "a", "entities": [], **row} for row in rows]
    return Corpus.from_table(pa.Table.from_pylist(whole, schema=schema), Roles(text="text", label="label"))


def marked(text: str, *names: str) -> list[dict[str, Any]]:
    return [{"start": text.index(name), "end": text.index(name) + len(name), "label": "x"} for name in names]


@given(text=TEXTS, seed=st.integers(0, 2**32), cut=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_edits_can_be_undone_and_spans_mark_the_same_text(text: str, seed: int, cut: tuple[float, float]) -> None:
    low, high = sorted(int(one * len(text)) for one in cut)
    spans = [{"start": low, "end": high, "label": "x"}] if low < high else []
    (batch,) = corpus([{"text": text, "entities": spans}]).batches()
    for step in STEPS:
        for row in step.plan(batch, StepRandom(seed, step.name)).adds.to_pylist():
            changes = [(one["start"], one["end"], one["old"], one["new"]) for one in row["changes"]]
            assert undone(row["text"], changes) == text
            assert all(text[start:end] == old for start, end, old, _ in changes)
            for before, after in zip(spans, row.get("entities", spans), strict=True):
                assert row["text"][after["start"] : after["end"]] == text[before["start"] : before["end"]]


def test_spans_go_with_their_sentences() -> None:
    given_ = corpus([{"text": REVIEW, "entities": marked(REVIEW, "Ann Lee", "food")}])
    made = Recipe([AugmentShuffle(n=6, spans=["entities"])]).run(given_).corpus.table().to_pylist()
    assert len(made) > 4
    assert len({row["text"] for row in made}) == len(made)
    for row in made:
        assert [row["text"][one["start"] : one["end"]] for one in row["entities"]] == ["Ann Lee", "food"]
        assert sorted(row["text"]) == sorted(REVIEW)


def test_a_dialogue_is_refused_with_its_reason() -> None:
    run = Recipe([AugmentShuffle()]).run(corpus([{"text": "- Who? Me?\n- You."}, {"text": "One sentence."}]))
    assert run.counts[0].refused == {"order_tells": 1, "unchanged": 1}


def test_a_crop_keeps_its_share_and_what_is_marked() -> None:
    given_ = corpus([{"text": REVIEW, "entities": marked(REVIEW, "Ann Lee")}])
    made = Recipe([AugmentCrop(n=20, min_fraction=0.25, spans=["entities"])]).run(given_).corpus.table().to_pylist()[1:]
    assert len(made) > 3
    for row in made:
        assert row["text"] in REVIEW
        assert row["text"].endswith(".")
        assert [row["text"][one["start"] : one["end"]] for one in row["entities"]] == ["Ann Lee"]
    words = Recipe([AugmentCrop(n=20, unit="word", min_fraction=0.8)]).run(corpus([{"text": REVIEW}]))
    for text in words.corpus.texts()[1:]:
        assert text is not None
        assert text in REVIEW
        assert 0.8 * len(REVIEW.split()) <= len(text.split()) < len(REVIEW.split())


def test_two_rows_of_one_class_are_joined_and_kin() -> None:
    texts = [f"text {number}" for number in range(11)]
    labels = ["a"] * 5 + ["b"] * 4 + ["c", None]
    rows = [
        {"text": text, "label": label, "entities": marked(text, "text")}
        for text, label in zip(texts, labels, strict=True)
    ]
    run = Recipe([AugmentConcat(n=2, spans=["entities"], separator=" | ")]).run(corpus(rows))
    assert run.counts[0].refused == {"no_partner": 2, "unchanged": 2}
    made = dict(zip(run.corpus.row_ids().tolist(), run.corpus.table().to_pylist(), strict=True))
    events = [event for event in run.lineage().to_pylist() if event["kind"] == "add"]
    assert len({tuple(event["parents"]) for event in events}) == len(events) == 2 * 9
    for event in events:
        row, (one, other) = made[event["row_id"]], event["parents"]
        assert one != other
        assert row["text"] == f"{texts[one]} | {texts[other]}"
        assert row["label"] == labels[one] == labels[other]
        assert [row["text"][span["start"] : span["end"]] for span in row["entities"]] == ["text", "text"]
        changes = [(change["start"], change["end"], change["old"], change["new"]) for change in event["changes"]]
        assert undone(row["text"], changes) == texts[one]


@pytest.mark.parametrize("fraction", [1.0, 0.5])
def test_every_row_that_concat_begins_with_is_added_or_refused(fraction: float) -> None:
    """A null text or label is counted, as it is by every augmenter."""
    rows = [{"text": text, "label": label} for text, label in (("a", "x"), ("b", "x"), (None, "x"), ("c d", "y"))]
    rows = [dict(row) for _ in range(20) for row in rows] + [{"text": "e", "label": None}]
    (count,) = Recipe([AugmentConcat(n=2, fraction=fraction)]).run(corpus(rows)).counts
    if fraction == 1.0:
        assert count.n_added + sum(count.refused.values()) == 2 * len(rows)
        assert count.refused["unchanged"] == 2 * 21
    else:
        assert 0 < count.refused["unchanged"] < 2 * 21


def test_the_families_that_concat_makes_stay_small() -> None:
    rows = [{"text": f"t{number}", "label": "ab"[number % 2]} for number in range(101)]
    run = Recipe([AugmentConcat(n=1)]).run(corpus(rows))
    kin = {number: {number} for number in range(101)}
    for event in run.lineage().to_pylist():
        if event["kind"] == "add":
            both = kin[event["parents"][0]] | kin[event["parents"][1]]
            for one in both:
                kin[one] = both
    assert max(map(len, kin.values())) <= 3
    assert np.mean([len(one) for one in kin.values()]) < 2.2


def test_concat_joins_no_row_with_its_own_variant_and_keeps_families_small() -> None:
    rows = [
        {"text": f"It is {'tall' if number % 3 else 'not bad'}, t{number}", "label": "ab"[number % 2]}
        for number in range(60)
    ]
    steps = [
        {"use": "augment.aeda", "n": 2},
        {"use": "augment.negation", "flip": {"a": "b", "b": "a"}},
        {"use": "augment.concat"},
    ]
    run = Recipe(steps).run(corpus(rows))
    root = {number: number for number in range(60)}
    kin = {number: {number} for number in range(60)}
    label = dict(zip(run.corpus.row_ids().tolist(), run.corpus.table().column("label").to_pylist(), strict=True))
    n_joined = 0
    for event in run.lineage().to_pylist():
        if event["kind"] == "add" and len(event["parents"]) == 1:
            root[event["row_id"]] = root[event["parents"][0]]
        elif event["kind"] == "add":
            one, other = (root[parent] for parent in event["parents"])
            assert one != other
            assert len({label[row] for row in (event["row_id"], *event["parents"])}) == 1
            both = kin[one] | kin[other]
            kin.update(dict.fromkeys(both, both))
            n_joined += 1
    assert n_joined > 180
    assert max(map(len, kin.values())) <= 3


def test_a_squad_column_is_refused_by_concat() -> None:
    kind = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int64()))])
    table = pa.table({"text": ["a", "b"], "label": ["x", "x"], "answers": pa.array([None, None], kind)})
    with pytest.raises(ColumnError, match="two rows cannot share"):
        Recipe([AugmentConcat(spans=["answers"])]).run(Corpus.from_table(table, Roles(text="text", label="label")))
