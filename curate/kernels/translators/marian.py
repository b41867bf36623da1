"""`marian`: neural translation with transformers: Marian models of a pair, M2M-100 and NLLB of many languages.

Junczys-Dowmunt et al. 2018, "Marian"; Fan et al. 2021, M2M-100; NLLB Team 2022. A batch has one of a few shapes, which
each text's own length decides, so that a translation does not depend on the texts beside it; texts that end at about
the same time stand together. Samples are drawn by the Gumbel-max trick (Maddison et al. 2014), from a stream of each
text's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from curate.kernels.threads import in_turn
from curate.kernels.torch_device import plain_torch, torch_device
from curate.kernels.translators.sampling import GumbelDraws
from curate.kernels.translators.seq2seq import Seq2Seq, most_said, shape_of, token_rows
from curate.kernels.translators.seq2seq_files import identity_of, loaded, prepare
from curate.kernels.translators.translator import Pair, Translating, Translation

if TYPE_CHECKING:
    import torch

_BY = "the translator 'marian'"
_SEED_OF_DRAW = 0x9E3779B97F4A7C15


class Marian(Seq2Seq):
    """A sequence-to-sequence model, computed by transformers.

    Attributes:
        decode: `beam`, the likeliest translations; `sample`, drawn ones.
        temperature: of the draws; below 1 nearer to the likeliest.
        top_k: draw only among so many likeliest tokens.
        precision: of the weights.
        device: `auto` takes a GPU where torch finds one.
    """

    name: ClassVar[str] = "marian"
    version: ClassVar[str] = "2"
    uncounted: ClassVar[frozenset[str]] = Seq2Seq.uncounted | {"device"}

    decode: Literal["beam", "sample"] = "beam"
    temperature: float = Field(1.0, gt=0, le=10)
    top_k: int = Field(50, ge=1, le=1000)
    precision: Literal["float32", "bfloat16"] = "float32"
    device: str = "auto"

    @property
    def draws(self) -> bool:
        return self.decode == "sample"

    @property
    def most(self) -> int | None:
        return None if self.draws else self.beams

    def identity(self, pair: Pair) -> str:
        return identity_of(self.named(pair), self.revision, self.device, _BY, download=self.download)

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        model, device = self.named(pair), torch_device(self.device, _BY)
        tokenizer, made = loaded(model, self.revision, _BY, download=self.download, dtype=self.precision, device=device)
        prefix, first = prepare(tokenizer, pair, model, _BY)
        return _Loaded(self, tokenizer, made, prefix, first)


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A model in memory, with what stands before a text and the first token that it says."""

    settings: Marian
    tokenizer: Any
    model: Any
    prefix: str
    first: int | None

    @property
    def room(self) -> int:
        """Tokens of a text at most."""
        reads = getattr(self.model.config, "max_position_embeddings", None)
        return min(reads or self.settings.max_tokens, self.settings.max_tokens)

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        self.settings.check_n(n, _BY)
        draws = n if self.settings.draws else 1
        rows = token_rows(self.tokenizer, self.prefix, texts)
        jobs = [
            (row, (seeds[at] + draw * _SEED_OF_DRAW) % (1 << 64))
            for at, row in enumerate(rows)
            for draw in range(draws)
        ]
        said: list[list[str]] = [[] for _ in jobs]
        batches = list(self._batches(jobs))
        threads = None if self.model.device.type == "cpu" else 1

        def work(number: int) -> list[list[str]]:
            return self._generated([jobs[at] for at in batches[number]], n // draws)

        for numbers, made in zip(batches, in_turn(work, len(batches), threads, around=plain_torch), strict=True):
            for at, own in zip(numbers, made, strict=True):
                said[at] = own
        return [
            [Translation(" ".join(one.split())) for draw in range(draws) for one in said[at * draws + draw]]
            for at in range(len(texts))
        ]

    def _batches(self, jobs: Sequence[tuple[list[int], int]]) -> Iterator[list[int]]:
        """The jobs, by their numbers, that stand in one batch: those of one shape, the longest first.

        So a batch that is not full, where rows are spent on nothing, is that of the shortest texts of its shape.
        """
        by_shape: dict[int, list[int]] = {}
        for at, (row, _) in enumerate(jobs):
            if len(row) <= self.room:
                by_shape.setdefault(shape_of(len(row), self.room), []).append(at)
        n = self.settings.batch_rows
        for _, alike in sorted(by_shape.items(), reverse=True):
            alike.sort(key=lambda at: -len(jobs[at][0]))
            yield from (alike[low : low + n] for low in range(0, len(alike), n))

    def _generated(self, jobs: Sequence[tuple[list[int], int]], n: int) -> list[list[str]]:
        """So many translations of each text of a batch, which is filled up to its shape with its last text."""
        import torch

        settings = self.settings
        filled = [*jobs, *[jobs[-1]] * (settings.batch_rows - len(jobs))]
        length = shape_of(len(jobs[0][0]), self.room)
        ids, mask = _padded([row for row, _ in filled], length, self.tokenizer.pad_token_id)
        processors = [GumbelDraws([seed for _, seed in filled], settings.temperature, settings.top_k)]
        options = {
            "num_beams": 1 if settings.draws else settings.beams,
            "num_return_sequences": n,
            "do_sample": False,
            "max_new_tokens": most_said(length, self.room),
            "logits_processor": processors if settings.draws else [],
            "max_length": None,
        }
        if self.first is not None:
            options["forced_bos_token_id"] = self.first
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=ids.to(self.model.device), attention_mask=mask.to(self.model.device), **options
            )
        rows = [[token for token in row if token != self.first] for row in made[: len(jobs) * n].tolist()]
        texts = self.tokenizer.batch_decode(rows, skip_special_tokens=True)
        return [texts[at * n : (at + 1) * n] for at in range(len(jobs))]


def _padded(rows: Sequence[list[int]], length: int, pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask, shape (rows, length), padded on the right."""
    import torch

    ids = torch.full((len(rows), length), pad_id)
    mask = torch.zeros((len(rows), length), dtype=torch.int64)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = 1
    return ids, mask
