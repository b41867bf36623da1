"""The remedies of many findings as one recipe: repair text first, then drop what is empty, repeated or mislabelled,
then rebalance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curate.core.check import Finding
from curate.core.recipe import FORMAT, Recipe
from curate.data.roles import Roles

ORDER = (
    "clean.unicode",
    "clean.control",
    "clean.boilerplate",
    "clean.",
    "clean.pii",
    "labels.merge_names",
    "filter.missing",
    "filter.",
    "dedup.exact",
    "dedup.near",
    "dedup.",
    "labels.",
    "rebalance.",
)
"""Each step works on what those before it leave: bytes are mended before markup, and markup before white space; cleaned
texts and names are compared, rows go as a whole before parts of them are cut, and only rows that stay are judged and
copied.
"""


def recipe_of(findings: Iterable[Finding], *, roles: Roles, seed: int) -> Recipe:
    """The remedies of `findings`, each once, in order.

    Remedies of one transform become one step where their settings do not contradict each other.

    Example:
        >>> wanted = [{"use": "dedup.exact"}, {"use": "clean.html"}, {"use": "dedup.exact", "conflicts": "drop"}]
        >>> recipe = recipe_of([Finding("c", "t", "low", remedy=r) for r in wanted], roles=Roles(), seed=0)
        >>> [step.to_dict() for step in recipe.steps]
        [{'use': 'clean.html'}, {'use': 'dedup.exact', 'conflicts': 'drop'}]
    """
    merged: list[dict[str, Any]] = []
    for finding in findings:
        if finding.remedy is not None:
            _merge(merged, finding.remedy)
    merged.sort(key=lambda step: (_rank(step["use"]), step["use"]))
    named: set[str] = set()
    for step in merged:
        if step.setdefault("name", step["use"]) in named:
            step["name"] = next(name for n in range(2, len(merged) + 2) if (name := f"{step['use']}.{n}") not in named)
        named.add(step["name"])
    plain = {role: value for role, value in roles.model_dump(mode="json").items() if value}
    return Recipe.from_dict({"version": FORMAT, "seed": seed, "roles": plain, "steps": merged})


def _merge(steps: list[dict[str, Any]], remedy: Mapping[str, Any]) -> None:
    for step in steps:
        if step["use"] == remedy["use"] and all(step.get(key, value) == value for key, value in remedy.items()):
            step.update(remedy)
            return
    steps.append(dict(remedy))


def _rank(use: str) -> int:
    """The place of the longest beginning that a name has."""
    fits = [(len(start), at) for at, start in enumerate(ORDER) if use.startswith(start)]
    return max(fits)[1] if fits else len(ORDER)
