"""The page of each learner states its version and names its settings; the guide says what each learns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curate import registry
from curate.learn.learner import Learner

DOCS = Path(__file__).parents[3] / "docs"
PAGES = DOCS / "reference" / "learners"
OWN = [name for name in registry.names("learners") if registry.get("learners", name).__module__.startswith("curate.")]
SAID = {"classification": "classes", "multilabel": "several a row", "regression": "numbers", "generation": "texts"}


def test_each_learner_has_a_page_and_each_page_a_learner() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(OWN)


@pytest.mark.parametrize("name", OWN)
def test_a_page_states_the_version_and_every_setting(name: str) -> None:
    kind: type[Learner] = registry.get("learners", name)
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8").replace("\\_", "_")
    assert re.findall(r"^- version: (.+)$", page, re.MULTILINE) == [kind.version]
    table = page.partition("## Settings")[2].partition("\n## ")[0]
    named = {each for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for each in row.split(", ")}
    assert set(kind.model_fields) <= named


@pytest.mark.parametrize("name", OWN)
def test_the_guide_says_what_a_learner_learns(name: str) -> None:
    guide = (DOCS / "guides" / "learners.md").read_text(encoding="utf-8")
    [told] = re.findall(rf"^\| \[`{name}`\][^|]*\|[^|]*\| ([^|]+) \|", guide, re.MULTILINE)
    assert set(told.split(", ")) == {SAID[task] for task in registry.get("learners", name).tasks}
