"""The client against a server on loopback: what it promises whatever the server does."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from curate.errors import CurateError, InputError
from curate.kernels.llm.answer_store import AnswerStore
from curate.kernels.llm.chat import REFUSALS, Answer, Request
from curate.kernels.llm.client import Client, key_of
from curate.kernels.llm.server import Server
from curate.kernels.llm.structured import fields_of, schema_of

QUICK: dict[str, Any] = {"model": "tiny", "retries": 0, "timeout_s": 5.0, "max_tokens": 32}
SCHEMA = schema_of(("text",))


def requests(n: int, schema: str = "") -> list[Request]:
    return [Request(f"<text>the team won match {number}</text>", seed=number, schema=schema) for number in range(n)]


def client(server: Any, path: Path, **settings: Any) -> Client:
    return Client(Server(base_url=server.url, **{**QUICK, **settings}), path / "answers.sqlite")


def test_a_model_made_here_answers_and_an_answer_is_asked_for_once(
    servers: SimpleNamespace, tiny_model: SimpleNamespace, tmp_path: Path
) -> None:
    with servers.serving(tiny_model.TinyModel(tiny_model.folder)) as server:
        mine = client(server, tmp_path, concurrency=3)
        asked = requests(4, SCHEMA)
        first = mine.ask(asked)
        assert all(isinstance(one, Answer) and fields_of(one.text, ["text"]) for one in first)
        assert len(set(first)) == 4
        assert mine.ask(asked[::-1]) == first[::-1]
        assert len(server.asked) == 4
        assert {body["seed"] for body in server.asked} == {0, 1, 2, 3}
        spent = mine.spent()
        assert (spent.requests, spent.gaps) == (4, 0)
        assert spent.tokens_out == sum(one.tokens_out for one in first if isinstance(one, Answer))
        again = client(server, tmp_path / "other")
        assert again.ask(asked) == first  # a server that minds the seed says the same again
    assert mine.ask(asked) == first  # nobody is there any more


def test_what_was_asked_before_is_known_by_request_model_and_settings_and_not_by_the_address() -> None:
    request = Request("a", seed=1)
    key = key_of(Server(**QUICK), request)
    same = Server(**{**QUICK, "base_url": "http://other:1/v1", "timeout_s": 9, "budget_tokens": 5, "concurrency": 2})
    assert key_of(same, request) == key
    others = [
        key_of(Server(**QUICK), request._replace(seed=2)),
        key_of(Server(**QUICK), request._replace(system="b")),
        key_of(Server(**QUICK), request._replace(schema=SCHEMA)),
        *(
            key_of(Server(**{**QUICK, **other}), request)
            for other in ({"model": "m"}, {"temperature": 0}, {"model_version": "2"}, {"extra_body": '{"k": 1}'})
        ),
    ]
    assert len({key, *others}) == 8


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("half", "unreachable"),
        ("reset", "unreachable"),
        ("500", "unreachable"),
        ("429", "unreachable"),
        ("slow 3", "late"),
        ("endless", "late"),
        ("flood", "garbled"),
        ("garbage", "garbled"),
        ("html", "garbled"),
        ("shape", "garbled"),
        ("zip", "garbled"),
        ("redirect", "garbled"),
        ("400", "rejected"),
    ],
)
def test_a_fault_costs_one_answer_and_no_other(
    servers: SimpleNamespace, tmp_path: Path, fault: str, reason: str
) -> None:
    with servers.serving(fault=lambda number, body: fault if body["seed"] == 2 else "") as server:
        mine = client(server, tmp_path, timeout_s=0.5, concurrency=2)
        got = mine.ask(requests(5))
        assert [one if isinstance(one, str) else "" for one in got] == ["", "", reason, "", ""]
        assert reason in REFUSALS
        assert len(mine.troubles()) == 1
        assert mine.spent().gaps == (reason != "rejected")


@pytest.mark.parametrize("fault", ["half", "500", "503", "429 0", "garbage", "html", "zip", "slow 3"])
def test_a_fault_that_passes_costs_nothing(servers: SimpleNamespace, tmp_path: Path, fault: str) -> None:
    with servers.serving(fault=lambda number, body: fault if number < 2 else "") as server:
        mine = client(server, tmp_path, retries=3, max_wait_s=0.1, timeout_s=0.5, concurrency=1)
        assert all(isinstance(one, Answer) for one in mine.ask(requests(2)))
        assert len(server.asked) == 4


@pytest.mark.parametrize("asked_for", ["1", "date"])
def test_a_server_that_asks_to_wait_is_not_asked_before(
    servers: SimpleNamespace, tmp_path: Path, asked_for: str
) -> None:
    said = {"1": "1", "date": formatdate(time.time() + 2.0, usegmt=True)}[asked_for]
    with servers.serving(fault=lambda number, body: f"429 {said}" if not number else "") as server:
        mine = client(server, tmp_path, retries=2, concurrency=1)
        assert all(isinstance(one, Answer) for one in mine.ask(requests(2)))
        assert server.times[1] - server.times[0] >= 0.9
        assert len(server.asked) == 3


def test_a_server_that_asks_to_wait_too_long_is_given_up(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "503 3600") as server:
        began = time.monotonic()
        assert client(server, tmp_path, retries=5).ask(requests(1)) == ["unreachable"]
        assert time.monotonic() - began < 5
        assert len(server.asked) == 1


def test_a_dead_server_at_the_start_is_one_clear_line(tmp_path: Path) -> None:
    mine = Client(Server(base_url="http://127.0.0.1:9/v1", **QUICK), tmp_path / "answers.sqlite")
    with pytest.raises(
        InputError, match=r"^no language model answers at http://127.0.0.1:9/v1: .* \(start the"
    ) as told:
        mine.ask(requests(3))
    assert "\n" not in str(told.value)


def test_a_server_that_dies_later_costs_only_the_answers_it_owes(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving() as server:
        mine = client(server, tmp_path)
        first = mine.ask(requests(2))
    began = time.monotonic()
    got = mine.ask(requests(200))
    assert got[:2] == first
    assert set(map(str, got[2:])) == {"unreachable"}
    assert time.monotonic() - began < 10  # it does not try each of them to the end
    assert mine.spent().gaps == 198


def test_a_server_that_comes_back_is_asked_again(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "500" if 1 <= number < 30 else "") as server:
        mine = client(server, tmp_path, concurrency=1)
        assert [isinstance(one, Answer) for one in mine.ask(requests(10))] == [True] + [False] * 9
        assert len(server.asked) == 4  # three that found nobody, and then no more
        server.fault = lambda number, body: ""
        assert all(isinstance(one, Answer) for one in mine.ask(requests(10)))


@pytest.mark.parametrize(
    ("fault", "line"), [("401", "refuses the key"), ("403", "refuses the key"), ("404", "the model")]
)
def test_a_refused_key_or_model_stops_at_once_and_shows_no_key(
    servers: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, line: str
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    with servers.serving(fault=lambda number, body: fault) as server:
        mine = client(server, tmp_path, api_key_env="SOME_KEY", retries=3)
        with pytest.raises(CurateError, match=line) as told:
            mine.ask(requests(3))
        assert "secret" not in str(told.value)
        assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert b"secret" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_key_that_is_not_there_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    mine = Client(Server(api_key_env="NO_SUCH_KEY", **QUICK), tmp_path / "answers.sqlite")
    with pytest.raises(CurateError, match=r"NO_SUCH_KEY holds no API key \(export NO_SUCH_KEY="):
        mine.ask(requests(1))


def test_nothing_that_is_for_this_machine_goes_by_a_proxy(
    servers: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with servers.serving() as proxy, servers.serving() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        (said,) = client(server, tmp_path).ask(requests(1))
        assert isinstance(said, Answer)
        assert (len(proxy.asked), len(server.asked)) == (0, 1)
    away = [f"http://{host}:80/v1" for host in ("localhost.example.org", "10.0.0.1", "[2001:db8::1]")]
    assert not any(Server(model="m", base_url=address).on_this_machine for address in away)
    here = [f"http://{host}:80/v1" for host in ("localhost", "127.0.0.2", "[::1]", "LOCALHOST")]
    assert all(Server(model="m", base_url=address).on_this_machine for address in here)


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://a/v1", "http://u:secret@a/v1", "https://a/v1?key=secret"])
def test_an_address_is_one_and_holds_no_secret(address: str) -> None:
    with pytest.raises(ValueError, match=r"is no address|must hold no key"):
        Server(model="m", base_url=address)


def test_the_budget_of_tokens_is_never_exceeded_and_no_start_gets_it_anew(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    with servers.serving() as server:
        mine = client(server, tmp_path, budget_tokens=200, concurrency=4)
        got = mine.ask(requests(50))
        spent = mine.spent()
        assert 0 < spent.tokens_in + spent.tokens_out <= 200
        answered = [one for one in got if isinstance(one, Answer)]
        assert {one for one in got if isinstance(one, str)} == {"budget"}
        assert spent.requests == len(answered) == len(server.asked)
        again = client(server, tmp_path, budget_tokens=200, concurrency=4)
        assert again.ask(requests(50)) == got
        assert len(server.asked) == len(answered)
        more = client(server, tmp_path, budget_tokens=100_000)
        assert all(isinstance(one, Answer) for one in more.ask(requests(50)))
        assert len(server.asked) == 50


def test_the_budget_of_money_counts_what_is_read_and_written_at_its_price(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    prices = {"price_in": 1_000.0, "price_out": 4_000.0, "budget_cost": 1.0}
    with servers.serving() as server:
        mine = client(server, tmp_path, concurrency=1, **prices)
        mine.ask(requests(50))
        spent = mine.spent()
        assert 0.5 < (spent.tokens_in * 1_000 + spent.tokens_out * 4_000) / 1e6 <= 1.0
        assert len(server.asked) < 50
    with pytest.raises(ValueError, match="budget_cost needs price_in"):
        Server(model="m", budget_cost=1)


def test_no_more_requests_at_once_and_a_minute_than_allowed(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "slow 0.05") as server:
        mine = client(server, tmp_path, concurrency=3)
        mine.ask(requests(12))
        assert server.most_at_once == 3
        paced = client(server, tmp_path / "paced", requests_per_minute=600, concurrency=8)
        server.times.clear()
        paced.ask(requests(6))
        assert server.times[-1] - server.times[0] >= 0.45  # five tenths of a second, but for what threads take
        slow = client(server, tmp_path / "tokens", tokens_per_minute=60_000, max_tokens=200, concurrency=8)
        server.times.clear()
        slow.ask(requests(3))
        assert server.times[-1] - server.times[0] >= 0.4  # about 230 tokens each, a thousand a second


def test_a_server_that_knows_no_schemas_is_asked_without_one(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "400" if "response_format" in body else "") as server:
        mine = client(server, tmp_path, concurrency=1)
        assert all(isinstance(one, Answer) for one in mine.ask(requests(3, SCHEMA)))
        assert ["response_format" in body for body in server.asked] == [True, False, False, False]


def test_the_body_takes_what_the_user_adds_and_leaves_out_what_is_null(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    with servers.serving() as server:
        extra = '{"max_tokens": null, "max_completion_tokens": 9, "top_p": null}'
        client(server, tmp_path, extra_body=extra).ask(requests(1))
        (body,) = server.asked
        assert body["max_completion_tokens"] == 9
        assert sorted(body) == ["max_completion_tokens", "messages", "model", "seed", "stream", "temperature"]
    with pytest.raises(ValueError, match="extra_body is no JSON"):
        Server(model="m", extra_body="[1]")


def test_of_two_processes_that_ask_the_same_both_get_the_first_answer(servers: SimpleNamespace, tmp_path: Path) -> None:
    turn = iter(range(10**6))

    def says(body: dict[str, Any]) -> tuple[str, bool, int, int]:
        time.sleep(0.02)
        return f"answer {next(turn)}", True, 1, 1  # never the same again: it minds no seed

    with servers.serving(says) as server, multiprocessing.get_context("spawn").Pool(2) as pool:
        given = [(server.url, str(tmp_path / "answers.sqlite"))] * 2
        one, other = pool.starmap(_ask_in_process, given)
    assert one == other
    assert len(set(one)) == 20


def _ask_in_process(url: str, path: str) -> list[Any]:
    return Client(Server(base_url=url, **QUICK), Path(path)).ask(requests(20))


def test_a_damaged_file_of_answers_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"no database at all, but long enough to look like one" * 40)
    with pytest.raises(InputError, match=r"cannot use the file of answers .*answers.sqlite: .* \(name another"):
        AnswerStore(path)


def test_an_answer_is_on_disk_before_anybody_sees_it(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path / "answers.sqlite")
    store.keep("k", Answer("Hi\x00 \u2028 \U0001f600", False, 1, 2), "p")
    with sqlite3.connect(tmp_path / "answers.sqlite") as other:
        assert other.execute("SELECT COUNT(*) FROM answers").fetchone() == (1,)
    assert AnswerStore(tmp_path / "answers.sqlite").find(["k"]) == {
        "k": Answer("Hi\x00 \u2028 \U0001f600", False, 1, 2)
    }


@pytest.fixture(scope="module")
def transformers_serve(tiny_model: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`transformers serve` with the model that is made here; nothing is downloaded."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    said = [str(Path(sys.executable).parent / "transformers"), "serve", str(tiny_model.folder), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with (
        log.open("wb") as sink,
        subprocess.Popen([*said, "--port", str(port)], env=environment, stdout=sink, stderr=sink) as process,
    ):
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        yield Server(
            **{**QUICK, "model": str(tiny_model.folder), "timeout_s": 60, "concurrency": 1},
            base_url=f"http://127.0.0.1:{port}/v1",
        )
        process.terminate()


@pytest.mark.slow
def test_transformers_serve_answers_and_minds_the_seed(transformers_serve: Server, tmp_path: Path) -> None:
    asked = requests(3, SCHEMA)
    first = Client(transformers_serve, tmp_path / "a").ask(asked)
    assert [one for one in first if not isinstance(one, Answer) or not one.finished or one.tokens_out <= 5] == []
    assert len(set(first)) == 3
    assert Client(transformers_serve, tmp_path / "b").ask(asked[::-1]) == first[::-1]
