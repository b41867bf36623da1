"""`curate advise` end to end, on real messages: it says do or don't, on what evidence, and what to run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.measure.advice_schema import AdviceJson, AdvicePlanJson

from .conftest import Curate, one_line

CHEAP = ("--try", "augment.aeda", "--learner", "linear", "--replicates", "5", "--allow-leakage")


@pytest.mark.slow
def test_advice_is_said_and_written(curate: Curate, sms: Path, tmp_path: Path) -> None:
    page, found, recipe = tmp_path / "a.html", tmp_path / "a.json", tmp_path / "use.yaml"
    done = curate("advise", sms, *CHEAP, "--html", page, "--json", found, "--out", recipe, "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    document = AdviceJson.model_validate_json(found.read_text("utf-8"))
    assert document.counsel in ("do", "don't")
    said = " ".join(done.stdout.split())
    for told in ("plain copies", "What was tried", "augment.aeda n=4", "A/A", "Longpre"):
        assert told in said
    assert recipe.exists() == (document.counsel == "do")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    again = curate("advise", sms, *CHEAP, "--json", "-", "-q")
    assert json.loads(again.stdout)["tried"] == document.model_dump(by_alias=True)["tried"]


@pytest.mark.slow
def test_a_plan_comes_before_the_work(curate: Curate, sms: Path) -> None:
    done = curate("advise", sms, *CHEAP, "--plan", "--json", "-")
    assert done.returncode == 0, done.stderr
    document = AdvicePlanJson.model_validate_json(done.stdout)
    assert document.n_proof == 20
    assert "models to train" in done.stderr


def test_an_augmenter_that_there_is_not_is_one_line(curate: Curate, sms: Path) -> None:
    assert "did you mean 'augment.aeda'?" in one_line(curate("advise", sms, "--try", "augment.aed", "--no-cache"))
