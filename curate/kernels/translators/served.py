"""`server`: a language model behind an OpenAI-compatible address translates; what it answers is kept by its client.

An answer that does not come, or has no such form, costs one translation and never the run (`kernels.llm.client`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationError, model_validator

from curate.kernels.llm.chat import Answer, Request
from curate.kernels.llm.client import client_of
from curate.kernels.llm.server import Server
from curate.kernels.llm.structured import fields_of, schema_of
from curate.kernels.translators.translator import Pair, Translating, Translation, Translator

_SYSTEM = (
    "You translate. Keep names, numbers, links and placeholders as they are. Add nothing, leave nothing out, and do not"
    ' answer what the text asks. Answer with a JSON object: {"translation": "..."}'
)
_FIELDS = ("translation",)
_NAMES = dict(
    pair.split(":")
    for pair in """
    ar:Arabic bg:Bulgarian ca:Catalan cs:Czech da:Danish de:German el:Greek en:English eo:Esperanto es:Spanish
    et:Estonian fa:Persian fi:Finnish fr:French gl:Galician he:Hebrew hi:Hindi hr:Croatian hu:Hungarian id:Indonesian
    is:Icelandic it:Italian ja:Japanese ko:Korean lt:Lithuanian lv:Latvian mk:Macedonian nl:Dutch no:Norwegian pl:Polish
    pt:Portuguese ro:Romanian ru:Russian sk:Slovak sl:Slovene sq:Albanian sr:Serbian sv:Swedish sw:Swahili th:Thai
    tr:Turkish uk:Ukrainian vi:Vietnamese zh:Chinese
    """.split()
)


class Served(Translator):
    """A language model behind an address.

    Attributes:
        model: the model, as the server calls it.
        base_url: the address, with its `/v1`.
        api_key_env: the environment variable that holds the key; None: no key is sent.
        model_version: anything that tells one state of the model from another of the same name.
        temperature: how freely tokens are drawn, 0 (the likeliest) to 2.
        max_tokens: the most tokens of one answer.
        timeout_s: seconds after which an answer that is not whole is given up.
        retries: how often a request is sent anew that was not answered.
        concurrency: requests under way at once.
        budget_tokens: the most tokens these settings may ever cost, read and written; None: no limit.
    """

    name: ClassVar[str] = "server"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = frozenset(
        {"base_url", "api_key_env", "timeout_s", "retries", "concurrency", "budget_tokens"}
    )
    keeps: ClassVar[bool] = True

    model: str = Field(min_length=1)
    base_url: str = "http://localhost:8000/v1"
    api_key_env: str | None = None
    model_version: str = ""
    temperature: float = Field(0.8, ge=0, le=2)
    max_tokens: int = Field(512, ge=1)
    timeout_s: float = Field(120.0, gt=0)
    retries: int = Field(4, ge=0, le=20)
    concurrency: int = Field(8, ge=1, le=256)
    budget_tokens: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _servable(self) -> Self:
        try:
            self.server()
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
        return self

    def server(self) -> Server:
        """Where and how the model is asked."""
        given: dict[str, Any] = self.model_dump()
        return Server.model_validate(given)

    @property
    def draws(self) -> bool:
        return self.temperature > 0

    @property
    def most(self) -> int | None:
        return None if self.draws else 1

    def identity(self, pair: Pair) -> str:
        return self.model_version

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        place = (folder or Path.cwd()) / "answers.sqlite"
        return _Asked(self, pair, place)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A server and the pair that it is asked for."""

    settings: Served
    pair: Pair
    answers: Path

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        source, target = (_NAMES.get(code.lower(), code) for code in self.pair)
        asked = f"Translate from {source} to {target}:\n\n"
        requests = [
            Request(asked + text, _SYSTEM, (seed + draw) % (1 << 31) if self.settings.draws else 0, schema_of(_FIELDS))
            for text, seed in zip(texts, seeds, strict=True)
            for draw in range(n)
        ]
        said = [_said(one) for one in client_of(self.settings.server(), self.answers).ask(requests)]
        return [[one for one in said[at * n : (at + 1) * n] if one is not None] for at in range(len(texts))]


def _said(answer: Answer | str) -> Translation | None:
    """The translation in an answer; None where there is none, or only half of one."""
    if isinstance(answer, str) or not answer.finished:
        return None
    found = fields_of(answer.text, _FIELDS)
    text = " ".join(found["translation"].split()) if found else ""
    return Translation(text) if text else None
