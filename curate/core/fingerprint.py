"""Identity: what a derived corpus or a cell is called, before it is made.

fingerprint = hash(input fingerprint, name, version, canonical config, seed, model revision). Never from pickled code,
never random.
Settings that do not count (batch size, device, workers) are no fields of a transform, or are declared in its
`uncounted`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.digest import digest

FORMAT = 2


def config(thing: Any) -> dict[str, Any]:
    """The settings of a transform, check or learner that count for its identity, as plain JSON values."""
    settings: dict[str, Any] = thing.model_dump(mode="json", exclude=set(getattr(thing, "uncounted", ())))
    return settings


def corpus_fingerprint(corpus: Corpus) -> str:
    """The identity of a corpus as input of a step: its content and the roles of its columns."""
    return digest("corpus", FORMAT, corpus.fingerprint, corpus.roles.model_dump(mode="json"))


def step_fingerprint(before: str, step: str, transform: Transform, seed: int, read: Sequence[Any] = ()) -> str:
    """The identity of the rows that come out of a step; `read` says what its signals were computed from.

    Example:
        >>> from curate.transforms.clean.whitespace import CleanWhitespace
        >>> one = step_fingerprint("ab", "s", CleanWhitespace(), 0)
        >>> one == step_fingerprint("ab", "s", CleanWhitespace(), 0) != step_fingerprint(
        ...     "ab", "s", CleanWhitespace(), 1
        ... )
        True
    """
    identity = [transform.name, transform.version, config(transform), transform.revision()]
    return digest("step", FORMAT, before, step, identity, seed, list(read))
