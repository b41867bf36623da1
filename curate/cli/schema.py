"""`curate schema`: the JSON schemas of a recipe, of audit.json and of measure.json, for editors and other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

SCHEMAS = ("recipe", "audit", "measure")

Of = Annotated[
    str,
    typer.Argument(
        metavar="OF", callback=o.one_of(*SCHEMAS), help=f"One of {', '.join(SCHEMAS)}; recipe unless given."
    ),
]


def schema(of: Of = "recipe", json: o.Json = "-") -> None:
    """Print the JSON schema of a recipe, of audit.json or of measure.json."""
    if of == "recipe":
        from curate.core.schema import recipe_schema as made
    elif of == "audit":
        from curate.audit.schema import json_schema as made
    else:
        from curate.measure.schema import json_schema as made
    Screen(json).json(made())
