"""Near deduplication by curate and by its peers: programs that read a corpus and write the ids of the rows they remove.

    PYTHON tests/benchmarks/dedup_contenders.py NAME CORPUS.jsonl REMOVED.txt --min-similarity 0.7 --bands 32

`bench_dedup.py` runs each as a process of its own, under the interpreter of its environment (`peers.py`). All use word
trigrams, 128 permutations and, but for curate's exact join, the same bands. Every tool does what its own documentation
shows for the task; where it knows two ways, both are here.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a peer's environment need not have it
    import numpy as np
    import numpy.typing as npt

PERMUTATIONS = 128
SIZE = 3
CORES = 2
SEED = 42
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Job:
    """What a contender is given."""

    source: Path
    scratch: Path
    min_similarity: float
    bands: int

    @property
    def band_rows(self) -> int:
        return PERMUTATIONS // self.bands


def _texts(job: Job) -> Iterator[str]:
    with job.source.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _shingles(job: Job) -> Iterator[list[str]]:
    """The word trigrams of each text, as the peers' documentation makes tokens: in Python."""
    for text in _texts(job):
        words = WORD.findall(text.lower())
        triples = zip(words, words[1:], words[2:], strict=False)
        yield [" ".join(triple) for triple in triples] if len(words) >= SIZE else [" ".join(words)]


def rensa(job: Job) -> Iterable[int]:
    """The streaming deduplicator: candidates by bands, each checked by the similarity of the signatures."""
    from rensa import RMinHashDeduplicator

    keeper = RMinHashDeduplicator(job.min_similarity, PERMUTATIONS, True, job.bands, SEED)
    kept = keeper.add_pairs((str(row), tokens) for row, tokens in enumerate(_shingles(job)))
    return (row for row, keep in enumerate(kept) if not keep)


def rensa_flags(job: Job) -> Iterable[int]:
    """Signatures as one matrix, then flags: every row that shares a band with another, the first one too."""
    from rensa import RMinHash, RMinHashLSH

    matrix = RMinHash.digest_matrix_from_token_sets(_shingles(job), PERMUTATIONS, SEED)
    flags = RMinHashLSH(job.min_similarity, PERMUTATIONS, job.bands).query_duplicate_flags_matrix_one_shot(matrix)
    return (row for row, flag in enumerate(flags) if flag)


def rensa_rho(job: Job) -> Iterable[int]:
    """The same over a sample of the tokens (rensa's fastest way)."""
    from rensa import RMinHash, RMinHashLSH

    matrix = RMinHash.digest_matrix_from_token_sets_rho(_shingles(job), PERMUTATIONS, SEED)
    flags = RMinHashLSH(job.min_similarity, PERMUTATIONS, job.bands).query_duplicate_flags_matrix_one_shot(matrix)
    return (row for row, flag in enumerate(flags) if flag)


