"""The pages of the transforms say what the classes say: `CURATE_GOLDEN=write pytest tests/golden` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curate import registry
from curate.cli.reference import page
from curate.core.about import about

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "transforms"
OWN = [
    name for name in registry.names("transforms") if registry.get("transforms", name).__module__.startswith("curate.")
]


@pytest.mark.parametrize("name", OWN)
def test_the_page_of_a_transform_is_up_to_date(name: str) -> None:
    made, path = page(about("transforms", name)), PAGES / f"{name}.md"
    if os.environ.get("CURATE_GOLDEN") == "write":
        PAGES.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing: CURATE_GOLDEN=write pytest {Path(__file__).name}"
    assert path.read_text(encoding="utf-8") == made


def test_no_page_tells_of_a_transform_that_is_gone() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*OWN, "index"}


def test_the_index_names_every_transform() -> None:
    lines = [f"- [`{name}`]({name}.md): {registry.summary('transforms', name)}" for name in OWN]
    families = dict.fromkeys(name.split(".")[0] for name in OWN)
    parts = ["# Transforms", "Each page is what `curate show NAME` tells."]
    for family in families:
        parts.append(f"## {family}")
        parts.append("\n".join(line for line in lines if line.startswith(f"- [`{family}.")))
    made, path = "\n\n".join(parts) + "\n", PAGES / "index.md"
    if os.environ.get("CURATE_GOLDEN") == "write":
        path.write_text(made, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == made
