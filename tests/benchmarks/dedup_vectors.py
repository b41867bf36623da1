"""Vectors for the semantic benchmarks: clusters drawn at random, and rows grown from real sentence vectors.

    python tests/benchmarks/dedup_vectors.py clustered 100000 vectors/
    PYTHON tests/benchmarks/dedup_vectors.py encode 20000 vectors/encoded.npy --corpus C.jsonl --model MODEL
    python tests/benchmarks/dedup_vectors.py real 100000 vectors/          # from the encoded ones

384 float32 of length 1. `clustered`: centres of 20 rows on average, the rows scattered at cosines of 0.7 to 0.99
around them. `encode` writes the MiniLM vectors of the first texts of a corpus (needs the extra `transformers`). `real`
grows them: each row is a real vector, moved towards another real one by 20 to 50 % (one in eight: by 0 to 10 %), so
that directions and near twins are those of real texts; it is not the same as encoding so many.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

DIMENSIONS = 384
BLOCK = 50_000
SEED = 0


def _unit(rows: F32) -> F32:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _write(path: Path, n_rows: int, block: Callable[[np.random.Generator, int], F32]) -> None:
    """Fill a .npy file block by block, each from its own seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n_rows, DIMENSIONS))
    for begin in range(0, n_rows, BLOCK):
        size = min(BLOCK, n_rows - begin)
        out[begin : begin + size] = _unit(block(np.random.default_rng([SEED, n_rows, begin]), size))
    out.flush()


def clustered(path: Path, n_rows: int) -> None:
    """Rows around random centres, 20 for each on average."""
    centres = _unit(np.random.default_rng(SEED).standard_normal((max(1, n_rows // 20), DIMENSIONS), np.float32))

    def block(draw: np.random.Generator, size: int) -> F32:
        cosine = draw.uniform(0.7, 0.99, (size, 1)).astype(np.float32)
        noise = _unit(draw.standard_normal((size, DIMENSIONS), np.float32))
        return cosine * centres[draw.integers(len(centres), size=size)] + np.sqrt(1 - cosine**2) * noise

    _write(path, n_rows, block)


def real(path: Path, n_rows: int) -> None:
    """Rows grown from the encoded vectors that lie beside."""
    held = _unit(np.load(path.with_name("encoded.npy")))

    def block(draw: np.random.Generator, size: int) -> F32:
        share = np.where(draw.random(size) < 1 / 8, draw.uniform(0, 0.1, size), draw.uniform(0.2, 0.5, size))
        share = share[:, None].astype(np.float32)
        one, other = held[draw.integers(len(held), size=size)], held[draw.integers(len(held), size=size)]
        return (1 - share) * one + share * other

    _write(path, n_rows, block)


def encode(path: Path, n_rows: int, corpus: Path, model: str) -> None:
    """The vectors of the first texts of a corpus, by curate's encoder `sentence`."""
    from curate.kernels.encoders.sentence import Sentence

    with corpus.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in islice(file, n_rows)]
    np.save(path, np.asarray(Sentence(model=model).fit([]).encode(texts), np.float32))


def build(kind: str, n_rows: int, folder: Path) -> Path:
    """The file of one set of vectors, written where it is missing."""
    path = folder / f"{kind}-{n_rows}.npy"
    if not path.exists():
        {"clustered": clustered, "real": real}[kind](path, n_rows)
    return path


def main() -> None:
    """Write one set of vectors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["clustered", "real", "encode"])
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path, help="a folder; for `encode` the file to write")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--model")
    given = parser.parse_args()
    if given.kind == "encode":
        encode(given.out, given.rows, given.corpus, given.model)
    else:
        print(build(given.kind, given.rows, given.out))


if __name__ == "__main__":
    main()
