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
from curate.errors import ColumnError
from curate.transforms.clean.whitespace import CleanWhitespace
from curate.transforms.filter.flagged_words import FlaggedWordFraction
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


def test_steps_that_read_the_same_signal_share_its_values(corpus: Corpus, computed: list[str], tmp_path: Path) -> None:
    def between(least: int, most: int) -> Recipe:
        short = step("filter.length", name="short", min_characters=least)
        return Recipe([short, step("filter.length", name="long", max_characters=most)])

    store = Store(tmp_path)
    between(3, 8).run(corpus, store=store, chunk_rows=4)
    assert computed == ["n_characters"] * len(ROWS)
    computed.clear()
    out = between(1, 7).run(corpus, store=store, chunk_rows=4)
    assert computed == []
    assert out.corpus.texts() == between(1, 7).run(corpus).corpus.texts()


def test_values_that_another_process_is_replacing_are_computed(
    corpus: Corpus, computed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe(2, 1).run(corpus, store=Store(tmp_path))
    computed.clear()
    gone = tmp_path / "gone"
    find = Store.find

    def found(self: Store, key: str) -> Path | None:
        place = find(self, key)
        return gone if place is not None and (place / "signal.arrow").exists() else place

    monkeypatch.setattr(Store, "find", found)
    out = recipe(2, 2).run(corpus, store=Store(tmp_path))
    assert computed.count("n_characters") == len(ROWS)
    assert out.corpus.texts() == recipe(2, 2).run(corpus).corpus.texts()


def test_a_word_list_that_changes_during_a_run_serves_no_stale_values(tmp_path: Path, monkeypatch) -> None:
    listed = tmp_path / "words.txt"
    listed.write_text("one\n")
    corpus = Corpus.from_table(pa.table({"text": ["one a", "two a"] * 4}), Roles(text="text"))
    flagged = Recipe([step("filter.flagged_words", words=str(listed))])
    values = FlaggedWordFraction.values

    def changed(self, batch):
        listed.write_text("two\n")
        return values(self, batch)

    monkeypatch.setattr(FlaggedWordFraction, "values", changed)
    store = Store(tmp_path / "store")
    assert flagged.run(corpus, store=store, chunk_rows=3).corpus.texts() == ["two a"] * 4
    assert flagged.run(corpus, store=store, chunk_rows=3).corpus.texts() == ["one a"] * 4


def test_a_column_that_holds_the_signal_needs_no_provider_and_must_be_one(tmp_path: Path) -> None:
    def run(words: pa.Array) -> list[str | None]:
        rows = pa.table({"text": ["a", "b", "c"], "n_words": words})
        few = step("filter.length", min_words=2)
        return Recipe(["clean.whitespace", few]).run(Corpus.from_table(rows), store=Store(tmp_path)).corpus.texts()

    assert run(pa.array(["1", "2", None])) == ["b", "c"]
    assert run(pa.array([1, 2**60 + 1, 2], pa.int64())) == ["b", "c"]
    with pytest.raises(ColumnError, match="'n_words' holds string, but the signal of that name is int64"):
        run(pa.array(["1", "two", "3"]))


def test_what_a_filter_could_not_judge_is_told_once() -> None:
    texts = ["好极了好极了好极了。" * 20, "plain words"] * 30
    corpus = Corpus.from_table(pa.table({"text": texts}), Roles(text="text"))
    settings = {"words": "plain", "min_words": None, "min_stop_words": None}
    (count,) = Recipe([step("filter.gopher_quality", **settings)]).run(corpus, chunk_rows=7).counts
    assert count.notes == (
        "some texts are mostly in scripts without spaces and were not judged; judge_unspaced: true judges them",
    )
