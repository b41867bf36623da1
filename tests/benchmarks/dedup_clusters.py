"""Connected components against twins that stay: how many removed rows have no twin left.

    python tests/benchmarks/dedup_clusters.py [--corpus corpora/short-100000.jsonl ...]

A tool that keeps one row of each connected component removes rows whose only twins went too: what they said is gone.
`dedup.near` removes a row only for a twin that stays. Counted on real sets, on corpora of `dedup_corpora` and on
chained texts (each two words further along in one long text, as logs, lists and threads are).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from corpora import DATA
from dedup_corpora import reviews, texts_of

from curate.kernels.join import similar_pairs
from curate.kernels.pairs import components, select
from curate.kernels.shingles import shingle_sets

WINDOW = 30
STEP = 2


def chained() -> list[str]:
    """10,000 windows of 30 words, each 2 words after the one before, over 200 reviews."""
    texts = []
    for review in reviews():
        words = review.split()
        texts += [" ".join(words[begin : begin + WINDOW]) for begin in range(0, len(words) - WINDOW, STEP)]
        if len(texts) > 10_000:
            break
    return texts[:10_000]


def sets(corpora: list[Path]) -> Iterator[tuple[str, list[str]]]:
    """Name and texts of everything counted."""
    lines = (DATA / "sms_spam/sms.tsv").read_text("utf-8").splitlines()
    yield "SMS spam", [line.split("\t", 1)[1] for line in lines]
    with (DATA / "davidson_hate_offensive/labeled_data.csv").open(encoding="utf-8", newline="") as file:
        yield "tweets", [row["tweet"] for row in csv.DictReader(file)]
    rows = json.loads((DATA / "gpteacher_dedup_ladder/toolformer-dedupe-only.json").read_text("utf-8"))
    yield "GPTeacher Toolformer", ["\n".join(row.values()) for row in rows]
    yield "IMDB reviews", reviews()
    yield "chained", chained()
    for path in corpora:
        yield path.stem, texts_of(path)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    parser.add_argument("--min-similarity", type=float, nargs="+", default=[0.8, 0.7, 0.6])
    given = parser.parse_args()
    print("| | rows | similarity | components remove | of these without a kept twin | kept twins remove | largest |")
    print("|---|---|---|---|---|---|---|")
    for name, texts in sets(given.corpus):
        held = shingle_sets(texts)
        for bound in given.min_similarity:
            pairs = similar_pairs(held, bound)
            labels = components(len(texts), pairs)
            _, first, sizes = np.unique(labels, return_index=True, return_counts=True)
            kept = np.zeros(len(texts), bool)
            kept[first] = True
            safe = kept.copy()
            for one, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
                safe[one[kept[other]]] = True
            gone, lost = int((~kept).sum()), int((~safe).sum())
            greedy = int((select(pairs, np.arange(len(texts))).twin >= 0).sum())
            print(
                f"| {name} | {len(texts):,} | {bound} | {gone:,} | {lost:,} ({lost / max(1, gone):.1%}) | {greedy:,} | "
                f"{sizes.max():,} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
