"""`dedup.near` against rensa, datasketch, text-dedup and datatrove: whole processes, with what each gets right.

    python tests/benchmarks/peers.py PEERS
    python tests/benchmarks/bench_dedup.py --peers PEERS --corpora FOLDER --sizes short:100000 long:20000 --repeats 5

Word trigrams, 128 permutations, 32 bands, similarity 0.7. Each contender is a process that reads JSON Lines and writes
the ids of the rows it removes (`dedup_contenders.py`); they run in turn, A B C A B C. Seconds are medians. Truth is
counted (`dedup_scores.py`). Corpora are built where FOLDER lacks them. A contender whose run takes longer than
`--slow-s` is run only once; the last line is everything as JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from dataclasses import asdict
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from dedup_contenders import CONTENDERS
from dedup_corpora import build
from dedup_scores import score
from peers import interpreter
from processes import ProcessFailed, Run, timed

PROGRAM = Path(__file__).with_name("dedup_contenders.py")


def python_of(peers: Path | None, name: str) -> Path | None:
    """The interpreter a contender runs under, None where its environment is missing."""
    peer, _ = CONTENDERS[name]
    if not peer:
        return Path(sys.executable)
    return interpreter(peers.resolve(), peer) if peers else None


def run_all(given: argparse.Namespace, path: Path) -> dict[str, list[Run]]:
    """Every contender as often as asked, in turn; the ids that each removed last lie beside the corpus."""
    runs: dict[str, list[Run]] = {}
    failed: set[str] = set()
    for _ in range(given.repeats):
        for name in given.contenders:
            python, before = python_of(given.peers, name), runs.get(name, [])
            if python is None or name in failed or (before and before[0].wall_s > given.slow_s):
                continue
            out = removed_path(path, name)
            settings = ["--min-similarity", str(given.min_similarity), "--bands", str(given.bands)]
            try:
                run = timed([str(python), str(PROGRAM), name, str(path), str(out), *settings], limit_s=given.limit_s)
            except ProcessFailed as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed.add(name)
                continue
            runs.setdefault(name, []).append(run)
    return runs


def removed_path(path: Path, name: str) -> Path:
    return path.with_suffix(f".{name}.removed")


def table(path: Path, given: argparse.Namespace, runs: dict[str, list[Run]]) -> list[dict[str, Any]]:
    """Print a Markdown table of one corpus; its rows."""
    found: list[dict[str, Any]] = []
    print(f"\n### {path.stem}, similarity {given.min_similarity}, {given.bands} bands\n")
    print("| | runs | wall s | CPU s | MiB | removed | precision | recall | no kept twin | planted pairs found |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, several in runs.items():
        wall_s, cpu_s, memory = (
            statistics.median(getattr(run, field) for run in several) for field in ("wall_s", "cpu_s", "memory_mib")
        )
        removed = np.loadtxt(removed_path(path, name), dtype=np.int64, ndmin=1)
        judged = score(path, given.min_similarity, removed)
        levels = " ".join(f"{level}:{share:.3f}" for level, share in judged.levels.items())
        print(
            f"| {name} | {len(several)} | {wall_s:.2f} | {cpu_s:.2f} | {memory:.0f} | {judged.removed:,} | "
            f"{judged.precision:.3f} | {judged.recall:.3f} | {judged.orphans:.1%} | {levels} |",
            flush=True,
        )
        found.append(
            {"corpus": path.stem, "contender": name, "wall_s": [run.wall_s for run in several], "cpu_s": cpu_s}
            | {"memory_mib": memory, **asdict(judged)}
        )
    return found


def growth(found: list[dict[str, Any]]) -> None:
    """The exponent of time in rows between the smallest and the largest corpus of a kind, by contender."""
    for name in dict.fromkeys(str(one["contender"]) for one in found):
        sizes = [(int(str(one["corpus"]).split("-")[1]), one) for one in found if one["contender"] == name]
        (few, first), (many, last) = min(sizes, key=itemgetter(0)), max(sizes, key=itemgetter(0))
        if few < many and str(first["corpus"]).split("-")[0] == str(last["corpus"]).split("-")[0]:
            times = statistics.median(last["wall_s"]) / statistics.median(first["wall_s"])
            more = last["memory_mib"] - first["memory_mib"]
            print(
                f"{name}: {times:.1f} × the time for {many / few:.0f} × the rows, exponent "
                f"{math.log(times) / math.log(many / few):.2f}; {more * 2**20 / (many - few):.0f} bytes more per row"
            )


def main() -> None:
    """Run what was asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="where corpora and answers are kept")
    parser.add_argument("--peers", type=Path, help="the folder that peers.py made")
    parser.add_argument("--sizes", nargs="+", default=["short:100000"], help="KIND:ROWS")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--min-similarity", type=float, default=0.7)
    parser.add_argument("--bands", type=int, default=32)
    parser.add_argument("--slow-s", type=float, default=100.0)
    parser.add_argument("--limit-s", type=float, default=3600.0, help="a run that takes longer is ended")
    given = parser.parse_args()
    found: list[dict[str, Any]] = []
    for size in given.sizes:
        kind, rows = size.split(":")
        path = build(kind, int(rows), given.corpora)
        found += table(path, given, run_all(given, path))
    growth(found)
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
