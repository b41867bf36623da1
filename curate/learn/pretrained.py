"""A pretrained model from a folder or the Hub: its tokenizer, its body without a head, and how many tokens it reads.

Nothing is fetched unless asked for. One path for encoders and decoders, as a new head needs nothing but the states of
the last layer (https://huggingface.co/docs/transformers).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import InputError
from curate.kernels.encoders.model_files import loadable, model_revision
from curate.learn.strategies import seeded
from curate.optional import require

if TYPE_CHECKING:
    from torch import nn

_UNBOUNDED = 1 << 20
_FEWEST = 3  # a token between two special ones
_AT_ONCE = 4096  # texts; bounds the memory


@dataclass(frozen=True)
class Source:
    """Which model: a folder, or a name on the Hub with a commit.

    Attributes:
        model: the folder or the name.
        commit: of the Hub; None for a folder.
        digest: of the folder's files; the commit for a model of the Hub.
        download: whether what is missing may be fetched.
        by: who asks, for errors.
    """

    model: str
    commit: str | None
    digest: str
    download: bool
    by: str

    @classmethod
    def of(cls, model: str, revision: str | None, *, download: bool, by: str) -> Source:
        """Look it up; the Hub is asked only where `download` allows it.

        Raises:
            InputError: it is no folder, and neither in the cache of the Hub nor may it be fetched.
            MissingExtra: transformers is not installed.
        """
        require("transformers", extra="transformers", by=by)
        if Path(model).is_dir() or download:
            digest = model_revision(model, revision, by)
        else:
            digest = _cached(model, revision, by)
        return cls(model, None if Path(model).is_dir() else digest, digest, download, by)

    def said(self) -> str:
        """The model and its revision."""
        return f"{self.model} ({self.digest})"

    def options(self) -> dict[str, Any]:
        """What `from_pretrained` is told."""
        where: dict[str, Any] = {} if self.commit is None else {"revision": self.commit}
        return {**where, "local_files_only": self.commit is None or not self.download}


def _cached(model: str, revision: str | None, by: str) -> str:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(model, "config.json", revision=revision)
    except HFValidationError:
        found = None
    if not isinstance(found, str):
        raise InputError(
            f"{by}: {model!r} is no folder and not in the cache of the Hub",
            hint="download: true fetches it; or give the path of a model's folder",
        )
    return Path(found).parent.name


@lru_cache(maxsize=4)
def tokenizer_of(source: Source) -> Any:
    """The tokenizer of a model.

    Raises:
        InputError: it cannot be loaded.
    """
    transformers = require("transformers", extra="transformers", by=source.by)
    with quiet(), loadable(source.model, source.by):
        return transformers.AutoTokenizer.from_pretrained(source.model, **source.options())


def body_of(source: Source, dropout: float | None, seed: int) -> nn.Module:
    """The model without a head, in float32; weights that the files lack are drawn by the seed.

    Args:
        source: which.
        dropout: instead of every dropout of the model's own; None leaves them.
        seed: of weights that are drawn.

    Raises:
        InputError: it cannot be loaded.
    """
    import torch

    transformers = require("transformers", extra="transformers", by=source.by)
    with quiet(), loadable(source.model, source.by), seeded(seed, "model"):
        config = transformers.AutoConfig.from_pretrained(source.model, **source.options())
        configure(config, dropout)
        body = transformers.AutoModel.from_pretrained(
            source.model, config=config, dtype=torch.float32, **source.options()
        )
    if config.is_encoder_decoder:
        body = body.get_encoder()
    if "add_pooling_layer" in inspect.signature(type(body).__init__).parameters:
        body.pooler = None  # weights that no pooling of ours reads
    return body  # type: ignore[no-any-return]


def configure(config: Any, dropout: float | None) -> None:
    """Every dropout of a model's configuration as given; no cache of keys and values."""
    config.use_cache = False
    for name, value in list(config.to_dict().items()):
        if dropout is not None and ("dropout" in name or name.endswith("pdrop")) and isinstance(value, float):
            setattr(config, name, dropout)


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bar and no warning of weights without a use while a model is read."""
    logging = require("transformers.utils.logging", extra="transformers", by="a pretrained model")
    level, shown = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()


def reads_ahead(body: nn.Module) -> bool:
    """Whether the state of a token depends on those after it: an encoder's does, a decoder's does not."""
    import torch

    body.eval()
    with torch.inference_mode():
        states = body(input_ids=torch.tensor([[1, 2, 3], [1, 2, 4]])).last_hidden_state
    return not torch.equal(states[0, 0], states[1, 0])


def _positions(body: nn.Module) -> int:
    """How many tokens a model reads; RoBERTa and its kin count positions from that of padding on."""
    most = getattr(body.config, "max_position_embeddings", None) or _UNBOUNDED
    table = getattr(getattr(body, "embeddings", None), "position_embeddings", None)
    unused = getattr(table, "padding_idx", None)
    return int(most - (0 if unused is None else unused + 1))


@dataclass(frozen=True, eq=False)
class Tokens:
    """Texts as token ids.

    Attributes:
        rows: of each text, int32, at least one id.
        n_truncated: texts that are longer than what is read of them.
    """

    rows: list[NDArray[np.int32]]
    n_truncated: int


@dataclass(frozen=True, eq=False)
class Reader:
    """A tokenizer, and how much of a text is read.

    Attributes:
        tokenizer: of transformers.
        most: tokens of a text, special ones included.
        filler: the id of places without a token; it is never read, so any serves where a tokenizer has none for it.
    """

    tokenizer: Any
    most: int
    filler: int

    @classmethod
    def of(cls, source: Source, body: nn.Module, max_tokens: int, n_virtual: int) -> Reader:
        """The reader for a model before which `n_virtual` learnt tokens stand.

        Raises:
            InputError: the tokenizer cannot be loaded, or the model has no room.
        """
        tokenizer = tokenizer_of(source)
        most = min(max_tokens, tokenizer.model_max_length, _positions(body) - n_virtual)
        if most < _FEWEST:
            raise InputError(
                f"{source.by}: {n_virtual} learnt tokens leave no room in a model of {_positions(body)} positions",
                hint="fewer n_tokens",
            )
        known = (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id, 0)
        return cls(tokenizer, most, next(each for each in known if each is not None))

    def read(self, texts: Sequence[str]) -> Tokens:
        """The first tokens of each text; one without any is a filler."""
        clean = [text.encode("utf-8", "replace").decode() for text in texts]  # tokenizers take no lone surrogates
        rows: list[list[int]] = []
        for low in range(0, len(clean), _AT_ONCE):
            rows += self.tokenizer(clean[low : low + _AT_ONCE], verbose=False)["input_ids"]
        long = [at for at, row in enumerate(rows) if len(row) > self.most]
        for at in long:
            rows[at] = self.tokenizer(clean[at], truncation=True, max_length=self.most)["input_ids"]
        return Tokens([np.array(row or [self.filler], np.int32) for row in rows], len(long))