def datasketch(job: Job) -> Iterable[int]:
    """MinHashLSH row by row: asked first, put in where no candidate's signature is similar enough."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(job.min_similarity, PERMUTATIONS, params=(job.bands, job.band_rows))
    kept: dict[int, MinHash] = {}
    tokens = ([shingle.encode() for shingle in row] for row in _shingles(job))
    for row, sketch in enumerate(MinHash.generator(tokens, num_perm=PERMUTATIONS, seed=SEED)):
        if any(kept[other].jaccard(sketch) >= job.min_similarity for other in index.query(sketch)):
            yield row
        else:
            index.insert(row, sketch, check_duplication=False)
            kept[row] = sketch


def text_dedup(job: Job) -> Iterable[int]:
    """Its command; it splits words at every character that is none, and does not check candidates."""
    from datasets import load_from_disk

    out = job.scratch / "out"
    subprocess.run(
        [
            *(sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(job.source)),
            *("--split", "train", "--cache_dir", str(job.scratch / "cache"), "--output", str(out), "--column", "text"),
            *("--num_perm", str(PERMUTATIONS), "--ngram", str(SIZE), "--min_length", "1", "--hash_func", "xxh3"),
            *("--threshold", str(job.min_similarity), "--b", str(job.bands), "--r", str(job.band_rows)),
            *("--num_proc", str(CORES), "--batch_size", "10000", "--use_auth_token", "false"),
        ],
        check=True,
    )
    kept = set(load_from_disk(str(out))["id"])
    return (row for row, _ in enumerate(_texts(job)) if row not in kept)


def datatrove(job: Job) -> Iterable[int]:
    """Its four stages as its example has them, two workers, numbers and names of days left as they are."""
    import struct

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.utils.text import TextNormConfig

    shards, folder = job.scratch / "shards", job.scratch
    shards.mkdir()
    files = [(shards / f"{part}.jsonl").open("w", encoding="utf-8") for part in range(CORES)]
    with job.source.open(encoding="utf-8") as lines:  # a task reads whole files, so one file would use one core
        for row, line in enumerate(lines):
            files[row % CORES].write(line)
    for file in files:
        file.close()
    norms = TextNormConfig(norm_numbers=False, norm_weekdays=False, norm_monthnames=False)
    config = MinhashConfig(SIZE, job.bands, job.band_rows, SEED, norms)
    sigs, dups, gone = (str(folder / name) for name in ("sigs", "dups", "gone"))
    stages = [
        ([JsonlReader(str(shards)), MinhashDedupSignature(sigs, config)], CORES),
        ([MinhashDedupBuckets(sigs, dups, config=config)], job.bands),
        ([MinhashDedupCluster(dups, gone, config)], 1),
    ]
    for steps, tasks in stages:
        LocalPipelineExecutor(steps, tasks=tasks, workers=min(tasks, CORES), logging_dir=str(folder / "logs")).run()
        subprocess.run(["rm", "-rf", str(folder / "logs")], check=True)  # a stage with the log of another is "done"
    for part in range(CORES):
        held = (folder / "gone" / f"{part:06d}.remove").read_bytes()
        yield from (CORES * number + part for (number,) in struct.iter_unpack("<I", held))


def curate(job: Job) -> Iterable[int]:
    """From Python: load, a recipe of one step, run."""
    import curate

    step = {"use": "dedup.near", "min_similarity": job.min_similarity}
    kept = (
        curate.Recipe.from_dict({"version": 1, "steps": [step]}).run(curate.load(str(job.source), text="text")).corpus
    )
    return _absent(job, kept.table()["id"].to_numpy())


def curate_kernel(job: Job) -> Iterable[int]:
    """The two kernels alone, over the column that Arrow reads."""
    import numpy as np
    import pyarrow.json as pj

    from curate.kernels.join import kept_twins
    from curate.kernels.shingles import shingle_sets

    sets = shingle_sets(pj.read_json(job.source)["text"], size=SIZE)
    twins = kept_twins(sets, np.arange(len(sets.sizes)), job.min_similarity)
    return np.flatnonzero(twins.twin >= 0).tolist()


def curate_minhash(job: Job) -> Iterable[int]:
    """The command with `dedup.minhash`: bands, every candidate verified."""
    return _command(job, {"use": "dedup.minhash", "min_similarity": job.min_similarity})


def curate_run(job: Job) -> Iterable[int]:
    """The command: recipe in, rows with their lineage out."""
    return _command(job, {"use": "dedup.near", "min_similarity": job.min_similarity})


def _command(job: Job, step: dict[str, object]) -> Iterable[int]:
    import pyarrow.parquet as pq

    recipe, out = job.scratch / "recipe.json", job.scratch / "out.parquet"
    recipe.write_text(json.dumps({"version": 1, "roles": {"text": "text"}, "steps": [step]}))
    command = [str(Path(sys.executable).parent / "curate"), "run", str(recipe), str(job.source), "--out", str(out)]
    subprocess.run([*command, "--cache", str(job.scratch / "cache"), "-q"], check=True)
    return _absent(job, pq.read_table(out, columns=["id"])["id"].to_numpy())


def _absent(job: Job, kept: npt.NDArray[np.int64]) -> Iterable[int]:
    """The ids of the corpus that are not among those kept."""
    import numpy as np

    with job.source.open("rb") as lines:
        absent = np.ones(sum(1 for _ in lines), bool)
    absent[kept] = False
    return np.flatnonzero(absent).tolist()


CONTENDERS: dict[str, tuple[str, Callable[[Job], Iterable[int]]]] = {
    "curate": ("", curate),
    "curate-run": ("", curate_run),
    "curate-kernel": ("", curate_kernel),
    "curate-minhash": ("", curate_minhash),
    "rensa": ("rensa", rensa),
    "rensa-flags": ("rensa", rensa_flags),
    "rensa-rho": ("rensa", rensa_rho),
    "datasketch": ("datasketch", datasketch),
    "text-dedup": ("text-dedup", text_dedup),
    "datatrove": ("datatrove", datatrove),
}
"""Name → the environment of `peers.py` it runs in ("" for curate's own), and the program."""


def main() -> None:
    """Run one contender and write the ids of the rows it removes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(CONTENDERS))
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--min-similarity", type=float, default=0.7)
    parser.add_argument("--bands", type=int, default=32)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.out.parent) as scratch:
        job = Job(given.source, Path(scratch), given.min_similarity, given.bands)
        removed = CONTENDERS[given.name][1](job)
        given.out.write_text("".join(f"{row}\n" for row in removed))


if __name__ == "__main__":
    main()
