"""The exact cosine join against FAISS (flat, IVF, HNSW) and semhash, on the same vectors, as whole processes.

    python tests/benchmarks/peers.py PEERS
    python tests/benchmarks/bench_cosine.py --peers PEERS --vectors FOLDER --sizes clustered:100000 real:100000

Contenders (`cosine_contenders.py`) run in turn; seconds are medians. The pairs of every contender are compared with the
truth: FAISS Flat's where it ran, and in any case all pairs of `--truth-rows` rows, counted in float64. Pairs within
1e-6 of the bound are left out of both, since float32 products cannot tell them. Rows kept (semhash): `left over` is the
share of kept rows that still have a kept twin among the rows looked at.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from cosine_contenders import CONTENDERS
from dedup_vectors import build
from peers import interpreter
from processes import ProcessFailed, Run, timed

PROGRAM = Path(__file__).with_name("cosine_contenders.py")
SLACK = 1e-6
BLOCK = 512

I64 = npt.NDArray[np.int64]


def true_pairs(vectors: npt.NDArray[np.float32], rows: I64, min_similarity: float) -> tuple[I64, I64]:
    """Keys row · n + other of the pairs of these rows: surely at or above the bound, and too close to it."""
    sure, close = [], []
    n = len(vectors)
    for begin in range(0, len(rows), BLOCK):
        some = rows[begin : begin + BLOCK]
        at, other = np.nonzero(vectors[some] @ vectors.T >= min_similarity - 1e-4)  # float32 finds, float64 decides
        row = some[at]
        left, right = vectors[row].astype(np.float64), vectors[other].astype(np.float64)
        cosine = (left * right).sum(1) / np.sqrt((left * left).sum(1) * (right * right).sum(1))
        apart = row != other
        keys = np.minimum(row, other) * n + np.maximum(row, other)
        sure.append(keys[apart & (cosine >= min_similarity + SLACK)])
        close.append(keys[apart & (np.abs(cosine - min_similarity) < SLACK)])
    return np.unique(np.concatenate(sure)), np.unique(np.concatenate(close))


def judge(n: int, found: dict[str, I64], rows: I64, sure: I64, close: I64) -> str:
    """Recall and precision over all pairs of the rows looked at, or what is left over among the n rows kept."""
    if "kept" in found:
        kept = np.zeros(n, bool)
        kept[found["kept"]] = True
        left, right = sure // n, sure % n
        both = kept[left] & kept[right]
        over = np.intersect1d(rows, np.unique(np.concatenate([left[both], right[both]])))
        return (
            f"{n - len(found['kept']):,} rows gone; of rows kept {len(over) / max(1, kept[rows].sum()):.2%} left over"
        )
    looked_at = np.zeros(n, bool)
    looked_at[rows] = True
    left, right = found["left"].astype(np.int64), found["right"].astype(np.int64)
    here = looked_at[left] | looked_at[right]
    keys = np.setdiff1d(left[here] * n + right[here], close)
    recall = np.isin(sure, keys).mean() if len(sure) else 1.0
    precision = np.isin(keys, sure).mean() if len(keys) else 1.0
    return f"{len(left):,} pairs; recall {recall:.5f}, precision {precision:.5f} ({len(sure):,} pairs looked at)"


def run_all(given: argparse.Namespace, path: Path) -> dict[str, list[Run]]:
    """Every contender as often as asked, in turn."""
    runs: dict[str, list[Run]] = {}
    failed: set[str] = set()
    for _ in range(given.repeats):
        for name in given.contenders:
            peer, _ = CONTENDERS[name]
            folder = given.peers.resolve() if given.peers else Path()
            python = interpreter(folder, peer) if peer else Path(sys.executable)
            before = runs.get(name, [])
            if python is None or name in failed or (before and before[0].wall_s > given.slow_s):
                continue
            out = path.with_suffix(f".{name}.npz")
            settings = ["--min-similarity", str(given.min_similarity)]
            try:
                run = timed([str(python), str(PROGRAM), name, str(path), str(out), *settings], limit_s=given.limit_s)
            except ProcessFailed as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed.add(name)
                continue
            runs.setdefault(name, []).append(run)
    return runs


def main() -> None:
    """Run what was asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True, help="where vectors and answers are kept")
    parser.add_argument("--peers", type=Path, help="the folder that peers.py made")
    parser.add_argument("--sizes", nargs="+", default=["clustered:100000"], help="KIND:ROWS")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--min-similarity", type=float, default=0.9)
    parser.add_argument("--truth-rows", type=int, default=5000)
    parser.add_argument("--slow-s", type=float, default=100.0)
    parser.add_argument("--limit-s", type=float, default=3600.0, help="a run that takes longer is ended")
    given = parser.parse_args()
    found = []
    for size in given.sizes:
        kind, n_rows = size.split(":")
        path = build(kind, int(n_rows), given.vectors)
        runs = run_all(given, path)
        vectors = np.load(path, mmap_mode="r")
        rows = np.sort(
            np.random.default_rng(0).choice(len(vectors), min(len(vectors), given.truth_rows), replace=False)
        )
        truth = true_pairs(np.asarray(vectors), rows, given.min_similarity)
        print(f"\n### {path.stem} × {vectors.shape[1]}, cosine {given.min_similarity}\n")
        print("| | runs | wall s | CPU s | MiB | found |\n|---|---|---|---|---|---|")
        for name, several in runs.items():
            wall_s, cpu_s, memory = (
                statistics.median(getattr(run, field) for run in several) for field in ("wall_s", "cpu_s", "memory_mib")
            )
            answer = judge(len(vectors), dict(np.load(path.with_suffix(f".{name}.npz"))), rows, *truth)
            print(f"| {name} | {len(several)} | {wall_s:.1f} | {cpu_s:.1f} | {memory:.0f} | {answer} |", flush=True)
            walls = [run.wall_s for run in several]
            found.append(
                {"vectors": path.stem, "contender": name, "wall_s": walls, "cpu_s": cpu_s, "memory_mib": memory}
                | {"found": answer}
            )
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
