"""Cosine joins: every exact backend gives the pairs, twins and figures that counting by hand gives, to the last bit."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import ColumnError, CurateError
from curate.kernels import cosine_torch
from curate.kernels.cosine import kept_twins_cosine, measured_recall, nearest_across_cosine, similar_pairs_cosine
from curate.kernels.cosine_index import Backend, NumpyBackend, best_backend
from curate.kernels.cosine_kmeans import KMeansBackend
from curate.kernels.cosine_torch import TorchBackend
from curate.kernels.pairs import Pairs, Twins, select
from curate.kernels.vectors import Vectors, cosine

torch = pytest.importorskip("torch", reason="the torch backend needs torch")

EXACT: list[Backend] = [
    NumpyBackend(block_rows=37),
    NumpyBackend(),
    TorchBackend(precision="bfloat16", block_rows=256),
    TorchBackend(precision="float32"),
]
exact = pytest.mark.parametrize("backend", EXACT, ids=lambda backend: f"{backend}")


def rows_of_clusters(n: int, d: int, seed: int) -> np.ndarray:
    """Rows around few centres, some equal, some zero, of any length."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((max(1, n // 8), d))
    spread = draw.choice([0, 0.1, 0.3, 0.6], (n, 1))
    rows = (centres[draw.integers(0, len(centres), n)] + spread * draw.standard_normal((n, d))).astype(np.float32)
    rows[draw.random(n) < 0.05] = 0
    return rows * draw.choice([0.01, 1, 3], (n, 1)).astype(np.float32)


def counted(rows: np.ndarray, bound: float) -> Pairs:
    """All pairs, one product after the other in float64."""
    vectors = Vectors.of(rows)
    left, right = np.triu_indices(len(vectors), 1)
    similarity = cosine(vectors, left, vectors, right)
    true = similarity >= bound
    return Pairs(vectors.rows[left[true]], vectors.rows[right[true]], similarity[true])


def same_pairs(one: Pairs, other: Pairs) -> bool:
    names = ("left", "right", "similarity")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def same_twins(one: Twins, other: Twins) -> bool:
    return np.array_equal(one.twin, other.twin) and np.array_equal(one.similarity, other.similarity)


@exact
@pytest.mark.parametrize(
    ("n", "d", "bound"), [(1, 3, 0.5), (400, 5, 0.99), (700, 64, 0.8), (600, 60, 0.3), (300, 4, 1)]
)
def test_exact_backends_agree_with_counting(backend: Backend, n: int, d: int, bound: float) -> None:
    rows = rows_of_clusters(n, d, seed=n + d)
    pairs = counted(rows, bound)
    order = np.random.default_rng(n).permutation(n)
    assert same_pairs(similar_pairs_cosine(rows, bound, backend=backend), pairs)
    assert same_twins(kept_twins_cosine(rows, order, bound, backend=backend), select(pairs, order))


