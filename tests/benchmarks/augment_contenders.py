"""The contenders of `bench_augment.py`: what augments texts, by name; one of them is one process.

    python tests/benchmarks/augment_contenders.py NAME DATA

Prints a line of JSON: texts, CPU seconds, the share of texts that changed and of characters that differ. `rate` sets
curate to what nlpaug does by default (up to 30 % of the words, at least one), so that no one does less.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

N_TEXTS = 10_000
PASSES = 3


class Planned(NamedTuple):
    """The rows that a plan adds, not read yet."""

    adds: list[Any]

    def texts(self, given: Sequence[str]) -> list[str]:
        """The text of each row's variant; its own where it has none."""
        made = dict(enumerate(given))
        for table in self.adds:
            parents = table.column("parents").combine_chunks().flatten().to_pylist()
            made.update(zip(parents, table.column("text").to_pylist(), strict=True))
        return list(made.values())


Augment = Callable[[Sequence[str]], Sequence[str] | Planned]


@dataclass(frozen=True)
class Contender:
    """Something that augments texts.

    Attributes:
        load: makes the function that gives a text for each text.
        against: the contender it is compared with.
        environment: the name of the environment that it needs; None: this one.
        n_texts: how many texts it is given.
    """

    load: Callable[[], Augment]
    against: str = ""
    environment: str | None = None
    n_texts: int = N_TEXTS


def short_texts(data: Path, n: int = N_TEXTS) -> list[str]:
    """Half questions (TREC), half sentences of reviews (SST-2)."""
    questions = (data / "trec_raw" / "train_5500.label").read_text("latin-1").splitlines()
    reviews = (data / "sst2" / "train.tsv").read_text("utf-8").splitlines()
    half = n // 2
    return [line.split(" ", 1)[1] for line in questions[:half]] + [line.rsplit("\t", 1)[0] for line in reviews[:half]]


def texts(name: str, **settings: Any) -> Callable[[], Augment]:
    """One of curate's augmenters, texts to texts: what it plans for a column, without rows."""

    def load() -> Augment:
        from curate import registry
        from curate.core.random import StepRandom
        from curate.data.rows import BATCH_ROWS
        from curate.kernels.protected import protected_spans, suspects
        from curate.kernels.replacing import replaced

        transform = registry.get("transforms", name)(**settings)
        transform.setup()

        def batch(given: Sequence[str], start: int) -> list[str]:
            draws = StepRandom(0, name).draws(range(start, start + len(given)))
            guarded: list[Sequence[tuple[int, int]]] = [()] * len(given)
            for at in suspects(given):
                guarded[at] = protected_spans(given[at])
            said = transform.variants(given, guarded, draws)
            return [
                text if isinstance(variant, str) else replaced(text, variant.replacements)
                for text, variant in zip(given, said, strict=True)
            ]

        def augment(given: Sequence[str]) -> Sequence[str]:
            starts = range(0, len(given), BATCH_ROWS)
            return [text for at in starts for text in batch(given[at : at + BATCH_ROWS], at)]

        return augment

    return load


def plan(name: str, **settings: Any) -> Callable[[], Augment]:
    """One of curate's augmenters as a run has it: batches of rows to edits, with what each row changed."""

    def load() -> Augment:
        import numpy as np
        import pyarrow as pa

        from curate import registry
        from curate.core.random import StepRandom
        from curate.data.roles import Roles
        from curate.data.rows import BATCH_ROWS, Batch

        transform = registry.get("transforms", name)(**settings)
        transform.setup()

        def augment(given: Sequence[str]) -> Planned:
            rows = pa.record_batch({"text": pa.array(given, pa.string())})
            batch = Batch(rows, np.arange(len(given), dtype=np.uint64), Roles(text="text"))
            random = StepRandom(0, name)
            starts = range(0, len(given), BATCH_ROWS)
            return Planned([transform.plan(batch.slice(at, BATCH_ROWS), random).adds for at in starts])

        return augment

    return load


def nlpaug(path: str, **settings: Any) -> Callable[[], Augment]:
    """One of nlpaug's augmenters, with all texts at once."""

    def load() -> Augment:
        module, _, name = path.partition(":")
        augmenter = getattr(importlib.import_module(f"nlpaug.augmenter.{module}"), name)(**settings)

        def augment(given: Sequence[str]) -> Sequence[str]:
            said: Sequence[str] = augmenter.augment(list(given))
            return said

        return augment

    return load


