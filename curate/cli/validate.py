"""`curate validate`: every fault of a recipe at once, each on a line of its own; nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from curate.cli import options as o
from curate.cli.screen import Screen, console

if TYPE_CHECKING:
    from curate.core.recipe import Recipe


def validate(recipe: o.RecipeFile, json: o.Json = None, quiet: o.Quiet = False) -> None:
    """Say whether a recipe is one, and every fault where it is not."""
    import sys

    from curate.core.recipe import Recipe
    from curate.errors import RecipeError

    screen = Screen(json, quiet)
    try:
        found = Recipe.load(recipe)
    except RecipeError as error:
        for problem in error.problems:
            console(sys.stderr).print(f"{recipe}: {problem}", style="red", soft_wrap=True)
        screen.json({"valid": False, "problems": [{"path": p.path, "message": p.message} for p in error.problems]})
        raise typer.Exit(2) from error
    screen.show(_said(found))
    screen.json({"valid": True, "problems": [], "fingerprint": found.fingerprint, "recipe": found.to_dict()})


def _said(recipe: Recipe) -> str:
    n = len(recipe.steps)
    named = ", ".join(step.name for step in recipe.steps)
    return f"a valid recipe of {n} step{'' if n == 1 else 's'}{': ' + named if named else ''}"
