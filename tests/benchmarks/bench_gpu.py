"""An encoder of BERT-base's size and a causal model of 124M weights on a GPU: curate's loop against the HF Trainer.

Run by hand: `python tests/benchmarks/bench_gpu.py [--models encoder,causal] [--steps 50] [--device cuda]
[--peak-tflops 989]`; `--tiny --device cpu` tries it out where there is no GPU. Random weights and random tokens, every
row of one length, bfloat16 autocast on a GPU. Each contender is a process of its own that trains some steps to warm up
and then those that are timed. Model FLOPs of a token: 6 per weight in a matrix product and 12 * layers * width * length
for attention, as in Chowdhery et al. 2022, PaLM, appendix B; utilisation is their rate over the peak of the device.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

WARM_UP = 10
PEAKS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L40S": 362.0, "L4": 121.0}  # bfloat16, dense, TFLOP/s
CONTENDERS = ("curate", "trainer")


@dataclass(frozen=True)
class Shape:
    """Sizes of a model and its batches."""

    n_layers: int
    width: int
    n_heads: int
    n_tokens: int
    length: int
    batch_rows: int

    def flops_per_token(self, *, scores_vocabulary: bool) -> float:
        """Of forward and backward; the vocabulary is multiplied with where each token's successor is predicted."""
        weights = 12 * self.n_layers * self.width**2 + (self.n_tokens * self.width if scores_vocabulary else 0)
        return 6.0 * weights + 12.0 * self.n_layers * self.width * self.length


SHAPES = {
    "encoder": Shape(12, 768, 12, 30_522, 128, 64),
    "causal": Shape(12, 768, 12, 50_257, 1024, 16),
}
TINY = Shape(2, 32, 2, 97, 16, 4)


def tokens_of(shape: Shape, n_rows: int) -> np.ndarray:
    return np.random.default_rng(0).integers(3, shape.n_tokens, (n_rows, shape.length))


def encoder_config(shape: Shape) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=shape.n_tokens,
        hidden_size=shape.width,
        num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=max(512, shape.length),
    )


def causal_config(shape: Shape) -> Any:
    from transformers import GPT2Config

    return GPT2Config(
        vocab_size=shape.n_tokens,
        n_embd=shape.width,
        n_layer=shape.n_layers,
        n_head=shape.n_heads,
        n_positions=shape.length,
        bos_token_id=0,
        eos_token_id=0,
    )


def encoder_problem(shape: Shape, precision: Any, device: str) -> Any:
    from transformers import BertModel

    from curate.learn.loss import ClassLoss
    from curate.learn.objective import Objective
    from curate.learn.pretrained import Reader
    from curate.learn.strategies import Full
    from curate.learn.transformer_network import Network
    from curate.learn.transformer_problem import SequenceProblem, TokenRows

    ids = tokens_of(shape, 8 * shape.batch_rows).astype(np.int32)
    labels = np.arange(len(ids)) % 2
    objective = Objective("classification", np.arange(2), 2)
    body = BertModel(encoder_config(shape), add_pooling_layer=False)
    network = Network(body, [0, 1], 2, "mean", None, precision=precision, frozen_body=False, seed=0)
    rows = TokenRows(
        list(ids),
        np.full(len(ids), shape.length),
        torch.from_numpy(labels),
        torch.ones(len(ids)),
        np.arange(len(ids), dtype=np.uint64),
        0,
    )
    reader = Reader(None, shape.length, 0)
    return SequenceProblem(network.to(device), rows, None, objective, ClassLoss(), Full(), shape.batch_rows, reader)


def causal_problem(shape: Shape, training: Any, device: str) -> Any:
    from transformers import GPT2LMHeadModel

    from curate.learn.causal_model import HubModel, LanguageProblem
    from curate.learn.causal_rows import Piece

    ids = tokens_of(shape, 8 * shape.batch_rows)
    pieces = [Piece(np.append(row, 1), first=1, key=at) for at, row in enumerate(ids)]
    network = GPT2LMHeadModel(causal_config(shape)).to(device)
    return LanguageProblem(HubModel(network, shape.length), pieces, [], training)


def curate(model: str, shape: Shape, device: str) -> Callable[[int], object]:
    from curate.learn.loop import train
    from curate.learn.training import Training

    precision = "bfloat16" if device.startswith("cuda") else "float32"
    training = Training(batch_rows=shape.batch_rows, precision=precision, n_looks=1)  # type: ignore[arg-type]
    if model == "encoder":
        problem = encoder_problem(shape, precision, device)
    else:
        problem = causal_problem(shape, training, device)
    return lambda n_steps: train(problem, training, n_steps, 0)


def trainer(model: str, shape: Shape, device: str) -> Callable[[int], object]:
    from transformers import BertForSequenceClassification, GPT2LMHeadModel, Trainer, TrainingArguments

    ids = torch.from_numpy(tokens_of(shape, 8 * shape.batch_rows))
    on_gpu = device.startswith("cuda")
    rows: Any = [
        {"input_ids": row, "labels": torch.tensor(at % 2) if model == "encoder" else row} for at, row in enumerate(ids)
    ]
    if model == "encoder":
        network: Any = BertForSequenceClassification(encoder_config(shape))
    else:
        network = GPT2LMHeadModel(causal_config(shape))

    def run(n_steps: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                folder,
                max_steps=n_steps,
                per_device_train_batch_size=shape.batch_rows,
                bf16=on_gpu,
                use_cpu=not on_gpu,
                save_strategy="no",
                logging_steps=16,
                report_to="none",
                disable_tqdm=True,
            )
            Trainer(network, arguments, train_dataset=rows).train()

    return run


def one(contender: str, model: str, given: argparse.Namespace) -> None:
    """Warm up, time, and write the seconds as the last line."""
    shape = TINY if given.tiny else SHAPES[model]
    run = {"curate": curate, "trainer": trainer}[contender](model, shape, given.device)
    wait = torch.cuda.synchronize if given.device.startswith("cuda") else lambda: None
    run(2 if given.tiny else WARM_UP)
    wait()
    began = time.perf_counter()
    run(given.steps)
    wait()
    memory = torch.cuda.max_memory_allocated() / 2**20 if given.device.startswith("cuda") else 0.0
    print(json.dumps({"seconds": time.perf_counter() - began, "memory_mib": memory}))


def compare(model: str, given: argparse.Namespace) -> None:
    shape = TINY if given.tiny else SHAPES[model]
    name = torch.cuda.get_device_name(0) if given.device.startswith("cuda") else "CPU"
    peak = given.peak_tflops or next((value for part, value in PEAKS.items() if part in name), None)
    flops = shape.flops_per_token(scores_vocabulary=model == "causal")
    for contender in CONTENDERS:
        command = [sys.executable, __file__, "--one", contender, "--models", model]
        command += ["--steps", str(given.steps), "--device", given.device, *(["--tiny"] if given.tiny else [])]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        rate = given.steps * shape.batch_rows * shape.length / told["seconds"]
        used = f"{flops * rate / (peak * 1e12):.1%} of {peak:.0f} TFLOP/s" if peak else "peak unknown"
        print(
            f"{name} {model:8} {contender:8} {rate:12,.0f} tokens/s, {used}, {told['memory_mib']:.0f} MiB", flush=True
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="encoder,causal")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--peak-tflops", type=float)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    for model in given.models.split(","):
        one(given.one, model, given) if given.one else compare(model, given)


if __name__ == "__main__":
    main()
