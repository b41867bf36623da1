"""What every step that asks a language model shares: its settings, its prompt, and answers that have been looked at.

Between `augment.paraphrase`, `augment.generate` and `curate.kernels.llm`: here a request is made of what a row says,
and an answer of it becomes texts or the reason why not. Answers are kept in a file, so the same file gives the same
bytes; a server that minds the seed gives them without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from curate.data.store import default_root
from curate.kernels.draws import Draws
from curate.kernels.language_codes import code_of
from curate.kernels.llm.answer_store import gaps_in
from curate.kernels.llm.chat import REFUSALS, Answer, Request
from curate.kernels.llm.client import Client, client_of
from curate.kernels.llm.faults import FAULTS, Bounds, faults
from curate.kernels.llm.prompts import Prompt, prompt_of
from curate.kernels.llm.server import Server
from curate.kernels.llm.structured import fields_of, schema_of, whole_of

Choices = Annotated[tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
"""One text or several, of which one is drawn for each request."""

Written = Mapping[str, str]
"""What a model wrote: a text for each field."""


@dataclass(frozen=True)
class Ask:
    """One thing to be written.

    Attributes:
        values: what the prompt is filled in with.
        seeds: the texts it is made from, with which it is compared.
        draws: its own stream of draws: its attributes, then a seed for each attempt.
    """

    values: Mapping[str, Any]
    seeds: Sequence[str]
    draws: Draws


class Asking(Server, frozen=True, extra="forbid"):
    """A step that asks a language model and looks at every answer.

    Attributes:
        prompt: the user's own template (Jinja, a file); None: the one of this step.
        attempts: how often in all a text is asked for that fails a check, each time with another seed.
        style: how it is to be written ("as a tweet"); of several one is drawn for each text.
        length: how long it is to be ("one short sentence"); of several one is drawn for each text.
        language: the code of the language it must be in; None: that of the texts it is made from.
        min_length_ratio: its least characters, in those of the shortest text it is made from.
        max_length_ratio: its most characters, in those of the longest text it is made from.
        min_distance: its least distance from each text it is made from, 0 to 1: the share of their runs of three
            characters that only one of the two has.
    """

    own_prompt: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    refusals: ClassVar[Mapping[str, str]] = {**REFUSALS, **FAULTS}
    uncounted: ClassVar[frozenset[str]] = Server.UNCOUNTED | {"prompt"}

    prompt: str | None = None
    attempts: int = Field(1, ge=1, le=20)
    style: Choices = ()
    length: Choices = ()
    language: str | None = None
    min_length_ratio: float = Field(0.5, ge=0)
    max_length_ratio: float = Field(2.0, gt=0)
    min_distance: float = Field(0.1, ge=0, le=1)

    @field_validator("language")
    @classmethod
    def _is_language(cls, language: str | None) -> str | None:
        if language is not None and code_of(language) is None:
            raise ValueError(f"{language!r} is no code of a language that can be told, such as en")
        return language

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        if self.min_length_ratio > self.max_length_ratio:
            raise ValueError("min_length_ratio is above max_length_ratio")
        return self

    def revision(self) -> str:
        """The prompt, and how many requests are still without an answer: then a new run asks them again."""
        gaps = gaps_in(self._answers(), self.server().purse())
        return f"prompt {self._prompt().digest}" + (f", {gaps} gaps" if gaps else "")

    def setup(self) -> None:
        self._prompt()
        self._client().begin()

    def bounds(self) -> Bounds:
        """What an answer must keep to."""
        language = code_of(self.language) if self.language else None
        return Bounds(self.min_length_ratio, self.max_length_ratio, self.min_distance, language=language or "")

    def controls(self, draws: Draws) -> dict[str, str]:
        """One of the given styles and lengths; empty where none is given."""
        return {"style": one_of(self.style, draws), "length": one_of(self.length, draws)}

    def written(self, asks: Sequence[Ask], fields: tuple[str, ...]) -> list[Written | str]:
        """What the model wrote for each, or the reason why nothing of it can be used.

        Args:
            asks: what is to be written.
            fields: the fields of each answer.
        """
        prompt = self._prompt()
        found: list[Written | str] = [""] * len(asks)
        left = list(range(len(asks)))
        for _ in range(self.attempts):
            if not left:
                break
            some = [asks[at] for at in left]
            for at, said in zip(left, self._looked_at(some, self._asked(some, prompt, fields), fields), strict=True):
                found[at] = said
            left = [at for at in left if isinstance(one := found[at], str) and one in FAULTS]
        return found

    def _asked(self, asks: Sequence[Ask], prompt: Prompt, fields: tuple[str, ...]) -> list[Answer | str]:
        schema = schema_of(fields) if self.json_answers else ""
        requests = []
        for ask in asks:
            system, user = prompt.render(json=self.json_answers, language=self.language or "", **ask.values)
            requests.append(Request(user, system, ask.draws.bits() >> 33, schema))
        return self._client().ask(requests)

    def _looked_at(
        self, asks: Sequence[Ask], answers: Sequence[Answer | str], fields: tuple[str, ...]
    ) -> list[Written | str]:
        read = [answer if isinstance(answer, str) else self._read(answer, fields) for answer in answers]
        whole = {place: one for place, one in enumerate(read) if not isinstance(one, str)}
        texts = ["\n".join(one.values()) for one in whole.values()]
        told = faults(texts, [asks[place].seeds for place in whole], self.bounds())
        for place, fault in zip(whole, told, strict=True):
            read[place] = fault or read[place]
        return read

    def _read(self, answer: Answer, fields: tuple[str, ...]) -> Written | str:
        if not answer.finished:
            return "unfinished"
        found = fields_of(answer.text, fields) if self.json_answers else {fields[0]: whole_of(answer.text)}
        if found is None:
            return "schema" if answer.text.strip() else "empty"
        return found if all(found.values()) else "empty"

    def troubles(self, refused: Mapping[str, int]) -> tuple[str, ...]:
        """What kept the server from answering, one line each, for the people who read; `refused` counts by reason."""
        if not REFUSALS.keys() & refused.keys() - {"budget"}:
            return ()
        return tuple(f"{self.base_url}: {said}" for said in self._client().troubles())

    def _client(self) -> Client:
        return client_of(self.server(), self._answers())

    def _prompt(self) -> Prompt:
        own = Path(__file__).parent / "prompts" / self.own_prompt
        path = Path(self.prompt).expanduser() if self.prompt else own
        return _prompt(path, path.stat().st_mtime_ns if path.exists() else 0, (*self.names, "json", "language"))

    def _answers(self) -> Path:
        return Path(self.answers).expanduser() if self.answers else default_root() / "answers.sqlite"


@lru_cache(maxsize=16)
def _prompt(path: Path, changed: int, names: tuple[str, ...]) -> Prompt:
    return prompt_of(path, names)


def one_of(choices: Sequence[str], draws: Draws) -> str:
    """One of the choices; empty where there is none."""
    return draws.choice(choices) if choices else ""
