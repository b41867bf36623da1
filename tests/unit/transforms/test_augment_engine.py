"""The engine of augmenters: whatever varies a text, what is not edited stays, and every row adds up.

Tried with real augmenters on any text, any number of copies and columns, any batch size, order and number of workers.
"""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import registry
from curate.core.behind import with_kin
from curate.core.curated import Curated
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.core.undo import undo
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.errors import ColumnError, CurateError
from curate.kernels.protected import free, protected_spans, suspects
from curate.kernels.replacing import Replacement, differences, fits, moved, ordered, outside, replaced, undone
from curate.learn.folds import families, family_folds, family_sample
from curate.measure.replicate import Replicate
from curate.transforms.augment.draft import Draft, Variant
from curate.transforms.augment.spans import SpanLayout

CHARACTERS: dict[str, dict[str, Any]] = {
    "augment.aeda": {},
    "augment.case": {"max_rate": 1.0},
    "augment.diacritics": {"kinds": ["drop", "vary"]},
    "augment.homoglyph": {"max_rate": 1.0},
    "augment.keyboard": {"max_rate": 1.0, "min_length": 1, "keep_first": False},
    "augment.misspell": {"lines": ["teh->the", "eend->end", "citty->city", "boorn->born"], "max_rate": 1.0},
    "augment.ocr": {"max_rate": 1.0, "min_length": 1},
    "augment.spacing": {"max_rate": 1.0, "min_length": 2},
    "augment.typo": {"max_rate": 1.0, "min_length": 1, "keep_first": False},
}
NAMES = list(CHARACTERS)
PIECES = ["the end", " ", "\n", "a@b.org", "{name}", "http://x.org/a?b=1", "@me", "<b>", "`x = 1`", "Émile", "e\u0301"]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*PIECES, "city", "数据", "مرحبا", "👩‍👩‍👧", "\x00", "ß", "İ", "ﬁ"]), max_size=12).map(
        "".join
    ),
)
EDITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.text(max_size=4)), max_size=8)


def edits_of(text: str, drawn: list[tuple[int, int, str]]) -> list[Replacement]:
    """Drawn numbers as replacements within a text, in order."""
    n = len(text)
    return ordered([(min(at, n), min(at + size, n), new) for at, size, new in drawn], text)


def with_changes(text: str, edits: list[Replacement]) -> list[tuple[int, int, str, str]]:
    return [(start, end, text[start:end], new) for start, end, new in edits]


@given(TEXTS, EDITS)
def test_what_was_replaced_can_be_undone(text: str, drawn: list[tuple[int, int, str]]) -> None:
    edits = edits_of(text, drawn)
    new, changes = replaced(text, edits), with_changes(text, edits)
    assert undone(new, changes) == text
    assert fits(new, changes)
    assert edits == ordered(edits, text)


@given(TEXTS, TEXTS)
def test_the_differences_of_two_texts_turn_one_into_the_other(old: str, new: str) -> None:
    edits = differences(old, new)
    assert replaced(old, edits) == new
    assert undone(new, with_changes(old, edits)) == old


@given(TEXTS, EDITS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=5))
def test_spans_that_no_replacement_touches_mark_the_same_text_wherever_they_move(
    text: str, drawn: list[tuple[int, int, str]], marks: list[tuple[int, int]]
) -> None:
    n = len(text)
    spans = sorted((min(at, n), min(at + size, n)) for at, size in marks)
    edits = outside(edits_of(text, drawn), spans)
    new = replaced(text, edits)
    for (start, end), there in zip(spans, moved(spans, edits), strict=True):
        if start < end:
            assert there is not None
            assert new[there[0] : there[1]] == text[start:end]


@given(st.lists(TEXTS, max_size=6))
def test_only_suspects_have_stretches_that_must_stay(texts: list[str]) -> None:
    found = suspects(texts)
    assert all(at in found or not protected_spans(text) for at, text in enumerate(texts))


