"""Hashes of texts as arrays of integers: the same on every machine, in every process, for every order of the rows.

XXH3 (https://github.com/Cyan4973/xxHash); for finding equal texts and for keyed draws, not against an adversary.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xxhash

U64 = npt.NDArray[np.uint64]

_NULL = b"\xff"  # no text is written so in UTF-8


def hash_texts(texts: Iterable[str | None], seed: int = 0) -> U64:
    """64-bit hash of each text, shape (n,); a null has its own.

    Enough to tell a few million texts apart: among n of them any two agree by chance with probability n²/2**65.

    Args:
        texts: any strings; lone surrogates are allowed.
        seed: in [0, 2**64); another seed, another hash.

    Example:
        >>> hash_texts(["a", "a", None]).tolist() == hash_texts(iter(["a", "a", None])).tolist()
        True
        >>> hash_texts(["curate"]).tolist()
        [3015964719795544293]
    """
    digest = xxhash.xxh3_64_intdigest
    return np.fromiter((digest(_bytes(text), seed) for text in texts), dtype=np.uint64)


def hash_texts_128(texts: Iterable[str | None], seed: int = 0) -> U64:
    """128-bit hash of each text as two integers, shape (n, 2): equal hashes mean equal texts for any number of rows.

    Example:
        >>> hash_texts_128(["a", "b"]).shape
        (2, 2)
    """
    digest = xxhash.xxh3_128_digest
    joined = b"".join([digest(_bytes(text), seed) for text in texts])
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2)


def _bytes(text: str | None) -> bytes:
    return _NULL if text is None else text.encode("utf-8", "surrogatepass")
