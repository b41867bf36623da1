"""Other words for a word: what every source of them promises, and the source that is a user's own table.

WordNet is another source (`curate.kernels.synonyms_wordnet`); `curate.kernels.substitution` finds the words of a text
that a source knows, and augmenters put the others there.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from curate.errors import InputError
from curate.kernels.word_context import NEGATIONS, NEGATIONS_ELSEWHERE

Option = tuple[str, float]
"""A word that may stand there instead, in the same inflection, and how sure that is, in [0, 1]."""

HINT = 'two columns without a header in csv or tsv, "word" and "other word", or a JSON object {"word": ["other word"]}'


_TURNING = (NEGATIONS | NEGATIONS_ELSEWHERE) - {"sin", "personne"}
"""What no table may replace; English "sin" and a French "personne" are nouns that have synonyms, too."""


class SynonymSource(Protocol):
    """Where other words for a word come from.

    A source is asked for every word of every text, so it must answer from a dictionary once it has seen a word. Answers
    depend on what is asked and nothing else, and their order is fixed. Words come in lower case where their capital
    says nothing (at the start of a sentence, in a text of capitals) and as they stand elsewhere: a source that holds
    words in lower case therefore never touches a name in the middle of a sentence.

    Attributes:
        revision: a digest of all it reads; it becomes part of the identity of what is computed.
    """

    revision: str

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        """What may stand for a word between its neighbours.

        Args:
            word: the word; letters, with apostrophes or hyphens inside.
            before: the word before, in lower case; empty where something other than space lies between.
            after: the word after, alike.
        """
        ...


class TableSource:
    """A table of other words, each as likely as the next.

    Args:
        table: for each word its others; words as they are written in lower case, unless always written otherwise. A
            function word may be replaced, as its owner says so; a negation may not, as the label would stay.

    Raises:
        InputError: a word of the table is a negation.

    Example:
        >>> TableSource({"film": ["movie", "picture"]}).options("film", "the", "")
        (('movie', 1.0), ('picture', 1.0))
    """

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        turning = sorted(word for word in table if word.lower().replace("’", "'") in _TURNING)
        if turning:
            raise InputError(
                f"the table replaces negations ({', '.join(turning[:5])}), which would turn the meaning round and keep "
                "the label",
                hint="leave them out; augment.negation and augment.antonym turn the label, too",
            )
        found = {
            word: tuple(dict.fromkeys(other for other in others if other != word)) for word, others in table.items()
        }
        self._options = {word: tuple((other, 1.0) for other in others) for word, others in sorted(found.items())}
        self.revision = hashlib.blake2b(json.dumps(sorted(found.items())).encode(), digest_size=16).hexdigest()

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        return self._options.get(word, ())


def read_table(path: str) -> dict[str, tuple[str, ...]]:
    """A table of words from a file: `.csv` or `.tsv` (a word and others in a row, several rows per word), or `.json`.

    Raises:
        InputError: there is no such file, it is of another kind, or it holds no pair of words.
    """
    file = Path(path)
    readers = {".csv": _delimited, ".tsv": _delimited, ".json": _object}
    if file.suffix.lower() not in readers:
        raise InputError(f"{path!r} is no .csv, .tsv or .json file", hint=HINT)
    try:
        pairs = readers[file.suffix.lower()](file)
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise InputError(f"the table of words {path!r} cannot be read: {error}", hint=HINT) from error
    table: dict[str, dict[str, None]] = {}
    for word, other in pairs:
        if word and other:
            table.setdefault(word, {})[other] = None
    if not table:
        raise InputError(f"the table of words {path!r} holds no pair of words", hint=HINT)
    return {word: tuple(others) for word, others in table.items()}


def _delimited(file: Path) -> Iterable[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t" if file.suffix.lower() == ".tsv" else ","))
    return [(row[0].strip(), other.strip()) for row in rows if row for other in row[1:]]


def _object(file: Path) -> Iterable[tuple[str, str]]:
    said: Any = json.loads(file.read_text("utf-8-sig"))
    if not isinstance(said, dict):
        raise InputError(f"{str(file)!r} holds no JSON object", hint=HINT)
    pairs = [(word, [others] if isinstance(others, str) else others) for word, others in said.items()]
    if not all(isinstance(others, list) and all(isinstance(one, str) for one in others) for _, others in pairs):
        raise InputError(f"{str(file)!r} holds other words that are no text", hint=HINT)
    return [(word.strip(), other.strip()) for word, others in pairs for other in others]
