"""The files of `ctranslate2`: a model of transformers converted once, and kept whole or not at all.

A conversion is written beside where it will stand and renamed, so a killed one is never taken for a model. Its name is
the digest of the model, of how its weights are written and of the package's version.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xxhash

from curate.errors import InputError
from curate.kernels.translators.seq2seq_files import digest_of, loaded
from curate.optional import require

_KEPT = "ctranslate2"
_WORK = ".new-"
_ABANDONED_S = 86_400.0
_CANNOT = (AttributeError, KeyError, NotImplementedError, RuntimeError, ValueError)


def is_converted(model: str) -> bool:
    """Whether it is a folder in the format of CTranslate2.

    Example:
        >>> is_converted("Helsinki-NLP/opus-mt-en-es")
        False
    """
    return (Path(model) / "model.bin").is_file()


@contextmanager
def conversion(
    model: str, revision: str | None, by: str, *, download: bool, quantization: str, folder: Path | None
) -> Iterator[Path]:
    """The folder of a converted model, for as long as the context lasts.

    Args:
        model: a folder, or a name on the Hub; one that is converted already is taken as it is.
        revision: a commit, tag or branch on the Hub.
        by: what needs it, for errors.
        download: whether it may be fetched.
        quantization: how its weights are written, as CTranslate2 calls it.
        folder: where conversions are kept; None: this one is removed at the end.

    Raises:
        InputError: the model cannot be loaded or converted, or the disk is full.
        MissingExtra: a package is not installed.
    """
    if is_converted(model):
        yield Path(model)
        return
    if folder is not None:
        known = f"{digest_of(model, revision, by, download=download)} {quantization} {version('ctranslate2')}"
        place = folder / _KEPT / xxhash.xxh3_128_hexdigest(known.encode())
        if not place.is_dir():
            with _new(place.parent) as work:
                _convert(model, revision, by, download, quantization, work)
                _put(work, place)
        yield place
        return
    with _new(None) as work:
        _convert(model, revision, by, download, quantization, work)
        yield work


@contextmanager
def _new(parent: Path | None) -> Iterator[Path]:
    """A folder that is not there yet, in a temporary one; what killed processes left a day ago or more is removed."""
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
            for left in parent.glob(f"{_WORK}*"):
                with suppress(FileNotFoundError):
                    if time.time() - left.stat().st_mtime > _ABANDONED_S:
                        shutil.rmtree(left, ignore_errors=True)
        work = TemporaryDirectory(prefix=_WORK, dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise _cannot_write(parent, error) from error
    with work as inside:
        yield Path(inside) / "whole"


def _put(work: Path, place: Path) -> None:
    try:
        os.rename(work, place)
    except OSError as error:
        if not place.is_dir():  # else another process was first
            raise _cannot_write(place.parent, error) from error


def _convert(model: str, revision: str | None, by: str, download: bool, quantization: str, to: Path) -> None:
    """Write a model of transformers in the format of CTranslate2."""
    tokenizer, made = loaded(model, revision, by, download=download, dtype="float32", device="cpu")
    package = require("ctranslate2.converters", extra="ctranslate2", by=by)
    with TemporaryDirectory(prefix="curate-", ignore_cleanup_errors=True) as folder:
        made.config.save_pretrained(folder)
        converter = package.TransformersConverter(folder)
        converter.load_model = lambda *_, **__: made  # its own loading knows neither commits nor `download`
        converter.load_tokenizer = lambda *_, **__: _AllTokens(tokenizer, made.config.vocab_size)
        try:
            converter.convert(str(to), quantization=quantization)
        except OSError as error:
            raise _cannot_write(to.parent, error) from error
        except _CANNOT as error:
            said = str(error).splitlines() or [type(error).__name__]
            raise InputError(
                f"{by}: CTranslate2 cannot convert {model!r} ({said[0][:160]})",
                hint="take a Marian, M2M-100 or NLLB model, or the backend marian",
            ) from error


class _AllTokens:
    """A tokenizer whose vocabulary holds the languages of M2M-100 too, which transformers 5 leaves out of it."""

    def __init__(self, tokenizer: Any, n: int) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = {**tokenizer.get_vocab(), **(getattr(tokenizer, "lang_token_to_id", None) or {})}
        self.num_madeup_words = n - len(self._vocabulary)

    def get_vocab(self) -> dict[str, int]:
        return self._vocabulary

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


def _cannot_write(place: Path | None, error: OSError) -> InputError:
    where = place or "the temporary folder"
    return InputError(f"cannot write to {where}: {error.strerror or error}", hint="free space or set CURATE_CACHE")
