"""Tokenizers: how many tokens a text has, and where they begin. Loaded by path or by name on the Hub.

Reads the `tokenizer.json` that nearly every model brings along, with the `tokenizers` package: no torch. Special tokens
are not counted, and what such a file says of truncation and padding is put aside: it would hide how long texts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from curate.errors import InputError
from curate.optional import require

I64 = NDArray[np.int64]
FILE = "tokenizer.json"


class Tokenizer:
    """A loaded tokenizer.

    Args:
        made: of the `tokenizers` package.
        revision: names its content.
    """

    def __init__(self, made: Any, revision: str) -> None:
        made.no_truncation()
        made.no_padding()
        self._made, self.revision = made, revision

    def counts(self, texts: Sequence[str | None]) -> I64:
        """Tokens of each text; a null has none; shape (n_texts,)."""
        found = self._made.encode_batch_fast([text or "" for text in texts], add_special_tokens=False)
        return np.fromiter((len(one) for one in found), np.int64, len(texts))

    def starts(self, text: str) -> I64:
        """The character at which each token begins, ascending, shape (n_tokens,)."""
        offsets = self._made.encode(text, add_special_tokens=False).offsets
        return np.maximum.accumulate(np.array([start for start, _ in offsets], np.int64))


def tokenizer(name: str, by: str) -> Tokenizer:
    """The tokenizer of a name.

    Args:
        name: a `tokenizer.json`, a model's folder with one, or a model on the Hub.
        by: who asks, for the error.

    Raises:
        InputError: there is no such tokenizer.
        MissingExtra: the package `tokenizers` is not installed.
    """
    path = Path(name).expanduser()
    path = path / FILE if path.is_dir() else path
    if path.is_file():
        stat = path.stat()
        return _of_file(path, by, stat.st_size, stat.st_mtime_ns)
    if name.count("/") > 1 or name.startswith((".", "/", "~")) or name.endswith(".json") or Path(name).is_dir():
        raise InputError(f"{by}: there is no {path}", hint=f"give a {FILE}, a folder with one, or a name on the Hub")
    return _of_hub(name, by)


@lru_cache(maxsize=4)
def _of_file(path: Path, by: str, size: int, time: int) -> Tokenizer:
    """Read again only where size or time of change are others."""
    content = path.read_bytes()
    library = require("tokenizers", extra="transformers", by=by)
    try:
        made = library.Tokenizer.from_buffer(content)
    except Exception as error:  # it raises nothing more special
        raise _unusable(str(path), by, error) from error
    return Tokenizer(made, xxhash.xxh3_128_hexdigest(content))


@lru_cache(maxsize=4)
def _of_hub(name: str, by: str) -> Tokenizer:
    library = require("tokenizers", extra="transformers", by=by)
    try:
        made = library.Tokenizer.from_pretrained(name)
    except Exception as error:  # it raises nothing more special
        raise _unusable(name, by, error) from error
    return Tokenizer(made, xxhash.xxh3_128_hexdigest(made.to_str().encode()))


def _unusable(name: str, by: str, error: Exception) -> InputError:
    said = (str(error).splitlines() or [type(error).__name__])[0][:160]
    return InputError(f"{by}: no tokenizer can be had from {name!r} ({said})", hint=f"give a {FILE} or its folder")
