"""What the training loop costs beside a loop written out by hand, and how much padding length buckets save.

Run by hand: `python tests/benchmarks/bench_loop.py [--steps 60] [--layers 4] [--hidden 256]`. The network is a BERT of
random weights; batches of 32 real questions (TREC), one thread, the same batches for both. By hand means: forward,
backward, clipping, AdamW (fused) and a schedule, nothing kept. Both are run in turns; CPU seconds per step are medians.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification

from curate.learn.batching import epoch_batches, keys_of, pad, padded_fraction
from curate.learn.examples import Examples
from curate.learn.history import Look, Step
from curate.learn.loop import train
from curate.learn.loss import ClassLoss, weighted
from curate.learn.problem import ParameterGroup, parameter_groups
from curate.learn.training import Training

DATA = Path(os.environ.get("CURATE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


class Clock:
    """Notes when each step was done."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def step(self, step: Step) -> None:
        self.at.append(time.process_time())

    def look(self, look: Look) -> None:
        pass

    def close(self) -> None:
        pass


class Questions:
    """TREC questions as hashed words, into a small BERT."""

    def __init__(self, layers: int, hidden: int) -> None:
        lines = (DATA / "trec_raw" / "train_5500.label").read_text(encoding="latin-1").split("\n")
        pairs = [line.split(" ", 1) for line in lines if line.strip()]
        names = sorted({label.split(":")[0] for label, _ in pairs})
        labels = np.array([names.index(label.split(":")[0]) for label, _ in pairs])
        self.rows = Examples([text for _, text in pairs], labels, None, len(names))
        self.ids = [np.array([hash_of(word) for word in text.split()]) for text in self.rows.texts]
        self.lengths, self.keys = np.array([len(ids) for ids in self.ids]), keys_of(self.rows)
        self.per_row = ClassLoss()
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=20_000, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=4,
            intermediate_size=4 * hidden, num_labels=len(names),
        )  # fmt: skip
        self.network = BertForSequenceClassification(config)

    def batches(self, epoch: int, seed: int) -> Iterator[np.ndarray]:
        return iter(epoch_batches(self.lengths, self.keys, 32, seed=seed, epoch=epoch))

    def loss(self, batch: np.ndarray) -> tuple[Tensor, float]:
        ids, real = pad([self.ids[at] for at in batch], 0)
        scores = self.network(input_ids=ids, attention_mask=real).logits
        return weighted(self.per_row(scores, torch.from_numpy(self.rows.targets[batch])), None)

    def validation(self) -> None:
        return None

    def groups(self, training: Training) -> list[ParameterGroup]:
        return parameter_groups(self.network, training)

    def unfrozen(self, share_done: float) -> None:
        pass


def hash_of(word: str) -> int:
    return int.from_bytes(word.encode("latin-1", "replace")[:6], "little") * 2654435761 % 20_000


def by_hand(problem: Questions, n_steps: int) -> list[float]:
    groups: list[dict[str, Any]] = [
        {"params": list(group.parameters), "weight_decay": 0.01 if group.decays else 0.0}
        for group in problem.groups(Training())
    ]
    optimiser = torch.optim.AdamW(groups, lr=5e-5, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, n_steps)
    problem.network.train()
    at, batches = [time.process_time()], problem.batches(0, 0)
    for batch in (next(batches) for _ in range(n_steps)):
        total, size = problem.loss(batch)
        (total / size).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(problem.network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        at.append(time.process_time())
    return np.diff(at).tolist()


def by_the_loop(problem: Questions, n_steps: int, recoveries: int) -> list[float]:
    clock = Clock()
    train(problem, Training(max_recoveries=recoveries), n_steps, 0, watch=[clock])
    return np.diff(clock.at).tolist()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=256)
    given = parser.parse_args()
    torch.set_num_threads(1)
    hand, loop, bare = [], [], []
    for _ in range(3):
        hand += by_hand(Questions(given.layers, given.hidden), given.steps)
        loop += by_the_loop(Questions(given.layers, given.hidden), given.steps, 2)
        bare += by_the_loop(Questions(given.layers, given.hidden), given.steps, 0)
    print(
        f"CPU s per step: by hand {median(hand):.4f}, the loop {median(loop):.4f}, without recovery {median(bare):.4f}"
    )
    problem = Questions(1, 32)
    for bucketed in (False, True):
        drawn = epoch_batches(problem.lengths, problem.keys, 32, seed=0, epoch=0, bucketed=bucketed)
        print(f"padding, bucketed={bucketed}: {padded_fraction(problem.lengths, drawn):.1%} of all places")


if __name__ == "__main__":
    main()