@exact
def test_the_nearest_across_is_the_nearest(backend: Backend) -> None:
    rows = rows_of_clusters(500, 32, seed=1)
    ours, others = rows[:200], rows[200:]
    found = nearest_across_cosine(ours, others, 0.8, backend=backend)
    units = [
        part / np.maximum(np.linalg.norm(part.astype(float), axis=1, keepdims=True), 1e-30) for part in (ours, others)
    ]
    products = units[0] @ units[1].T
    best = products.max(axis=1)
    assert ((found.twin >= 0) == (best >= 0.8)).all()
    hit = found.twin >= 0
    assert found.similarity[hit] == pytest.approx(best[hit])
    assert products[np.flatnonzero(hit), found.twin[hit]] == pytest.approx(best[hit])


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_the_projection_loses_no_pair(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough rows, and columns dear enough, that the backend shortens them; pairs lie all around the bound."""
    monkeypatch.setitem(cosine_torch._NS_PER_COLUMN, precision, 1.0)
    draw = np.random.default_rng(3)
    spectrum = np.arange(1, 129) ** -0.7
    centres = draw.standard_normal((900, 128)) * spectrum
    rows = (
        np.repeat(centres, 4, axis=0)
        + draw.choice([0.2, 0.4], (3600, 1)) * draw.standard_normal((3600, 128)) * spectrum
    )
    backend = TorchBackend(precision=precision)  # type: ignore[arg-type]
    assert backend.index(Vectors.of(rows), 0.9).projection.columns is not None
    found = similar_pairs_cosine(rows, 0.9, backend=backend)
    assert len(found) > 1000
    assert same_pairs(found, similar_pairs_cosine(rows, 0.9, backend=NumpyBackend()))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from([0, 1, -1, 2, 0.5, 1e-3]), min_size=3, max_size=3), min_size=1, max_size=30),
    bound=st.sampled_from([0.25, 0.5, 0.7071067811865475, 0.9, 1.0]),
    seed=st.integers(0, 99),
)
def test_ties_at_the_bound_are_decided_alike(rows: list[list[float]], bound: float, seed: int) -> None:
    """Small numbers give products that lie on the bound itself."""
    order = np.random.default_rng(seed).permutation(len(rows))
    pairs = counted(np.array(rows, np.float32), bound)
    for backend in (NumpyBackend(block_rows=4), TorchBackend(precision="bfloat16"), TorchBackend(precision="float32")):
        assert same_pairs(similar_pairs_cosine(rows, bound, backend=backend), pairs)
        assert same_twins(kept_twins_cosine(rows, order, bound, backend=backend), select(pairs, order))


def test_a_cosine_does_not_depend_on_what_stands_beside_it() -> None:
    vectors = Vectors.of(rows_of_clusters(300, 77, seed=5))
    left, right = np.triu_indices(len(vectors), 1)
    together = cosine(vectors, left, vectors, right)
    assert np.array_equal(together, cosine(vectors, right, vectors, left))
    for at in range(0, len(left), 911):
        assert cosine(vectors, left[at : at + 1], vectors, right[at : at + 1])[0] == together[at]


def test_equal_and_scaled_rows_have_cosine_1() -> None:
    row = np.random.default_rng(0).standard_normal(50)
    pairs = similar_pairs_cosine([row, row, 4 * row, -row], 1.0)
    assert list(zip(pairs.left, pairs.right, pairs.similarity, strict=True)) == [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]


@pytest.mark.parametrize("backend", [*EXACT, KMeansBackend()])
def test_zero_rows_are_like_nothing(backend: Backend) -> None:
    rows = np.zeros((5, 3))
    assert len(similar_pairs_cosine(rows, 0.1, backend=backend)) == 0
    assert (kept_twins_cosine(rows, np.arange(5), 0.1, backend=backend).twin == -1).all()
    assert (nearest_across_cosine(rows, np.ones((2, 3)), 0.1, backend=backend).twin == -1).all()


@pytest.mark.parametrize("backend", [*EXACT, KMeansBackend()])
def test_no_rows(backend: Backend) -> None:
    rows = np.zeros((0, 3), np.float32)
    assert len(similar_pairs_cosine(rows, 0.5, backend=backend)) == 0
    assert len(kept_twins_cosine(rows, np.arange(0), 0.5, backend=backend)) == 0
    assert nearest_across_cosine([[1, 2, 3]], rows, 0.5, backend=backend).twin.tolist() == [-1]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e300])
def test_a_number_that_is_not_finite_is_refused(odd: float) -> None:
    with pytest.raises(ColumnError, match=r"row 1 holds a number that is not finite \(1 such rows\)"):
        similar_pairs_cosine([[1, 2], [odd, 1]], 0.5)


@pytest.mark.parametrize("bound", [0, -0.5, 1.01])
def test_a_bound_that_is_no_cosine_is_refused(bound: float) -> None:
    with pytest.raises(CurateError, match="min_similarity"):
        similar_pairs_cosine([[1, 2]], bound)


def test_what_is_no_matrix_is_refused() -> None:
    with pytest.raises(ColumnError, match="matrix"):
        similar_pairs_cosine([1.0, 2.0], 0.5)


def test_memory_mapped_rows_are_read_where_they_lie(tmp_path: Path) -> None:
    rows = rows_of_clusters(300, 16, seed=8)
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert np.shares_memory(Vectors.of(mapped).values, mapped)
    assert same_pairs(similar_pairs_cosine(mapped, 0.8), similar_pairs_cosine(rows, 0.8))


def test_rows_kept_apart_are_no_twins() -> None:
    rows = np.ones((4, 2))
    masked, raw = np.array([7, 7, 7, 8], np.uint64), np.array([1, 2, 1, 3], np.uint64)
    pairs = similar_pairs_cosine(rows, 0.9, apart=(masked, raw))
    assert list(zip(pairs.left, pairs.right, strict=True)) == [(0, 2), (0, 3), (1, 3), (2, 3)]
    assert kept_twins_cosine(rows, np.arange(4), 0.9, apart=(masked, raw)).twin.tolist() == [-1, -1, 0, 0]


@exact
def test_equal_rows_take_linear_time(backend: Backend) -> None:
    """40,000 equal rows have 800 million pairs; only one row is ever compared with."""
    started = time.process_time()
    twins = kept_twins_cosine(np.ones((40_000, 8), np.float32), np.arange(40_000)[::-1], 0.9, backend=backend)
    assert (np.flatnonzero(twins.twin < 0) == 39_999).all()
    assert time.process_time() - started < 20


@exact
@pytest.mark.slow
def test_one_giant_cluster_of_near_twins_takes_linear_time(backend: Backend) -> None:
    draw = np.random.default_rng(0)
    rows = (draw.standard_normal(32) + 0.05 * draw.standard_normal((20_000, 32))).astype(np.float32)
    started = time.process_time()
    twins = kept_twins_cosine(rows, np.arange(len(rows)), 0.95, backend=backend)
    assert (twins.twin < 0).sum() < 10
    assert time.process_time() - started < 60


@pytest.mark.parametrize("backend", [KMeansBackend(n_probes=2), KMeansBackend(n_clusters=10, inside=TorchBackend())])
def test_k_means_misses_some_and_makes_none_up(backend: Backend) -> None:
    rows = rows_of_clusters(2000, 24, seed=4)
    pairs, found = similar_pairs_cosine(rows, 0.8), similar_pairs_cosine(rows, 0.8, backend=backend)
    true = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    hits = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert hits <= true
    assert 0.8 * len(true) < len(hits)
    assert not backend.exact
    told = measured_recall(rows, 0.8, backend, n_rows=len(rows))
    assert told.n_pairs == 2 * len(true)
    assert told.share == pytest.approx(len(hits) / len(true), abs=0.02)


def test_recall_of_an_exact_backend_is_1() -> None:
    assert measured_recall(rows_of_clusters(500, 8, seed=1), 0.9, NumpyBackend(), n_rows=100).share == 1


def test_settings_of_the_process_stay_as_they_were() -> None:
    torch.set_float32_matmul_precision("medium")
    threads = torch.get_num_threads()
    try:
        rows = rows_of_clusters(500, 40, seed=2)
        backend = TorchBackend(precision="float32")
        assert same_pairs(similar_pairs_cosine(rows, 0.8, backend=backend), counted(rows, 0.8))
        assert torch.get_float32_matmul_precision() == "medium"
        assert torch.get_num_threads() == threads
    finally:
        torch.set_float32_matmul_precision("highest")


def test_a_device_that_is_not_there() -> None:
    assert best_backend("cpu").exact
    if not torch.cuda.is_available():
        with pytest.raises(CurateError, match="finds no GPU"):
            similar_pairs_cosine([[1, 2]], 0.5, backend=best_backend("cuda"))
    with pytest.raises(CurateError, match="no device is called 'fast'"):
        similar_pairs_cosine([[1, 2]], 0.5, backend=best_backend("fast"))
