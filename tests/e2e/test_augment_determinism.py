"""Every augmenter: the same bytes however it is run, other draws for other rows, families on one side.

The augmenters are those of the registry, with the settings of the contract tests; those that need a model or a server
get the ones that the contract tests make.
"""

from __future__ import annotations

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate import registry
from curate.core.behind import with_kin
from curate.core.contracts import example_corpus
from curate.core.curated import Curated
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.rows import ROW_ID
from curate.data.store import Store
from curate.io import save
from curate.learn.folds import families, family_folds, family_sample

NAMES = [name for name in registry.names("transforms") if name.startswith("augment.")]
RICH = (
    "The team can't win the match on 5 March 2024, and they're sorry. Our old coach bought 250 small cars for his "
    "bank. He did not say why it was lost! A good café surprised a naïve fiancé. The young man wrote a long letter."
)
OTHER_TEXT = {"augment.negation": "The small café is good."}
"""What the equal rows say for an augmenter that works on single sentences."""
VARYING: dict[str, dict[str, Any]] = {
    "augment.diacritics": {"kinds": ["vary", "drop"], "max_rate": 0.5},
    "augment.misspell": {"lines": ["teem->team", "wich->match", "smal->small", "leter->letter"], "max_rate": 0.1},
    "augment.negation": {"style": "drawn"},
}
"""Settings with which there is something to draw, where the contract tests' have nothing."""
WITHOUT_DRAWS = {
    "augment.attack": "it searches and draws nothing",
    "augment.backtranslate": "apertium translates a text in one way",
    "augment.concat": "rows that say the same say the same together",
    "augment.constrain": "it judges rows and makes none",
    "augment.counterfactual": "a word has one counterpart",
    "augment.generate": "it writes rows for classes and not for rows",
}
"""Augmenters whose variants of two equal texts need not differ, with the reason."""


@cache
def contracts() -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).parents[1] / "contracts" / "test_transforms.py"))


def made(name: str, number: int = 0, **more: Any) -> Recipe | None:
    """A recipe of one augmenter with a variant of its settings; None where there is no such variant."""
    variants = contracts()["SETTINGS"].get(name, [{}])
    return (
        Recipe([contracts()["build"](name, {**variants[number], **more})], seed=7) if number < len(variants) else None
    )


def corpus(n_equal: int = 0, text: str = RICH) -> Corpus:
    """A third of the awkward rows of the contract tests, and rows that all say the same."""
    examples = example_corpus()
    own = examples.take(np.arange(0, len(examples), 3)).table()
    equal = {"text": [text] * (1 + n_equal), "label": [("sport", "money")[at % 2] for at in range(1 + n_equal)]}
    rich = pa.table(
        {
            name: pa.array(equal.get(name, [None] * (1 + n_equal)), kind)
            for name, kind in zip(own.schema.names, own.schema.types, strict=True)
        }
    )
    table = pa.concat_tables([own, rich])
    return Corpus.from_table(table, examples.roles).with_held_out(**examples.held_out)


def by_row(curated: Curated) -> tuple[pa.Table, pa.Table]:
    """Rows and lineage in the order of the row ids."""
    rows, lineage = curated.corpus.table(with_ids=True), curated.lineage()
    return rows.sort_by(ROW_ID), lineage.take(pa.array(np.argsort(lineage.column("row_id").to_numpy(), kind="stable")))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_the_same_for_any_batch_chunk_and_row_order(name: str, number: int) -> None:
    recipe = made(name, number)
    if recipe is None:
        return
    rows = corpus()
    whole = recipe.run(rows)
    for mine, theirs in zip(by_row(recipe.run(rows, batch_rows=3, chunk_rows=4)), by_row(whole), strict=True):
        assert mine.equals(theirs)
    order = np.random.Generator(np.random.PCG64(1)).permutation(len(rows))
    for mine, theirs in zip(by_row(recipe.run(rows.take(order), batch_rows=5)), by_row(whole), strict=True):
        assert mine.equals(theirs)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_DRAWS])
def test_other_rows_with_the_same_text_get_other_draws(name: str) -> None:
    said = OTHER_TEXT.get(name, RICH)
    rows = corpus(n_equal=30, text=said)
    equal = {row_id for row_id, text in zip(rows.row_ids().tolist(), rows.texts(), strict=True) if text == said}
    recipe = made(name, **VARYING.get(name, {}))
    assert recipe is not None
    run = recipe.run(rows)
    texts = dict(zip(run.corpus.row_ids().tolist(), run.corpus.texts(), strict=True))
    events = [event for event in run.lineage().to_pylist() if event["kind"] == "add"]
    assert len({texts[event["row_id"]] for event in events if equal & set(event["parents"])}) > 1
    again = Recipe(recipe.steps, seed=8).run(rows)
    assert again.corpus.texts() != run.corpus.texts()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_and_its_variants_are_on_one_side(name: str) -> None:
    recipe = made(name)
    assert recipe is not None
    run = recipe.run(corpus())
    after = run.corpus
    ids = after.row_ids()
    kin = with_kin(families(after), ids, after.origin)
    codes = np.zeros(len(ids), np.int64)
    folds = family_folds(kin, codes, ids, 3, StepRandom(0, "folds"))
    side = family_sample(kin, codes, ids, 0.5, StepRandom(0, "split"))
    place = {row_id: at for at, row_id in enumerate(ids.tolist())}
    for event in run.lineage().to_pylist():
        for parent in event["parents"] or () if event["kind"] == "add" else ():
            assert folds[place[parent]] == folds[place[event["row_id"]]]
            assert side[place[parent]] == side[place[event["row_id"]]]


FAMILIES = Recipe(
    [
        step("augment.typo", fraction=0.5),
        step("augment.synonym", table={"small": ["little", "tiny"], "match": ["game"]}, fraction=0.5),
        step("augment.tfidf", min_rows=1, fraction=0.5),
        step("augment.number", fraction=0.5),
        step("augment.shuffle", fraction=0.5),
        step("augment.concat", fraction=0.2),
    ],
    seed=3,
)
"""One augmenter of characters, words, corpus statistics, formats, sentences and pairs, one after the other."""


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"workers": 2}, {"workers": 2, "batch_rows": 3}, {"batch_rows": 1}], ids=str)
def test_the_same_bytes_in_files_for_one_worker_and_two(settings: dict[str, Any], tmp_path: Path) -> None:
    rows = corpus(n_equal=40)

    def files(folder: Path, **how: Any) -> dict[str, bytes]:
        run = FAMILIES.run(rows, store=Store(folder / "store"), chunk_rows=20, **how)
        saved = [save(run.corpus, folder / f"rows.{ending}", with_ids=True) for ending in ("parquet", "jsonl", "arrow")]
        assert all(count.reasons for count in run.counts)
        return {path.name: path.read_bytes() for path in saved}

    assert files(tmp_path / "some", **settings) == files(tmp_path / "one")
