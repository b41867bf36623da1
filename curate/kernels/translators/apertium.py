"""`apertium`: rules and dictionaries of the Apertium project, run as processes; offline, without weights.

Forcada et al., "Apertium: a free/open-source platform for rule-based machine translation", Machine Translation 25,
2011. Its programs and data are under the GPL: they are called where the machine has them and never part of curate.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import xxhash
from pydantic import Field

from curate.errors import CurateError
from curate.kernels.language_codes import code_of
from curate.kernels.translators.apertium_process import Pipeline, stages_of
from curate.kernels.translators.apertium_stream import read, written
from curate.kernels.translators.translator import Pair, Translating, Translation, Translator

_I = re.compile(r"(?<![^\s(\"'])i(?![^\s,.;:!?)\"'])")
_FOLDERS = ("/usr/share/apertium", "/usr/local/share/apertium")
_DEBIAN = """
    afr-nld arg-cat bel-rus br-fr cat-ita cat-srd dan-nor en-gl eng-cat eng-spa eo-ca eo-en eo-es eo-fr es-gl es-pt
    es-ro eu-en eu-es fr-es fra-cat fra-frp hbs-eng hbs-mkd hbs-slv ind-zlm isl-eng isl-swe mkd-bul mkd-eng nno-nob
    oc-ca oc-es oci-fra pol-szl por-cat pt-gl rus-ukr spa-arg spa-ast spa-cat spa-ita srd-ita swe-dan swe-nor urd-hin
""".split()


class Apertium(Translator):
    """Apertium's programs, with the data of the pairs that are installed.

    Attributes:
        folder: where the data lie, with a folder `modes`; `APERTIUM_DATADIR` or where packages put them unless given.
        max_s: seconds that one program may take for one lot of texts.
    """

    name: ClassVar[str] = "apertium"
    version: ClassVar[str] = "2"
    uncounted: ClassVar[frozenset[str]] = frozenset({"folder", "max_s"})

    folder: str | None = None
    max_s: float = Field(600.0, gt=0)

    def identity(self, pair: Pair) -> str:
        stages = stages_of(self._mode(pair).read_text())
        files = [path for stage in stages for word in stage if (path := _file(word)) is not None]
        stamps = tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
        return f"{_digest(stamps)} {xxhash.xxh3_64_hexdigest(json.dumps(_named(stages)).encode())}"

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        mode = self._mode(pair)
        return _Ready(Pipeline(mode.stem, stages_of(mode.read_text()), self.max_s), code_of(pair.source) == "en")

    def _mode(self, pair: Pair) -> Path:
        """The file of the mode for a pair; of several the plainest."""
        found = [path for path in self._modes() if _codes(path.stem) == (code_of(pair.source), code_of(pair.target))]
        if found and shutil.which("lt-proc"):
            return min(found, key=lambda path: (len(path.stem), path.stem))
        package = next((name for name in _DEBIAN if set(_codes(name)) == set(map(code_of, pair))), None)
        lacking = "data" if shutil.which("lt-proc") else "no programs and no data"
        hint = (
            f"apt-get install apertium apertium-{package}" if package else "apt-cache search apertium tells the pairs"
        )
        raise CurateError(f"apertium has no {lacking} for {pair}".replace("no no", "no"), hint=hint)

    def _modes(self) -> list[Path]:
        given = self.folder or os.environ.get("APERTIUM_DATADIR")
        folders = (given,) if given else _FOLDERS
        return [path for folder in folders for path in sorted(Path(folder, "modes").glob("*.mode"))]


@dataclass(frozen=True, eq=False)
class _Ready:
    """A mode whose programs and data are there; `english` knows no word "i" but "I"."""

    pipeline: Pipeline
    english: bool

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        spelt = [_I.sub("I", text) for text in texts] if self.english else texts
        said = self.pipeline.run([written(text) for text in spelt])
        return [[read(one, text)] for one, text in zip(said, texts, strict=True)]


def _codes(mode: str) -> tuple[str | None, str | None]:
    source, _, target = mode.partition("-")
    return code_of(source), code_of(target)


def _named(stages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Programs with their options; of a file its name alone, wherever it lies."""
    return [[Path(word).name if "/" in word else word for word in stage] for stage in stages]


def _file(word: str) -> Path | None:
    """The file that a word of a mode names: data, or a program."""
    path = Path(word)
    if path.is_file():
        return path
    program = shutil.which(word) if "/" not in word and not word.startswith("-") else None
    return Path(program) if program else None


@lru_cache(maxsize=16)
def _digest(stamps: tuple[tuple[str, int, int], ...]) -> str:
    """Of the names and bytes of the programs and data; read again only where a size or a time of change is another."""
    state = xxhash.xxh3_128()
    for path, _, _ in stamps:
        state.update(Path(path).name.encode("utf-8", "surrogateescape"))
        state.update(Path(path).read_bytes())
    return state.hexdigest()
