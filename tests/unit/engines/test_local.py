"""The local engine: what a run gives back, with a store and without, and what it refuses."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate import registry
from curate.core.contracts import example_corpus
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import DatasetTransform, RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.data.store import Store
from curate.engines.local import LocalEngine
from curate.engines.supply import identities
from curate.errors import CurateError, InputError

REPOSITORY = Path(__file__).resolve().parents[3]
RECIPE = Recipe(["clean.unicode", "clean.whitespace", "dedup.exact", step("filter.length", min_words=2)])


class NeverNothing(RowTransform):
    """Fails on a batch without rows, and numbers its rows in a new column."""

    name: ClassVar[str] = "test.numbered"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"numbered": "it has a number"}

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        return schema.append(pa.field("number", pa.uint64())), roles.changed({"weight": None, "group": ("number",)})

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        assert len(batch)
        return Edits.set("number", batch.row_ids, pa.array(batch.row_ids), "numbered")


def test_a_run_tells_what_every_step_did() -> None:
    corpus = example_corpus()
    curated = RECIPE.run(corpus)
    assert [count.step for count in curated.counts] == [one.name for one in RECIPE.steps]
    assert curated.counts[0].n_in == len(corpus)
    assert curated.counts[-1].n_out == len(curated.corpus)
    assert all(one.n_out == other.n_in for one, other in zip(curated.counts, curated.counts[1:], strict=False))
    per_step: dict[str, int] = {}
    for event in curated.lineage().to_pylist():
        per_step[event["step"]] = per_step.get(event["step"], 0) + 1
    assert per_step == {count.step: sum(count.reasons.values()) for count in curated.counts if count.reasons}
    assert curated.source.fingerprint == corpus.fingerprint
    assert list(curated.corpus.held_out) == ["test"]
    assert curated.corpus.held_out["test"] is corpus.held_out["test"]
    assert len(curated.quarantine) == 0


def test_no_steps_change_nothing(tmp_path: Path) -> None:
    corpus = example_corpus()
    for store in (None, Store(tmp_path)):
        curated = Recipe([]).run(corpus, store=store)
        assert curated.corpus.table(with_ids=True).equals(corpus.table(with_ids=True))
        assert curated.lineage().num_rows == 0
        assert curated.counts == ()


@pytest.mark.parametrize("stored", [False, True])
def test_no_rows_stay_no_rows(tmp_path: Path, stored: bool) -> None:
    corpus = example_corpus().take([])
    curated = RECIPE.run(corpus, store=Store(tmp_path) if stored else None)
    assert len(curated.corpus) == 0
    assert curated.corpus.schema == corpus.schema
    assert [count.n_in for count in curated.counts] == [0, 0, 0, 0]


@pytest.mark.parametrize("stored", [False, True])
def test_a_step_never_sees_an_empty_batch_and_may_add_a_column(tmp_path: Path, stored: bool) -> None:
    table = pa.table({"text": ["x"] * 20 + ["long enough"]})
    recipe = Recipe([step("filter.length", min_characters=5), Step(NeverNothing())])
    curated = recipe.run(Corpus.from_table(table), batch_rows=10, store=Store(tmp_path) if stored else None)
    assert curated.corpus.table().to_pylist() == [{"text": "long enough", "number": 20}]
    assert curated.corpus.roles.group == ("number",)


def test_a_seed_decides_the_draws_and_nothing_else(tmp_path: Path) -> None:
    recipe = [step("rebalance.oversample", max_copies=1)]
    ids = [Recipe(recipe, seed=seed).run(example_corpus()).corpus.row_ids().tolist() for seed in (0, 0, 1)]
    assert ids[0] == ids[1] != ids[2]


def test_the_second_run_finds_everything_in_the_store(tmp_path: Path) -> None:
    def files() -> dict[str, tuple[int, int]]:
        return {str(f): (f.stat().st_ino, f.stat().st_mtime_ns) for f in tmp_path.rglob("*") if f.is_file()}

    first = RECIPE.run(example_corpus(), store=Store(tmp_path), chunk_rows=40)
    made = files()
    again = RECIPE.run(example_corpus(), store=Store(tmp_path), chunk_rows=40)
    assert files() == made
    assert again.corpus.table(with_ids=True).equals(first.corpus.table(with_ids=True))
    assert again.lineage().equals(first.lineage())
    assert [vars(count) for count in again.counts] == [vars(count) for count in first.counts]


def test_another_last_step_repeats_nothing_of_the_steps_before_a_decision(tmp_path: Path) -> None:
    RECIPE.run(example_corpus(), store=Store(tmp_path))
    before = {f for f in tmp_path.rglob("*") if f.is_file()}
    Recipe([*RECIPE.steps[:3], step("filter.length", min_words=3)]).run(example_corpus(), store=Store(tmp_path))
    new = {f.name for f in tmp_path.rglob("*") if f.is_file() and f not in before}
    assert new == {"rows.arrow", "events.arrow", "counts.json", "quarantine.arrow", "manifest.json"}


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    first = RECIPE.run(example_corpus(), store=Store(tmp_path), chunk_rows=40)
    for path in sorted(tmp_path.rglob("rows.arrow"))[:2]:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    again = RECIPE.run(example_corpus(), store=Store(tmp_path), chunk_rows=40)
    assert again.corpus.table(with_ids=True).equals(first.corpus.table(with_ids=True))


def test_another_test_split_is_another_result(tmp_path: Path) -> None:
    corpus, recipe = example_corpus(), Recipe(["dedup.leakage"])
    first = recipe.run(corpus, store=Store(tmp_path))
    assert first.counts[0].n_dropped
    other = Corpus.from_table(pa.table({"text": ["nothing like it"]}))
    second = recipe.run(corpus.with_held_out(test=other), store=Store(tmp_path))
    assert second.counts[0].n_dropped == 0
    with pytest.raises(InputError, match="no held-out split 'test'"):
        recipe.run(Corpus.from_table(corpus.table()))


def test_another_text_column_of_the_test_split_is_another_result(tmp_path: Path) -> None:
    test = pa.table({"text": ["a", "z"], "other": ["b", "q"]})
    left = []
    for column in ("text", "other"):
        held_out = Corpus.from_table(test, Roles(text=column))
        corpus = Corpus.from_table(pa.table({"text": ["a", "b"]})).with_held_out(test=held_out)
        left.append(Recipe(["dedup.leakage"]).run(corpus, store=Store(tmp_path)).corpus.texts())
    assert left == [["b"], ["a"]]


def test_another_version_of_the_learner_gives_other_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, transform = example_corpus(), registry.get("transforms", "labels.drop_issues")()
    before = identities(transform, corpus)
    monkeypatch.setattr(registry.get("learners", "linear"), "version", "next")
    assert identities(transform, corpus) != before


@pytest.mark.slow
def test_several_processes_without_a_store_give_rows_in_memory() -> None:
    alone = RECIPE.run(example_corpus())
    several = RECIPE.run(example_corpus(), workers=2, chunk_rows=40)
    assert several.corpus.table(with_ids=True).equals(alone.corpus.table(with_ids=True))
    assert several.lineage().equals(alone.lineage())


def test_a_function_that_no_process_can_find_is_told(tmp_path: Path) -> None:
    recipe = Recipe([step(lambda row: {}, name="mine", version="1")])
    with pytest.raises(CurateError, match=r"step 'mine' cannot be sent to a worker process: .*top level of a module"):
        recipe.run(example_corpus(), workers=2, chunk_rows=40)


DIES = "import os\ndef f(row): os.kill(os.getpid(), 9)"
CANNOT_LOAD = """
import sys
if "pytest" not in sys.modules:
    raise ImportError("gone")
