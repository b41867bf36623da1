"""The four named rule sets one after the other, whole processes: curate against datatrove's own filters.

    python tests/benchmarks/text_corpora.py DATA
    python tests/benchmarks/bench_rule_sets.py DATA/long.jsonl --rows 4000 --repeats 5 [--peer PYTHON]

JSON Lines in, the kept rows out: Gopher quality, Gopher repetition, C4 (which cuts lines), FineWeb quality, with their
default settings, and curate with `judge_unspaced`, as datatrove has it. Seconds are medians, memory is that of the
process tree (`processes.py`). The texts that come out must be the same. `--peer` is the Python that has datatrove.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from itertools import islice
from pathlib import Path

from processes import Run, timed

RULE_SETS = ("gopher_quality", "gopher_repetition", "c4", "fineweb_quality")


def curate(source: Path, out: Path, folder: Path, workers: int) -> None:
    """The command, with all it does beside: fingerprints, lineage, accounting, the card."""
    from curate.cli.main import main as command

    steps = "".join(f"- use: filter.{name}\n  judge_unspaced: true\n" for name in RULE_SETS)
    recipe = folder / "recipe.yaml"
    recipe.write_text(f"version: 1\nsteps:\n{steps}")
    more = ["--workers", str(workers), "--cache", str(folder / "cache"), "-q"]
    code = command(["run", str(recipe), str(source), "--out", str(out), *more])
    if code:
        raise SystemExit(code)


def datatrove(source: Path, out: Path, folder: Path, workers: int) -> None:
    """Its reader, its four filters, its writer; each worker reads a file of its own."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline import filters
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    parts = folder / "parts"
    parts.mkdir()
    with source.open("rb") as lines:
        files = [(parts / f"{number}.jsonl").open("wb") for number in range(workers)]
        for number, line in enumerate(lines):
            files[number % workers].write(line)
        for file in files:
            file.close()
    LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(parts)),
            filters.GopherQualityFilter(),
            filters.GopherRepetitionFilter(),
            filters.C4QualityFilter(),
            filters.FineWebQualityFilter(),
            JsonlWriter(str(folder / "out"), output_filename="${rank}.jsonl", compression=None),
        ],
        tasks=workers,
        workers=workers,
        logging_dir=str(folder / "logs"),
    ).run()
    with out.open("wb") as sink:
        for path in sorted((folder / "out").glob("*.jsonl")):
            sink.write(path.read_bytes())


CONTENDERS = {"curate": curate, "datatrove": datatrove}


def texts(out: Path) -> list[str]:
    """The texts that came out, in no order."""
    with out.open(encoding="utf-8") as lines:
        return sorted(json.loads(line)["text"] for line in lines)


def measured(python: str, name: str, source: Path, workers: int, scratch: Path) -> tuple[Run, list[str]]:
    """One run and what came out."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        out = Path(folder) / "out.jsonl"
        run = timed([python, __file__, "--one", name, str(source), str(out), folder, str(workers)])
        return run, texts(out)


def compare(source: Path, workers: list[int], repeats: int, pythons: dict[str, str], scratch: Path) -> None:
    """Print the table of one source."""
    jobs = [(name, n) for n in workers for name in CONTENDERS]
    runs: dict[tuple[str, int], list[Run]] = {job: [] for job in jobs}
    out: dict[str, list[str]] = {}
    for _ in range(repeats):
        for name, n in jobs:
            run, out[name] = measured(pythons[name], name, source, n, scratch)
            runs[name, n].append(run)
    print(f"\n{source.name}\n{'':12} workers   wall s    CPU s      MiB     rows")
    for (name, n), several in runs.items():
        wall, cpu, memory = (
            statistics.median(getattr(run, part) for run in several) for part in ("wall_s", "cpu_s", "memory_mib")
        )
        print(f"{name:12} {n:7} {wall:8.2f} {cpu:8.2f} {memory:8.0f} {len(out[name]):8}", flush=True)
    print("the same texts" if out["curate"] == out["datatrove"] else "DIFFERENT TEXTS")


def main() -> None:
    """Compare on the first rows of each source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peer", default=sys.executable, metavar="PYTHON")
    given = parser.parse_args()
    pythons = {"curate": sys.executable, "datatrove": given.peer}
    with tempfile.TemporaryDirectory() as scratch:
        for source in given.sources:
            part = Path(scratch) / source.name
            with source.open(encoding="utf-8") as lines, part.open("w", encoding="utf-8") as file:
                file.writelines(islice(lines, given.rows))
            compare(part, given.workers, given.repeats, pythons, Path(scratch))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        name, source, out, folder, workers = sys.argv[2:]
        CONTENDERS[name](Path(source), Path(out), Path(folder), int(workers))
    else:
        main()
