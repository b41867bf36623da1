"""How well `augment.constrain` tells the share of turned labels, where it is known; and how long it takes.

    python tests/benchmarks/bench_flips.py FOLDER_OF_DATA

Rows of SST-2 and TREC get one variant each (`augment.aeda`, whose text keeps its sense), and of a known share of the
variants the label is turned to another class. Printed: the estimate of the notes with its interval, mean over five
draws, and in how many of them the interval holds `share * (1 - e - e / (k - 1))`, what a judge that errs on a share e
of the parents, evenly over the k classes, can see of it. Then rows per second, whole step, one process.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from time import perf_counter
from typing import ClassVar

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import TOP_BIT, Batch

DRAWS = 5
N_ROWS = 2000
NUMBERS = re.compile(r"flips ([+-][\d.]+) \[([+-][\d.]+), ([+-][\d.]+)\].* ([\d.]+) % of their parents")


class Turn(RowTransform):
    """Turns the label of a share of the added rows to another class, each as likely."""

    name: ClassVar[str] = "bench.turn"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"turned": "its draw said so"}

    share: float
    classes: tuple[str, ...]

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        """Set the labels."""
        here = (batch.row_ids >= TOP_BIT) & (random.uniform(batch.row_ids) < self.share)
        labels = np.array(batch.labels().to_pylist(), object)[here]
        away = random.integers(batch.row_ids[here], len(self.classes) - 1, draw=1)
        at = [
            (self.classes.index(label) + 1 + more) % len(self.classes) for label, more in zip(labels, away, strict=True)
        ]
        return Edits.set(
            "label", batch.row_ids[here], pa.array([self.classes[one] for one in at], pa.string()), "turned"
        )


def sst2(folder: Path) -> list[tuple[str, str]]:
    """Sentences and their sentiment."""
    lines = (folder / "sst2" / "train.tsv").read_text("utf-8").splitlines()
    return [(text, label) for text, label in (line.split("\t", 1) for line in lines)]


def trec(folder: Path) -> list[tuple[str, str]]:
    """Questions and what they ask for."""
    lines = (folder / "trec_raw" / "train_5500.label").read_text("latin-1").splitlines()
    return [(text, label.split(":")[0]) for label, text in (line.split(" ", 1) for line in lines)]


def main(folder: Path) -> None:
    """Print one line for each data set and share."""
    for name, read in (("SST-2", sst2), ("TREC", trec)):
        rows = read(folder)
        classes = tuple(sorted({label for _, label in rows}))
        for share in (0.0, 0.05, 0.1, 0.2):
            found, held, seconds = [], 0, 0.0
            for draw in range(DRAWS):
                chosen = np.random.default_rng(draw).choice(len(rows), N_ROWS, replace=False)
                texts, labels = zip(*(rows[at] for at in chosen), strict=True)
                corpus = Corpus.from_table(pa.table({"text": pa.array(texts), "label": pa.array(labels)}))
                made = Recipe([step("augment.aeda"), Step(Turn(share=share, classes=classes))], seed=draw).run(corpus)
                began = perf_counter()
                out = Recipe([step("augment.constrain", min_label_probability=0.0)], seed=draw).run(made.corpus)
                seconds += perf_counter() - began
                note = next(note for note in out.counts[0].notes if "estimated" in note)
                value, low, high, wrong = (float(number) / 100 for number in NUMBERS.search(note).groups())  # type: ignore[union-attr]
                seen = share * (1 - wrong - wrong / (len(classes) - 1))
                found.append((value, seen))
                held += low <= seen <= high
            value, seen = np.mean(found, axis=0)
            print(
                f"{name}: turned {share:.0%}; told {100 * value:+.1f}, to be seen {100 * seen:+.1f} points; held in "
                f"{held} of {DRAWS}; {2 * N_ROWS * DRAWS / seconds:,.0f} rows a second"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
