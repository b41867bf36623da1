"""A saved index of near duplicates: bytes per row, seconds and memory to build it and to look rows up.

    python tests/benchmarks/bench_dedup_index.py --rows 1000000 10000000 --verify exact signature

Rows are 12 words drawn from 100,000. The rows looked up are half known ones with the last word changed (similarity
0.82) and half new ones. Each figure is of a process of its own; memory is split into what the process holds (anonymous)
and what it has mapped of the index, which the system may take back.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.rows import ROW_ID, FileRows
from curate.io.dedup_index import DedupIndex

WORDS, BLOCK = 12, 200_000
DIGITS = np.frombuffer(b"0123456789", np.uint8)


def texts(words: np.ndarray) -> pa.Array:
    """Rows of word numbers below 100,000, shape (n, k), as texts."""
    n, k = words.shape
    letters = np.full((n, k, 7), ord("w"), np.uint8)
    for place in range(5):
        letters[:, :, 1 + place] = DIGITS[words // 10**place % 10]
    letters[:, :, 6] = ord(" ")
    offsets = np.arange(n + 1, dtype=np.int64) * (k * 7)
    return pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(letters.tobytes()))


def write(path: Path, blocks: Iterator[np.ndarray]) -> Corpus:
    """Rows in an Arrow file, as a corpus."""
    schema = pa.schema([("text", pa.large_string()), (ROW_ID, pa.uint64())])
    n_rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for words in blocks:
            ids = pa.array(np.arange(n_rows, n_rows + len(words), dtype=np.uint64))
            for at in range(0, len(words), 10_000):
                writer.write_batch(pa.record_batch([texts(words[at : at + 10_000]), ids[at : at + 10_000]], schema))
            n_rows += len(words)
    return opened(path, n_rows)


def opened(path: Path, n_rows: int) -> Corpus:
    schema = pa.schema([("text", pa.large_string()), (ROW_ID, pa.uint64())])
    return Corpus.from_rows(FileRows((path,), (n_rows,), schema), name=path.stem)


def known(n_rows: int) -> Iterator[np.ndarray]:
    for number in range(-(-n_rows // BLOCK)):
        size = min(BLOCK, n_rows - number * BLOCK)
        yield np.random.default_rng(number).integers(0, 100_000, (size, WORDS))


def asked(n_rows: int) -> Iterator[np.ndarray]:
    """Half of the first block with the last word changed, and as many new rows."""
    half = n_rows // 2
    old = next(known(BLOCK))[:half].copy()
    old[:, -1] = (old[:, -1] + 1) % 100_000
    yield old
    yield np.random.default_rng(10**6).integers(0, 100_000, (half, WORDS))


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Seconds, and the most MiB of anonymous and of mapped memory."""
    found, done = {"anonymous_mib": 0.0, "mapped_mib": 0.0}, threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for line in Path("/proc/self/status").read_text().splitlines():
                for name, field in (("anonymous_mib", "RssAnon:"), ("mapped_mib", "RssFile:")):
                    if line.startswith(field):
                        found[name] = max(found[name], int(line.split()[1]) / 1024)

    watcher = threading.Thread(target=look)
    watcher.start()
    began, began_cpu = time.perf_counter(), time.process_time()
    yield found
    found["seconds"], found["cpu_s"] = time.perf_counter() - began, time.process_time() - began_cpu
    done.set()
    watcher.join()


def build(folder: Path, n_rows: int, verify: str) -> dict[str, float]:
    corpus = opened(folder / "known.arrow", n_rows)
    with watched() as found:
        index = DedupIndex.build(corpus, folder / verify, verify=verify)
    return {**found, "bytes_per_row": index.n_bytes / index.n_rows, "n_rows": index.n_rows}


def query(folder: Path, n_rows: int, verify: str) -> dict[str, float]:
    corpus = opened(folder / "asked.arrow", n_rows)
    with watched() as found:
        twins = DedupIndex.open(folder / verify, check=False).query(corpus)
    return {**found, "n_twins": twins.num_rows}


def main() -> None:
    """Print a line per process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--asked", type=int, default=100_000)
    parser.add_argument("--verify", nargs="+", default=["exact", "signature"])
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        what, folder, n_rows, verify = given.one
        print(json.dumps({"build": build, "query": query}[what](Path(folder), int(n_rows), verify)))
        return
    for n_rows in given.rows:
        with tempfile.TemporaryDirectory() as scratch:
            write(Path(scratch) / "known.arrow", known(n_rows))
            write(Path(scratch) / "asked.arrow", asked(given.asked))
            for verify in given.verify:
                for what, n in (("build", n_rows), ("query", given.asked)):
                    command = [sys.executable, __file__, "--one", what, scratch, str(n), verify]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    found = json.loads(done.stdout.splitlines()[-1])
                    said = ", ".join(f"{name} {value:,.1f}" for name, value in found.items())
                    rate = f"{n / found['seconds']:,.0f} rows/s"
                    print(f"{n_rows:>11,} rows  {verify:9}  {what}: {said}, {rate}", flush=True)


if __name__ == "__main__":
    main()
