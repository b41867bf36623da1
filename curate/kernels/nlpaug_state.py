"""nlpaug's augmenters (https://github.com/makcedward/nlpaug), made by name, and run so that a key decides every draw.

nlpaug draws from the global generators of `random` and numpy; here they are seeded before each text and put back behind
the last one, so that nobody else's draws change. Used by `augment.nlpaug`.
"""

from __future__ import annotations

import inspect
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from textwrap import shorten
from typing import Any

import numpy as np

from curate.errors import CurateError, UnknownName, did_you_mean
from curate.optional import require

_BY = "augment.nlpaug"
_SEE = "see the documentation of nlpaug"
_INSTEAD = {"SynonymAug": "take augment.synonym", "AntonymAug": "take augment.antonym"}
_FAMILIES = ("char", "word", "sentence")
_TRIAL = "The quick brown fox jumps over the lazy dog, and nobody minds it very much."


def nlpaug_version() -> str:
    """The version of nlpaug that is installed."""
    require("nlpaug", extra="nlp", by=_BY)
    return version("nlpaug")


def load_augmenter(name: str, settings: Mapping[str, Any]) -> Any:
    """One of nlpaug's text augmenters, tried on a sentence.

    Args:
        name: its class, as `KeyboardAug`.
        settings: its keyword arguments.

    Raises:
        MissingExtra: nlpaug is not installed.
        UnknownName: nlpaug has no such augmenter.
        CurateError: it cannot be made with these settings, or fails on a plain sentence (a model that is not there);
            data of nltk is not there, which nlpaug would download.
    """
    found = {name: kind for family in _FAMILIES for name, kind in _classes(family).items()}
    if name not in found:
        raise UnknownName(f"nlpaug has no augmenter {name!r}", hint=did_you_mean(name, found))
    try:
        with _nothing_downloaded(name), global_state_kept():
            made = found[name](**settings)
            _ordered(made)
            augmented(made, _TRIAL, 0)
    except CurateError:
        raise
    except Exception as error:  # whatever a peer raises, its user must hear of it in one line
        told = str(error).strip("* \n")
        said = shorten(f"{type(error).__name__}: {told}", 160, placeholder=" …")
        raise CurateError(f"nlpaug's {name} does not work here: {said}", hint=_INSTEAD.get(name, _SEE)) from error
    return made


def _classes(family: str) -> dict[str, Any]:
    module = require(f"nlpaug.augmenter.{family}", extra="nlp", by=_BY)
    return {
        name: kind
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if name.endswith("Aug") or name.startswith("ContextualWordEmbs")
    }


@contextmanager
def _nothing_downloaded(name: str) -> Iterator[None]:
    """Let nlpaug's calls of `nltk.download` fail within the block; `name` is the augmenter, for the error.

    nlpaug calls it where data is missing, and it prints; nltk is loaded with nlpaug, if it is installed.
    """
    nltk: Any = sys.modules.get("nltk")
    if nltk is None:
        yield
        return

    def refuse(data: str, *_: Any, **__: Any) -> None:
        wanted = re.search(r"Resource\W+(?:\[93m)?(\w+)", str(sys.exc_info()[1]))  # the name that this nltk has for it
        data = wanted[1] if wanted else data
        instead = f", or {_INSTEAD[name]}" if name in _INSTEAD else ""
        raise CurateError(
            f"nlpaug's {name} needs nltk's data {data!r}, which is not there, and nothing is downloaded here",
            hint=f"python -m nltk.downloader {data}{instead}",
        )

    download, nltk.download = nltk.download, refuse
    try:
        yield
    finally:
        nltk.download = download


def _ordered(augmenter: Any) -> None:
    """Sort the lists that nlpaug makes of sets (its misspellings), which another process has in another order."""
    table = getattr(getattr(augmenter, "model", None), "dict", None)
    if isinstance(table, dict) and all(isinstance(words, list) for words in table.values()):
        for words in table.values():
            words.sort()


def augmented(augmenter: Any, text: str, seed: int) -> str | None:
    """What an augmenter makes of one text; None where it makes nothing. Leaves the global generators drawn from.

    Args:
        augmenter: from `load_augmenter`.
        text: any text.
        seed: in [0, 2**32).
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - nlpaug draws from it
    made: str | Sequence[Any] | None = augmenter.augment(text)
    if isinstance(made, str) or made is None:
        return made
    return made[0] if len(made) and isinstance(made[0], str) else None


@contextmanager
def global_state_kept() -> Iterator[None]:
    """Put the states of the global generators back behind the block.

    Example:
        >>> before = random.getstate()
        >>> with global_state_kept():
        ...     _ = random.random()
        >>> random.getstate() == before
        True
    """
    plain, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(numpy_state)  # noqa: NPY002
