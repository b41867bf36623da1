"""A moved bound computes nothing again; a bound let out computes only the rows it had not seen."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.transforms.clean.whitespace import CleanWhitespace
from curate.transforms.filter.length import Characters, Words

ROWS = ["a", "bb", "ccc ccc", "d  d d", None, "", "eeeeeeee", "f f f f f f", "数据清洗"]


@pytest.fixture
def corpus() -> Corpus:
    return Corpus.from_table(pa.table({"text": pa.array(ROWS, pa.string())}), Roles(text="text"))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the signals computed, once for each row, and `clean` for each text rewritten."""
    log: list[str] = []
    for provider in (Characters, Words):

        def values(self, batch, own=provider.values):
            log.extend([self.name] * len(batch))
            return own(self, batch)

        monkeypatch.setattr(provider, "values", values)
    rewrite = CleanWhitespace.rewrite
    monkeypatch.setattr(CleanWhitespace, "rewrite", lambda self, text: log.append("clean") or rewrite(self, text))
    return log


def recipe(characters: int, words: int) -> Recipe:
    return Recipe(
        [
            "clean.whitespace",
            step("filter.length", name="short", min_characters=characters),
            step("filter.length", name="few", min_words=words),
        ]
    )


def test_a_moved_bound_computes_nothing_again(corpus: Corpus, computed: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path)
    recipe(2, 1).run(corpus, store=store, chunk_rows=4)
    assert computed.count("clean") == 1
    assert computed.count("n_characters") == len(ROWS)
    assert computed.count("n_words") == 6
    computed.clear()
    for characters, words in ((2, 2), (3, 2), (8, 1)):
        again = recipe(characters, words).run(corpus, store=store, chunk_rows=4)
        assert again.corpus.texts() == recipe(characters, words).run(corpus).corpus.texts()
    computed.clear()
    recipe(4, 3).run(corpus, store=store, chunk_rows=4)
    assert computed == []


def test_a_bound_let_out_computes_only_the_rows_it_had_not_seen(
    corpus: Corpus, computed: list[str], tmp_path: Path
) -> None:
    store = Store(tmp_path)
    recipe(5, 1).run(corpus, store=store, chunk_rows=4)
    computed.clear()
    out = recipe(2, 1).run(corpus, store=store, chunk_rows=4)
    assert computed == ["n_words"] * 2
    assert out.corpus.texts() == recipe(2, 1).run(corpus).corpus.texts()
    computed.clear()
    recipe(2, 2).run(corpus, store=store, chunk_rows=4)
    assert computed == []


def test_a_damaged_entry_is_made_again(corpus: Corpus, computed: list[str], tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = recipe(2, 1).run(corpus, store=store)
    for kept in tmp_path.rglob("signal.arrow"):
        kept.write_bytes(b"broken")
    again = recipe(2, 2).run(corpus, store=store)
    assert computed.count("n_characters") == 2 * len(ROWS)
    assert len(again.corpus) < len(first.corpus)
