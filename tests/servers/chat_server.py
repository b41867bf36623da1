"""An OpenAI-compatible server on loopback, with whatever answers behind it, that misbehaves on demand.

Faults are real ones, on the wire: a connection cut in the middle of an answer, bytes that are no HTTP, an answer that
never ends. What was asked is kept, in order, for tests that count.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[str, bool, int, int]
"""What is said, whether it is all, and the tokens read and written."""


def rewrite(body: dict[str, Any]) -> Said:
    """A rule that needs no model: the words of the last line that has any, in an order that the seed gives."""
    asked = body["messages"][-1]["content"]
    inside = asked.partition("<text>")[2].partition("</text>")[0] or asked.partition("<example>")[2].partition("</")[0]
    words = inside.split() or ["nothing"]
    turn = body["seed"] % len(words)
    said = " ".join([*words[turn:], *words[:turn], f"so {body['seed'] % 97}"])
    form = body.get("response_format")
    fields = list(form["json_schema"]["schema"]["properties"]) if form else []
    whole = json.dumps(dict.fromkeys(fields, said)) if fields else said
    return whole, True, len(asked) // 4, len(said) // 4


class ChatServer:
    """A server with `says` behind it.

    Args:
        says: an answer for the body of a request.
        fault: for the number of a request, from 0, and its body: the name of a fault, or "" for none.
    """

    def __init__(
        self, says: Callable[[dict[str, Any]], Said] = rewrite, fault: Callable[..., str] | None = None
    ) -> None:
        self.says, self.fault = says, fault or (lambda number, body: "")
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.n_at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.connections: list[socket.socket] = []
        server = self

        class Handler(_Handler):
            chat = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._http.server_close()


@contextmanager
def serving(*args: Any, **kwargs: Any) -> Iterator[ChatServer]:
    """A server for as long as the block runs."""
    server = ChatServer(*args, **kwargs)
    try:
        yield server
    finally:
        server.close()


class _Handler(BaseHTTPRequestHandler):
    chat: ChatServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, as real servers send them

    def setup(self) -> None:
        super().setup()
        self.chat.connections.append(self.connection)

    def log_message(self, *args: Any) -> None:
        return

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": [{"id": "tiny", "object": "model"}]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        chat = self.chat
        with chat.lock:
            number = len(chat.asked)
            chat.asked.append(body)
            chat.headers.append({name.lower(): value for name, value in self.headers.items()})
            chat.times.append(time.monotonic())
            chat.n_at_once += 1
            chat.most_at_once = max(chat.most_at_once, chat.n_at_once)
        try:
            fault = chat.fault(number, body)
            if fault:
                self._misbehave(fault, body)
            else:
                self._send(200, self._completion(body))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with chat.lock:
                chat.n_at_once -= 1

    def _completion(self, body: dict[str, Any]) -> bytes:
        said, whole, n_read, n_written = self.chat.says(body)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "stop" if whole else "length",
        }
        usage = {"prompt_tokens": n_read, "completion_tokens": n_written, "total_tokens": n_read + n_written}
        return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _misbehave(self, fault: str, body: dict[str, Any]) -> None:
        name, _, value = fault.partition(" ")
        if name.isdigit():
            headers = {"retry_after": value} if value else {}
            said = {"error": {"message": f"no luck, key was {self.headers.get('authorization')}"}}
            self._send(int(name), json.dumps(said).encode(), **headers)
        elif name == "slow":
            self.chat.closing.wait(float(value))
            self._send(200, self._completion(body))
        else:
            getattr(self, f"_{name}")(body)

    def _half(self, body: dict[str, Any]) -> None:
        """Half an answer, then the connection is reset."""
        whole = self._completion(body)
        self.send_response(200)
        self.send_header("content-length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole[: len(whole) // 2])
        self.wfile.flush()
        self._reset(body)

    def _reset(self, body: dict[str, Any]) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _garbage(self, body: dict[str, Any]) -> None:
        self.wfile.write(bytes(range(256)) * 4)
        self.close_connection = True

    def _html(self, body: dict[str, Any]) -> None:
        self._send(200, b"<html><body>Please log in</body></html>", content_type="text/html")

    def _shape(self, body: dict[str, Any]) -> None:
        self._send(200, b'{"choices": [{"message": {"content": {"no": "text"}}}]}')

    def _zip(self, body: dict[str, Any]) -> None:
        self._send(200, b"this is not gzip", content_encoding="gzip")

    def _redirect(self, body: dict[str, Any]) -> None:
        self._send(302, b"", location="http://example.invalid/")

    def _endless(self, body: dict[str, Any]) -> None:
        """An answer that goes on and on, a few bytes at a time."""
        self._chunks(b" " * 10, 0.02)

    def _flood(self, body: dict[str, Any]) -> None:
        """The same as fast as it can."""
        self._chunks(b" " * 65536, 0)

    def _chunks(self, chunk: bytes, seconds: float) -> None:
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while not self.chat.closing.is_set():
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
            time.sleep(seconds)
