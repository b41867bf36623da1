"""Texts with their numbers or names masked: two texts that differ in nothing else are told apart from true duplicates.

The guard of the near-duplicate steps: `room 12 is free` and `room 14 is free` say different things, though almost every
shingle agrees. By the shape of the words alone, with no word list and no model, so it holds for every script that has
digits, or upper case.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.hashing import hash_texts
from curate.kernels.text import SPACES

Distinct = Literal["numbers", "names"]
U64 = npt.NDArray[np.uint64]

_NUMBER = r"\p{N}+(?:[.,:/'-]\p{N}+)*"
_NAME = r"(^|[^\p{L}\p{M}\p{N}_])\p{Lu}[\p{L}\p{M}\p{N}_'’-]*(?:[ ]\p{Lu}[\p{L}\p{M}\p{N}_'’-]*)*"


def masked_forms(texts: pa.Array, what: Collection[Distinct]) -> tuple[U64, U64]:
    """Hashes of each text with what is distinct masked, and of the text as it is: two arrays of shape (n,).

    Two texts differ only in what is masked where the first hashes are equal and the second are not. Case and the amount
    of white space never count. A number is a run of digits, with a separator between two of them; a name is a run of
    words that begin with an upper-case letter, so the first word of a sentence counts as one: the guard rather keeps a
    row too many.

    Args:
        texts: an Arrow array of strings; a null has a hash of its own.
        what: `numbers`, `names` or both.

    Example:
        >>> masked, raw = masked_forms(
        ...     pa.array(["Room 12 is free", "room 14  is free", "room 12 is taken"]), ["numbers"]
        ... )
        >>> (masked == masked[0]).tolist(), (raw == raw[0]).tolist()
        ([True, True, False], [True, False, False])
    """
    plain = pc.replace_substring_regex(texts.cast(pa.large_string()), rf"[{SPACES}]+", " ")
    masked = plain
    if "names" in what:
        masked = pc.replace_substring_regex(masked, _NAME, r"\1" + "\x01")
    if "numbers" in what:
        masked = pc.replace_substring_regex(masked, _NUMBER, "\x02")
    return _hashed(masked), _hashed(plain)


def _hashed(texts: pa.Array) -> U64:
    return hash_texts(pc.utf8_trim(pc.utf8_lower(texts), " ").to_pylist())
