"""Cleaning and filtering real text, whole processes: curate, a plain loop, `datasets`, datatrove, data-juicer.

    python tests/benchmarks/text_corpora.py DATA
    python tests/benchmarks/bench_text.py DATA/short.jsonl DATA/long.jsonl --peer data-juicer=PYTHON --repeats 5
    python tests/benchmarks/bench_text.py DATA/short.jsonl DATA/short20.jsonl --contenders curate --repeats 1

Seconds are medians, memory is that of the process tree (`processes.py`). A peer runs in the environment of its PYTHON,
the others in this one. The rows that come out are counted, and those of curate compared with those of the loop.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from processes import Run, timed
from text_contenders import CONTENDERS

SCRIPT = Path(__file__).with_name("text_contenders.py")
TWO_WORKERS = ("datatrove", "data-juicer", "datasets", "curate")


def texts(out: Path) -> list[str]:
    """The texts that came out, in no order: datatrove deals its rows to its tasks."""
    with out.open(encoding="utf-8") as lines:
        return sorted(json.loads(line)["text"] for line in lines)


def measured(python: str, name: str, source: Path, workers: int, scratch: Path) -> tuple[Run, list[str]]:
    """One run and what came out."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        out = Path(folder) / "out.jsonl"
        run = timed([python, str(SCRIPT), name, str(source), str(out), folder, str(workers)])
        return run, texts(out)


def main() -> None:
    """Print one table per source, and a line of JSON for each contender."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    given = parser.parse_args()
    pythons = dict(peer.split("=", 1) for peer in given.peer)
    jobs = [(name, n) for name in given.contenders for n in given.workers if n == 1 or name in TWO_WORKERS]
    for source in given.sources:
        runs: dict[tuple[str, int], list[Run]] = {job: [] for job in jobs}
        out: dict[str, list[str]] = {}
        with tempfile.TemporaryDirectory() as scratch:
            for _ in range(given.repeats):
                for name, workers in jobs:
                    python = pythons.get(name, sys.executable)
                    run, out[name] = measured(python, name, source, workers, Path(scratch))
                    runs[name, workers].append(run)
        print(f"\n{source.name}\n{'':12} workers   wall s    CPU s      MiB     rows")
        for (name, workers), several in runs.items():
            wall, cpu, memory = (
                statistics.median(getattr(run, part) for run in several) for part in ("wall_s", "cpu_s", "memory_mib")
            )
            print(f"{name:12} {workers:7} {wall:8.2f} {cpu:8.2f} {memory:8.0f} {len(out[name]):8}", flush=True)
        if {"loop", "curate"} <= out.keys():
            same = len(set(out["loop"]) & set(out["curate"]))
            print(f"different texts: loop {len(set(out['loop']))}, curate {len(set(out['curate']))}, in both {same}")


if __name__ == "__main__":
    main()
