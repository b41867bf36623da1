"""The commands that go on from a recipe that an audit wrote, as they are to be typed.

Said by `curate audit --recipe`. What was said of the source is said again, but for its roles: the recipe has them.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curate.cli.source import Reading
    from curate.core.recipe import Recipe

OUT = "curated/"
NOT_MEASURED = "dedup.leakage"


def onward(
    recipe: Recipe, place: Path, source: str, test: str | None, reading: Reading, key_file: Path | None = None
) -> list[str]:
    """How to run a recipe on the rows that were audited, and how to measure it; nothing where it has no steps.

    Args:
        recipe: what was written to `place`.
        place: where it lies.
        source: what was audited.
        test: the sealed test rows, where they were named.
        reading: how the source was read.
        key_file: the file of the key that opens the source.

    Example:
        >>> from curate.cli.source import Reading
        >>> from curate.core.recipe import Recipe
        >>> onward(Recipe(["dedup.exact"]), Path("r.yaml"), "my rows.csv", "t.csv", Reading())
        ["curate run r.yaml 'my rows.csv' --test t.csv --out curated/"]
    """
    if not recipe.steps:
        return []
    given = [str(place), source, *_options(test, reading, key_file)]
    commands = [["run", *given, "--out", OUT]]
    if recipe.roles.label and recipe.roles.text and any(s.transform.name != NOT_MEASURED for s in recipe.steps):
        commands.append(["measure", *given])
    return [shlex.join(["curate", *command]) for command in commands]


def _options(test: str | None, reading: Reading, key_file: Path | None) -> list[str]:
    single = {
        "--test": test,
        "--split": reading.split,
        "--config": reading.config,
        "--revision": reading.revision,
        "--columns": reading.columns,
        "--format": reading.format,
        "--max-quarantine": reading.max_quarantine,
        "--key-file": key_file,
    }
    several = {"--held-out": reading.held_out, "--merge": reading.merge}
    said = [part for option, value in single.items() if value is not None for part in (option, str(value))]
    return said + [part for option, values in several.items() for value in values or () for part in (option, value)]
