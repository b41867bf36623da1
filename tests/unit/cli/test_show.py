"""What `curate show` tells of a class, and `curate doctor` of a machine."""

from __future__ import annotations

import tomllib
from pathlib import Path

from curate import registry
from curate.cli.doctor import EXTRAS
from curate.cli.show import settings

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


def test_doctor_knows_every_extra() -> None:
    extras = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(extras) - {"all", "dev", "gpu"}
