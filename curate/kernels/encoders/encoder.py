"""What an encoder is: texts in, one vector each out. Plugins add theirs by the entry point group `curate.encoders`.

The signal `embedding` and learners on frozen embeddings ask for one by its registry name. The settings of an encoder
and its `identity` make the fingerprint, so that cached vectors are never those of another model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from curate import registry
from curate.errors import CurateError

Matrix = NDArray[np.float32]


class Encoding(Protocol):
    """An encoder that is ready: loaded, or fitted."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One finite vector for each text, shape (n, d); zero for a text it knows nothing about.

        The same texts in the same order give the same bytes. Rows need not have length 1.
        """
        ...


class Encoder(BaseModel, frozen=True, extra="forbid"):
    """What every encoder declares; its fields are its settings.

    Attributes:
        name: the registry name.
        version: raised whenever the same settings give other vectors.
        min_similarity: the cosine from which two texts mean the same, as measured for `dedup.semantic` (its guide says
            on what); None where nobody measured it.
        uncounted: settings that do not change the vectors.
        learns: whether `fit` learns from the texts; then `write` and `read` keep what it learnt. Else `fit` loads.
        slow: whether encoding costs so much that vectors are worth a place on disk.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    min_similarity: ClassVar[float | None] = None
    uncounted: ClassVar[frozenset[str]] = frozenset()
    learns: ClassVar[bool] = False
    slow: ClassVar[bool] = False

    def identity(self) -> str:
        """What it loads that no setting pins down: the commit or the digest of a model, the precision it runs in."""
        return ""

    def said(self) -> str:
        """How it encodes, in one line for a report."""
        raise NotImplementedError

    def fit(self, texts: Sequence[str]) -> Encoding:
        """Get ready to encode: learn from the texts, or load a model. The order and number of copies play no part."""
        raise NotImplementedError

    def write(self, encoding: Encoding, folder: Path) -> None:
        """Keep what `fit` learnt as files of a folder."""
        raise NotImplementedError

    def read(self, folder: Path) -> Encoding:
        """What `write` kept: gives the very same vectors."""
        raise NotImplementedError


def encoder_named(
    name: str, model: str | None = None, revision: str | None = None, device: str = "auto", **settings: Any
) -> Encoder:
    """The encoder of a registry name, with a model where it has one.

    Raises:
        UnknownName: no encoder has that name.
        CurateError: it needs a model and none is given, or has none.

    Example:
        >>> encoder_named("hashed", n_dimensions=64).said()
        'hashed n-grams, 64 dimensions'
    """
    kind: type[Encoder] = registry.get("encoders", name)
    given = {key: value for key, value in (("model", model), ("revision", revision)) if value is not None}
    if "device" in kind.model_fields:
        settings["device"] = device
    try:
        return kind(**given, **settings)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"]))
        said = f"it needs the setting {field!r}" if fault["type"] == "missing" else f"{field}: {fault['msg'].lower()}"
        lacking = fault["type"] == "missing" and field == "model"
        hint = (
            "the path of a model's folder, or a name on the Hub"
            if lacking
            else f"curate show {name} tells its settings"
        )
        raise CurateError(f"the encoder {name!r}: {said}", hint=hint) from error
