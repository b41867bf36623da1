"""What a run left on disk is looked behind as if it had stayed in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from curate.core.behind import texts_behind
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.rows import ROW_ID
from curate.data.store import Store
from curate.errors import InputError
from curate.io import load, save, save_curated
from curate.io.encryption import EncryptionKey

TEXTS = [f"<p>Word{at % 7}  number {at}.  Another one</p>" if at % 3 else f"plain {at % 5}" for at in range(60)]
ROWS = {"text": TEXTS, "label": ["a" if at % 4 else "b" for at in range(60)], "n": list(range(60))}
FIRST = Recipe(["clean.html", "rebalance.oversample", "clean.whitespace", "dedup.exact"])
SECOND = Recipe([step("split.text", max_size=3), "clean.case"])
PRIVATE = Recipe(["clean.pii"])
Keep = Callable[[Recipe, Corpus, str], Corpus]


@pytest.fixture
def rows() -> Corpus:
    return Corpus.from_table(pa.table(ROWS), Roles(text=("text",), label="label"))


def behind(corpus: Corpus) -> Counter[tuple[str, str | None, bool]]:
    """The text of each row beside every text that it stands for."""
    own = dict(zip(corpus.row_ids().tolist(), corpus.texts(), strict=True))
    return Counter(
        (own[row], text, mine)
        for ids, texts, mine in texts_behind(corpus, 7)
        for row, text in zip(ids.tolist(), texts, strict=True)
    )


def kin(corpus: Corpus) -> Counter[tuple[str, int]]:
    """The text of each row that was added, and how many rows it comes from."""
    assert corpus.origin is not None
    own = dict(zip(corpus.row_ids().tolist(), corpus.texts(), strict=True))
    children = corpus.origin.ancestors.column("row_id").to_pylist()
    return Counter((own[row], children.count(row)) for row in children if row in own)


@pytest.mark.parametrize("name", ["out", "out/train.parquet", "out.jsonl", "out.csv.gz"])
@pytest.mark.parametrize("with_ids", [False, True])
def test_a_row_stands_for_the_same_texts_read_again_as_in_memory(
    rows: Corpus, tmp_path: Path, name: str, with_ids: bool
) -> None:
    made = FIRST.run(rows)
    save_curated(made, tmp_path / name.partition("/")[0], with_ids=with_ids)
    again = load(tmp_path / name)
    assert again.row_ids().tolist() == (made.corpus.row_ids().tolist() if with_ids else list(range(len(again))))
    assert behind(again) == behind(made.corpus)
    assert sum(not mine for _, _, mine in behind(again)) > 10
    assert kin(again) == kin(made.corpus)


@pytest.mark.parametrize("kept", ["first", "second", "both"])
def test_so_it_does_after_several_runs_whichever_was_kept(rows: Corpus, tmp_path: Path, kept: str) -> None:
    in_memory = SECOND.run(FIRST.run(rows).corpus).corpus
    first = FIRST.run(rows)
    middle = load(save_curated(first, tmp_path / "first")) if kept != "second" else first.corpus
    second = SECOND.run(middle)
    last = load(save_curated(second, tmp_path / "second")) if kept != "first" else second.corpus
    assert behind(last) == behind(in_memory)
    assert kin(last) == kin(in_memory)
    assert "<p>" in "".join(text or "" for _, text, _ in behind(last))


def test_a_large_lineage_lies_on_disk(rows: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.io.spool.MEMORY_BYTES", 100)
    monkeypatch.setattr("curate.io.origin.ROWS_AT_ONCE", 7)
    monkeypatch.setattr("curate.io.as_read.ROWS_AT_ONCE", 7)
    made = FIRST.run(rows)
    again = load(save_curated(made, tmp_path / "out"), store=Store(tmp_path / "store"))
    assert behind(again) == behind(made.corpus)
    assert not [place for place in (tmp_path / "store").iterdir() if place.name.startswith(".scratch")]


def test_nothing_is_read_before_somebody_asks(rows: Corpus, tmp_path: Path) -> None:
    out = save_curated(FIRST.run(rows), tmp_path / "out")
    (out / "lineage.parquet").write_bytes(b"")
    assert len(load(out)) == len(FIRST.run(rows).corpus)


def test_rows_that_were_changed_since_are_not_taken_for_those_of_the_run(rows: Corpus, tmp_path: Path) -> None:
    save_curated(FIRST.run(rows), tmp_path / "out.jsonl")
    with (tmp_path / "out.jsonl").open("a") as file:
        file.write('{"text": "one more", "label": "a", "n": 1}\n')
    again = load(tmp_path / "out.jsonl")
    assert again.origin is not None
    with pytest.raises(InputError, match=r"out.jsonl has \d+ rows, but the run in .* left \d+"):
        _ = again.origin.ancestors


def test_a_file_by_itself_and_a_run_of_another_tool_tell_of_no_origin(rows: Corpus, tmp_path: Path) -> None:
    assert load(save(FIRST.run(rows).corpus, tmp_path / "bare.jsonl")).origin is None
    for said in ('{"id": 1}', "not json", "[]"):
        (tmp_path / "run.json").write_text(said)
        assert load(tmp_path).origin is None
        assert load(tmp_path / "bare.jsonl").origin is None


def test_a_private_run_leaves_no_text_of_the_runs_before_it(rows: Corpus, tmp_path: Path) -> None:
    told = Corpus.from_table(pa.table({"text": ["<b>call</b> ann@example.org now", "nothing here"]}))
    first = load(save_curated(Recipe(["clean.html"]).run(told), tmp_path / "first"))
    save_curated(PRIVATE.run(first), tmp_path / "second")
    for place in (tmp_path / "second").iterdir():
        assert b"ann@example.org" not in place.read_bytes()
    assert "ann@example.org" not in str(behind(load(tmp_path / "second")))


def test_encrypted_it_is_read_with_the_key(rows: Corpus, tmp_path: Path) -> None:
    key = EncryptionKey(bytes(range(32)))
    made = SECOND.run(FIRST.run(rows).corpus)
    again = load(save_curated(made, tmp_path / "out", key=key), key=key)
    assert behind(again) == behind(made.corpus)


def test_ids_of_rows_that_are_gone_are_those_of_no_row(rows: Corpus, tmp_path: Path) -> None:
    again = load(save_curated(SECOND.run(rows), tmp_path / "out"))
    assert again.origin is not None
    ids = set(again.row_ids().tolist())
    forebears = set(again.origin.ancestors.column("ancestor").to_pylist())
    source = again.origin.source.table(with_ids=True)
    assert forebears
    assert set(source.column(ROW_ID).to_pylist()) >= forebears
    assert all(row in ids or row >= len(again) for row in forebears)
