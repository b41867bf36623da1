"""A whole measurement with the learner `head` against single trainings of the same size by others.

Run by hand: `PYTHONPATH=. python tests/benchmarks/bench_head.py [--encoder hashed] [--times 3]`. 10,000 rows of AG News
with some dirt planted, 2,000 test rows; six cheap steps (clean.whitespace, clean.unicode, dedup.exact, filter.length,
labels.merge_names, rebalance.oversample), leave-one-out with placebos, 5 replicates. Against it: 5 trainings by
scikit-learn's MLPClassifier (128 hidden units, its other defaults) and by a plain torch loop (the same hidden units,
batches and steps) on the rows of a base cell. One process and one thread each. Both sides have their vectors: encoding
is reported apart. Seconds are of the wall and of the CPU.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import torch
from corpora import ROLES, ag_news
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.learn import vectors
from curate.learn.head import Head
from curate.measure.measure import measure

HIDDEN = 128
STEPS = "clean.whitespace clean.unicode dedup.exact filter.length labels.merge_names rebalance.oversample".split()
Seconds = tuple[float, float]  # of the wall, of the CPU


def dirty(n_rows: int) -> Corpus:
    """Rows of AG News: of each hundred some with wide spaces, broken characters, another spelling of the class, a few
    words only, and some that are copies; class 4 is halved.
    """
    draw = np.random.default_rng(0)
    table = ag_news().table()
    rows = list(zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True))
    rows = [rows[at] for at in draw.permutation(len(rows)).tolist()]
    rows = [row for number, row in enumerate(rows) if row[1] != "4" or number % 2][: n_rows - n_rows // 20]
    made = []
    for text, label in rows:
        kind = draw.integers(100)
        if kind < 6:
            text = text.replace(" ", "  ", 3)
        elif kind < 12:
            text = text.replace("'", "â€™").replace("e", "\u00ad" + "e", 1)
        elif kind < 14:
            text = text[:12]
        made.append((text, f"{label} " if 14 <= kind < 18 else label))
    made += [made[at] for at in draw.integers(0, len(made), n_rows - len(made)).tolist()]
    table = pa.table({"text": [text for text, _ in made], "label": [label for _, label in made]})
    test = ag_news().held_out["test"]
    return Corpus.from_table(table, ROLES, name="ag_news").with_held_out(
        test=test.take(draw.permutation(len(test))[:2000])
    )


def timed(work: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def plain(x: torch.Tensor, y: torch.Tensor, hidden: int, n_classes: int, n_steps: int, batch: int) -> None:
    """What one writes by hand."""
    layers = torch.nn.Linear(x.shape[1], hidden), torch.nn.ReLU(), torch.nn.Dropout(0.5)
    network = torch.nn.Sequential(*layers, torch.nn.Linear(hidden, n_classes))
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    done = 0
    while done < n_steps:
        order = torch.randperm(len(x))
        for low in range(0, len(x), batch):
            at = order[low : low + batch]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(x[at]), y[at]).backward()
            optimiser.step()
            done += 1


class Clock(vectors.TextVectors):
    """Vectors that count the seconds of encoding."""

    wall, cpu = 0.0, 0.0

    def _made(self, texts: list[str]) -> NDArray[np.float32]:
        found: list[NDArray[np.float32]] = []
        wall, cpu = timed(lambda: found.append(super(Clock, self)._made(texts)))
        Clock.wall, Clock.cpu = Clock.wall + wall, Clock.cpu + cpu
        return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="hashed")
    parser.add_argument("--model")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    os.environ["CURATE_CACHE"] = tempfile.mkdtemp()
    vectors.TextVectors = Clock  # type: ignore[misc]
    corpus = dirty(options.rows)
    recipe = Recipe([{"use": name, **({"min_words": 4} if name == "filter.length" else {})} for name in STEPS])
    learner = Head(encoder=options.encoder, model=options.model, hidden=HIDDEN).prepared(corpus.texts())
    ours, encoding, cells = [], [], []
    for _ in range(options.times):
        vectors.forget()
        Clock.wall = Clock.cpu = 0.0
        cells.clear()
        wall, cpu = timed(
            lambda: measure(
                recipe,
                corpus,
                learner=learner,
                replicates=5,
                attribution="leave-one-out",
                allow_leakage=True,
                on_progress=lambda *said: cells.append(said[1]),
            )
        )
        ours.append((wall - Clock.wall, cpu - Clock.cpu))
        encoding.append((Clock.wall, Clock.cpu))
    n_pool = round(0.8 * 0.85 * options.rows)
    x = vectors.loaded(learner._encoder(), learner.learnt).vectors(corpus.texts()[:n_pool])
    y = np.unique([label.strip() for label in corpus.labels().to_pylist()[:n_pool]], return_inverse=True)[1]
    n_steps = learner.n_steps(n_pool)
    peers = {"MLPClassifier": [], "plain torch loop": []}
    for seed in range(options.times):
        mlp = MLPClassifier((HIDDEN,), random_state=seed)
        peers["MLPClassifier"].append(timed(lambda: mlp.fit(x, y)))  # noqa: B023
        data = torch.from_numpy(x), torch.from_numpy(y)
        peers["plain torch loop"].append(timed(lambda: plain(*data, HIDDEN, 4, n_steps, learner.batch_rows)))  # noqa: B023
    print(f"{options.encoder}, d = {x.shape[1]}, {n_steps} steps, {len(cells)} cells asked for")
    mine = told("measure", ours)
    told("  and encoding", encoding)
    for name, found in peers.items():
        wall, cpu = told(f"5 x {name}", [(5 * wall, 5 * cpu) for wall, cpu in found])
        print(f"    measure is {mine[0] / wall:.2f} (wall), {mine[1] / cpu:.2f} (CPU) of it")


def told(name: str, seconds: list[Seconds]) -> Seconds:
    """The medians, printed."""
    wall, cpu = (statistics.median(part) for part in zip(*seconds, strict=True))
    print(f"{name:24} {wall:8.2f} s wall {cpu:8.2f} s CPU", flush=True)
    return wall, cpu


if __name__ == "__main__":
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        main()
