"""Texts that a model learns from: a source the user names, or texts given in the settings themselves.

The signals `perplexity`, `quality` and `toxicity` read them. What they are trained on goes into their identity by
content; of a large source a part is taken that depends on the texts and not on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from glob import glob
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.errors import InputError
from curate.io.loading import load
from curate.kernels.hashing import hash_texts

Source = str | tuple[str, ...]
Stamps = tuple[tuple[str, int, int], ...]
Taken = Callable[[NDArray[np.uint64]], NDArray[np.bool_]]

_ROWS = 1 << 14


def opened(source: str, text: str | None = None, label: str | None = None) -> Corpus:
    """A source of the user's as a corpus; read again only where a file of it has changed.

    Raises:
        InputError: there is no such source, or it has no text.
    """
    return _opened(source, text, label, _stamps(source))


@lru_cache(maxsize=8)
def _opened(source: str, text: str | None, label: str | None, stamps: Stamps) -> Corpus:
    corpus = load(source, text=text, label=label)
    if not corpus.roles.text:
        raise InputError(f"{source} has no text column that can be told", hint="name it with the setting for its text")
    return corpus


def _stamps(source: str) -> Stamps:
    """Size and time of change of each file of a source on disk; of one on the Hub, nothing."""
    path = Path(source).expanduser()
    if path.is_dir():
        files = [found for found in path.rglob("*") if found.is_file()]
    else:
        named = [path] if path.exists() else map(Path, glob(str(path)))
        files = [found for found in named if found.is_file()]
    return tuple((str(found), found.stat().st_size, found.stat().st_mtime_ns) for found in sorted(files))


def content(source: Source, text: str | None = None) -> str:
    """What a source holds, as a digest."""
    if isinstance(source, tuple):
        return digest("texts", list(source))
    corpus = opened(source, text)
    return digest("source", corpus.fingerprint, list(corpus.roles.text))


def texts_of(source: Source, text: str | None = None, *, max_bytes: int, max_rows: int | None = None) -> list[str]:
    """The texts of a source, or a part of them; see `sampled`.

    Raises:
        InputError: there is no text.
    """
    if isinstance(source, tuple):
        found = [one for one in source if one.strip()]
    else:
        found = sampled(opened(source, text), max_bytes, max_rows)
    if not found:
        said = "the list of texts" if isinstance(source, tuple) else source
        raise InputError(f"{said} holds no text to learn from", hint="give a file, a folder or a Hub id with texts")
    return found


def sampled(corpus: Corpus, max_bytes: int, max_rows: int | None = None, taken: Taken | None = None) -> list[str]:
    """The texts of a corpus in the order of their hashes, as many as the bounds allow; at least one.

    Args:
        corpus: rows with a text; null and blank ones are left out.
        max_bytes: of UTF-8, together.
        max_rows: texts; None for any number. Equal texts are taken together.
        taken: which texts count, by their hashes.

    Example:
        >>> import pyarrow as pa
        >>> sorted(sampled(Corpus.from_table(pa.table({"text": ["a", " ", None, "b"]})), 1000))
        ['a', 'b']
    """
    keys, sizes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for found, texts in _hashed(corpus, taken):
        keys.append(found)
        sizes.append(np.array([len(text.encode("utf-8", "replace")) for text in texts], np.int64))
    key, size = np.concatenate(keys), np.concatenate(sizes)
    if not key.size:
        return []
    order = np.argsort(key, kind="stable")
    room = int(np.searchsorted(np.cumsum(size[order]), max_bytes, side="right"))
    last = key[order[max(1, min(room, key.size if max_rows is None else max_rows)) - 1]]
    kept: list[tuple[int, str]] = []
    for found, texts in _hashed(corpus, taken):
        kept += [(one, text) for one, text in zip(found.tolist(), texts, strict=True) if one <= last]
    return [text for _, text in sorted(kept)]


def _hashed(corpus: Corpus, taken: Taken | None) -> Iterator[tuple[NDArray[np.uint64], list[str]]]:
    for batch in corpus.batches(_ROWS):
        texts = [text for text in batch.texts() if text is not None and text.strip()]
        keys = hash_texts(texts)
        if taken is not None:
            here = taken(keys)
            keys, texts = keys[here], [texts[at] for at in np.flatnonzero(here).tolist()]
        yield keys, texts
