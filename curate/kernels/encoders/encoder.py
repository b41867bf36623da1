"""What an encoder is: texts in, one vector each out. Plugins add theirs by the entry point group `curate.encoders`.

The signal `embedding` and learners on frozen embeddings ask for one by its registry name. The settings of an encoder
and its `identity` make the fingerprint, so that cached vectors are never those of another model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ValidationError

from curate import registry
from curate.errors import CurateError, did_you_mean, in_plain_words

Matrix = NDArray[np.float32]
_BESIDE = ("model", "revision", "device")


def _shortest(given: Any) -> Any:
    """A mapping that holds a name alone as the name."""
    return given["name"] if isinstance(given, Mapping) and list(given) == ["name"] else given


EncoderSpec = Annotated[str | dict[str, Any], BeforeValidator(_shortest)]
"""A registry name, or a mapping with `name` and settings of that encoder; its model and device stand beside it."""


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
    spec: EncoderSpec, model: str | None = None, revision: str | None = None, device: str = "auto", **settings: Any
) -> Encoder:
    """The encoder of a registry name, with a model where it has one.

    Args:
        spec: the name, or a mapping with `name` and settings of that encoder.
        model: a folder, or a name on the Hub.
        revision: of a model on the Hub.
        device: where a model runs.
        settings: further settings.

    Raises:
        UnknownName: no encoder has that name.
        CurateError: it needs a model and none is given, or has none; or a setting is wrong.

    Example:
        >>> encoder_named("hashed", n_dimensions=64).said()
        'hashed n-grams, 64 dimensions'
        >>> encoder_named({"name": "hashed", "n_dimensions": 64}).said()
        'hashed n-grams, 64 dimensions'
    """
    name, settings = _read(spec, settings)
    kind: type[Encoder] = registry.get("encoders", name)
    given = {key: value for key, value in (("model", model), ("revision", revision)) if value is not None}
    if "device" in kind.model_fields:
        settings["device"] = device
    try:
        return kind(**given, **settings)
    except ValidationError as error:
        raise _fault(error, kind, [*given, "device"]) from error


def _read(spec: EncoderSpec, settings: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the settings in a spec, beside those given already."""
    if isinstance(spec, str):
        return spec, settings
    told = dict(spec)
    name = told.pop("name", None)
    if not isinstance(name, str):
        raise CurateError(f"an encoder without a name: {spec}", hint="encoder: {name: terms, SETTING: VALUE}")
    beside = [key for key in _BESIDE if key in told]
    if beside:
        raise CurateError(
            f"the encoder {name!r} holds {' and '.join(beside)}, which belongs beside 'encoder'",
            hint=f"{beside[0]}={told[beside[0]]}, or {beside[0]}: {told[beside[0]]} in a file",
        )
    return name, {**told, **settings}


def _fault(error: ValidationError, kind: type[Encoder], given: Sequence[str]) -> CurateError:
    """The first fault in one line, and what to type instead; settings in `given` have no nearest name."""
    fault = error.errors()[0]
    field = ".".join(map(str, fault["loc"]))
    said, hint = f"{field}: {in_plain_words(fault['msg'])}", f"curate show {kind.name} tells its settings"
    if fault["type"] == "missing":
        said = f"it needs the setting {field!r}"
        hint = "the path of a model's folder, or a name on the Hub" if field == "model" else hint
    elif fault["type"] == "extra_forbidden" and field not in given:
        said, hint = f"there is no setting {field!r}", did_you_mean(field, kind.model_fields)
    return CurateError(f"the encoder {kind.name!r}: {said}", hint=hint)
