"""Asking a language model: requests a second of curate's client and of openai's, on the same server on loopback.

The server is a process of its own that answers by a rule after `--wait-ms`; so what is measured is what the clients
take. `python tests/benchmarks/bench_llm.py --n 1000 --wait-ms 20`
"""

from __future__ import annotations

import argparse
import multiprocessing
import runpy
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

THREADS = 8


def serve(wait_ms: float, told: Any) -> None:
    """Answer until the process is ended."""
    module = runpy.run_path(str(Path(__file__).parents[1] / "servers" / "chat_server.py"))
    rewrite = module["rewrite"]

    def says(body: dict[str, Any]) -> Any:
        time.sleep(wait_ms / 1000)
        return rewrite(body)

    told.put(module["ChatServer"](says).url)
    time.sleep(86_400)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds and CPU seconds of this process."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


def contenders(url: str, n: int) -> dict[str, Callable[[], object]]:
    """What is timed, by name; each asks `n` things that nobody has asked."""
    import openai

    from curate.kernels.llm.chat import Request
    from curate.kernels.llm.client import Client
    from curate.kernels.llm.server import Server

    peer = openai.OpenAI(base_url=url, api_key="none")
    folder = Path(tempfile.mkdtemp())
    server = Server(model="m", base_url=url, concurrency=THREADS)
    requests = [Request(f"<text>the team won match {number}</text>", seed=number) for number in range(n)]
    rounds = iter(range(1000))

    def ask(request: Request) -> object:
        said = [{"role": "user", "content": request.user}]
        return peer.chat.completions.create(model="m", messages=said, seed=request.seed, max_tokens=256)  # type: ignore[arg-type]

    def threaded() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(ask, requests))

    kept = folder / "kept.sqlite"
    Client(server, kept).ask(requests)
    return {
        "openai, one after the other": lambda: [ask(request) for request in requests],
        f"openai, {THREADS} threads": threaded,
        f"curate, {THREADS} at once": lambda: Client(server, folder / f"{next(rounds)}.sqlite").ask(requests),
        "curate, answers kept": lambda: Client(server, kept).ask(requests),
    }


def main() -> None:
    """Print a line for each contender: the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--wait-ms", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=serve, args=(given.wait_ms, told), daemon=True)
    process.start()
    url = told.get()
    times: dict[str, list[tuple[float, float]]] = {}
    for _ in range(given.rounds):
        for name, work in contenders(url, given.n).items():
            times.setdefault(name, []).append(timed(work))
    for name, found in times.items():
        wall, cpu = (statistics.median(one[at] for one in found) for at in (0, 1))
        print(f"{name:30} {given.n / wall:9,.0f} requests/s {1000 * cpu / given.n:7.2f} CPU ms a request")
    process.terminate()


if __name__ == "__main__":
    main()
