"""What is asked of a language model and what comes back: one request, one answer, or the reason why there is none.

`client` keeps the promise of `Chat` over HTTP; augmenters and translators ask it and know nothing of servers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

REFUSALS: Mapping[str, str] = {
    "unreachable": "the server could not be reached, broke off, or failed on every try (HTTP 429, 5xx)",
    "late": "no whole answer came in time",
    "garbled": "what came back is no answer of a chat server",
    "rejected": "the server refuses this request (HTTP 4xx), for one that is too long",
    "budget": "the budget of tokens or money is spent",
}
"""Why a request may have no answer, with what each means."""


class Request(NamedTuple):
    """One thing to ask.

    Attributes:
        user: what is asked.
        system: what the model is told before; empty: nothing.
        seed: of the model's draws, in [0, 2**31); part of what an answer is kept by.
        schema: the JSON schema, as JSON, that the answer must follow; empty: any text.
    """

    user: str
    system: str = ""
    seed: int = 0
    schema: str = ""


class Answer(NamedTuple):
    """What a model said.

    Attributes:
        text: what it said, without the thoughts it may have had before (`<think>`).
        finished: whether it came to an end by itself, and not at the limit of its tokens.
        tokens_in: tokens read.
        tokens_out: tokens written.
    """

    text: str
    finished: bool = True
    tokens_in: int = 0
    tokens_out: int = 0


class Chat(Protocol):
    """Something that answers."""

    def ask(self, requests: Sequence[Request]) -> list[Answer | str]:
        """An answer for each request, in their order, or the reason why there is none (one of `REFUSALS`).

        Raises:
            CurateError: nothing can be asked at all: nobody is there, or the key or the model is refused.
        """
        ...
