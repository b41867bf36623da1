"""`dedup.near` and `dedup.minhash`: who goes and for whom, keep rules, guard, components, edges, real data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.io import load
from curate.kernels.join import similar_pairs
from curate.kernels.overlap import equal_sets, similarities
from curate.kernels.pairs import components, select
from curate.kernels.shingles import shingle_sets
from curate.transforms.dedup import near
from curate.transforms.dedup.minhash import DropMinHashDuplicates
from curate.transforms.dedup.near import DropNearDuplicates

STEPS = [DropNearDuplicates, DropMinHashDuplicates]
CHAIN = ["a b c d e f g h", "b c d e f g h i", "c d e f g h i j", "d e f g h i j k"]
"""Each shares 5 of 7 shingles with the next, half with the one after that."""


def corpus(texts: list[str | None], **columns: Any) -> Corpus:
    roles = Roles(text="text", label="label" if "label" in columns else None)
    return Corpus.from_table(pa.table({"text": pa.array(texts, pa.string()), **columns}), roles)


def run(transform: Transform, rows: Corpus) -> Curated:
    return Recipe([Step(transform)]).run(rows)


def dropped(transform: Transform, rows: Corpus) -> dict[int, tuple[str, int | None, float]]:
    events = run(transform, rows).lineage().to_pylist()
    return {event["row_id"]: (event["reason"], event["ref"], round(event["score"], 3)) for event in events}


def kept(transform: Transform, rows: Corpus) -> list[int]:
    return run(transform, rows).corpus.row_ids().tolist()


@pytest.mark.parametrize("step", STEPS)
def test_a_row_that_goes_names_its_twin_and_how_alike_they_are(step: Callable[..., Transform]) -> None:
    words = [f"w{n}" for n in range(30)]
    texts = [" ".join(words), "something else altogether", " ".join(words[:28]), " ".join(words).upper() + "!"]
    expected = {2: ("near_duplicate", 0, round(26 / 28, 3)), 3: ("near_duplicate", 0, 1.0)}
    assert dropped(step(), corpus(texts)) == expected


@pytest.mark.parametrize("step", STEPS)
def test_no_row_goes_without_a_kept_twin(step: Callable[..., Transform]) -> None:
    assert kept(step(min_similarity=0.6), corpus(CHAIN)) == [0, 2]
    gone = dropped(step(min_similarity=0.6, clusters="component"), corpus(CHAIN))
    reasons = {row: (reason, ref) for row, (reason, ref, _) in gone.items()}
    assert reasons == {1: ("near_duplicate", 0), 2: ("chained_duplicate", 0), 3: ("chained_duplicate", 0)}
    assert gone[3][2] == round(3 / 9, 3)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("keep", "stays"),
    [
        ({"keep": "first"}, [0, 2]),
        ({"keep": "last"}, [1, 3]),
        ({"keep": "central"}, [1, 3]),
        ({"keep": "longest"}, [0, 3]),
        ({"keep": "newest", "by": "day"}, [0, 2]),
        ({"keep": "highest", "by": "votes"}, [1, 3]),
        ({"keep": "majority_label"}, [1, 3]),
    ],
)
def test_every_keep_rule(step: Callable[..., Transform], keep: dict[str, Any], stays: list[int]) -> None:
    texts = [*CHAIN[:3], CHAIN[3] + " !!!!"]
    columns = {
        "day": ["2024-01-03", "2024-01-01", "2024-01-02", None],
        "votes": [1, 5, 2, 3],
        "label": ["x", "y", "z", "y"],
    }
    rows = corpus(texts, **columns)
    assert kept(step(min_similarity=0.6, **keep), rows) == stays
    assert sorted(kept(step(min_similarity=0.6, **keep), rows.take([2, 0, 3, 1]))) == stays


@pytest.mark.parametrize("step", STEPS)
def test_empty_and_short_texts(step: Callable[..., Transform]) -> None:
    texts = [None, "", "  ", None, "yes", "no", "Yes!", "yes sir", "!!!", "???", "!!!", "👍", "数据", "数据清洗"]
    assert {row: ref for row, (_, ref, _) in dropped(step(), corpus(texts)).items()} == {6: 4, 10: 8}


@pytest.mark.parametrize("step", STEPS)
def test_the_guard_keeps_rows_that_differ_only_in_numbers_or_names(step: Callable[..., Transform]) -> None:
    frame = "the meeting of the whole committee is moved to room {} and {} will take the notes as she did last time"
    texts = [frame.format(*filled) for filled in ((12, "Ada"), (14, "Ada"), (12, "Eve"), (14, "Eve"), (12, "Ada"))]
    settings = {"min_similarity": 0.4}
    assert kept(step(**settings), corpus(texts)) == [0]
    assert kept(step(**settings, distinct="numbers"), corpus(texts)) == [0, 1]
    assert kept(step(**settings, distinct=["names", "numbers"]), corpus(texts)) == [0, 1, 2, 3]
    one = {"clusters": "component", "distinct": "numbers"}
    reasons = [reason for reason, _, _ in dropped(step(**settings, **one), corpus(texts)).values()]
    assert sorted(reasons) == ["chained_duplicate"] + ["near_duplicate"] * 3


@pytest.mark.parametrize("step", STEPS)
def test_near_duplicates_with_different_labels(step: Callable[..., Transform]) -> None:
    rows = corpus(
        [CHAIN[0], CHAIN[0] + ".", CHAIN[0] + "!", "other words here", "Other words here"], label=list("xyxzz")
    )
    gone = {row: reason for row, (reason, _, _) in dropped(step(conflicts="drop"), rows).items()}
    assert gone == {0: "conflicting_label", 1: "conflicting_label", 2: "conflicting_label", 4: "near_duplicate"}


def test_a_short_text_inside_a_long_one_is_contained() -> None:
    rows = corpus([" ".join(f"w{n}" for n in range(100)), "w10 w11 w12 w13 w14 w15", "w1 w50 w2"])
    assert kept(DropNearDuplicates(measure="containment"), rows) == [0, 2]
    assert kept(DropNearDuplicates(), rows) == [0, 1, 2]


def test_the_run_says_how_it_was_done() -> None:
    rows = corpus(CHAIN)
    assert run(DropNearDuplicates(), rows).counts[0].notes == ("exact join: every pair is found",)
    (note,) = run(DropNearDuplicates(method="minhash"), rows).counts[0].notes
    assert note.startswith("MinHash, ")
    assert "% of the pairs at 0.8" in note
    notes = run(DropNearDuplicates(clusters="component", min_similarity=0.6), rows).counts[0].notes
    assert notes[1] == "components: 2 of the rows that went have no kept twin"


def test_auto_takes_minhash_where_the_join_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdef"), 40)) for _ in range(400)]
    settings: dict[str, Any] = {"shingle_size": 2, "min_similarity": 0.3}
    exact = run(DropNearDuplicates(**settings), corpus(texts))
    monkeypatch.setattr(near, "MOST_COMPARED", 0)
    monkeypatch.setattr(near, "COMPARED_PER_HASH", 0)
    (note,) = run(DropNearDuplicates(**settings), corpus(texts)).counts[0].notes
    assert note.startswith("MinHash, ")
    assert "an exact join would compare about" in note
    contained = run(DropNearDuplicates(**settings, measure="containment"), corpus(texts))
    assert contained.counts[0].notes == exact.counts[0].notes == ("exact join: every pair is found",)


@pytest.mark.parametrize(
    ("step", "settings"),
    [
        (DropNearDuplicates, {"method": "minhash", "measure": "containment"}),
        (DropNearDuplicates, {"min_similarity": 0}),
        (DropNearDuplicates, {"shingle_size": 17}),
        (DropNearDuplicates, {"distinct": "dates"}),
        (DropMinHashDuplicates, {"n_hashes": 2, "recall": 0.99}),
        (DropMinHashDuplicates, {"recall": 1}),
    ],
)
def test_settings_without_sense_are_refused(step: Callable[..., Transform], settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        step(**settings)


def test_similarity_of_given_pairs_and_equal_sets_are_those_of_python_sets() -> None:
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(list("abcdefgh"), rng.integers(0, 9))) for _ in range(60)]
    sets = shingle_sets(texts, size=2)
    plain = [set(sets.take(np.array([row])).shingles.tolist()) for row in range(60)]
    left, right = np.divmod(np.arange(3600), 60)
    shared = np.array([len(plain[a] & plain[b]) for a, b in zip(left, right, strict=True)])
    either = np.array([len(plain[a] | plain[b]) for a, b in zip(left, right, strict=True)])
    smaller = np.array([min(len(plain[a]), len(plain[b])) for a, b in zip(left, right, strict=True)])
    assert np.allclose(similarities(sets, left, right), shared / np.maximum(either, 1))
    assert np.allclose(similarities(sets, left, right, "containment"), shared / np.maximum(smaller, 1))
    first, place = equal_sets(sets)
    firsts = {}
    for row, members in enumerate(plain):
        firsts.setdefault(frozenset(members), row)
    expected = [firsts[frozenset(members)] if members else -1 for members in plain]
    assert [int(first[at]) if at >= 0 else -1 for at in place] == expected


@pytest.mark.parametrize("name", ["ag_news/ag_news_train.txt", "banking77/train.csv"])
@pytest.mark.parametrize("bound", [0.5, 0.8])
def test_real_rows_against_every_pair(data_dir: Path, name: str, bound: float) -> None:
    rows = load(data_dir / name).take(np.arange(4000))
    sets = shingle_sets(rows.texts())
    pairs = similar_pairs(sets, bound)
    twins = select(pairs, np.arange(len(rows)))
    gone = dropped(DropNearDuplicates(min_similarity=bound), rows)
    expected = {int(row): int(twins.twin[row]) for row in np.flatnonzero(twins.twin >= 0)}
    assert {row: ref for row, (_, ref, _) in gone.items()} == expected
    linked = components(len(rows), pairs)
    by_components = dropped(DropNearDuplicates(min_similarity=bound, clusters="component"), rows)
    assert sorted(by_components) == np.flatnonzero(linked != np.arange(len(rows))).tolist()
    found = dropped(DropMinHashDuplicates(min_similarity=bound, recall=0.99), rows)
    assert len(found.keys() & gone.keys()) >= 0.97 * len(gone)


@pytest.mark.parametrize("step", STEPS)
def test_the_order_of_the_rows_and_the_size_of_the_batches_change_nothing(
    step: Callable[..., Transform], data_dir: Path
) -> None:
    rows = load(data_dir / "banking77" / "train.csv").take(np.arange(2000))
    mixed = rows.take(np.random.default_rng(2).permutation(2000))
    for settings in ({}, {"keep": "central", "min_similarity": 0.5}, {"clusters": "component", "min_similarity": 0.5}):
        recipe = Recipe([Step(step(**settings))])
        whole = recipe.run(rows).lineage().sort_by("row_id")
        assert recipe.run(mixed).lineage().sort_by("row_id").equals(whole)
        assert recipe.run(rows, batch_rows=77).lineage().sort_by("row_id").equals(whole)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("settings", [{}, {"keep": "central"}, {"clusters": "component"}])
def test_a_million_equal_rows(step: Callable[..., Transform], settings: dict[str, Any]) -> None:
    rows = corpus(["the same few words again and again"] * 1_000_000)
    assert run(step(**settings), rows).counts[0].n_dropped == 999_999


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("settings", [{}, {"keep": "longest"}, {"clusters": "component"}])
def test_one_giant_cluster_of_near_twins(step: Callable[..., Transform], settings: dict[str, Any]) -> None:
    words = [f"w{n}" for n in range(60)]
    rows = corpus([" ".join([*words, f"end{n}"]) for n in range(1_500)])
    assert run(step(**settings), rows).counts[0].n_dropped == 1_499
