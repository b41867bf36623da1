r"""Back-translation: whole files against a call per text, and Marian against the plain loop of transformers.

    python tests/benchmarks/bench_backtranslate.py apertium [--texts 1000] [--calls 100]
    python tests/benchmarks/bench_backtranslate.py marian [--texts 1000] [--width 512] [--layers 6] [--beams 1]
    python tests/benchmarks/bench_backtranslate.py quality [--texts 1000] [--pivots es,ca,gl]

`apertium`: CPU seconds of this process and of its children for TREC questions and SST-2 sentences, English to Spanish
and back: `apertium eng-spa` once for each text, as a wrapper would call it, and the translator of curate, no cache, for
1,000 texts and for a tenth of them (how the cost grows). `marian`: tokens per second of a model with random weights on
the same texts, the same batch size, one thread: `generate` on batches in the order of the texts, padded to the longest
of each; the same on texts sorted by length; the translator `marian` of curate; and `ctranslate2` with each type of
weights; in turn, medians of `--runs`. Random weights never end a sentence, so each text is made to end after 0.8 to 1.3
times its own tokens, the same in the first three: all say the same number of tokens. CTranslate2 takes no such order:
with it every text ends after 1.05 times its tokens, which is the mean. `quality`: the share that passes the filters,
the reasons of the others, the length ratio, the share of words kept, and ten examples.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CURATE_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
sys.path.insert(0, str(REPOSITORY))


def texts_of(name: str, n: int) -> list[str]:
    """The first n texts of TREC, SST-2 or CR."""
    if name == "trec":
        lines = (DATA / "trec_raw" / "train_5500.label").read_text("latin-1").splitlines()
        return [line.split(" ", 1)[1].strip() for line in lines[:n]]
    if name == "sst2":
        return [line.split("\t")[0] for line in (DATA / "sst2" / "train.tsv").read_text().splitlines()[:n]]
    halves = [
        (DATA / "cr_custrev" / f"custrev.{half}").read_text("latin-1").splitlines()[: n // 2] for half in ("pos", "neg")
    ]
    return [line.strip() for half in halves for line in half]


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """CPU seconds and seconds."""
    cpu, wall = cpu_s(), time.perf_counter()
    act()
    return cpu_s() - cpu, time.perf_counter() - wall


def apertium(n: int, n_calls: int) -> None:
    from curate.kernels.translators.apertium import Apertium
    from curate.kernels.translators.translator import Pair

    def whole(texts: list[str]) -> None:
        for pair in (Pair("en", "es"), Pair("es", "en")):
            said = Apertium().ready(pair).translate(texts, 1, [0] * len(texts))
            texts = [own[0].text for own in said]

    def calls(texts: list[str]) -> None:
        for text in texts:
            for mode in ("eng-spa", "spa-eng"):
                text = subprocess.run(["apertium", mode], input=text, capture_output=True, text=True, check=True).stdout

    for name in ("trec", "sst2"):
        texts = texts_of(name, n)
        for what, act, some in (
            ("a call per text", calls, texts[:n_calls]),
            ("curate, a tenth", whole, texts[: n // 10]),
            ("curate, all", whole, texts),
        ):
            runs = [timed(lambda act=act, some=some: act(some)) for _ in range(3)]
            cpu, wall = (statistics.median(run[at] for run in runs) for at in (0, 1))
            print(
                f"{name:5} {what:16} {len(some):5} texts: {1000 * cpu / len(some):7.2f} ms CPU a round trip, "
                f"{len(some) / cpu:6.0f} a CPU second, {wall:6.1f} s"
            )


def said_at_length(model: Any, pad: int, end: int, said: Counter[str], who: str) -> None:
    """Let a model with random weights end each text: after 0.8 to 1.3 times its tokens, the same whoever asks."""
    import torch

    plain = model.generate

    def generate(**given: Any) -> Any:
        ids = given["input_ids"]
        drawn = (ids * torch.arange(1, ids.shape[1] + 1) * (ids != pad)).sum(1) * 2654435761 % 2**32 / 2**32
        ends = ((ids != pad).sum(1) * (0.8 + drawn / 2)).round().clamp(min=2)

        def processor(before: Any, scores: Any) -> Any:
            over = before.shape[1] >= ends.repeat_interleave(len(scores) // len(ends))
            scores[~over, end] = float("-inf")
            scores[over] = float("-inf")
            scores[over, end] = 0.0
            return scores

        said[f"{who}, steps"] += int(ends.max())
        return plain(**{**given, "logits_processor": [*given.get("logits_processor", []), processor]})

    model.generate = generate


class EndsAtLength:
    """A translator of CTranslate2 that ends each text after 1.05 times its tokens."""

    def __init__(self, translator: Any, said: Counter[str], who: str) -> None:
        self._translator, self._said, self._who = translator, said, who

    def translate_batch(self, rows: list[list[str]], **given: Any) -> Any:
        length = round(1.05 * len(rows[0]))
        self._said[self._who] += length * len(rows)
        return self._translator.translate_batch(
            rows, **{**given, "min_decoding_length": length, "max_decoding_length": length}
        )


def marian(n: int, width: int, layers: int, batch: int, beams: int, n_runs: int) -> None:
    from dataclasses import replace
    from runpy import run_path

    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    from curate.kernels.translators.ct2 import CTranslate2
    from curate.kernels.translators.marian import Marian
    from curate.kernels.translators.translator import Pair

    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    torch.set_num_threads(1)
    tiny = run_path(str(REPOSITORY / "tests" / "servers" / "tiny_translators.py"))
    folder = Path(tempfile.mkdtemp()) / "en-es"
    texts = texts_of("sst2", n // 2) + texts_of("trec", n - n // 2)
    corpus = texts_of("sst2", 7000) + texts_of("trec", 5500)
    tiny["marian"](folder, width=width, layers=layers, sentences=corpus, n_pieces=8000, words=25_000, heads=8)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    ready = Marian(model=str(folder), beams=beams, batch_rows=batch, max_tokens=128).ready(Pair("en", "es"))
    said: Counter[str] = Counter()
    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    said_at_length(model, pad, end, said, "plain")
    said_at_length(ready.model, pad, end, said, "curate")

    def plain(order: list[str]) -> None:
        for low in range(0, n, batch):
            rows = tokenizer(order[low : low + batch], return_tensors="pt", padding=True)
            with torch.inference_mode():
                out = model.generate(**rows, num_beams=beams, do_sample=False, max_new_tokens=127, max_length=None)
            said["tokens"] += int(((out != pad) & (out != end)).sum())
            tokenizer.batch_decode(out, skip_special_tokens=True)

    def mine() -> None:
        ready.translate(texts, 1, [0] * n)

    def counted(quantization: str) -> Callable[[], None]:
        made: Any = CTranslate2(
            model=str(folder), beams=beams, batch_rows=batch, max_tokens=128, quantization=quantization
        ).ready(Pair("en", "es"))
        ending = replace(made, translator=EndsAtLength(made.translator, said, "tokens"))
        return lambda: ending.translate(texts, 1, [0] * n)

    millions = sum(weights.numel() for weights in model.parameters()) / 1e6
    print(f"{millions:.0f} million weights, {n} texts, batches of {batch}, {beams} beams, one core")
    ways = {
        "plain": lambda: plain(texts),
        "plain, sorted by length": lambda: plain(sorted(texts, key=len, reverse=True)),
        "curate": mine,
        **{f"ctranslate2, {name}": counted(name) for name in ("float32", "int16", "int8")},
    }
    tokens: dict[str, int] = {}
    runs: dict[str, list[float]] = {what: [] for what in ways}
    for what in [*ways] * n_runs:
        said.clear()
        runs[what].append(timed(ways[what])[0])
        tokens[what] = said["tokens"] or tokens["plain"]
    for what, spent in runs.items():
        cpu = statistics.median(spent)
        print(f"{what:24} {n / cpu:6.1f} texts and {tokens[what] / cpu:6.0f} tokens a CPU second")


def quality(n: int, pivots: list[str]) -> None:
    import pyarrow as pa

    from curate.core.recipe import Recipe
    from curate.core.step import step
    from curate.data.corpus import Corpus
    from curate.data.roles import Roles
    from curate.kernels.rewritten import length_ratio, overlap, words_of
    from curate.transforms.augment.backtranslate import AugmentBacktranslate

    for pivot in pivots:
        for name in ("trec", "sst2", "cr"):
            texts = texts_of(name, n)
            corpus = Corpus.from_table(pa.table({"text": texts}), Roles(text="text"))
            strict = (
                Recipe([step(AugmentBacktranslate(pivots=(pivot,), unknown="refuse"))], seed=0).run(corpus).counts[0]
            )
            curated = Recipe([step(AugmentBacktranslate(pivots=(pivot,)))], seed=0).run(corpus)
            (count,) = curated.counts
            rows = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.table()["text"].to_pylist(), strict=True))
            events = [event for event in curated.lineage().to_pylist() if event["kind"] == "add"]
            pairs = [(texts[event["parents"][0]], rows[event["row_id"]]) for event in events]
            ratio = statistics.median(len(new) / len(old) for old, new in pairs)
            worst = statistics.quantiles([length_ratio(old, new) for old, new in pairs], n=20)[-1]
            shared = statistics.median(overlap(words_of(old), words_of(new)) for old, new in pairs)
            shares = {reason: f"{100 * k / len(texts):.1f}" for reason, k in sorted(count.refused.items())}
            kept, sure = (100 * one.n_added / len(texts) for one in (count, strict))
            print(f"{pivot} {name}: {kept:.1f} % kept ({sure:.1f} % where any unknown word refuses)")
            print(f"  refused, in %: {shares}")
            print(f"  length {ratio:.2f} (95 % below {worst:.2f} either way), words shared {shared:.2f}")
            for old, new in pairs[3 : 3 + 10 * 37 : 37]:
                print(f"    {old}\n      {new}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["apertium", "marian", "quality"])
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pivots", default="es")
    given = parser.parse_args()
    if given.what == "apertium":
        apertium(given.texts, given.calls)
    elif given.what == "marian":
        marian(given.texts, given.width, given.layers, given.batch, given.beams, given.runs)
    else:
        quality(given.texts, given.pivots.split(","))


if __name__ == "__main__":
    main()
