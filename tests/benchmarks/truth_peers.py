"""What text-dedup and semhash call the same, at several bounds: programs that write a cluster for every row.

    PYTHON tests/benchmarks/truth_peers.py NAME ROWS.jsonl OUT.npz --bounds 0.5 0.6 0.7

`dedup_truth.py` runs them under the interpreters of `peers.py`. OUT holds `labels`, shape (n_bounds, n_rows): equal
labels, same cluster. semhash is given the vectors of ROWS.npy.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

PERMUTATIONS = 128


def text_dedup(source: Path, bounds: list[float], size: int) -> Any:
    """Its command, with the bands it thinks best for each bound; word n-grams of `size`."""
    n_rows = sum(1 for _ in source.open("rb"))
    labels = np.tile(np.arange(n_rows), (len(bounds), 1))
    for place, bound in enumerate(bounds):
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(
                [
                    *(sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(source)),
                    *("--split", "train", "--cache_dir", f"{scratch}/cache", "--output", f"{scratch}/out"),
                    *("--column", "text", "--num_perm", str(PERMUTATIONS), "--ngram", str(size), "--min_length", "1"),
                    *("--threshold", str(bound), "--num_proc", "1", "--use_auth_token", "false", "--debug"),
                ],
                check=True,
                capture_output=True,
            )
            parent = pickle.loads((Path(scratch) / "out" / "uf.pkl").read_bytes())
        parent = getattr(parent, "parent", parent)
        for row in parent:
            top = row
            while parent[top] != top:
                top = parent[top]
            labels[place, row] = top
    return labels


def semhash(source: Path, bounds: list[float], size: int) -> Any:
    """Its default index over the vectors given; a row has the cluster of the row it is called a duplicate of."""
    from semhash import SemHash

    vectors = np.load(source.with_suffix(".npy"))
    held = SemHash.from_embeddings(vectors, [str(row) for row in range(len(vectors))], model=None)
    labels = np.tile(np.arange(len(vectors)), (len(bounds), 1))
    for place, bound in enumerate(bounds):
        for record in held.self_deduplicate(threshold=bound).filtered:
            labels[place, int(record.record)] = int(record.duplicate_of)
    return labels


def main() -> None:
    """Run one peer at all bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["text-dedup", "semhash"])
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bounds", type=float, nargs="+", required=True)
    parser.add_argument("--size", type=int, default=3, help="words per n-gram")
    given = parser.parse_args()
    run = {"text-dedup": text_dedup, "semhash": semhash}[given.name]
    np.savez(given.out, labels=run(given.source, given.bounds, given.size))
    print(json.dumps({"rows": sum(1 for _ in given.source.open("rb"))}))


if __name__ == "__main__":
    main()
