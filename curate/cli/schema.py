"""`curate schema`: the JSON schemas of a recipe and of what `audit` and `measure` write, for editors and programs."""

from __future__ import annotations

from typing import Annotated

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

SCHEMAS = ("recipe", "audit", "measure", "plan", "certificate", "advice")

Of = Annotated[
    str,
    typer.Argument(
        metavar="OF", callback=o.one_of(*SCHEMAS), help=f"One of {', '.join(SCHEMAS)}; recipe unless given."
    ),
]


def schema(of: Of = "recipe", json: o.Json = "-") -> None:
    """Print the JSON schema of a recipe, or of what audit, measure (--plan, --placebo-only) or advise writes."""
    if of == "recipe":
        from curate.core.schema import recipe_schema as made
    elif of == "audit":
        from curate.audit.schema import json_schema as made
    elif of == "plan":
        from curate.measure.plan_schema import json_schema as made
    elif of == "advice":
        from curate.measure.advice_schema import json_schema as made
    elif of == "certificate":
        from curate.measure.certificate_schema import json_schema as made
    else:
        from curate.measure.schema import json_schema as made
    Screen(json).json(made())
