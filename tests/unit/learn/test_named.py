"""Learners by name and settings: what is said of a setting that does not exist."""

from __future__ import annotations

from typing import Any

import pytest

from curate.errors import CurateError
from curate.learn.named import learner_named


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"modle": "x"}, "there is no setting 'modle'.*did you mean 'model'"),
        ({}, "it needs the setting 'model'"),
        ({"training": {"n_epoch": 2}}, "there is no setting 'training.n_epoch'.*did you mean 'n_epochs'"),
        ({"training.n_epochs": 2}, "write 'training={n_epochs: VALUE}'"),
        ({"strategy": "lorra"}, "there is no strategy 'lorra'.*did you mean 'lora'"),
        ({"strategy": {"name": "lora", "rnk": 2}}, "there is no setting 'strategy.lora.rnk'"),
        ({"max_tokens": 1}, "max_tokens is 1: it must be at least"),
        ({"max_tokens": "abc"}, r"max_tokens is 'abc': it must be a whole number \("),
    ],
)
def test_a_setting_that_is_wrong_is_told_with_what_was_meant(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(CurateError, match=said):
        learner_named({"name": "transformer", "model": "x"} | settings if settings else {"name": "transformer"})
