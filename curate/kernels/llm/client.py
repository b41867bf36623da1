"""The client: asks a server many things at once, and costs no row whatever the server does.

What was asked before is answered from the file of answers; the rest goes out by threads, paced, within the budget, each
request tried again with growing waits (full jitter: Brooker, "Exponential Backoff and Jitter", 2015). A server that is
dead or refuses the key before it has answered in a run is an error at once; later it costs answers, never the run.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from curate.errors import CurateError, InputError
from curate.kernels.draws import Draws
from curate.kernels.llm.answer_store import AnswerStore, Spent
from curate.kernels.llm.chat import Answer, Request
from curate.kernels.llm.server import Server
from curate.kernels.llm.transport import Failure, Wire

_FORMAT = 1  # raised whenever the same request is sent in another form
_FIRST_WAIT_S = 0.5
_DOWN_AFTER = 3  # requests in a row that found nobody, after all their tries
_TROUBLES = 3
_KEY_REFUSED = frozenset({401, 403})
_NO_SCHEMAS = frozenset({400, 415, 422, 501})  # what servers say that do not know `response_format`
_PASSING = frozenset({"unreachable", "late", "garbled", "budget"})  # what may be otherwise the next time


class Client:
    """Asks one server (`Chat`).

    Args:
        server: where and how.
        path: the file of answers.
    """

    def __init__(self, server: Server, path: Path) -> None:
        self._server = server
        self._purse = server.purse()
        self._store = AnswerStore(path)
        self._wire: Wire | None = None
        self._lock = threading.Lock()
        self._met = False  # whether it has answered since the run began
        self._failed_in_row = 0
        self._schemas = True
        self._settled = threading.Condition()
        self._held = 0  # tokens of requests under way
        self._held_cost = 0.0
        self._paused_until = 0.0
        self._stopped = threading.Event()
        self._troubles: dict[str, None] = {}

    def begin(self) -> None:
        """A new run begins: a server that answers nothing in it is an error, whatever it did before."""
        self._met = False

    def ask(self, requests: Sequence[Request]) -> list[Answer | str]:
        """An answer for each request, in their order, or the reason why there is none (one of `chat.REFUSALS`).

        Raises:
            CurateError: the server has not answered in this run: nobody is there, or it refuses the key or the model;
                or the variable that is to hold the key is not set.
        """
        keys = [key_of(self._server, request) for request in requests]
        found: dict[str, Answer | str] = dict(self._store.find(keys))
        missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in found}
        if missing:
            found.update(self._fetch(missing))
            gaps = sum(found[key] in _PASSING for key in missing)
            if gaps:
                self._store.pay(self._purse, Spent(gaps=gaps))
        return [found[key] for key in keys]

    def spent(self) -> Spent:
        """What these settings have cost so far, in every process that shares the file of answers."""
        return self._store.spent(self._purse)

    def troubles(self) -> list[str]:
        """What kept the server from answering since this was last asked, in few words and each once; three at most."""
        with self._lock:
            said = list(self._troubles)[:_TROUBLES]
            self._troubles.clear()
        return said

    def _fetch(self, missing: dict[str, Request]) -> dict[str, Answer | str]:
        self._stopped.clear()
        least = min((_estimate(self._server, request) for request in missing.values()), key=sum)
        if not self._affordable(*least):
            return dict.fromkeys(missing, "budget")
        self._greet()
        return self._in_threads(missing)

    def _in_threads(self, missing: Mapping[str, Request]) -> dict[str, Answer | str]:
        """Ask for all, the first ones first. Whoever interrupts it waits for no answer that is under way."""
        left, found, raised = iter(missing.items()), dict[str, Answer | str](), list[Exception]()

        def work() -> None:
            while not self._stopped.is_set():
                with self._lock:
                    key, request = next(left, ("", None))
                if request is None:
                    return
                try:
                    found[key] = self._answer(key, request)
                except Exception as error:  # noqa: BLE001  # raised again where the answers are waited for
                    raised.append(error)
                    self._stopped.set()

        n_threads = min(self._server.concurrency, len(missing))
        threads = [threading.Thread(target=work, daemon=True) for _ in range(n_threads)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            self._stopped.set()
            raise
        if raised:
            raise raised[0]
        return found

    def _line(self) -> Wire:
        """The connection, made once something is to be asked."""
        if self._wire is None:
            self._wire = Wire(self._server, _key(self._server))
        return self._wire

    def _greet(self) -> None:
        """See whether anybody is there, before the first request and where the last ones found nobody."""
        if self._met and self._failed_in_row < _DOWN_AFTER:
            return
        nobody = self._line().alive()
        if nobody is None:
            self._failed_in_row = 0
        elif not self._met:
            raise InputError(
                f"no language model answers at {self._server.base_url}: {nobody.said}",
                hint="start the server, or name another with `base_url`",
            )

    def _answer(self, key: str, request: Request) -> Answer | str:
        tokens = _estimate(self._server, request)
        if not self._hold(*tokens):
            return "budget"
        try:
            got = self._tried(key, request, tokens)
            if isinstance(got, Failure):
                return got.reason
            if not got.tokens_in + got.tokens_out:  # a server that does not say what it took
                got = got._replace(tokens_in=tokens[0], tokens_out=1 + len(got.text.encode()) // 3)
            return self._store.keep(key, got, self._purse)
        finally:
            self._release(*tokens)

    def _tried(self, key: str, request: Request, tokens: tuple[int, int]) -> Answer | Failure:
        """The answer, after as many tries as are allowed; the last failure where every try failed."""
        draws = Draws(int(key[:16], 16))
        tries = 0
        while True:
            if self._failed_in_row >= _DOWN_AFTER or self._stopped.is_set():
                return Failure("unreachable", "the server is down, or the run is being stopped")
            self._pace(sum(tokens))
            got = self._once(request)
            if isinstance(got, Answer):
                self._met, self._failed_in_row = True, 0
                return got
            if got.reason == "late":  # the server has worked for it, and may want to be paid
                self._store.pay(self._purse, Spent(0, *tokens))
            self._stop_at_start(got)
            wait = max(got.wait_s, draws.uniform() * min(self._server.max_wait_s, _FIRST_WAIT_S * 2**tries))
            if not got.again or tries >= self._server.retries or wait > self._server.max_wait_s:
                return self._given_up(got)
            tries += 1
            if got.wait_s:
                self._paused_until = max(self._paused_until, time.monotonic() + got.wait_s)
            self._stopped.wait(wait)

    def _once(self, request: Request) -> Answer | Failure:
        """One try; a server that does not know schemas is asked again without one, and from then on never with one."""
        asked = self._schemas
        got = self._line().complete(request, schema=asked)
        if isinstance(got, Failure) and asked and request.schema and got.status in _NO_SCHEMAS:
            again = self._line().complete(request, schema=False)
            if isinstance(again, Answer):
                self._schemas = False
                return again
        return got

    def _stop_at_start(self, got: Failure) -> None:
        """Raise where the server has not answered yet and refuses what every request has: the key, or the model."""
        if self._met:
            return
        where = f"{self._server.base_url} refuses"
        if got.status in _KEY_REFUSED:
            named = self._server.api_key_env
            hint = f"check the key in ${named}" if named else "name the variable that holds the key with `api_key_env`"
            raise CurateError(f"{where} the key ({got.said})", hint=hint)
        if got.status == 404:
            raise CurateError(
                f"{where} the model {self._server.model!r} ({got.said})",
                hint=f"check `model` and `base_url`; curl {self._server.base_url}/models lists what is there",
            )

    def _given_up(self, got: Failure) -> Failure:
        with self._lock:
            if len(self._troubles) < _TROUBLES:
                self._troubles[got.said] = None
            self._failed_in_row = self._failed_in_row + 1 if got.reason in ("unreachable", "late") else 0
        return got

    def _pace(self, n_tokens: int) -> None:
        """Wait for the turn of a request: for the rates that all processes share, and for what the server asked for."""
        rates = (
            (self._server.requests_per_minute, 1, "requests"),
            (self._server.tokens_per_minute, n_tokens, "tokens"),
        )
        waits = [self._store.wait_s(f"{self._purse} {what}", 60 * n / rate) for rate, n, what in rates if rate]
        self._stopped.wait(max([*waits, self._paused_until - time.monotonic(), 0.0]))

    def _affordable(self, tokens_in: int, tokens_out: int) -> bool:
        server = self._server
        if server.budget_tokens is None and server.budget_cost is None:
            return True
        spent = self._store.spent(self._purse)
        tokens = spent.tokens_in + spent.tokens_out + self._held + tokens_in + tokens_out
        cost = _cost(server, spent.tokens_in + tokens_in, spent.tokens_out + tokens_out) + self._held_cost
        return not (
            (server.budget_tokens is not None and tokens > server.budget_tokens)
            or (server.budget_cost is not None and cost > server.budget_cost)
        )

    def _hold(self, tokens_in: int, tokens_out: int) -> bool:
        """Set tokens aside for a request that goes out, where the budget has them.

        Where they lack only as others are set aside, it waits for what those take in truth; so what is refused would
        be refused again.
        """
        with self._settled:
            while not self._affordable(tokens_in, tokens_out):
                if not self._held or self._stopped.is_set():
                    return False
                self._settled.wait(1.0)
            self._held += tokens_in + tokens_out
            self._held_cost += _cost(self._server, tokens_in, tokens_out)
        return True

    def _release(self, tokens_in: int, tokens_out: int) -> None:
        with self._settled:
            self._held -= tokens_in + tokens_out
            self._held_cost = self._held_cost - _cost(self._server, tokens_in, tokens_out) if self._held else 0.0
            self._settled.notify_all()


def _cost(server: Server, tokens_in: float, tokens_out: float) -> float:
    return (tokens_in * server.price_in + tokens_out * server.price_out) / 1e6


def _estimate(server: Server, request: Request) -> tuple[int, int]:
    """Tokens that a request may cost: read, at three bytes each and a few for the form, and written, at most."""
    size = len(request.user.encode("utf-8", "replace")) + len(request.system.encode("utf-8", "replace"))
    return 16 + size // 3, server.max_tokens


def key_of(server: Server, request: Request) -> str:
    """What an answer is kept by: the request, the model and the settings that change what is asked; not the address."""
    asked = json.dumps([_FORMAT, server.identity(), list(request)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _key(server: Server) -> str:
    if server.api_key_env is None:
        return ""
    key = os.environ.get(server.api_key_env, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise CurateError(
            f"the variable {server.api_key_env} holds no API key", hint=f"export {server.api_key_env}=… before the run"
        )
    return key


def client_of(server: Server, path: Path) -> Client:
    """The client of this process for a server and a file of answers, made once."""
    return _client(server, path, os.getpid())


@lru_cache(maxsize=16)
def _client(server: Server, path: Path, process: int) -> Client:
    return Client(server, path)
