"""`sentence`: any sentence-transformers model (Reimers and Gurevych 2019), from a folder or the Hub.

Encoding costs about a hundred times what comparing does. So: texts of one length together, small batches on a CPU, and
bfloat16 weights where the CPU multiplies them in hardware. A text longer than the model reads is cut in pieces, and
their vectors averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from curate.kernels.encoders.encoder import Encoder, Encoding, Matrix
from curate.kernels.encoders.model_files import loadable, model_revision
from curate.kernels.encoders.token_batches import batches_of, rows_of
from curate.kernels.threads import in_turn
from curate.kernels.torch_device import cpu_has_bfloat16, plain_torch, torch_device
from curate.optional import require

_BY = "the encoder 'sentence'"
_CHUNK_TEXTS = 20_000
_TOKENIZED_TEXTS = 64


class Sentence(Encoder):
    """A sentence-transformers model: texts are alike that mean the same, as far as it was trained to see that.

    Attributes:
        model: a folder, or the name of a model on the Hub.
        revision: a commit, tag or branch on the Hub.
        precision: of the weights; `auto` takes bfloat16 on a GPU and on a CPU that multiplies it in hardware.
        device: `auto` takes a GPU where torch finds one.
        batch_rows: texts at once; null for 16 on a CPU and 256 on a GPU.
    """

    name: ClassVar[str] = "sentence"
    version: ClassVar[str] = "2"
    uncounted: ClassVar[frozenset[str]] = frozenset({"device", "batch_rows"})
    slow: ClassVar[bool] = True

    model: str
    revision: str | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: str = "auto"
    batch_rows: int | None = Field(None, ge=1)

    def identity(self) -> str:
        return f"{model_revision(self.model, self.revision, _BY)} {self._precision()}"

    def said(self) -> str:
        return f"{self.model} ({self.identity()}); a text longer than it reads is encoded in pieces, then averaged"

    def _precision(self) -> str:
        require("torch", extra="transformers", by=_BY)
        if self.precision != "auto":
            return self.precision
        fast = torch_device(self.device, _BY).type == "cuda" or cpu_has_bfloat16()
        return "bfloat16" if fast else "float32"

    def fit(self, texts: Sequence[str]) -> Encoding:
        """Load the model; there is nothing to learn."""
        package = require("sentence_transformers", extra="transformers", by=_BY)
        torch = require("torch", extra="transformers", by=_BY)
        device = torch_device(self.device, _BY)
        commit = model_revision(self.model, self.revision, _BY)
        options = {"dtype": getattr(torch, self._precision())}
        local = Path(self.model).is_dir()
        with _silent(), loadable(self.model, _BY):
            made = package.SentenceTransformer(
                self.model, revision=None if local else commit, device=str(device), model_kwargs=options
            )
        made.eval()
        return _Loaded(made, self.batch_rows or (256 if device.type == "cuda" else 16))


@contextmanager
def _silent() -> Iterator[None]:
    """No progress bar while weights are read."""
    logging = require("transformers.utils.logging", extra="transformers", by=_BY)
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A model in memory, and how many texts it takes at once."""

    model: Any
    batch_rows: int

    def encode(self, texts: Sequence[str]) -> Matrix:
        made = np.zeros((len(texts), self.model.get_embedding_dimension()), np.float32)
        for low in range(0, len(texts), _CHUNK_TEXTS):
            chunk = [text.encode("utf-8", "replace").decode() for text in texts[low : low + _CHUNK_TEXTS]]
            pieces, of, weights = _pieces(chunk, self.model.tokenizer, self.model.max_seq_length)
            vectors = self._encode(pieces)
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            np.add.at(made, low + of, vectors * weights[:, None])
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)
        return made

    def _encode(self, texts: list[str]) -> Matrix:
        """Batches of one length and shape, so that a vector depends on its text alone; on a CPU one on each core."""
        import torch

        tokenizer, device = self.model.tokenizer, self.model.device
        rows = [row for low in range(0, len(texts), _TOKENIZED_TEXTS) for row in self._tokens(texts, low)]
        left = getattr(tokenizer, "padding_side", "right") == "left"
        batches = list(batches_of(rows, self.batch_rows, tokenizer.pad_token_id or 0, left=left))

        def work(number: int) -> Matrix:
            features = {name: value.to(device) for name, value in batches[number][1].items()}
            with torch.inference_mode():
                return np.asarray(self.model(features)["sentence_embedding"].float().cpu().numpy())

        made = np.zeros((len(texts), self.model.get_embedding_dimension()), np.float32)
        threads = None if device.type == "cpu" else 1
        for (numbers, _), vectors in zip(
            batches, in_turn(work, len(batches), threads, around=plain_torch), strict=True
        ):
            made[numbers] = vectors[: len(numbers)]
        return made

    def _tokens(self, texts: list[str], low: int) -> Iterator[dict[str, Any]]:
        prompt = self.model.prompts.get(self.model.default_prompt_name)
        return rows_of(self.model.preprocess(texts[low : low + _TOKENIZED_TEXTS], prompt=prompt))


def _pieces(texts: Sequence[str], tokenizer: Any, most: int | None) -> tuple[list[str], NDArray[np.int64], Matrix]:
    """The texts cut where the model would stop reading: the pieces, the text of each, and how many tokens it has."""
    room = None if most is None else most - tokenizer.num_special_tokens_to_add()
    pieces, of, weights = [], [], []
    for at, text in enumerate(texts):
        if room is None or len(text) <= room or not tokenizer.is_fast:  # a token has a character at least
            found = [(text, 1)]
        else:
            found = _cut(
                text, tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False), room
            )
        pieces += [piece for piece, _ in found]
        weights += [weight for _, weight in found]
        of += [at] * len(found)
    return pieces, np.array(of, np.int64), np.array(weights, np.float32)


def _cut(text: str, tokens: Any, room: int) -> list[tuple[str, int]]:
    spans = tokens["offset_mapping"]
    if len(spans) <= room:
        return [(text, 1)]
    parts = [spans[low : low + room] for low in range(0, len(spans), room)]
    return [(text[part[0][0] : part[-1][1]], len(part)) for part in parts]
