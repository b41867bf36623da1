"""Where a language model is asked and how: the settings of everything that asks one.

Under `augment.paraphrase` and `augment.generate`; `client` does what stands here. An API key is never a setting: the
name of the environment variable that holds it is.
"""

from __future__ import annotations

import hashlib
import json
from ipaddress import ip_address
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator


class Server(BaseModel, frozen=True, extra="forbid"):
    """A model behind an OpenAI-compatible address (vLLM, Ollama, llama.cpp, `transformers serve`, a paid service).

    Attributes:
        model: the model, as the server calls it.
        base_url: the address, with its `/v1`.
        api_key_env: the environment variable that holds the key; None: no key is sent.
        model_version: anything that tells one state of the model from another of the same name; answers are kept by it.
        temperature: how freely tokens are drawn, 0 (the likeliest) to 2.
        top_p: only the likeliest tokens with this share of the probability are drawn, in (0, 1].
        max_tokens: the most tokens of one answer.
        json_answers: ask for JSON, by a schema where the server knows schemas; else the whole answer is the text.
        extra_body: a JSON object put into every request, as `{"chat_template_kwargs": {"enable_thinking": false}}`; a
            null takes out what would be sent: `{"max_tokens": null, "max_completion_tokens": 500}`.
        timeout_s: seconds after which an answer that is not whole is given up.
        retries: how often a request is sent anew that was not answered.
        max_wait_s: the longest wait before a retry, in seconds; a server that asks for a longer one is given up.
        concurrency: requests under way at once, in one worker.
        requests_per_minute: the most requests a minute, over all workers; None: no limit.
        tokens_per_minute: the most tokens a minute, read and written, over all workers; None: no limit.
        budget_tokens: the most tokens these settings may ever cost, read and written; None: no limit.
        budget_cost: the same in money, in the currency of the prices; None: no limit.
        price_in: the price of a million tokens read.
        price_out: the price of a million tokens written.
        answers: the file that keeps every answer; None: `answers.sqlite` in the cache of curate.
    """

    UNCOUNTED: ClassVar[frozenset[str]] = frozenset(
        "base_url api_key_env timeout_s retries max_wait_s concurrency requests_per_minute tokens_per_minute "
        "budget_tokens budget_cost price_in price_out answers".split()
    )
    """Settings that do not change what is asked."""

    model: str = Field(min_length=1)
    base_url: str = "http://localhost:8000/v1"
    api_key_env: str | None = None
    model_version: str = ""
    temperature: float = Field(0.8, ge=0, le=2)
    top_p: float = Field(0.95, gt=0, le=1)
    max_tokens: int = Field(256, ge=1)
    json_answers: bool = True
    extra_body: str = "{}"
    timeout_s: float = Field(120.0, gt=0)
    retries: int = Field(4, ge=0, le=20)
    max_wait_s: float = Field(60.0, ge=0)
    concurrency: int = Field(8, ge=1, le=256)
    requests_per_minute: float | None = Field(None, gt=0)
    tokens_per_minute: float | None = Field(None, gt=0)
    budget_tokens: int | None = Field(None, ge=0)
    budget_cost: float | None = Field(None, ge=0)
    price_in: float = Field(0.0, ge=0)
    price_out: float = Field(0.0, ge=0)
    answers: str | None = None

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.username or parts.password or parts.query:
            raise ValueError("base_url must hold no key or password; api_key_env names the variable that holds it")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(f"{address!r} is no address such as http://localhost:8000/v1")
        return address.rstrip("/")

    @field_validator("extra_body")
    @classmethod
    def _is_object(cls, body: str) -> str:
        try:
            found = json.loads(body)
        except ValueError as error:
            raise ValueError(f"extra_body is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise ValueError("extra_body is no JSON object")
        return body

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.budget_cost is not None and not self.price_in + self.price_out:
            raise ValueError("budget_cost needs price_in or price_out, the prices of a million tokens")
        return self

    def server(self) -> Server:
        """The settings of the server alone, of whatever has them among its own."""
        return Server.model_validate({name: getattr(self, name) for name in Server.model_fields})

    @property
    def on_this_machine(self) -> bool:
        """Whether the address is one of this machine: then no proxy may see what is sent, whatever HTTP_PROXY says."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def identity(self) -> dict[str, Any]:
        """The settings that change what is asked, as plain values."""
        kept = sorted(set(Server.model_fields) - Server.UNCOUNTED)
        return {name: getattr(self, name) for name in kept}

    def purse(self) -> str:
        """What spending is counted under: the settings that change what is asked."""
        return hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode()).hexdigest()[:32]
