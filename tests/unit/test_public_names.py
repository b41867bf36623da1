"""The public names: all there, all lazy, and the verbs verbs whatever was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import curate


@pytest.mark.parametrize("name", curate.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(curate, name) is not None
    assert name in dir(curate)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'curate' has no attribute 'loda'"):
        curate.loda  # noqa: B018


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import curate.audit.run, curate.measure.measure",
        "import curate.audit, curate.measure; from curate import audit",
        "from curate.audit.schema import json_schema\nimport curate.measure.result",
        "import curate; curate.audit; import curate.audit.run",
    ],
)
def test_verbs_that_share_the_name_of_a_subpackage_are_functions(before: str) -> None:
    said = f"{before}\nfrom curate import audit, measure\nimport curate\n"
    said += "assert audit is curate.audit and measure is curate.measure\n"
    said += "print(type(audit).__name__, type(measure).__name__, audit.__module__, measure.__module__)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "function", "curate.audit.run", "curate.measure.measure"]


def test_a_public_name_loads_only_what_it_needs() -> None:
    said = (
        "import sys, curate; curate.CurateError; print(sorted(m for m in ('pyarrow', 'pydantic') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
