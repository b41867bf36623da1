"""The programs of a mode of Apertium, run one after the other over many texts at once.

A mode is a line of programs joined by pipes. Here each reads what the one before it wrote, texts apart by NUL, which
every one of them keeps (`-z`): then no text bleeds into the next, and it is known which of them failed.

Measured on Apertium 3.8.3: after a word whose class of ambiguity the model of `apertium-tagger -g` does not hold, that
tagger goes on otherwise for all texts that follow, 6 of 100 in a run over questions. It says so with `-d`; the texts
with such words (1 to 5 of 100) are tagged each by a process of its own, and the others, again, without them.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curate.errors import CurateError

_NEW_CLASS = re.compile(r"^Word '(.*)'\.$", re.MULTILINE)
_COHORT = re.compile(r"\^((?:[^/\\^$]|\\.)*)/")
_TAGGER = "apertium-tagger"
_OTHER_MODELS = {"-u", "--unigram", "-w", "--sliding-window", "-x", "--perceptron"}


def stages_of(mode: str) -> list[list[str]]:
    """The programs of a mode with their arguments; words that it does not know are marked.

    Example:
        >>> stages_of("lt-proc 'a b.bin' | apertium-tagger -g $2 x.prob | lt-proc $1 y.bin")
        [['lt-proc', 'a b.bin'], ['apertium-tagger', '-g', 'x.prob'], ['lt-proc', '-g', 'y.bin']]
    """
    given = {"$1": ["-g"], "$2": []}
    stages: list[list[str]] = [[]]
    for word in shlex.split(mode, comments=True):
        if word == "|":
            stages.append([])
        else:
            stages[-1] += given.get(word, [word])
    return stages


@dataclass(eq=False)
class Pipeline:
    """The programs of one mode.

    Attributes:
        mode: its name, for errors.
        stages: its programs with their arguments.
        max_s: seconds that one program may take for one lot of texts.
    """

    mode: str
    stages: Sequence[Sequence[str]]
    max_s: float
    _delicate: set[str] = field(default_factory=set)

    def run(self, texts: Sequence[str]) -> list[str]:
        """Each text after all programs.

        Raises:
            CurateError: a program cannot be started, dies, takes too long, or loses a text.
        """
        lots = [text.encode("utf-8", "replace") for text in texts]
        for stage in self.stages:
            hidden = stage[0] == _TAGGER and "-g" in stage and not _OTHER_MODELS & set(stage)
            lots = self._tagged(stage, lots) if hidden else self._passed(stage, lots)
        return [lot.decode("utf-8", "replace") for lot in lots]

    def _tagged(self, stage: Sequence[str], lots: list[bytes]) -> list[bytes]:
        """The tagger on all texts as on each by itself."""
        words = [{match.group(1) for match in _COHORT.finditer(lot.decode("utf-8", "replace"))} for lot in lots]
        while True:
            plain = [at for at, own in enumerate(words) if self._delicate.isdisjoint(own)]
            said, errors = self._call([*stage[:1], "-d", *stage[1:]], [lots[at] for at in plain])
            found = set(_NEW_CLASS.findall(errors)) - self._delicate
            if not found:
                break
            self._delicate |= found
            if not any(not found.isdisjoint(words[at]) for at in plain):
                raise CurateError(f"apertium {self.mode}: {stage[0]} speaks of words that no text holds")
        made = dict(zip(plain, said, strict=True))
        return [made[at] if at in made else self._passed(stage, [lot])[0] for at, lot in enumerate(lots)]

    def _passed(self, stage: Sequence[str], lots: list[bytes]) -> list[bytes]:
        return self._call(stage, lots)[0]

    def _call(self, stage: Sequence[str], lots: list[bytes]) -> tuple[list[bytes], str]:
        if not lots:
            return [], ""
        program = Path(stage[0]).name
        where = f"apertium {self.mode}: {program}"
        try:
            done = subprocess.run(
                [stage[0], "-z", *stage[1:]],
                input=b"".join(lot + b"\0" for lot in lots),
                capture_output=True,
                timeout=self.max_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CurateError(
                f"{where} took more than {self.max_s:g} s for {len(lots)} texts", hint="give a larger max_s"
            ) from error
        except OSError as error:
            raise CurateError(
                f"{where} cannot be started: {error.strerror}", hint="apt-get install apertium"
            ) from error
        errors = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
            told = f" ({errors.strip().splitlines()[-1][:160]})" if errors.strip() else ""
            raise CurateError(f"{where} died with {how} over {len(lots)} texts{told}", hint="apt-get install apertium")
        said = done.stdout.split(b"\0")
        if len(said) <= len(lots) or any(said[len(lots) :]):
            raise CurateError(f"{where} gave {len(said) - 1} texts for {len(lots)}")
        return said[: len(lots)], errors
