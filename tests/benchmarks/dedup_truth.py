"""Near and semantic duplicates against real truth: the best bound of one half, judged on the other.

    python tests/benchmarks/dedup_truth.py --folder FOLDER [--peers PEERS] [--vectors-by PYTHON --model MODEL]

Truth: question pairs (people's labels, known to be noisy), DBLP-ACM records, clean and dirty (the split that comes with
them), and news articles with a few true pairs among all of theirs. The bound is chosen where `chosen` is true, and
everything is judged on the other pairs. Of the labelled sets only labelled pairs count. text-dedup and semhash give
clusters: a pair is found if both rows are in one. MiniLM vectors are made once, by PYTHON, which has curate with its
extra `transformers`.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from corpora import DATA
from peers import interpreter

from curate.kernels.encoders.lsa import Lsa
from curate.kernels.join import kept_twins
from curate.kernels.shingles import ShingleSets, shingle_sets

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

HERE = Path(__file__).parent
BOUNDS = [round(0.05 * step, 2) for step in range(4, 20)]
LEAST_COSINE = 0.5  # below it semhash finds next to everything, and takes very long
FORMS = [("word", 1), ("word", 2), ("word", 3), ("character", 3), ("character", 5)]
PIECE = 20_000
LADDER = {0.9: 5959, 0.8: 4709, 0.7: 3487, 0.6: 2396}  # as the README of the data set has them


@dataclass(frozen=True)
class Truth:
    """Rows, pairs of them with their label, and the pairs on which a bound is chosen."""

    name: str
    texts: list[str]
    left: I64
    right: I64
    same: Mask
    chosen: Mask


def questions() -> Truth:
    """10,000 pairs of questions; the bound is chosen on a random half."""
    text = (DATA / "qqp_sample/dev.tsv").read_text("utf-8", errors="replace")
    rows = [line.split("\t") for line in text.split("\n") if line.count("\t") == 3]
    n = len(rows)
    texts = [row[1] for row in rows] + [row[2] for row in rows]
    same = np.array([row[0] == "1" for row in rows])
    chosen = np.random.default_rng(0).random(n) < 0.5  # the file has the labels in turn
    return Truth("question pairs", texts, np.arange(n), np.arange(n) + n, same, chosen)


def records(kind: str) -> Truth:
    """DBLP-ACM: title, authors, venue and year as one text; chosen on the training pairs, judged on the others."""
    tables = [_table(f"dblp_acm/{kind}_table{side}.csv") for side in "AB"]
    texts = [" ".join(row[key] for key in ("title", "authors", "venue", "year")) for table in tables for row in table]
    parts = [_table(f"dblp_acm/{kind}_{part}.csv") for part in ("train", "valid", "test")]
    pairs = [row for part in parts for row in part]
    left, right = (np.array([int(row[key]) for row in pairs]) for key in ("ltable_id", "rtable_id"))
    same = np.array([row["label"] == "1" for row in pairs])
    return Truth(f"DBLP-ACM {kind}", texts, left, right + len(tables[0]), same, np.arange(len(pairs)) < len(parts[0]))


def articles(size: int) -> Truth:
    """All pairs of the articles; the bound is chosen on those whose earlier row is even."""
    rows = [line.split(" ", 1) for line in (DATA / f"minhash_articles/articles_{size}.train").read_text().splitlines()]
    place = {name: number for number, (name, _) in enumerate(rows)}
    lines = (DATA / f"minhash_articles/articles_{size}.truth").read_text().splitlines()
    true = {tuple(sorted((place[one], place[other]))) for one, other in (line.split() for line in lines if line)}
    left, right = np.triu_indices(len(rows), 1)
    same = np.array([pair in true for pair in zip(left.tolist(), right.tolist(), strict=True)])
    return Truth(f"articles {size}", [text for _, text in rows], left, right, same, left % 2 == 0)


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def set_similarity(sets: ShingleSets, left: I64, right: I64, measure: str) -> F64:
    """Jaccard's similarity, or containment, of pairs of sets."""
    distinct, columns = np.unique(sets.shingles, return_inverse=True)
    shape = (len(sets.sizes), len(distinct))
    held = sp.csr_array((np.ones(len(columns), np.int32), columns, sets.offsets), shape=shape)
    common = np.concatenate(
        [
            held[left[begin : begin + PIECE]].multiply(held[right[begin : begin + PIECE]]).sum(axis=1)
            for begin in range(0, len(left), PIECE)
        ]
    )
    ends = sets.sizes[left], sets.sizes[right]
    most = ends[0] + ends[1] - common if measure == "jaccard" else np.minimum(*ends)
    return common / np.maximum(most, 1)


def f1(found: Mask, same: Mask) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    both = (found & same).sum()
    precision, recall = both / max(1, found.sum()), both / max(1, same.sum())
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def best_bound(similarity: F64, truth: Truth) -> float:
    """The bound with the best F1 on the pairs it is chosen on."""
    order = np.argsort(-similarity[truth.chosen], kind="stable")
    values, same = similarity[truth.chosen][order], truth.same[truth.chosen][order]
    both, found = np.cumsum(same), np.arange(1, len(same) + 1)
    last = np.append(values[:-1] != values[1:], True)  # a bound takes all pairs of one similarity
    return float(values[np.argmax(np.where(last, 2 * both / (found + same.sum()), 0))])


def near(truth: Truth) -> Iterator[tuple[str, float, Mask]]:
    """What `dedup.near` compares, in several settings: name, bound and the pairs found."""
    for (unit, size), measure in itertools.product(FORMS, ("jaccard", "containment")):
        similarity = set_similarity(shingle_sets(truth.texts, size=size, unit=unit), truth.left, truth.right, measure)
        bound = best_bound(similarity, truth)
        yield f"near, {unit} {size}, {measure}", bound, similarity >= bound


