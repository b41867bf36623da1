"""`curate run` against `datasets.map` and a plain Python loop: three row steps over short rows, as whole processes.

    python tests/benchmarks/bench_run.py --rows 100000 1000000 --repeats 5

Each contender is a process of its own that reads one JSON Lines file, mends encodings (ftfy) and white space, drops
short texts, and writes JSON Lines. Seconds are medians; memory is the largest resident set, children included.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

MIN_CHARACTERS = 30
WORDS = (
    "the of market stocks Microsoft said on Tuesday that new search engine would compete with Google and Yahoo oil "
    "prices rose to record highs after supply fears in Iraq while investors wait for the Fed decision about rates"
).split()


def write_rows(path: Path, n_rows: int) -> None:
    """Short English rows: 5 % with runs of spaces, 3 % with mojibake, 7 % with accents."""
    draw = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            text = " ".join(draw.choices(WORDS, k=draw.randint(3, 40)))
            kind = draw.random()
            if kind < 0.05:
                text = text.replace(" ", "  ", 2)
            elif kind < 0.08:
                text += " donâ€™t"
            elif kind < 0.15:
                text += " café naïve"
            file.write(json.dumps({"text": text, "label": number % 4}, ensure_ascii=False) + "\n")


def run_loop(source: Path, out: Path, folder: Path) -> None:
    """What one would write by hand: a line in, a line out."""
    import re

    from ftfy import TextFixerConfig, fix_text

    settings, spaces = TextFixerConfig(unescape_html=False, explain=False), re.compile(r"\s+")
    with source.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as sink:
        for line in lines:
            row = json.loads(line)
            row["text"] = spaces.sub(" ", fix_text(row["text"], settings)).strip()
            if len(row["text"]) >= MIN_CHARACTERS:
                sink.write(json.dumps(row, ensure_ascii=False) + "\n")


def run_datasets(source: Path, out: Path, folder: Path) -> None:
    """The same with `datasets`: load, map, map, filter, to_json."""
    import re

    import datasets
    from ftfy import TextFixerConfig, fix_text

    datasets.disable_progress_bars()
    settings, spaces = TextFixerConfig(unescape_html=False, explain=False), re.compile(r"\s+")
    rows = datasets.load_dataset("json", data_files=str(source), split="train", cache_dir=str(folder))
    rows = rows.map(lambda row: {"text": fix_text(row["text"], settings)})
    rows = rows.map(lambda row: {"text": spaces.sub(" ", row["text"]).strip()})
    rows.filter(lambda row: len(row["text"]) >= MIN_CHARACTERS).to_json(str(out), force_ascii=False)


def run_curate(source: Path, out: Path, folder: Path) -> None:
    """The same with the command, and all it does beside: fingerprints, lineage, accounting, resume, the card."""
    from curate.cli.main import main as command

    recipe = folder / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsteps:\n- use: clean.unicode\n- use: clean.whitespace\n"
        f"- use: filter.length\n  min_characters: {MIN_CHARACTERS}\n"
    )
    code = command(["run", str(recipe), str(source), "--out", str(out), "--workers", "1", "--cache", str(folder), "-q"])
    if code:
        raise SystemExit(code)


CONTENDERS: dict[str, Callable[[Path, Path, Path], None]] = {
    "loop": run_loop,
    "datasets": run_datasets,
    "curate": run_curate,
}


def measure(name: str, source: Path, scratch: Path) -> dict[str, float]:
    """One process: seconds on the wall and of CPU, and the most memory in MiB."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        out = Path(folder) / "out.jsonl"
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "--one", name, str(source), str(out), folder],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        wall_s = time.perf_counter() - began
        cpu_s, memory = json.loads(done.stdout.splitlines()[-1])
        with out.open("rb") as file:
            n_rows = sum(1 for _ in file)
    return {"wall_s": wall_s, "cpu_s": cpu_s, "memory_mib": memory / 1024, "n_rows": n_rows}


def one(name: str, source: str, out: str, folder: str) -> None:
    """The child: do the work and say what it took."""
    CONTENDERS[name](Path(source), Path(out), Path(folder))
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    print(json.dumps([cpu_s, max(usage.ru_maxrss for usage in usages)]))


def main() -> None:
    """Print a table, and the same as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return one(*given.one)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for n_rows in given.rows:
            source = Path(scratch) / f"{n_rows}.jsonl"
            write_rows(source, n_rows)
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in given.contenders}
            for _ in range(given.repeats):
                for name in given.contenders:
                    runs[name].append(measure(name, source, Path(scratch)))
            for name, several in runs.items():
                middle = {key: statistics.median(run[key] for run in several) for key in several[0]}
                found.append({"contender": name, "rows": n_rows, **middle})
                print(
                    f"{name:9} {n_rows:>9,} rows  {middle['wall_s']:7.2f} s wall  {middle['cpu_s']:7.2f} s CPU  "
                    f"{n_rows / middle['wall_s']:>9,.0f} rows/s  {middle['memory_mib']:7.0f} MiB  "
                    f"{middle['n_rows']:>9,.0f} rows out"
                )
    print(json.dumps(found))
    return None


if __name__ == "__main__":
    main()