def f(row):
    return {}
"""
SLOW = """
import os, pathlib, time
def f(row):
    pathlib.Path(__file__).with_name(f"{os.getpid()}.pid").touch()
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "said"),
    [(DIES, "a worker process died"), (CANNOT_LOAD, "a worker process cannot load the steps: gone")],
    ids=["dies", "cannot load"],
)
def test_a_worker_that_goes_wrong_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (tmp_path / "faulty_step.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "faulty_step", raising=False)
    function = importlib.import_module("faulty_step").f
    with pytest.raises(CurateError, match=said):
        Recipe([step(function, name="f", version="1")]).run(example_corpus(), workers=2, chunk_rows=40)


@pytest.mark.slow
def test_workers_leave_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
from slow_step import f
from curate.core.contracts import example_corpus
from curate.core.recipe import Recipe
from curate.core.step import step
if __name__ == "__main__":
    Recipe([step(f, name="f", version="1")]).run(example_corpus(), workers=2, chunk_rows=40)
"""
    (tmp_path / "slow_step.py").write_text(SLOW)
    (tmp_path / "main.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.Popen([sys.executable, str(tmp_path / "main.py")], env=environment)
    wait_until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    run.kill()
    run.wait()
    workers = [int(path.stem) for path in tmp_path.glob("*.pid")]
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("setting", ["workers", "batch_rows", "chunk_rows"])
def test_sizes_start_at_one(setting: str) -> None:
    with pytest.raises(CurateError, match=f"{setting} is 0"):
        RECIPE.run(example_corpus(), **{setting: 0})


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    RECIPE.run(example_corpus(), on_progress=lambda *said: told.append(said), chunk_rows=40)
    assert all(0 < done <= of for _, done, of in told)
    ends = {name for name, done, of in told if done == of}
    assert {"dedup.exact", "filter.length"} <= ends


@pytest.mark.parametrize("stored", [False, True])
def test_categories_stay_categories(tmp_path: Path, stored: bool) -> None:
    text = pa.array(["a  b", "plain", "a  b", None, "c  d"]).dictionary_encode()
    label = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 0, 1], pa.int8()), pa.array(["no", "yes", "never"]))
    corpus = Corpus.from_table(pa.table({"text": text, "label": label}))
    recipe = Recipe(["clean.whitespace", "dedup.exact", "rebalance.oversample"])
    curated = recipe.run(corpus, batch_rows=1, chunk_rows=2, store=Store(tmp_path) if stored else None)
    assert curated.corpus.schema == corpus.schema
    assert curated.corpus.texts() == ["a b", "plain", "", "c d"]
    dictionaries = [batch.column("label").dictionary.to_pylist() for batch in curated.corpus.batches(1)]
    assert dictionaries == [["no", "yes", "never"]] * 4
    assert {tuple(b.column("text").dictionary.to_pylist()) for b in curated.corpus.batches(1)} == {
        ("a  b", "plain", "c  d", "a b", "c d")
    }


def test_planning_alone_gives_the_edits_that_a_run_would_apply() -> None:
    corpus, engine = example_corpus(), LocalEngine(batch_rows=7)
    for one in RECIPE.steps:
        edits, failed = engine.plan(one.transform, corpus, step=one.name)
        curated = Recipe([one]).run(corpus)
        assert failed == {}
        assert edits.n_edits == curated.lineage().num_rows
        applied = engine.apply(one.name, one.transform, edits, failed, corpus)
        assert applied.table(with_ids=True).equals(curated.corpus.table(with_ids=True))
        assert list(applied.held_out) == ["test"]


def test_the_order_of_the_lineage_is_the_order_of_the_rows() -> None:
    curated = Recipe(["clean.unicode", "clean.whitespace"]).run(example_corpus(), batch_rows=7)
    rows = curated.lineage().column("row_id").to_numpy()
    place = {row_id: at for at, row_id in enumerate(example_corpus().row_ids().tolist())}
    assert (np.diff([place[row_id] for row_id in rows.tolist()]) >= 0).all()


class Remarks(DatasetTransform):
    """Drops nothing, and tells whether its summary came as it lay in the file."""

    name: ClassVar[str] = "test.remarks"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"none": "never given"}

    def summarize(self, batch: Batch) -> pa.Table:
        return pa.table({"row_id": batch.row_ids, "list": pa.array([[1]] * len(batch))})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        ids = summary.column("row_id")
        assert ids.to_pylist() == sorted(ids.to_pylist())
        return Edits(notes=(f"{ids.num_chunks} chunks",))


def test_what_a_step_remarks_is_told_with_its_counts_also_when_it_is_resumed(tmp_path: Path) -> None:
    corpus = example_corpus()
    store = Store(tmp_path)
    for engine in (LocalEngine(batch_rows=40), LocalEngine(batch_rows=40, store=store), LocalEngine(store=store)):
        (count,) = engine.run(Recipe([Step(Remarks())]), corpus).counts
        assert count.notes == ("3 chunks",)


def test_a_summary_in_order_is_not_copied_and_another_one_is_sorted() -> None:
    corpus = example_corpus()
    turned = corpus.take(np.arange(len(corpus))[::-1])
    (count,) = LocalEngine(batch_rows=40).run(Recipe([Step(Remarks())]), turned).counts
    assert count.notes == ("1 chunks",)