def semantic(truth: Truth, vectors: npt.NDArray[np.float32], name: str) -> tuple[str, float, Mask]:
    """What `dedup.semantic` compares: cosines of these vectors."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosine = np.concatenate(
        [
            (units[truth.left[begin : begin + PIECE]] * units[truth.right[begin : begin + PIECE]]).sum(axis=1)
            for begin in range(0, len(truth.left), PIECE)
        ]
    ).astype(np.float64)
    bound = best_bound(cosine, truth)
    return f"semantic, {name}", bound, cosine >= bound


def clustered(truth: Truth, python: Path, peer: str, rows: Path, size: int = 3) -> tuple[str, float, Mask]:
    """A peer's clusters at the best of its bounds."""
    bounds = BOUNDS if peer == "text-dedup" else [bound for bound in BOUNDS if bound >= LEAST_COSINE]
    out = rows.with_suffix(f".{peer}-{size}.npz")
    if not out.exists():
        command = [str(python), str(HERE / "truth_peers.py"), peer, str(rows), str(out), "--size", str(size)]
        subprocess.run([*command, "--bounds", *map(str, bounds)], check=True, stdout=subprocess.DEVNULL)
    found = [labels[truth.left] == labels[truth.right] for labels in np.load(out)["labels"]]
    scores = [f1(one[truth.chosen], truth.same[truth.chosen])[2] for one in found]
    best = int(np.argmax(scores))
    return f"{peer}, {size} words" if peer == "text-dedup" else f"{peer}, MiniLM", bounds[best], found[best]


def lsa(texts: list[str]) -> npt.NDArray[np.float32]:
    """The vectors of the offline default encoder, fitted to these texts."""
    return np.asarray(Lsa().fit(texts).encode(texts), np.float32)


def show(truth: Truth, answers: Iterator[tuple[str, float, Mask]]) -> None:
    """A Markdown table of one data set."""
    judged = ~truth.chosen
    print(f"\n### {truth.name}: {truth.same[truth.chosen].sum():,} + {truth.same[judged].sum():,} true pairs\n")
    print("| | bound | precision | recall | F1 |\n|---|---|---|---|---|")
    for name, bound, found in answers:
        precision, recall, score = f1(found[judged], truth.same[judged])
        print(f"| {name} | {bound:.2f} | {precision:.3f} | {recall:.3f} | {score:.3f} |", flush=True)


def answers(truth: Truth, given: argparse.Namespace) -> Iterator[tuple[str, float, Mask]]:
    """Every method that can be run here."""
    rows = given.folder / f"{truth.name.replace(' ', '-')}.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in truth.texts), "utf-8")
    yield from near(truth)
    yield semantic(truth, lsa(truth.texts), "lsa")
    encoded = rows.with_suffix(".npy")
    if not encoded.exists() and given.vectors_by:
        command = [str(given.vectors_by), str(HERE / "dedup_vectors.py"), "encode", str(len(truth.texts)), str(encoded)]
        subprocess.run([*command, "--corpus", str(rows), "--model", given.model], check=True)
    if encoded.exists():
        yield semantic(truth, np.load(encoded), "MiniLM")
    for peer, sizes in (("text-dedup", (1, 3)), ("semhash", (0,))):
        python = interpreter(given.peers.resolve(), peer) if given.peers else None
        if python and (peer == "text-dedup" or encoded.exists()):
            for size in sizes:
                yield clustered(truth, python, peer, rows, size)


def ladder() -> None:
    """Rows that stay of GPTeacher's Toolformer set at its own four bounds, beside the published counts."""
    rows = json.loads((DATA / "gpteacher_dedup_ladder/toolformer-dedupe-only.json").read_text("utf-8"))
    texts = ["\n".join(row.values()) for row in rows]
    print(f"\n### GPTeacher ladder: rows kept of {len(texts):,} (what its authors compared is not known)\n")
    print("| | " + " | ".join(str(bound) for bound in LADDER) + " |")
    print("|---" * (len(LADDER) + 1) + "|")
    print("| published | " + " | ".join(f"{kept:,}" for kept in LADDER.values()) + " |")
    for unit, size in FORMS:
        sets = shingle_sets(texts, size=size, unit=unit)
        kept = [(kept_twins(sets, np.arange(len(texts)), bound).twin < 0).sum() for bound in LADDER]
        print(f"| near, {unit} {size} | " + " | ".join(f"{count:,}" for count in kept) + " |", flush=True)


def copies() -> None:
    """The copies among the SMS: every one counted by comparison must go in `dedup.near`, at any bound."""
    texts = [line.split("\t", 1)[1] for line in (DATA / "sms_spam/sms.tsv").read_text("utf-8").splitlines()]
    equal = np.ones(len(texts), bool)
    equal[np.unique(np.array(texts, object), return_index=True)[1]] = False
    print(f"\n### SMS spam: {equal.sum()} rows of {len(texts):,} equal an earlier one\n")
    for bound in (1.0, 0.9, 0.8, 0.7):
        goes = kept_twins(shingle_sets(texts), np.arange(len(texts)), bound).twin >= 0
        print(f"- near at {bound}: {goes.sum()} go, {(goes & equal).sum()} of the copies among them")


def main() -> None:
    """Print a table for every set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where rows, vectors and clusters are kept")
    parser.add_argument("--peers", type=Path, help="the folder that peers.py made")
    parser.add_argument("--vectors-by", type=Path, help="a Python with curate and its extra `transformers`")
    parser.add_argument("--model", help="a MiniLM model: a name or a folder")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    copies()
    ladder()
    for truth in (questions(), records("clean"), records("dirty"), articles(100), articles(1000)):
        show(truth, answers(truth, given))


if __name__ == "__main__":
    main()
