"""One request over HTTP: a chat completion, whole and in time, or a failure that says whether to try again.

The protocol is OpenAI's `POST /chat/completions`, as vLLM, Ollama, llama.cpp and `transformers serve` speak it. Nothing
that a server sends is trusted: not its length, not its pace, not its form. Errors never quote the key.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from curate.kernels.llm.chat import Answer, Request
from curate.kernels.llm.server import Server
from curate.kernels.pii.mask import mask_text
from curate.optional import require

if TYPE_CHECKING:
    import httpx2

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_MOST_BYTES = 1 << 20  # of an answer, besides what its tokens need
_BYTES_PER_TOKEN = 256
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)


@dataclass(frozen=True)
class Failure:
    """Why a try has no answer.

    Attributes:
        reason: one of `chat.REFUSALS`.
        said: what happened, in one line.
        again: whether another try may do better.
        wait_s: the seconds the server asks to wait before it.
        status: the HTTP status; 0: there was none.
    """

    reason: str
    said: str
    again: bool = False
    wait_s: float = 0.0
    status: int = 0


class Wire:
    """A connection to a server, for any number of threads.

    Args:
        server: where and how.
        key: the API key; empty: none is sent.
    """

    def __init__(self, server: Server, key: str) -> None:
        self._key = key
        self._http = require("httpx2", extra="llm", by=f"a language model at {server.base_url}")
        self._server = server
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._wait_s = min(10.0, server.timeout_s)  # for somebody to be there
        timeout = self._http.Timeout(server.timeout_s, connect=self._wait_s)
        limits = self._http.Limits(max_connections=server.concurrency + 1)
        self._client: httpx2.Client = self._http.Client(
            headers=headers, timeout=timeout, limits=limits, trust_env=not server.on_this_machine
        )

    def alive(self) -> Failure | None:
        """None where a server answers at all, with whatever; it is asked for its list of models.

        By a connection that is closed behind it: some servers fail at that and let go of it.
        """
        headers = {"Connection": "close"}
        try:
            self._client.get(f"{self._server.base_url}/models", headers=headers, timeout=self._wait_s)
        except (self._http.ConnectError, self._http.TimeoutException) as error:
            return self._broken(error)
        except self._http.RequestError:
            return None  # it broke off: the request itself will say more
        return None

    def complete(self, request: Request, *, schema: bool) -> Answer | Failure:
        """What the model says, or why it says nothing.

        Args:
            request: what is asked.
            schema: ask the server to keep to the schema of the request.
        """
        url, body = f"{self._server.base_url}/chat/completions", body_of(self._server, request, schema=schema)
        try:
            with self._client.stream("POST", url, json=body) as response:
                read = self._read(response)
        except (self._http.TransportError, self._http.DecodingError) as error:
            return self._broken(error)
        if isinstance(read, Failure):
            return read
        return answer_of(read) if response.status_code == 200 else _refused(response, read, self._key)

    def _read(self, response: httpx2.Response) -> bytes | Failure:
        """The whole body; a failure where it comes too slowly or does not end."""
        ends = time.monotonic() + self._server.timeout_s
        most = _MOST_BYTES + _BYTES_PER_TOKEN * self._server.max_tokens
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > most:
                return Failure("garbled", f"an answer of more than {most:,} bytes")
            if time.monotonic() > ends:
                return Failure("late", f"no whole answer in {self._server.timeout_s:g} s", again=True)
        return b"".join(parts)

    def _broken(self, error: Exception) -> Failure:
        said = str(error).split("\n")[0][:200] or type(error).__name__
        if isinstance(error, self._http.TimeoutException):
            return Failure("late", f"no answer in time ({type(error).__name__})", again=True)
        if isinstance(error, self._http.RemoteProtocolError | self._http.DecodingError):
            cut = "disconnected" in said or "closed" in said
            return Failure("unreachable" if cut else "garbled", said, again=True)
        return Failure("unreachable", said, again=True)


def body_of(server: Server, request: Request, *, schema: bool) -> dict[str, Any]:
    """What is sent, as plain values; `schema` says whether to ask for the schema of the request.

    Example:
        >>> body_of(Server(model="m"), Request("Hi", seed=7), schema=False)["messages"]
        [{'role': 'user', 'content': 'Hi'}]
    """
    told = [("system", request.system)] if request.system else []
    body: dict[str, Any] = {
        "model": server.model,
        "messages": [{"role": role, "content": said} for role, said in [*told, ("user", request.user)]],
        "temperature": server.temperature,
        "top_p": server.top_p,
        "max_tokens": server.max_tokens,
        "seed": request.seed,
        "stream": False,
    }
    if schema and request.schema:
        named = {"name": "answer", "schema": json.loads(request.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return {name: value for name, value in {**body, **json.loads(server.extra_body)}.items() if value is not None}


def answer_of(body: bytes) -> Answer | Failure:
    """The answer in the body of a chat completion.

    Example:
        >>> answer_of(b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}')
        Answer(text='Hi', finished=True, tokens_in=0, tokens_out=0)
        >>> answer_of(b"<html>").reason
        'garbled'
    """
    try:
        found = json.loads(body)
        choice = found["choices"][0]
        text, ended = choice["message"]["content"], choice.get("finish_reason")
        usage = found.get("usage") or {}
        tokens = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        return Failure("garbled", f"no chat completion: {type(error).__name__}", again=True)
    if text is not None and not isinstance(text, str):
        return Failure("garbled", f"an answer that is {type(text).__name__} and not text", again=True)
    said = (text or "").encode("utf-8", "replace").decode()  # a lone surrogate can be no cell
    return Answer(_THOUGHTS.sub("", said), ended != "length", max(0, tokens[0]), max(0, tokens[1]))


def _refused(response: httpx2.Response, body: bytes, key: str) -> Failure:
    status = response.status_code
    told = _told(body)
    said = f"HTTP {status}{told.replace(key, '[key]') if key else told}"
    if status in _AGAIN or status >= 500:
        return Failure("unreachable", said, status not in (501, 505), wait_of(response.headers), status)
    return Failure("rejected" if status >= 400 else "garbled", said, status=status)


def _told(body: bytes) -> str:
    """What a server says of an error, in one short line."""
    try:
        found = json.loads(body)
        error = found.get("error", found.get("detail", found.get("message", "")))
        said = error.get("message", "") if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        return ""
    line = " ".join(str(said).split())[:200]
    return f": {mask_text(line)}" if line else ""  # it may quote the text


def wait_of(headers: Mapping[str, str], now: float | None = None) -> float:
    """The seconds that `Retry-After` asks for, given as seconds or as a date (RFC 9110, 10.2.3); 0 where it does not.

    Example:
        >>> wait_of({"retry-after": "2.5"}), wait_of({"retry-after": "soon"}), wait_of({})
        (2.5, 0.0, 0.0)
    """
    given = headers.get("retry-after", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return max(0.0, seconds) if seconds < float("inf") else 0.0
