"""FAISS as a backend of cosine joins: flat is exact, IVF and HNSW miss some and make none up."""

from __future__ import annotations

import numpy as np
import pytest

from curate.errors import CurateError
from curate.kernels import faiss as backend_of_faiss
from curate.kernels.cosine import kept_twins_cosine, similar_pairs_cosine
from curate.kernels.cosine_index import NumpyBackend
from curate.kernels.faiss import FaissBackend, FaissIndex
from curate.kernels.pairs import Pairs
from curate.kernels.vectors import Vectors

pytest.importorskip("faiss", reason="the FAISS backend needs faiss-cpu")


def rows(n: int = 3000, d: int = 48) -> np.ndarray:
    draw = np.random.default_rng(n)
    centres = draw.standard_normal((max(1, n // 8), d))
    made = centres[draw.integers(0, len(centres), n)] + draw.choice([0, 0.2, 0.5], (n, 1)) * draw.standard_normal(
        (n, d)
    )
    made[::50] = 0
    return made.astype(np.float32)


def as_set(pairs: Pairs) -> set[tuple[int, int, float]]:
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist(), strict=True))


@pytest.mark.parametrize("n", [0, 1, 2, 3000])
def test_flat_agrees_with_numpy_to_the_last_bit(n: int) -> None:
    given, order = rows(n), np.arange(n)[::-1]
    numpy, flat = NumpyBackend(), FaissBackend("flat")
    assert as_set(similar_pairs_cosine(given, 0.8, backend=flat)) == as_set(
        similar_pairs_cosine(given, 0.8, backend=numpy)
    )
    kept = [kept_twins_cosine(given, order, 0.8, backend=backend) for backend in (flat, numpy)]
    assert np.array_equal(kept[0].twin, kept[1].twin)


@pytest.mark.parametrize("backend", [FaissBackend("ivf"), FaissBackend("hnsw")], ids=["ivf", "hnsw"])
@pytest.mark.parametrize("n", [1, 60, 3000])
def test_approximate_indexes_make_no_pair_up_and_give_the_same_again(backend: FaissBackend, n: int) -> None:
    true = as_set(similar_pairs_cosine(rows(n), 0.8, backend=NumpyBackend()))
    found = as_set(similar_pairs_cosine(rows(n), 0.8, backend=backend))
    assert found <= true
    assert len(found) >= 0.9 * len(true)
    assert not backend.exact
    assert found == as_set(similar_pairs_cosine(rows(n), 0.8, backend=backend))


def test_a_graph_of_wide_vectors_is_asked_for_many_rows() -> None:
    """FAISS 1.15 ends the process here where all the rows are asked for at once."""
    given = rows(2000, 768)
    true = as_set(similar_pairs_cosine(given, 0.8, backend=NumpyBackend()))
    found = as_set(similar_pairs_cosine(given, 0.8, backend=FaissBackend("hnsw")))
    assert found <= true
    assert len(found) >= 0.9 * len(true) > 0


@pytest.mark.parametrize("most", [16, 64, 2048])
def test_the_search_by_count_that_a_gpu_needs_finds_all(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU has no search by radius; the same code on a CPU index, with few and with many neighbours at once."""
    monkeypatch.setattr(backend_of_faiss, "_MOST_NEIGHBOURS", most)
    vectors = Vectors.of(np.concatenate([rows(500), np.ones((100, 48), np.float32)]))
    places = np.arange(len(vectors))
    by_radius = FaissBackend().index(vectors, 0.8)
    by_count = FaissIndex(vectors, 0.8, FaissBackend().index(vectors, 0.8).index, by_count=True)
    found = []
    for index in (by_radius, by_count):
        assert isinstance(index, FaissIndex)
        index.add(places)
        found.append(
            {pair for at, there in index.near(vectors) for pair in zip(at.tolist(), there.tolist(), strict=True)}
        )
    assert found[0] == found[1]


def test_a_gpu_that_is_not_there() -> None:
    import faiss

    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
        pytest.skip("there is a GPU")
    with pytest.raises(CurateError, match="FAISS finds no GPU"):
        similar_pairs_cosine([[1, 2]], 0.5, backend=FaissBackend(device="cuda"))
