"""What `curate show` tells of a class, and `curate doctor` of a machine."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from curate import registry
from curate.cli.doctor import EXTRAS
from curate.cli.show import _flowing, show
from curate.core.about import settings
from curate.errors import CurateError
from curate.transforms.dedup.minhash import DropMinHashDuplicates

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def test_every_setting_of_every_transform_check_and_learner_is_told_what_it_means() -> None:
    silent = [
        f"{name}.{setting['name']}"
        for kind in ("transforms", "checks", "learners")
        for name in registry.names(kind)
        for setting in settings(registry.get(kind, name))
        if not setting["meaning"]
    ]
    assert silent == []


def test_a_setting_has_its_type_range_and_default() -> None:
    found = {one["name"]: one for one in settings(registry.get("transforms", "labels.drop_issues"))}
    assert found["n_folds"]["type"] == "whole number, at least 2, at most 50"
    assert found["n_folds"]["default"] == 5
    assert found["filter_by"]["type"].startswith("prune_by_noise_rate, ")


def test_what_follows_from_settings_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show("dedup.minhash", set=["min_similarity=0.7", "recall=0.9"], json="-", quiet=True)
    figures = json.loads(capsys.readouterr().out)["figures"]
    made = DropMinHashDuplicates(min_similarity=0.7, recall=0.9)
    assert (figures["n_bands"], figures["n_minima_per_band"]) == (made.bands().n_bands, made.bands().n_rows)
    curve = figures["share_of_pairs_met_by_similarity"]
    assert curve["0.70"] >= 0.9
    assert list(curve.values()) == sorted(curve.values())


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("dedup.minhash", ["recall"], "is no KEY=VALUE"),
        ("dedup.minhash", ["recal=1"], "did you mean 'recall'"),
        ("dedup.minhash", ["recall=[1"], "--set: YAML cannot read"),
        ("dedup.minhash", ["use=dedup.exact"], "no setting of dedup.minhash"),
        ("duplicates", ["share=1"], "duplicates is one of the checks"),
    ],
)
def test_a_setting_that_is_none_is_told(name: str, given: list[str], said: str) -> None:
    with pytest.raises(CurateError, match=said):
        show(name, set=given)


def test_a_setting_is_told_where_it_is_inherited_from() -> None:
    found = {one["name"]: one["meaning"] for one in settings(registry.get("transforms", "dedup.near"))}
    assert found["by"].startswith("the column or signal")
    assert found["min_similarity"].startswith("the similarity from which two texts are twins. 0.8 is the usual")


def test_what_is_told_flows_on_any_screen(capsys: pytest.CaptureFixture[str]) -> None:
    show("dedup.lines")
    said = capsys.readouterr().out
    assert "needs the role: text\nreads the signal: repeated_lines (computed" in said
    assert "max_drop" in said
    assert _flowing("One\nword\n\n- a\n- b") == "One word\n\n- a\n- b"


def test_doctor_knows_every_extra() -> None:
    extras = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(extras) - {"all", "dev", "gpu"}


def test_what_an_augmenter_refuses_is_told_and_a_map_stands_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    show("augment.antonym")
    said = capsys.readouterr().out
    assert "\nrefused, and counted\n  unchanged  nothing in the text could be varied" in said
    assert "flip  object; {} unless given" in said
    assert "    flip: {}\n" in said
    show("augment.antonym", markdown=True)
    assert "| unchanged | nothing in the text could be varied |" in capsys.readouterr().out
