"""Texts that a model learns from: a source the user names, or texts given in the settings themselves.

The signals `perplexity`, `quality` and `toxicity` read them. What they are trained on goes into their identity by
content; of a large source a part is taken that depends on the texts and not on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.errors import InputError
from curate.io.loading import load
from curate.kernels.hashing import hash_texts

Source = str | tuple[str, ...]

_ROWS = 1 << 14


def opened(source: str, text: str | None = None, label: str | None = None) -> Corpus:
    """A source of the user's as a corpus; read again only where its file has changed.

    Raises:
        InputError: there is no such source, or it has no text.
    """
    path = Path(source).expanduser()
    stamp = (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else None
    if stamp is None:
        return _loaded(source, text, label)
    return _loaded_file(source, text, label, stamp)


@lru_cache(maxsize=8)
def _loaded_file(source: str, text: str | None, label: str | None, stamp: tuple[int, int]) -> Corpus:
    return _loaded(source, text, label)


def _loaded(source: str, text: str | None, label: str | None) -> Corpus:
    corpus = load(source, text=text, label=label)
    if not corpus.roles.text:
        raise InputError(f"{source} has no text column that can be told", hint="name it with the setting for its text")
    return corpus


def content(source: Source, text: str | None = None) -> str:
    """What a source holds, as a digest."""
    if isinstance(source, tuple):
        return digest("texts", list(source))
    corpus = opened(source, text)
    return digest("source", corpus.fingerprint, list(corpus.roles.text))


def texts_of(source: Source, text: str | None = None, *, max_bytes: int) -> list[str]:
    """The texts of a source, or as many of them as `max_bytes` of UTF-8 hold.

    Raises:
        InputError: there is no text.
    """
    if isinstance(source, tuple):
        found = [one for one in source if one.strip()]
    else:
        found = sampled(opened(source, text), max_bytes)
    if not found:
        said = "the list of texts" if isinstance(source, tuple) else source
        raise InputError(f"{said} holds no text to learn from", hint="give a file, a folder or a Hub id with texts")
    return found


def sampled(
    corpus: Corpus, max_bytes: int, taken: Callable[[NDArray[np.uint64]], NDArray[np.bool_]] | None = None
) -> list[str]:
    """The texts of a corpus in the order of their hashes, as many as `max_bytes` hold; at least one.

    Args:
        corpus: rows with a text; null and blank ones are left out.
        max_bytes: of UTF-8, together.
        taken: which texts count, by their hashes.

    Example:
        >>> import pyarrow as pa
        >>> sorted(sampled(Corpus.from_table(pa.table({"text": ["a", " ", None, "b"]})), 1000))
        ['a', 'b']
    """
    hashes, sizes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for keys, texts in _hashed(corpus, taken):
        hashes.append(keys)
        sizes.append(np.array([len(text.encode("utf-8", "replace")) for text in texts], np.int64))
    order = np.sort(np.concatenate(hashes))
    if not order.size:
        return []
    running = np.cumsum(np.concatenate(sizes)[np.argsort(np.concatenate(hashes), kind="stable")])
    last = order[min(order.size, max(1, int(np.searchsorted(running, max_bytes, side="right")))) - 1]
    found = [
        (key, text)
        for keys, texts in _hashed(corpus, taken)
        for key, text in zip(keys, texts, strict=True)
        if key <= last
    ]
    return [text for _, text in sorted(found)]


def _hashed(
    corpus: Corpus, taken: Callable[[NDArray[np.uint64]], NDArray[np.bool_]] | None
) -> Iterator[tuple[NDArray[np.uint64], list[str]]]:
    for batch in corpus.batches(_ROWS):
        texts = [text for text in batch.texts() if text is not None and text.strip()]
        keys = hash_texts(texts)
        if taken is not None:
            here = taken(keys)
            keys, texts = keys[here], [texts[at] for at in np.flatnonzero(here).tolist()]
        yield keys, texts
