"""`augment.attack`: what it adds turns the answer, keeps the label, leaves what must stay, and says how it went."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.kernels.replacing import undone
from curate.transforms.augment.attack import AugmentAttack

WORDS = {"good": "superb lovely great warm".split(), "bad": "dull awful weak cold".split()}


def corpus(n: int = 80, **more: Any) -> Corpus:
    draw = np.random.default_rng(0)
    labels = [("good", "bad")[at] for at in draw.integers(0, 2, n)]
    texts = [f"{draw.choice(WORDS[label])} acting in film number {at}" for at, label in enumerate(labels)]
    table = pa.table({"text": texts, "label": labels, **{name: make(texts) for name, make in more.items()}})
    return Corpus.from_table(table, Roles(text="text", label="label"))


def run(rows: Corpus, **settings: Any) -> Curated:
    return Recipe([step("augment.attack", n_folds=4, **settings)]).run(rows)


def added(made: Curated) -> list[dict[str, Any]]:
    return [event for event in made.lineage().to_pylist() if event["kind"] == "add"]


def test_added_rows_have_their_parents_label_and_their_changes_can_be_undone() -> None:
    rows = corpus()
    made = run(rows)
    before = dict(zip(rows.row_ids().tolist(), rows.table().to_pylist(), strict=True))
    after = dict(zip(made.corpus.row_ids().tolist(), made.corpus.table().to_pylist(), strict=True))
    events = added(made)
    assert len(events) > 10
    for event in events:
        parent, row = before[event["parents"][0]], after[event["row_id"]]
        assert row["label"] == parent["label"]
        changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
        assert undone(row["text"], changes) == parent["text"]
        assert event["reason"] == "letters"
        assert 0.5 <= event["score"] <= 1


def test_every_row_is_added_or_refused_for_a_reason_and_the_note_counts_them() -> None:
    made = run(corpus())
    [count] = made.counts
    assert count.n_added + sum(count.refused.values()) == 80
    assert set(count.refused) <= set(AugmentAttack.refusals)
    [note] = count.notes
    n_right = 80 - count.refused.get("wrong_before", 0)
    assert note.startswith(f"Of {n_right} rows that linear answers rightly, {count.n_added} (")


def test_the_strongest_tries_are_added_where_asked() -> None:
    flipped, every = run(corpus(), max_candidates=1), run(corpus(), max_candidates=1, keep="strongest")
    reasons = [event["reason"] for event in added(every)]
    assert reasons.count("letters") == len(added(flipped))
    assert reasons.count("weakened") > 0
    weakened = [event["score"] for event in added(every) if event["reason"] == "weakened"]
    assert max(weakened) <= 0.5


def test_marked_spans_and_what_matches_the_pattern_stay() -> None:
    def first_word(texts: list[str]) -> pa.Array:
        return pa.array([[{"start": 0, "end": text.index(" ")}] for text in texts])

    marked = run(corpus(marks=first_word), spans=["marks"], keep="strongest", max_rate=1.0)
    by_pattern = run(
        corpus(), protect_pattern="|".join([*WORDS["good"], *WORDS["bad"]]), keep="strongest", max_rate=1.0
    )
    for made in (marked, by_pattern):
        assert added(made)
        assert not any(one["start"] == 0 for event in added(made) for one in event["changes"])


def test_of_several_texts_the_named_one_is_changed_and_the_model_reads_all() -> None:
    rows = corpus(other=lambda texts: pa.array([None if at % 3 == 0 else "so they say" for at in range(len(texts))]))
    both = rows.with_roles(Roles(text=("other", "text"), label="label"))
    made = run(both, columns=["text"])
    assert {one["column"] for event in added(made) for one in event["changes"]} == {"text"}
    assert {one["column"] for event in added(run(both)) for one in event["changes"]} <= {"other"}


def test_a_share_of_the_rows_is_attacked_and_the_others_are_not_counted() -> None:
    [count] = run(corpus(), fraction=0.3).counts
    assert 10 < count.n_added + sum(count.refused.values()) < 40


def test_other_words_are_put_in_by_group() -> None:
    groups = [[word, "so-so"] for words in WORDS.values() for word in words]
    made = run(corpus(), letters=False, words=groups)
    assert {one["new"] for event in added(made) for one in event["changes"]} == {"so-so"}
    assert {event["reason"] for event in added(made)} == {"words"}


def test_one_text_a_row_in_one_column() -> None:
    for settings in ({"n": 2}, {"columns": ("a", "b")}):
        with pytest.raises(ValueError, match="an attack finds one text for a row"):
            AugmentAttack(**settings)