def textattack(name: str) -> Callable[[], Augment]:
    """One of TextAttack's augmenters, with all texts at once."""

    def load() -> Augment:
        augmenter = getattr(importlib.import_module("textattack.augmentation"), name)()

        def augment(given: Sequence[str]) -> Sequence[str]:
            return [many[0] for many in augmenter.augment_many(list(given))]

        return augment

    return load


RATE = {"max_rate": 0.3}
ANY_SENSE = {"min_sense_share": 0, "min_count": 0}
"""Without the gates, so that as much is replaced as nlpaug replaces."""
CONTENDERS = {
    "nlpaug keyboard": Contender(nlpaug("char:KeyboardAug")),
    "curate keyboard texts": Contender(texts("augment.keyboard", **RATE), "nlpaug keyboard"),
    "curate keyboard plan": Contender(plan("augment.keyboard", **RATE), "nlpaug keyboard"),
    "nlpaug random character": Contender(nlpaug("char:RandomCharAug", action="swap")),
    "curate typo texts": Contender(texts("augment.typo", **RATE), "nlpaug random character"),
    "curate typo plan": Contender(plan("augment.typo", **RATE), "nlpaug random character"),
    "nlpaug ocr": Contender(nlpaug("char:OcrAug")),
    "curate ocr texts": Contender(texts("augment.ocr", **RATE), "nlpaug ocr"),
    "curate ocr plan": Contender(plan("augment.ocr", **RATE), "nlpaug ocr"),
    "curate homoglyph plan": Contender(plan("augment.homoglyph", **RATE), "nlpaug keyboard"),
    "curate case plan": Contender(plan("augment.case", **RATE), "nlpaug keyboard"),
    "curate spacing plan": Contender(plan("augment.spacing"), "nlpaug random character"),
    "curate aeda plan": Contender(plan("augment.aeda"), "nlpaug random character"),
    "nlpaug synonym": Contender(nlpaug("word:SynonymAug"), environment="nlpaug", n_texts=2_000),
    "curate synonym texts": Contender(texts("augment.synonym"), "nlpaug synonym"),
    "curate synonym plan": Contender(plan("augment.synonym"), "nlpaug synonym"),
    "curate synonym any texts": Contender(texts("augment.synonym", **ANY_SENSE), "nlpaug synonym"),
    "curate synonym any plan": Contender(plan("augment.synonym", **ANY_SENSE), "nlpaug synonym"),
    "curate antonym plan": Contender(plan("augment.antonym", keep_label=True), "nlpaug synonym"),
    "curate eda texts": Contender(texts("augment.eda"), "textattack eda"),
    "curate eda plan": Contender(plan("augment.eda"), "textattack eda"),
    "textattack synonym": Contender(textattack("WordNetAugmenter"), environment="textattack", n_texts=300),
    "textattack eda": Contender(textattack("EasyDataAugmenter"), environment="textattack", n_texts=300),
    "textattack characters": Contender(textattack("CharSwapAugmenter"), environment="textattack", n_texts=300),
}
WORDS = re.compile(r"\b(?:eda|synonym|antonym)\b")
GROUPS: dict[str, list[str]] = {
    "characters": [name for name in CONTENDERS if not WORDS.search(name)],
    "words": [name for name in CONTENDERS if WORDS.search(name)],
}


def main() -> None:
    """Augment all texts `PASSES` times, the fastest counts: the first of a process waits for memory."""
    name, data = sys.argv[1], Path(sys.argv[2])
    contender = CONTENDERS[name]
    given = short_texts(data)[:: N_TEXTS // contender.n_texts]
    augment = contender.load()
    cpu_s = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        said = augment(given)
        cpu_s = min(cpu_s, time.process_time() - began)
    texts_said = said.texts(given) if isinstance(said, Planned) else said
    pairs = list(zip(given, texts_said, strict=True))
    some = pairs[:: max(1, len(pairs) // 500)]
    alike = sum(SequenceMatcher(None, old, new, autojunk=False).ratio() for old, new in some)
    told = {
        "n_texts": len(given),
        "cpu_s": cpu_s,
        "changed": sum(old != new for old, new in pairs) / len(pairs),
        "edited": 1 - alike / len(some),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
