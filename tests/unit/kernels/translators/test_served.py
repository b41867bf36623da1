"""A language model behind an address translates; an answer that is none costs that text alone."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from curate.errors import CurateError, InputError
from curate.kernels.translators.served import Served
from curate.kernels.translators.translator import Pair, Translation, translator_named

THERE = Pair("en", "spa_Latn")


def backwards(body: dict[str, Any]) -> tuple[str, bool, int, int]:
    """A server that writes backwards, and fails in each way it can."""
    text = body["messages"][-1]["content"].partition("\n\n")[2]
    said = json.dumps({"translation": text[::-1] + f" {body.get('seed', 0)}"})
    faults = {"half": (said, False), "prose": ("I would rather not", True), "empty": ('{"translation": " "}', True)}
    whole, finished = faults.get(text, (said, True))
    return whole, finished, 9, 9


def test_each_text_is_asked_once_and_kept(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(backwards) as server:
        ready = Served(model="tiny", base_url=server.url).ready(THERE, tmp_path)
        got = ready.translate(["abc", "half", "prose", "empty", "d\ne"], 2, [5, 0, 0, 0, 7])
        assert got == [
            [Translation("cba 5"), Translation("cba 6")], [], [], [], [Translation("e d 7"), Translation("e d 8")]
        ]  # fmt: skip
        n_asked = len(server.asked)
        assert ready.translate(["abc"], 2, [5]) == got[:1]
        assert len(server.asked) == n_asked
        assert "from English to spa_Latn" in server.asked[0]["messages"][-1]["content"]


def test_without_draws_a_seed_plays_no_part(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(backwards) as server:
        made = Served(model="tiny", base_url=server.url, temperature=0)
        assert made.most == 1
        assert made.ready(THERE, tmp_path).translate(["ab"], 1, [5]) == [[Translation("ba 0")]]


def test_nobody_there_is_one_line(tmp_path: Path) -> None:
    made = Served(model="tiny", base_url="http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(InputError, match=r"no language model answers at http://127.0.0.1:9/v1"):
        made.ready(THERE, tmp_path).translate(["abc"], 1, [0])


def test_settings_are_those_of_the_client() -> None:
    with pytest.raises(CurateError, match="is no address such as http"):
        translator_named("server", model="tiny", base_url="localhost")
