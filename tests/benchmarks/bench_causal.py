"""The learner `causal`: which vocabulary predicts best in equal time, and its steps per second against the Trainer.

    python tests/benchmarks/bench_causal.py vocabulary --data ../shared/data --seconds 60
    python tests/benchmarks/bench_causal.py trainer --data ../shared/data --steps 30

`vocabulary` trains the built-in GPT on 1,500 medical abstracts for equal CPU time with vocabularies of several sizes
and prints bits per byte of 100 others. `trainer` trains it and GPT-2 of the same size under the Trainer of
`transformers` on the same windows, one thread, in turns. Times are CPU seconds of the process, so a busy machine
disturbs them little.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import torch

from curate.core.random import key
from curate.kernels.draws import mix
from curate.kernels.hashing import hash_texts
from curate.kernels.torch_device import plain_torch
from curate.learn.causal import Causal
from curate.learn.causal_rows import epoch_windows
from curate.learn.examples import Examples

N_TRAIN, N_TEST = 1500, 100


def abstracts(data: Path) -> tuple[Examples, Examples]:
    """Training and test rows: plain texts in an order of their own."""
    with (data / "medical_kg_and_text" / "medical_tc_test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["medical_abstract"] for row in csv.DictReader(file)]
    order = np.argsort(mix(hash_texts(texts) ^ np.uint64(key(0, "bench"))), kind="stable")
    chosen = [texts[at] for at in order[: N_TRAIN + N_TEST].tolist()]
    return plain_rows(chosen[:N_TRAIN]), plain_rows(chosen[N_TRAIN:])


def plain_rows(texts: list[str]) -> Examples:
    return Examples([""] * len(texts), np.array(texts, dtype=object), None, task="generation")


def bits_per_byte(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    nats, _, n_bytes = values.sum(axis=0)
    return float(nats / n_bytes / np.log(2))


def vocabulary(data: Path, seconds: float, settings: dict[str, Any]) -> None:
    """Bits per byte by size of the vocabulary, each trained for so many CPU seconds."""
    train, test = abstracts(data)
    for n_tokens in (257, 512, 1024, 2048, 4096):
        learner = Causal(n_tokens=n_tokens, **settings).prepared(train.targets.tolist())
        n_steps = 10
        for _ in range(3):  # the first to warm up, the second to see how long a step takes
            timed = learner.model_copy(update={"training": learner.training.model_copy(update={"max_steps": n_steps})})
            began = process_time()
            model = timed.fit(train, validation=None, seed=0)
            used = process_time() - began
            n_steps, done = max(10, round(n_steps * seconds / used)), n_steps
        found = model.predict(test)
        print(
            f"{n_tokens:5} tokens: {done:5} steps in {used:5.1f} s, {found[:, 1].sum() / found[:, 2].sum():.3f} tokens "
            f"per byte, {bits_per_byte(found):.4f} bits per byte",
            flush=True,
        )


def trainer(data: Path, n_steps: int, settings: dict[str, Any]) -> None:
    """Steps per CPU second of the learner and of the Trainer with GPT-2, in three turns each."""
    train, _ = abstracts(data)
    learner = Causal(training={"max_steps": n_steps}, **settings).prepared(train.targets.tolist())
    windows = _windows(learner, train)
    learner.model_copy(update={"training": learner.training.model_copy(update={"max_steps": 2})}).fit(
        train, validation=None, seed=0
    )  # imports, and the first touch of memory
    for turn in range(3):
        began = process_time()
        learner.fit(train, validation=None, seed=turn)
        own = n_steps / (process_time() - began)
        other = n_steps / _trainer_seconds(learner, windows, n_steps)
        print(
            f"turn {turn}: causal {own:.2f} steps/s, Trainer {other:.2f} steps/s, ratio {own / other:.2f}", flush=True
        )


def _windows(learner: Causal, train: Examples) -> list[list[int]]:
    """The tokens of each window as `causal` packs them; those of the Trainer are as full."""
    from curate.learn.causal import pieces_of

    pieces, _ = pieces_of(train, learner.layout(), learner.context)
    found = epoch_windows(pieces, learner.context, seed=0, epoch=0)
    return [[token for piece in window for token in piece.tokens[:-1].tolist()] for window in found]


def _trainer_seconds(learner: Causal, windows: list[list[int]], n_steps: int) -> float:
    from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

    end = len(learner.layout().vocabulary) - 1
    config = GPT2Config(
        vocab_size=end + 1,
        n_positions=learner.context,
        n_embd=learner.dim,
        n_layer=learner.n_layers,
        n_head=learner.n_heads,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=end,
        eos_token_id=end,
    )

    def collate(rows: list[list[int]]) -> dict[str, torch.Tensor]:
        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        real = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        return {"input_ids": ids, "attention_mask": real, "labels": ids.masked_fill(real == 0, -100)}

    with tempfile.TemporaryDirectory() as folder, plain_torch():
        arguments = TrainingArguments(
            folder,
            max_steps=n_steps,
            per_device_train_batch_size=learner.training.batch_rows,
            learning_rate=learner.training.learning_rate,
            report_to=[],
            use_cpu=True,
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        made = Trainer(GPT2LMHeadModel(config), arguments, train_dataset=windows, data_collator=collate)
        began = process_time()
        made.train()
        return process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["vocabulary", "trainer"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--settings", type=json.loads, default={}, help="of the learner, as JSON")
    given = parser.parse_args()
    if given.what == "vocabulary":
        vocabulary(given.data, given.seconds, given.settings)
    else:
        trainer(given.data, given.steps, given.settings)


if __name__ == "__main__":
    main()
