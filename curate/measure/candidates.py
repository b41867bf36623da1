"""Candidates: the augmenters, each at a few strengths, among which an adviser chooses; and those that cannot be tried.

An augmenter is tried where it has what it needs (a package, a word net, a translator) and varies some of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from curate import registry
from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step_of
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.engines.local import LocalEngine
from curate.errors import CurateError, RecipeError

AUGMENTERS = (
    "augment.aeda",
    "augment.eda",
    "augment.synonym",
    "augment.typo",
    "augment.backtranslate",
)
"""Those that are tried unless others are named."""

STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "n": (1, 4),
    "max_rate": (0.1, 0.3),
    "rate": (0.1, 0.3),
    "alpha": (0.05, 0.2),
}
"""The settings that say how much an augmenter does, each with the values that are tried; `alpha` is EDA's."""
PROBED_ROWS = 50


@dataclass(frozen=True)
class Candidates:
    """What is tried.

    Attributes:
        steps: each augmenter at each strength; the name of a step says which.
        left_out: what is not tried, and why.
    """

    steps: tuple[Step, ...]
    left_out: Mapping[str, str]


def candidates_of(names: Sequence[str], corpus: Corpus, seed: int) -> Candidates:
    """The candidates among some augmenters: each with 1 and 4 variants a row and, where it has a rate, at two.

    Args:
        names: registry names; none: those of `AUGMENTERS` that there are.
        corpus: the training rows; up to 50 of them are tried.
        seed: keys which.

    Raises:
        UnknownName: a name that was given is none.
        CurateError: none of them can be tried.
    """
    known = registry.names("transforms")
    asked = list(dict.fromkeys(names)) or [name for name in AUGMENTERS if name in known]
    steps: list[Step] = []
    left_out: dict[str, str] = {}
    for name in asked:
        kind: type[Transform] = registry.get("transforms", name)
        try:
            made = [_step(name, settings) for settings in _strengths(kind)]
            steps += _of_use(made, corpus, seed)
        except CurateError as error:
            left_out[name] = _why(error, name)
    return _some(steps, left_out)


def given_candidates(recipe: Recipe, corpus: Corpus, seed: int) -> Candidates:
    """The steps of a recipe as candidates, each as it stands."""
    steps: list[Step] = []
    left_out: dict[str, str] = {}
    for one in recipe.steps:
        try:
            steps += _of_use([one], corpus, seed)
        except CurateError as error:
            left_out[one.name] = _why(error, one.name)
    return _some(steps, left_out)


def _why(error: CurateError, name: str) -> str:
    """What stands in the way, in one line that stands behind the name."""
    problems = error.problems if isinstance(error, RecipeError) else [error]
    return " ".join("; ".join(str(problem).removeprefix(name).lstrip(".: ") for problem in problems).split())


def _some(steps: list[Step], left_out: Mapping[str, str]) -> Candidates:
    if steps:
        return Candidates(tuple(steps), left_out)
    why = "; ".join(f"{name}: {said}" for name, said in left_out.items())
    raise CurateError(
        f"no augmenter can be tried on these rows ({why})",
        hint="name others with --try, or give settings with --try-recipe",
    )


def _strengths(kind: type[Transform]) -> list[dict[str, Any]]:
    varied = {name: values for name, values in STRENGTHS.items() if name in kind.model_fields}
    return [dict(zip(varied, values, strict=True)) for values in product(*varied.values())]


def _step(name: str, settings: Mapping[str, Any]) -> Step:
    said = " ".join(f"{setting}={value}" for setting, value in settings.items())
    made = step_of({"use": name, "name": f"{name} {said}".strip(), **settings}, name)
    if isinstance(made, list):
        raise RecipeError(made)
    return made


def _of_use(steps: Sequence[Step], corpus: Corpus, seed: int) -> Sequence[Step]:
    """The steps, once the first of them has been seen to add a row.

    Raises:
        CurateError: it lacks what it needs, or has nothing to add.
    """
    order = StepRandom(seed, "candidates").order(corpus.row_ids())
    probed = corpus.take(np.sort(order[:PROBED_ROWS]))
    edits, failed = LocalEngine().plan(steps[0].transform, probed, step=steps[0].name, seed=seed)
    if failed:
        raise CurateError(f"it fails on {len(failed)} of {len(probed)} rows: {next(iter(failed.values()))}")
    if not edits.adds.num_rows:
        why = ", ".join(f"{reason} {n}" for reason, n in sorted(edits.refused.items()))
        raise CurateError(f"it adds no row to {len(probed)} of these rows" + (f" ({why})" if why else ""))
    return steps