@given(TEXTS, EDITS)
def test_free_spans_touch_no_protected_one(text: str, drawn: list[tuple[int, int, str]]) -> None:
    guarded = protected_spans(text)
    spans = [(start, end) for start, end, _ in edits_of(text, drawn) if start < end]
    kept = free(spans, guarded)
    assert kept == [(low, high) for low, high in spans if all(high <= a or b <= low for a, b in guarded)]


def corpus(texts: list[str | None], **more: pa.Array) -> Corpus:
    table = pa.table({"text": pa.array(texts, pa.string()), **more})
    return Corpus.from_table(table, Roles(text=["text", *(name for name in ("reply",) if name in more)]))


def run(rows: Corpus, name: str, seed: int = 0, **given: Any) -> Curated:
    return Recipe([step(name, **{**CHARACTERS.get(name, {}), **given})], seed=seed, max_quarantine=0).run(rows)


def added(curated: Curated) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each added row, with its event."""
    rows = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.table().to_pylist(), strict=True))
    return [(rows[event["row_id"]], event) for event in curated.lineage().to_pylist() if event["kind"] == "add"]


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8), st.integers(1, 4), st.integers(0, 2**32))
def test_every_variant_is_a_row_or_refused_and_every_row_leads_back_to_its_parent(
    texts: list[str | None], n: int, seed: int
) -> None:
    rows = corpus(texts, reply=pa.array(texts[::-1], pa.string()))
    before = rows.table().to_pylist()
    for name in NAMES:
        made = run(rows, name, seed, n=n)
        (count,) = made.counts
        assert count.n_added + sum(count.refused.values()) == len(texts) * n
        told = set(registry.get("transforms", name).refusals)
        assert set(count.refused) <= told
        seen = set()
        for row, event in added(made):
            (parent,) = event["parents"]
            assert undo(row, event["changes"]) == before[parent]
            assert row != before[parent]
            assert all(row[column] for column, said in before[parent].items() if said)
            seen.add((parent, row["text"], row["reply"]))
            for column in ("text", "reply"):
                changes = [
                    (one["start"], one["end"], one["new"]) for one in event["changes"] if one["column"] == column
                ]
                if changes:
                    guarded = protected_spans(before[parent][column])
                    assert outside(changes, guarded) == changes
                    assert replaced(before[parent][column], changes) == row[column]
        assert len(seen) == count.n_added


@pytest.mark.parametrize("name", NAMES)
def test_in_place_changes_the_row_itself_and_adds_none(name: str) -> None:
    rows = corpus(["The city at the end, déjà vu", "", None, "{name}"])
    made = run(rows, name, in_place=True)
    assert made.counts[0].n_added == 0
    assert made.counts[0].n_changed == 1
    texts = made.corpus.table().column("text").to_pylist()
    assert texts[1:] == ["", None, "{name}"]
    assert texts[0] != "The city at the end, déjà vu"
    with pytest.raises(ValueError, match="in_place sets a text once"):
        registry.get("transforms", name)(**CHARACTERS[name], in_place=True, n=2)


def test_a_share_of_the_rows_is_chosen_row_by_row() -> None:
    rows = corpus([f"the city number {at} at the end" for at in range(2000)])
    some = run(rows, "augment.typo", fraction=0.3)
    chosen = {event["parents"][0] for _, event in added(some)}
    assert 500 < len(chosen) < 700
    part = rows.take(np.arange(0, 2000, 3))
    again = {event["parents"][0] for _, event in added(run(part, "augment.typo", fraction=0.3))}
    assert again == chosen & set(part.row_ids().tolist())
    assert run(rows, "augment.typo", fraction=0).counts[0].n_added == 0


def test_only_the_columns_named_vary_and_only_text_columns_may() -> None:
    rows = corpus(["the city at the end"], reply=pa.array(["another city"]))
    made = run(rows, "augment.keyboard", columns=["reply"], n=5)
    assert {event["changes"][0]["column"] for _, event in added(made)} == {"reply"}
    assert set(made.corpus.table().column("text").to_pylist()) == {"the city at the end"}
    with pytest.raises(ColumnError, match="'label' has not the role text"):
        run(rows, "augment.keyboard", columns=["label"])


def test_a_user_s_pattern_is_protected_too() -> None:
    rows = corpus(["Paris is a city near another city"] * 50)
    made = run(rows, "augment.typo", n=3, protect_pattern="city|Paris")
    assert all(row["text"].count("city") == 2 and "Paris" in row["text"] for row, _ in added(made))


ENTITY = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))
SQUAD = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])
TEXT = "Émile Zola was born in Paris, a city in France, at the end of the winter"
SPANS = {"entities": [(0, 10), (23, 28)], "answers": [(23, 28), (40, 46)]}


def marked() -> Corpus:
    entities = [{"start": start, "end": end, "label": "X"} for start, end in SPANS["entities"]]
    answers = {
        "text": [TEXT[start:end] for start, end in SPANS["answers"]],
        "answer_start": [start for start, _ in SPANS["answers"]],
    }
    columns = {"entities": pa.array([entities, None, []], ENTITY), "answers": pa.array([answers, None, None], SQUAD)}
    return corpus([TEXT, "no city is marked", "nor at the end"], **columns)


def spans_of(row: dict[str, Any]) -> dict[str, list[str]]:
    """What the spans of a row mark; what SQuAD writes beside them is the same."""
    answers = row["answers"] or {"answer_start": [], "text": []}
    ends = [start + len(said) for start, said in zip(answers["answer_start"], answers["text"], strict=True)]
    found = {
        "entities": [row["text"][one["start"] : one["end"]] for one in row["entities"] or ()],
        "answers": [row["text"][start:end] for start, end in zip(answers["answer_start"], ends, strict=True)],
    }
    assert found["answers"] == answers["text"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_spans_in_both_layouts_mark_the_same_text_in_every_variant(name: str) -> None:
    made = added(run(marked(), name, n=20, spans=["entities", "answers"]))
    assert len(made) > 10
    wanted = {name: [TEXT[start:end] for start, end in spans] for name, spans in SPANS.items()}
    shifted = 0
    for row, event in made:
        if event["parents"] == [0]:
            assert spans_of(row) == wanted
            shifted += row["entities"][1]["start"] != 23
        else:
            assert not row["entities"]
            assert row["answers"] is None
    assert shifted or name in ("augment.case", "augment.homoglyph", "augment.keyboard", "augment.diacritics")


def test_a_variant_that_loses_a_span_leaves_the_spans_of_another_column_alone() -> None:
    """The text stays as it is where one of two columns of spans would be cut, and so do the spans of the other."""
    layout = SpanLayout.of("entities", ENTITY)
    fine, cut = [{"start": 5, "end": 7, "label": "X"}], [{"start": 2, "end": 4, "label": "X"}]
    draft = Draft(0, 0, 0)
    draft.take("text", "abcdefgh", Variant([(3, 5, "-------")]), {"a": (layout, [fine]), "b": (layout, [cut])})
    assert (draft.cells, draft.changes, draft.refused) == ({}, [], "protected")


INTS = pa.list_(pa.int32())
START_END = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())]))


@pytest.mark.parametrize(
    ("cell", "kind", "said"),
    [
        ({"text": ["Paris"], "answer_start": [4]}, SQUAD, "but the text says ' was ' there"),
        ({"text": ["Paris"], "answer_start": [900]}, SQUAD, "ends behind the text: it has 36 characters"),
        ({"text": ["Paris", "x"], "answer_start": [16]}, SQUAD, "lists differ in length"),
        ([{"start": 16, "end": 90}], START_END, "ends behind the text"),
    ],
)
def test_spans_that_do_not_mark_what_they_say_cost_their_row_and_are_not_rewritten(
    cell: Any, kind: pa.DataType, said: str
) -> None:
    text = "Zola was born in Paris, in the city."
    rows = corpus([text, text], marks=pa.array([cell, None], kind))
    made = Recipe([step("augment.typo", spans=["marks"])], max_quarantine=1.0).run(rows)
    (row,) = made.quarantine.to_pylist()
    assert said in row["cause"]
    assert made.counts[0].n_added == 1


def test_spans_that_are_null_stay_null_and_in_their_place() -> None:
    text = "Zola was born in Paris, in the city."
    here = {"start": 17, "end": 22}
    marks = {"a": pa.array([[None, here]], START_END), "b": pa.array([{"text": None, "answer_start": None}], SQUAD)}
    for row, _ in added(run(corpus([text], **marks), "augment.aeda", n=5, spans=["a", "b"])):
        nothing, (start, end) = row["a"][0], row["a"][1].values()
        assert nothing is None
        assert row["text"][start:end] == "Paris"
        assert row["b"] == {"text": None, "answer_start": None}


@pytest.mark.parametrize(
    "kind",
    [
        pa.struct([("start", pa.int32()), ("end", pa.int32())]),
        pa.list_(pa.struct([("start", pa.string()), ("end", pa.string())])),
        pa.struct([("text", pa.list_(pa.string())), ("answer_start", INTS), ("impossible", pa.bool_())]),
        pa.list_(pa.int32()),
        pa.string(),
    ],
    ids=str,
)
def test_columns_that_mark_no_spans_are_refused_by_their_type(kind: pa.DataType) -> None:
    with pytest.raises(ColumnError, match="which marks no spans"):
        SpanLayout.of("marks", kind)


def test_a_column_named_twice_and_a_pattern_that_is_none_are_refused_in_a_line() -> None:
    for wrong, said in (
        ({"columns": ["text", "text"]}, "a column varies once"),
        ({"protect_pattern": "("}, "no regul"),
    ):
        with pytest.raises(CurateError, match=said):
            step("augment.typo", **wrong)


@pytest.mark.parametrize("address", ["example.org/a/b", "WWW.EXAMPLE.ORG", "Www.example.org"])
def test_addresses_are_protected_whatever_else_a_text_says(address: str) -> None:
    made = run(corpus([f"the city {address} at the end"]), "augment.typo", n=40)
    assert made.counts[0].n_added > 10
    assert all(address in row["text"] for row, _ in added(made))


def test_two_ways_to_the_same_text_make_one_row() -> None:
    made = run(corpus(["balloon"]), "augment.typo", n=200, kinds=["delete"])
    texts = [row["text"] for row, _ in added(made)]
    assert len(set(texts)) == len(texts) == 5
    assert made.counts[0].refused == {"repeated": 195}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_bytes_for_any_number_of_workers_any_batch_size_and_order(workers: int, tmp_path: Path) -> None:
    rows = corpus([f"the city number {at} at the end, déjà vu" for at in range(120)])
    recipe = Recipe([step(name, **{**given, "n": 2, "fraction": 0.1}) for name, given in CHARACTERS.items()], seed=3)
    alone = recipe.run(rows)
    made = recipe.run(rows, workers=workers, store=Store(tmp_path), chunk_rows=37, batch_rows=5)
    assert made.corpus.table(with_ids=True).equals(alone.corpus.table(with_ids=True))
    assert made.lineage().equals(alone.lineage())
    mixed = recipe.run(rows.take(np.random.default_rng(0).permutation(120)))
    by_id = dict(zip(alone.corpus.row_ids().tolist(), alone.corpus.texts(), strict=True))
    assert dict(zip(mixed.corpus.row_ids().tolist(), mixed.corpus.texts(), strict=True)) == by_id


def test_different_rows_copies_columns_seeds_and_steps_draw_differently() -> None:
    rows = corpus(["the city number nine at the end of the world"] * 50, reply=pa.array([None] * 50, pa.string()))
    one = [row["text"] for row, _ in added(run(rows, "augment.typo", n=3))]
    assert len(set(one)) > 60
    assert one != [row["text"] for row, _ in added(run(rows, "augment.typo", 1, n=3))]
    named = Recipe([step("augment.typo", name="other", n=3, **CHARACTERS["augment.typo"])]).run(rows)
    assert one != [row["text"] for row, _ in added(named)]
    both = corpus(["the city number nine"] * 20, reply=pa.array(["the city number nine"] * 20))
    assert any(row["text"] != row["reply"] for row, _ in added(run(both, "augment.typo")))


@pytest.mark.parametrize("second", ["augment.typo", "augment.keyboard"])
def test_augmenters_one_upon_another_lead_back_to_the_row_that_was_read(second: str) -> None:
    """Stacked, and the same augmenter twice: ids are new, parents are those of the step before, families are one."""
    rows = corpus([f"the city number {at} at the end" for at in range(20)])
    given = CHARACTERS["augment.typo"]
    recipe = Recipe([step("augment.typo", **given), step(second, name="again", n=2, **CHARACTERS[second])], seed=1)
    made = recipe.run(rows)
    assert len(made.corpus) == 20 * 2 * 3
    assert len(set(made.corpus.row_ids().tolist())) == len(made.corpus)
    texts = dict(zip(made.corpus.row_ids().tolist(), made.corpus.texts(), strict=True))
    for row, event in added(made):
        assert undo(row, event["changes"])["text"] == texts[event["parents"][0]]
    ids = made.corpus.row_ids()
    families = with_kin(np.arange(len(ids)), ids, made.corpus.origin)
    assert len(set(families.tolist())) == 20
    assert all(len(set(ids[families == family].tolist()) & set(range(20))) == 1 for family in families.tolist())


def labelled(n: int) -> Corpus:
    texts = [f"the {kind} number {at} at the end" for at in range(n) for kind in ("city", "river")]
    return Corpus.from_table(pa.table({"text": texts, "label": ["a", "b"] * n}), Roles(text="text", label="label"))


def test_families_stand_on_one_side_of_every_fold_and_split() -> None:
    made = Recipe([step("augment.typo", **{**CHARACTERS["augment.typo"], "n": 2})]).run(labelled(60)).corpus
    ids = made.row_ids()
    kin = with_kin(np.arange(len(ids)), ids, made.origin)
    assert len(set(kin.tolist())) == 120
    near = with_kin(families(made), ids, made.origin)
    codes = np.zeros(len(ids), np.int64)
    folds = family_folds(near, codes, ids, 5, StepRandom(0, "pred_probs"))
    chosen = family_sample(near, codes, ids, 0.3, StepRandom(0, "pool"))
    for family in set(kin.tolist()):
        assert len(set(folds[kin == family].tolist())) == 1
        assert len(set(chosen[kin == family].tolist())) == 1


def test_in_a_replicate_rows_are_made_from_training_rows_alone() -> None:
    rows = labelled(60)
    pool, validation, test = (rows.take(np.arange(at, 120, 3)) for at in range(3))
    steps = {"augment.typo": step("augment.typo", **{**CHARACTERS["augment.typo"], "n": 2})}
    made = Replicate(0, pool, validation, test, steps, 0.0, seed=0).rows((("augment.typo", False),))
    assert made.origin is not None
    parents = set(made.origin.ancestors.column("ancestor").to_pylist())
    assert parents == set(pool.row_ids().tolist())
    assert len(made) > 2 * len(pool)


def test_what_is_given_to_undo_must_be_the_row_s_own() -> None:
    ((row, event),) = added(run(corpus(["the city at the end"]), "augment.typo"))
    with pytest.raises(CurateError, match="not what these changes led to"):
        undo({"text": "something else"}, event["changes"])
    with pytest.raises(CurateError, match="not what these changes led to"):
        undo({"reply": row["text"]}, event["changes"])
    with pytest.raises(CurateError, match="takes the cells of a row, and not str"):
        undo(row["text"], event["changes"])
    assert undo({"text": "a copy"}, None) == {"text": "a copy"}


@pytest.mark.parametrize("name", NAMES)
def test_time_grows_with_the_length_of_a_text_and_no_faster(name: str) -> None:
    transform = registry.get("transforms", name)(**(CHARACTERS[name] if name != "augment.diacritics" else {}))
    transform.setup()

    def seconds(text: str) -> float:
        took = []
        for _ in range(3):
            began = process_time()
            list(transform.variants([text], [protected_spans(text)], StepRandom(0, "x").draws([0])))
            took.append(process_time() - began)
        return min(took)

    for piece in ("the end of it ", "a", "see @me and {name} at http://a.org/b "):
        short, long = piece * (20_000 // len(piece)), piece * (160_000 // len(piece))
        assert seconds(long) < 24 * max(seconds(short), 0.002)
