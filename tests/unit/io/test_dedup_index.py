"""The saved index: answers as of a direct comparison, additions that change nothing twice, files that were damaged."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.data.corpus import Corpus
from curate.errors import ColumnError, CurateError, InputError
from curate.io.dedup_index import DedupIndex
from curate.io.dedup_manifest import IndexSettings, n_merged
from curate.kernels.shingles import shingle_sets

SURE = {"min_similarity": 0.5, "n_hashes": 512, "recall": 1 - 1e-9, "shingle_size": 1}


def corpus_of(texts: list[str | None], name: str = "rows") -> Corpus:
    return Corpus.from_table(pa.table({"text": pa.array(texts, pa.large_string())}), name=name)


def sets_of(texts: list[str | None], size: int) -> list[set[int]]:
    sets = shingle_sets(texts, size=size)
    return [set(sets.shingles[low:high].tolist()) for low, high in pairwise(sets.offsets)]


def nearest(known: list[str | None], asked: list[str | None], bound: float, size: int) -> list[tuple[int, int, float]]:
    """Row, twin and similarity by comparing every row with every other."""
    there, found = sets_of(known, size), []
    for row, mine in enumerate(sets_of(asked, size)):
        alike = [len(mine & other) / len(mine | other) if mine and other else 0.0 for other in there]
        best = max(alike, default=0.0)
        if best >= bound and mine:
            found.append((row, alike.index(best), best))
    return found


def answers(twins: pa.Table) -> list[tuple[int, int, float]]:
    columns = [twins.column(name).to_pylist() for name in ("row_id", "twin", "similarity")]
    return list(zip(*columns, strict=True))


def made_up(n: int, seed: int) -> list[str | None]:
    """Texts of which many are nearly others."""
    draw, texts = random.Random(seed), []
    for _ in range(n):
        words = [f"w{draw.randrange(4000)}" for _ in range(draw.randrange(1, 30))]
        if texts and draw.random() < 0.6:
            words = (draw.choice(texts) or "blank").split()
            for _ in range(draw.randrange(3)):
                words[draw.randrange(len(words))] = f"w{draw.randrange(4000)}"
        texts.append(" ".join(words))
    return [None, "", " \n", "?!", *texts]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("size", [1, 2])
def test_answers_are_those_of_comparing_all_with_all(tmp_path: Path, size: int) -> None:
    known, asked = made_up(400, 1), made_up(300, 1)[100:] + made_up(100, 2)
    index = DedupIndex.build(corpus_of(known), tmp_path / "i", **{**SURE, "shingle_size": size})
    assert answers(index.query(corpus_of(asked))) == nearest(known, asked, 0.5, size)


WORDS = st.lists(st.sampled_from("a b c d e f".split()), max_size=6).map(" ".join)


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), WORDS), max_size=12), st.lists(st.one_of(st.none(), WORDS), max_size=12))
def test_any_rows_find_what_comparing_all_with_all_finds(
    tmp_path_factory: pytest.TempPathFactory, known: list[str | None], asked: list[str | None]
) -> None:
    index = DedupIndex.build(corpus_of(known), tmp_path_factory.mktemp("index") / "i", **SURE)
    assert answers(index.query(corpus_of(asked))) == nearest(known, asked, 0.5, 1)


def test_the_stated_share_of_twins_at_the_bound_is_found(tmp_path: Path) -> None:
    draw = random.Random(5)
    known = [" ".join(f"x{draw.randrange(10**9)}" for _ in range(18)) for _ in range(3000)]
    asked = [" ".join([*text.split()[:-2], f"y{place}", f"z{place}"]) for place, text in enumerate(known)]  # 16 of 20
    index = DedupIndex.build(corpus_of(known), tmp_path / "i", shingle_size=1, recall=0.9)
    twins = index.query(corpus_of(asked))
    assert set(twins.column("similarity").to_pylist()) == {0.8}
    stated = index.found()[0.8]
    assert stated >= 0.9
    assert abs(twins.num_rows / 3000 - stated) < 4 * (stated * (1 - stated) / 3000) ** 0.5


def test_estimates_are_near_the_truth(tmp_path: Path) -> None:
    known, asked = made_up(400, 1), made_up(300, 1)[100:]
    index = DedupIndex.build(corpus_of(known), tmp_path / "i", **SURE, verify="signature")
    truth = {row: similarity for row, _, similarity in nearest(known, asked, 0.0, 1)}
    told = [(truth[row], similarity) for row, _, similarity in answers(index.query(corpus_of(asked)))]
    assert len(told) > 100
    assert max(abs(true - said) for true, said in told) < 5 * 0.5 / 512**0.5
    assert all(said == 1 for true, said in told if true == 1)


def test_to_add_the_same_rows_again_changes_no_byte(tmp_path: Path) -> None:
    rows = corpus_of(made_up(200, 3), "first")
    index = DedupIndex.build(rows, tmp_path / "i")
    before = content(tmp_path / "i")
    added = index.add(rows)
    assert (added.n_new, added.n_blank, added.n_known) == (0, 3, 201)
    assert content(tmp_path / "i") == before


def test_rows_that_moved_are_known_and_rows_that_came_are_added(tmp_path: Path) -> None:
    old = ["one two three four five", "six seven eight nine ten"]
    index = DedupIndex.build(corpus_of(old), tmp_path / "i", name="mine")
    added = index.add(corpus_of(["eleven twelve thirteen", "SIX seven, eight nine ten!", old[0]]), name="mine")
    assert (added.n_new, added.n_known) == (1, 2)
    assert index.query(corpus_of([old[1]])).to_pylist() == [
        {"row_id": 0, "twin": 1, "source": "mine", "similarity": 1.0}
    ]


def test_the_same_text_of_two_sources_is_in_it_twice_and_the_first_answers(tmp_path: Path) -> None:
    index = DedupIndex.build(corpus_of(["unlike", "a b c d"]), tmp_path / "i", name="first")
    assert index.add(corpus_of(["a b c d"]), name="second").n_new == 1
    assert index.sources == ("first", "second")
    assert index.n_rows == 3
    assert index.query(corpus_of(["a b c d"])).to_pylist()[0]["source"] == "first"


def test_an_index_of_many_pieces_answers_as_one_of_a_single_piece(tmp_path: Path) -> None:
    rows, asked = corpus_of(made_up(600, 7), "r"), corpus_of(made_up(500, 7)[200:])
    whole = DedupIndex.build(rows, tmp_path / "whole", **SURE)
    pieces = DedupIndex.build(rows.take(range(1)), tmp_path / "pieces", **SURE, name="r")
    for start in range(1, 604, 23):
        pieces.add(rows.take(range(start, min(604, start + 23))), name="r")
    assert pieces.n_rows == whole.n_rows
    assert 1 < pieces.n_segments < 16
    assert pieces.query(asked).equals(whole.query(asked))
    DedupIndex.open(tmp_path / "pieces", check=True)


def test_answers_go_by_content_not_by_the_order_of_the_rows(tmp_path: Path) -> None:
    index = DedupIndex.build(corpus_of(made_up(300, 1)), tmp_path / "i", **SURE)
    asked = corpus_of(made_up(300, 1)[::-1])
    mixed = np.random.default_rng(0).permutation(len(asked))
    by_row = index.query(asked.take(mixed)).sort_by("row_id")
    assert by_row.equals(index.query(asked).sort_by("row_id"))


def test_a_stricter_bound_may_be_asked_and_a_looser_one_may_not(tmp_path: Path) -> None:
    known, asked = made_up(300, 1), made_up(300, 1)[100:]
    index = DedupIndex.build(corpus_of(known), tmp_path / "i", **SURE)
    assert answers(index.query(corpus_of(asked), min_similarity=0.9)) == nearest(known, asked, 0.9, 1)
    with pytest.raises(CurateError, match=r"min_similarity is 0\.4 \(the index finds twins from 0\.5 on"):
        index.query(corpus_of(asked), min_similarity=0.4)


def test_identical_and_blank_rows_cost_nothing(tmp_path: Path) -> None:
    index = DedupIndex.build(corpus_of(["same words here"] * 50_000 + [None] * 1000), tmp_path / "i")
    assert index.n_rows == 1
    assert index.query(corpus_of(["Same words: here"] * 3 + [None, ""])).num_rows == 3


def test_an_index_of_nothing_answers_nothing_and_grows(tmp_path: Path) -> None:
    index = DedupIndex.build(corpus_of([None, ""]), tmp_path / "i")
    assert index.query(corpus_of(["a b"])).num_rows == 0
    index.add(corpus_of(["a b"]))
    assert DedupIndex.open(tmp_path / "i").query(corpus_of(["a b"])).num_rows == 1


def test_what_is_there_is_not_replaced_unless_told(tmp_path: Path) -> None:
    DedupIndex.build(corpus_of(["a"]), tmp_path / "i")
    with pytest.raises(InputError, match="exists"):
        DedupIndex.build(corpus_of(["b"]), tmp_path / "i")
    assert DedupIndex.build(corpus_of(["b", "c"]), tmp_path / "i", overwrite=True).n_rows == 2
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("years of work")
    with pytest.raises(InputError, match="is not a duplicate index"):
        DedupIndex.build(corpus_of(["b"]), tmp_path / "thesis", overwrite=True)


def test_rows_without_a_text_column_are_refused(tmp_path: Path) -> None:
    numbers = Corpus.from_table(pa.table({"n": [1, 2]}))
    with pytest.raises(ColumnError, match="no column of rows has the role text"):
        DedupIndex.build(numbers, tmp_path / "i")
    assert not (tmp_path / "i").exists()


def test_settings_are_checked_by_name_and_value() -> None:
    with pytest.raises(CurateError, match=r"an index has no setting 'min_similarty' \(did you mean 'min_similarity'"):
        IndexSettings.of({"min_similarty": 0.7})
    with pytest.raises(CurateError, match=r"recall is 1\.5: it must be below 1"):
        IndexSettings.of({"recall": 1.5})
    IndexSettings().check_same({"shingle_size": 3, "unit": "word"})
    with pytest.raises(CurateError, match="the index was built with shingle_size 3, not 5"):
        IndexSettings().check_same({"unit": "word", "shingle_size": 5})


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("file", "harm", "said"),
    [
        ("segment-000001/keys.npy", _cut, r"keys\.npy is damaged: it has .* bytes, not"),
        ("segment-000001/keys.npy", _flip, r"keys\.npy is damaged: its checksum differs"),
        ("segment-000001/shingles.npy", Path.unlink, r"shingles\.npy is missing \(build"),
        ("segment-000001", shutil.rmtree, r"segment-000001.* is missing \(build"),
        ("index.json", _cut, r"index\.json is damaged"),
        ("index.json", Path.unlink, r"holds no index\.json, so it is no duplicate index"),
    ],
)
def test_what_is_damaged_is_said_in_one_line(
    tmp_path: Path, file: str, harm: Callable[[Path], None], said: str
) -> None:
    DedupIndex.build(corpus_of(made_up(50, 1)), tmp_path / "i")
    harm(tmp_path / "i" / file)
    with pytest.raises(InputError, match=said) as told:
        DedupIndex.open(tmp_path / "i")
    assert "\n" not in str(told.value)


def test_an_index_of_another_format_is_told_apart(tmp_path: Path) -> None:
    DedupIndex.build(corpus_of(["a"]), tmp_path / "i")
    manifest = tmp_path / "i" / "index.json"
    manifest.write_text(manifest.read_text().replace("dedup-index/1", "dedup-index/9"))
    with pytest.raises(InputError, match=r"is 'curate\.dedup-index/9', not curate\.dedup-index/1"):
        DedupIndex.open(tmp_path / "i")


def test_few_segments_stay_and_few_rows_are_written_again() -> None:
    sizes: list[int] = []
    written = 0
    for _ in range(3000):
        n = n_merged([*sizes, 1000])
        merged = sum([*sizes, 1000][-n:])
        sizes = [*[*sizes, 1000][:-n], merged]
        written += merged
    assert sum(sizes) == 3_000_000
    assert len(sizes) < 40
    assert written < 5 * 3_000_000


def test_real_questions_find_their_twins(tmp_path: Path, data_dir: Path) -> None:
    def texts(name: str) -> list[str | None]:
        with (data_dir / "banking77" / name).open(newline="", encoding="utf-8") as file:
            return [row["text"] for row in csv.DictReader(file)]

    known, asked = texts("train.csv"), texts("test.csv")[:250]
    index = DedupIndex.build(corpus_of(known), tmp_path / "i", min_similarity=0.6)
    truth = nearest(known, asked, 0.6, 3)
    told = answers(index.query(corpus_of(asked)))
    assert len(truth) > 10
    assert set(told) <= set(truth)
    assert len(told) >= 0.98 * len(truth)
