"""Lists of words that a recipe gives, or names by a file: what `filter.stop_words` and `filter.flagged_words` share.

A file is read where a step first needs it, and its content is part of the identity of what is computed with it.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pyarrow as pa

from curate.core.signals import RowSignal
from curate.data.digest import digest
from curate.data.rows import Batch
from curate.errors import InputError
from curate.kernels.phrases import Phrases

WordList = str | tuple[str, ...]
"""A list of words and phrases, or the path of a text file with one on each line."""


def read_words(words: WordList) -> tuple[str, ...]:
    """The words of a list; of a file its lines, without blank ones and without those that begin with "# ".

    Raises:
        InputError: there is no such file, or it is not UTF-8 text.

    Example:
        >>> read_words(("one", "two words"))
        ('one', 'two words')
    """
    if not isinstance(words, str):
        return words
    try:
        lines = Path(words).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the word list {words!r} cannot be read: {error}", hint="give a UTF-8 text file with one word a line"
        ) from error
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))


class ListedWords(RowSignal):
    """The share of the words of a text that stand in a list; null for a text without words."""

    def listed(self) -> tuple[str, ...]:
        """The words and phrases that count."""
        raise NotImplementedError

    @cached_property
    def _words(self) -> tuple[str, ...]:
        """Read once, so that what is computed is what `revision` names, even where the file changes meanwhile."""
        return self.listed()

    def revision(self) -> str:
        return digest("word list", list(self._words))

    @cached_property
    def _phrases(self) -> Phrases:
        phrases = Phrases.of(self._words)
        if not phrases.n:
            raise InputError(f"the word list of {self.name} holds no word", hint="list words or phrases of letters")
        return phrases

    def setup(self) -> None:
        _ = self._phrases

    def values(self, batch: Batch) -> pa.Array:
        return self._phrases.share(batch.text_array()).fraction()
