"""Segments of an index: merged as if they had been one, whatever fits in memory; look-ups in blocks of any size."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from curate.errors import InputError
from curate.kernels.lsh_index import Found, contents_of, estimate, first_of_each, look_up, sketch
from curate.kernels.lsh_segment import Segment, new_segment, open_segment, write_segments
from curate.kernels.minhash import Bands
from curate.kernels.shingles import ShingleSets, shingle_sets

BANDS, HASHES = Bands(20, 2), 64
SALT = np.array([1, 2], dtype=np.uint64)


def sets_of(n: int, seed: int) -> ShingleSets:
    draw = np.random.default_rng(seed)
    return shingle_sets([" ".join(f"w{word}" for word in draw.integers(0, 25, 9)) for _ in range(n)], size=1)


def segment_of(sets: ShingleSets, first_id: int = 0, *, exact: bool = True) -> Segment:
    ids = np.arange(first_id, first_id + len(sets), dtype=np.uint64)
    return new_segment(ids, 0, contents_of(sets, SALT), sketch(sets, BANDS, HASHES, 0, exact=exact))


def written(parts: list[Segment], folder: Path, *, exact: bool = True) -> Segment:
    folder.mkdir()
    write_segments(parts, folder)
    return open_segment(folder, sum(part.n_rows for part in parts), BANDS.n_bands, HASHES, exact=exact)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("held", [7, 2**21])
def test_parts_become_the_segment_of_all_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exact: bool, held: int
) -> None:
    monkeypatch.setattr("curate.kernels.lsh_segment._HELD", held)
    sets, cuts = sets_of(120, 1), [0, 40, 41, 120]
    takes = [np.arange(low, high) for low, high in pairwise(cuts)]
    parts = [segment_of(sets.take(take), int(take[0]), exact=exact) for take in takes]
    merged = written(parts, tmp_path / "merged", exact=exact)
    whole = written([segment_of(sets, exact=exact)], tmp_path / "whole", exact=exact)
    for path in sorted((tmp_path / "whole").iterdir()):
        assert path.read_bytes() == (tmp_path / "merged" / path.name).read_bytes(), path.name
    assert merged.n_rows == whole.n_rows == 120


def test_contents_are_held_where_first_halves_are_equal() -> None:
    sets = sets_of(4, 2)
    contents = np.array([[5, 5, 5, 9], [1, 2, 3, 1]], dtype=np.uint64)
    part = new_segment(np.arange(4, dtype=np.uint64), 0, contents, sketch(sets, BANDS, HASHES, 0, exact=True))
    asked = np.array([[5, 5, 9, 4, 10], [3, 4, 1, 1, 1]], dtype=np.uint64)
    assert part.holds(asked).tolist() == [True, False, True, False, False]


def test_the_first_of_equal_contents_is_new() -> None:
    contents = np.array([[5, 5, 5, 5, 2], [1, 2, 1, 2, 1]], dtype=np.uint64)
    assert first_of_each(contents).tolist() == [True, True, False, False, True]


def test_a_look_up_does_not_depend_on_the_size_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [segment_of(sets_of(200, seed)) for seed in (1, 2, 3)]
    wanted = sketch(sets_of(150, 4), BANDS, HASHES, 0, exact=True)
    answers = []
    for at_once in (2**20, 13):
        monkeypatch.setattr("curate.kernels.lsh_index._CANDIDATES", at_once)
        found = Found.nothing(150)
        for number, part in enumerate(parts):
            look_up(part, number, wanted, 0.6, found)
        answers.append((found.segment.tolist(), found.row.tolist(), found.similarity.tolist()))
    assert answers[0] == answers[1]
    assert len(set(answers[0][0])) == 4  # from each segment, and none


def test_an_estimate_of_equal_minima_is_one_and_of_chance_about_nothing() -> None:
    draw = np.random.default_rng(0)
    left, right = (draw.integers(0, 256, (1, 50_000), dtype=np.uint8) for _ in range(2))
    zero = np.zeros(1, np.int64)
    assert estimate(left, left, zero, zero).tolist() == [1.0]
    assert estimate(left, right, zero, zero)[0] < 0.003


def test_a_file_of_another_shape_is_damaged(tmp_path: Path) -> None:
    written([segment_of(sets_of(5, 1))], tmp_path / "one")
    with pytest.raises(InputError, match=r"row_ids\.npy is damaged: its shape is \(5,\), not \(6,\)"):
        open_segment(tmp_path / "one", 6, BANDS.n_bands, HASHES, exact=True)
    np.save(tmp_path / "one" / "keys.npy", np.zeros((20, 5)))
    with pytest.raises(InputError, match=r"keys\.npy is damaged: it holds float64, not uint32"):
        open_segment(tmp_path / "one", 5, BANDS.n_bands, HASHES, exact=True)
