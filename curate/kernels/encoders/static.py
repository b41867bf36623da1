"""`static`: a model2vec model, one vector for each token and their mean for a text. Fast on any CPU; needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from curate.kernels.encoders.encoder import Encoder, Encoding, Matrix
from curate.kernels.encoders.model_files import loadable, model_revision
from curate.optional import require

_BY = "the encoder 'static'"


class Static(Encoder):
    """A static model of model2vec (Tulkens and van Dongen 2024): texts are alike whose tokens mean the same.

    The whole of a text counts, however long it is; the order of its words does not.

    Attributes:
        model: a folder, or the name of a model on the Hub.
        revision: a commit, tag or branch on the Hub.
    """

    name: ClassVar[str] = "static"
    version: ClassVar[str] = "1"

    model: str
    revision: str | None = None

    def identity(self) -> str:
        return model_revision(self.model, self.revision, _BY)

    def said(self) -> str:
        return f"{self.model} ({self.identity()})"

    def fit(self, texts: Sequence[str]) -> Encoding:
        """Load the model; there is nothing to learn."""
        return _loaded(self.model, self.revision, _BY)


def token_encoding(folder: str, by: str) -> tuple[list[str], Encoding]:
    """The tokens of a model in a folder, in its order, and its encoding, which has a vector for each.

    Args:
        folder: where the model is.
        by: who asks, for errors.

    Raises:
        InputError: there is no model that loads.
        MissingExtra: model2vec is not installed.
    """
    loaded = _loaded(folder, None, by)
    return list(loaded.model.tokens), loaded


def _loaded(model: str, revision: str | None, by: str) -> _Loaded:
    package = require("model2vec", extra="static", by=by)
    with loadable(model, by):
        folder = model if Path(model).is_dir() else _fetched(model, model_revision(model, revision, by))
        return _Loaded(package.StaticModel.from_pretrained(folder, max_length=None, force_download=False))


def _fetched(model: str, commit: str) -> str:
    from huggingface_hub import snapshot_download

    return snapshot_download(model, revision=commit)


@dataclass(frozen=True, eq=False)
class _Loaded:
    model: Any

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not len(texts):
            return np.zeros((0, self.model.dim), np.float32)
        return np.asarray(self.model.encode(list(texts), use_multiprocessing=False), dtype=np.float32)
