from __future__ import annotations

from typing import Any

from curate.audit.remedies import recipe_of
from curate.core.check import Finding
from curate.data.roles import Roles


def steps(*remedies: dict[str, Any]) -> list[dict[str, Any]]:
    findings = [Finding("check", "title", "low", remedy=remedy) for remedy in remedies]
    return [step.to_dict() for step in recipe_of(findings, roles=Roles(text="text"), seed=7).steps]


def test_text_is_mended_before_rows_are_dropped_and_classes_filled_last() -> None:
    given = [
        {"use": use}
        for use in (
            "rebalance.oversample",
            "labels.drop_issues",
            "dedup.exact",
            "filter.missing",
            "clean.pii",
            "clean.whitespace",
            "clean.html",
        )
    ]
    length = {"use": "filter.length", "max_characters": 9}
    assert [step["use"] for step in steps(*given, length)] == [
        "clean.html",
        "clean.whitespace",
        "clean.pii",
        "filter.missing",
        "filter.length",
        "dedup.exact",
        "labels.drop_issues",
        "rebalance.oversample",
    ]


def test_the_same_remedy_twice_is_one_step() -> None:
    assert steps({"use": "dedup.exact"}, {"use": "dedup.exact"}) == [{"use": "dedup.exact"}]


def test_settings_that_agree_are_joined_and_others_get_a_name_of_their_own() -> None:
    assert steps({"use": "filter.length", "min_words": 2}, {"use": "filter.length", "max_words": 9}) == [
        {"use": "filter.length", "min_words": 2, "max_words": 9}
    ]
    assert steps({"use": "filter.length", "min_words": 2}, {"use": "filter.length", "min_words": 3}) == [
        {"use": "filter.length", "min_words": 2},
        {"use": "filter.length", "name": "filter.length.2", "min_words": 3},
    ]


def test_roles_and_seed_travel_with_the_recipe() -> None:
    recipe = recipe_of([], roles=Roles(text="body", label="topic"), seed=7)
    assert recipe.to_dict() == {"version": 1, "seed": 7, "roles": {"text": "body", "label": "topic"}, "steps": []}
