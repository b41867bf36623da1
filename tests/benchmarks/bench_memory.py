"""Memory that each dedup step takes per row, in a whole `curate run`: what it holds and what it has mapped.

    python tests/benchmarks/bench_memory.py --rows 100000 1000000 --steps dedup.exact dedup.near

Rows are 16 words of English-like text on average, a tenth exact and a tenth near copies. Figures are the peaks of a
process of its own; bytes per row are the slope between the smallest and the largest number of rows. dedup.leakage is
held against 10,000 test rows. Linux only.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STEPS = ["dedup.exact", "dedup.near", "dedup.minhash", "dedup.lines", "dedup.substring", "dedup.leakage"]
TEST_ROWS = 10_000
LOOK_S = 0.01


@dataclass(frozen=True)
class Peak:
    """The most of a process: MiB it holds, MiB of files it has mapped, and seconds."""

    held_mib: float
    mapped_mib: float
    wall_s: float


def write_rows(path: Path, n_rows: int) -> None:
    """Texts of 8 to 25 words; 10 % are copies and 10 % differ from another in one word."""
    draw = random.Random(1)
    words = [f"w{number}" for number in range(30_000)]
    past: list[str] = []
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            kind = draw.random() if past else 1.0
            parts = draw.choice(past).split() if kind < 0.2 else draw.choices(words, k=draw.randint(8, 25))
            if 0.1 <= kind < 0.2:
                parts[draw.randrange(len(parts))] = draw.choice(words)
            text = " ".join(parts)
            if len(past) < 200_000:
                past.append(text)
            file.write(json.dumps({"text": text, "label": number % 3}) + "\n")


def peak(command: Sequence[str]) -> Peak:
    """Run a command to its end, looking at its memory all the while."""
    began = time.perf_counter()
    with subprocess.Popen(command) as child:
        most = {"RssAnon": 0, "RssFile": 0}
        while child.poll() is None:
            try:
                said = Path(f"/proc/{child.pid}/status").read_text().splitlines()
            except OSError:
                break
            for line in said:
                name = line.partition(":")[0]
                if name in most:
                    most[name] = max(most[name], int(line.split()[1]))
            time.sleep(LOOK_S)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return Peak(most["RssAnon"] / 1024, most["RssFile"] / 1024, time.perf_counter() - began)


def run(step: str, source: Path, scratch: Path) -> Peak:
    """One step over one file."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        recipe = Path(folder) / "recipe.yaml"
        recipe.write_text(f"version: 1\nsteps:\n- use: {step}\n")
        more = ["--test", str(scratch / "test.jsonl")] if step == "dedup.leakage" else []
        options = [*more, "--out", f"{folder}/out", "--workers", "1", "--cache", f"{folder}/cache", "-q"]
        return peak([sys.executable, "-m", "curate", "run", str(recipe), str(source), *options])


def main() -> None:
    """Print a line per step and number of rows, and bytes per row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--steps", nargs="+", default=STEPS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sources = {n_rows: Path(scratch) / f"{n_rows}.jsonl" for n_rows in sorted(given.rows)}
        for n_rows, source in sources.items():
            write_rows(source, n_rows)
        write_rows(Path(scratch) / "test.jsonl", TEST_ROWS)
        for step in given.steps:
            found = {n_rows: run(step, source, Path(scratch)) for n_rows, source in sources.items()}
            for n_rows, one in found.items():
                said = f"{one.held_mib:6.0f} MiB held  {one.mapped_mib:6.0f} MiB mapped  {one.wall_s:6.1f} s"
                print(f"{step:16} {n_rows:>9,} rows  {said}", flush=True)
            (few, low), (many, high) = min(found.items()), max(found.items())
            if many > few:
                each = [(b - a) * 2**20 / (many - few) for a, b in zip(*map(_figures, (low, high)), strict=True)]
                print(f"{step:16} per row: {each[0]:.0f} bytes held, {each[1]:.0f} bytes mapped", flush=True)


def _figures(one: Peak) -> tuple[float, float]:
    return one.held_mib, one.mapped_mib


if __name__ == "__main__":
    main()
