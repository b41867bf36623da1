"""Word vectors of the user's, and the nearest words of each: GloVe, word2vec and fastText as text, model2vec.

Exact cosine similarity, computed for a block of words at a time when the first of them is asked for. Vectors that were
fitted to a thesaurus (Mrkšić et al., "Counter-fitting Word Vectors to Linguistic Constraints", NAACL 2016) have
synonyms near and antonyms far; plain ones have both near. Used by `curate.kernels.synonyms_embedding`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from curate.errors import InputError
from curate.kernels.encoders.model_files import model_revision
from curate.kernels.encoders.static import token_encoding
from curate.kernels.substitution import WORD
from curate.kernels.threads import one_thread_each

HINT = "a text file with a word and its numbers in each line (GloVe, word2vec, fastText .vec), or a model2vec folder"
_BLOCK_ROWS = 256
_BY = "word vectors"


@dataclass(eq=False)
class WordVectors:
    """Words with their vectors.

    Attributes:
        words: n words in lower case, the commonest first.
        vectors: shape (n, d), float32, each of length 1.
        revision: a digest of the file.

    Example:
        >>> vectors = WordVectors(["film", "movie", "tax"], np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32), "")
        >>> [word for word, similarity in vectors.nearest("film", 2)]
        ['movie', 'tax']
    """

    words: list[str]
    vectors: NDArray[np.float32]
    revision: str
    _blocks: dict[tuple[int, int], list[list[tuple[str, float]]]] = field(default_factory=dict, repr=False)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each word stands."""
        return {word: at for at, word in enumerate(self.words)}

    def nearest(self, word: str, n: int) -> list[tuple[str, float]]:
        """The `n` words nearest to a word, with their cosine similarity, nearest first; none of a word without vector.

        Equally near ones come in the order of the words; similarities are rounded to five places, so that no sum in
        another order tells them apart.
        """
        at = self.places.get(word)
        if at is None:
            return []
        block, row = divmod(at, _BLOCK_ROWS)
        if (block, n) not in self._blocks:
            self._blocks[block, n] = self._nearest(block * _BLOCK_ROWS, n)
        return self._blocks[block, n][row]

    @one_thread_each()
    def _nearest(self, start: int, n: int) -> list[list[tuple[str, float]]]:
        rows = np.arange(start, min(start + _BLOCK_ROWS, len(self.words)))
        alike = np.round(self.vectors[rows] @ self.vectors.T, 5)
        alike[np.arange(len(rows)), rows] = -2
        n = min(n, len(self.words) - 1)
        if n < 1:
            return [[] for _ in rows]
        least = -np.partition(-alike, n - 1, axis=1)[:, n - 1]
        found = []
        for row, bound in zip(alike, least, strict=True):
            near = np.flatnonzero(row >= bound)
            near = near[np.argsort(-row[near], kind="stable")[:n]]
            found.append([(self.words[at], round(float(row[at]), 5)) for at in near.tolist()])
        return found


def read_vectors(path: str, max_words: int) -> WordVectors:
    """The vectors of the first `max_words` words in lower case.

    Args:
        path: a text file, or the folder of a model2vec model.
        max_words: files list the commonest words first, so this is a floor on how common a word is.

    Raises:
        InputError: there is no such file, or it holds no word vectors.
        MissingExtra: a model2vec model is given, and model2vec is not installed.
    """
    place = Path(path).expanduser()
    if place.is_dir():
        return _vectors(path, max_words, model_revision(str(place), None, _BY))
    try:
        stamp = place.stat()
    except OSError as error:
        raise InputError(f"there are no word vectors at {path!r}", hint=HINT) from error
    return _vectors(path, max_words, _checksum(place, stamp.st_size, stamp.st_mtime_ns))


@lru_cache(maxsize=8)
def _checksum(place: Path, size: int, changed: int) -> str:
    state = xxhash.xxh3_128()
    with place.open("rb") as file:
        while block := file.read(1 << 20):
            state.update(block)
    return str(state.hexdigest())


@lru_cache(maxsize=2)
def _vectors(path: str, max_words: int, revision: str) -> WordVectors:
    place = Path(path).expanduser()
    words, vectors = _of_model(place) if place.is_dir() else _of_text(place, max_words)
    first: dict[str, int] = {}
    for at, word in enumerate(words):
        if word == word.lower() and WORD.fullmatch(word) and len(first) < max_words:
            first.setdefault(word, at)
    kept = vectors[list(first.values())] if first else np.zeros((0, 1), np.float32)
    lengths = np.linalg.norm(kept, axis=1)
    good = np.isfinite(lengths) & (lengths > 0)
    if not good.any():
        raise InputError(f"{path!r} holds no vectors of words in lower case", hint=HINT)
    told = [word for word, is_good in zip(first, good.tolist(), strict=True) if is_good]
    return WordVectors(told, np.ascontiguousarray(kept[good] / lengths[good, None], np.float32), revision)


def _of_text(place: Path, max_words: int) -> tuple[list[str], NDArray[np.float32]]:
    """Words and vectors of a text file; lines of another length are left out, as are words that are no UTF-8."""
    from pyarrow import csv

    with place.open("rb") as file:
        first, second = (file.readline().rstrip(b"\r\n").split(b" ") for _ in range(2))
    has_header = len(first) == 2
    fields = second if has_header else first
    names = [f"f{at}" for at in range(len(fields))]
    numbers = names[1:-1] if fields[-1] == b"" else names[1:]
    reading = csv.ReadOptions(skip_rows=int(has_header), column_names=names, block_size=1 << 24)
    parsing = csv.ParseOptions(
        delimiter=" ", quote_char=False, escape_char=False, invalid_row_handler=lambda row: "skip"
    )
    kinds = {names[0]: pa.binary(), **dict.fromkeys(names[1:], pa.float32())}
    converting = csv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=False)
    words: list[str] = []
    parts: list[NDArray[np.float32]] = []
    try:
        with csv.open_csv(place, reading, parsing, converting) as batches:
            for batch in batches:
                parts.append(np.stack([batch.column(name).to_numpy(zero_copy_only=False) for name in numbers], 1))
                words += [word.decode("utf-8", "replace") for word in batch.column(0).to_pylist()]
                if len(words) >= 3 * max_words:
                    break
    except (pa.ArrowInvalid, ValueError) as error:
        said = str(error).splitlines()[0][:120]
        raise InputError(f"{str(place)!r} holds no word vectors as text ({said})", hint=HINT) from error
    return words, np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)


def _of_model(place: Path) -> tuple[list[str], NDArray[np.float32]]:
    """The tokens of a model2vec model that are whole words."""
    tokens, encoding = token_encoding(str(place), _BY)
    marked = any(token.startswith(("▁", "Ġ")) for token in tokens)
    words = [token.lstrip("▁Ġ") if token.startswith(("▁", "Ġ")) or not marked else "" for token in tokens]
    return words, encoding.encode(words)
