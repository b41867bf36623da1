"""Synonyms from the files of WordNet (`data.noun`, `data.verb`, `data.adj`, `data.adv`), where a machine has them.

Only words with one sense are given synonyms, so none is taken in a sense that was not meant. Format: wndb(5WN) of
WordNet 3.0 (Fellbaum 1998, "WordNet: An Electronic Lexical Database").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from curate.errors import CurateError

PARTS = ("noun", "verb", "adj", "adv")
_PLAIN = re.compile(r"[a-z]+")


def single_sense_synonyms(folder: Path) -> dict[str, list[str]]:
    """The other words of its one set of synonyms, for each word that stands in exactly one; all in lower case.

    Args:
        folder: where the four files are, such as `/usr/share/wordnet`.

    Raises:
        CurateError: a file is not there or is none of WordNet's.
    """
    sets: dict[str, list[list[str]]] = {}
    for part in PARTS:
        for words in _synonym_sets(folder / f"data.{part}"):
            for word in words:
                sets.setdefault(word, []).append(words)
    found: dict[str, list[str]] = {}
    for word, every in sets.items():
        others = [other for other in every[0] if other != word and _PLAIN.fullmatch(other)]
        if len(every) == 1 and others and _PLAIN.fullmatch(word):
            found[word] = others
    return found


def _synonym_sets(path: Path) -> Iterator[list[str]]:
    """The words of each line: offset, file number, kind, number of words (hexadecimal), then each word and its id."""
    if not path.is_file():
        raise CurateError(f"{path} is not there", hint="name the folder with WordNet's data.noun and the other three")
    with path.open(encoding="latin-1") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("  "):
                continue
            fields = line.split(" ")
            try:
                words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            except (IndexError, ValueError):
                raise CurateError(f"{path} line {number} is no line of WordNet", hint="see wndb(5WN)") from None
            yield list(dict.fromkeys(word.lower().split("(")[0] for word in words))
