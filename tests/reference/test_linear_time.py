"""No text takes a filter or a repair more than linear time: twice the text, at most about twice the work.

Each step meets texts that break careless patterns, at two sizes; the test counts steps of time, not seconds: a
quadratic pattern takes sixteen times as long for a text four times as long, a linear one four times.
"""

from __future__ import annotations

from time import process_time

import numpy as np
import pyarrow as pa
import pytest

from curate import registry
from curate.core.rewrite import RewriteText
from curate.core.signals import RowSignal
from curate.data.roles import Roles
from curate.data.rows import Batch

SMALL, LARGE = 40_000, 160_000
GRACE_S = 0.25
PIECES = {
    "one letter": "a",
    "spaces": " ",
    "tabs then a letter": "\t \t\t",
    "newlines": "\n",
    "hyphens": "-",
    "dots": ".",
    "digits": "1",
    "quotes": "'",
    "open brackets": "[",
    "open angles": "<",
    "open tags": "<b>",
    "half tags": "<a href='",
    "ampersands": "&",
    "at signs": "a@",
    "dotted": "a.",
    "backslashes": "\\\\",
    "braces": "\\b{",
    "dollars": "$a",
    "stars": "*a",
    "ticks": "`",
    "underscores": "_a",
    "pipes": "|a",
    "links": "[a](",
    "urls": "http://",
    "www": "www.",
    "words": "word ",
    "line-end hyphens": "a-\n",
    "combining": "e\u0301\u0301",
    "zwj": "👩\u200d",
    "han": "数",
    "arabic": "ا ",
    "semicolons": "&amp;",
    "numbers apart": "1 2-3.",
    "colons": "a:1:",
    "equals": "key=",
    "slashes": "a/",
    "exclamation": "!?",
}
DEAR = {"clean.boilerplate": "trafilatura parses what looks like a page in its own time"}


def steps() -> list[str]:
    names = [name for name in registry.names("transforms") if name.startswith(("clean.", "filter."))]
    own = [name for name in names if registry.get("transforms", name).__module__.startswith("curate.")]
    rewrites = [name for name in own if issubclass(registry.get("transforms", name), RewriteText)]
    return [name for name in rewrites if name not in DEAR]


def seconds(work, text: str) -> float:
    """The least of three, where once is not fast enough already: noise only adds."""
    took = []
    for _ in range(3):
        began = process_time()
        work(text)
        took.append(process_time() - began)
        if not GRACE_S < took[-1] < 4 * GRACE_S:
            break
    return min(took)


def held(work, what: str) -> None:
    for name, piece in PIECES.items():
        small, large = (piece * (size // len(piece)) for size in (SMALL, LARGE))
        slow = seconds(work, large)
        if slow > GRACE_S:
            assert slow < 9 * max(seconds(work, small), 1e-3), f"{what} on {name}: {slow:.1f} s for {LARGE} characters"


@pytest.mark.parametrize("name", steps())
def test_a_repair_takes_linear_time(name: str) -> None:
    made = registry.get("transforms", name)()
    made.setup()

    def work(text: str) -> None:
        mask = made.suspects(pa.array([text], pa.large_string()))
        if mask is None or mask[0].as_py():
            made.rewrite(text)

    held(work, name)


def signals() -> list[str]:
    found = []
    for name in [name for name in registry.names("signals") if name != "n_tokens"]:  # it needs a tokenizer
        kind = registry.get("signals", name)
        fields = getattr(kind, "model_fields", {})
        if issubclass(kind, RowSignal) and kind.needs <= {"text"} and not any(f.is_required() for f in fields.values()):
            found.append(name)
    return found


@pytest.mark.parametrize("name", signals())
def test_a_signal_takes_linear_time(name: str) -> None:
    provider = registry.get("signals", name)()
    provider.setup()

    def work(text: str) -> None:
        rows = pa.record_batch({"text": pa.array([text], pa.large_string())})
        provider.values(Batch(rows, np.zeros(1, np.uint64), Roles(text="text")))

    held(work, name)
