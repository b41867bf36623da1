"""`curate ls`: the names there are to use in a recipe or an option, each in one line."""

from __future__ import annotations

from typing import Annotated

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

SHOWN = ("transforms", "checks", "learners", "encoders", "engines", "signals")

Kind = Annotated[str | None, typer.Argument(metavar="KIND", help=f"One of {', '.join(SHOWN)}; all unless given.")]


def ls(kind: Kind = None, json: o.Json = None, quiet: o.Quiet = False) -> None:
    """List transforms, checks, learners and whatever else has a name."""
    from rich.table import Table
    from rich.text import Text

    from curate import registry
    from curate.errors import UnknownName, did_you_mean

    if kind is not None and kind not in SHOWN:
        raise UnknownName(f"there are no {kind!r}", hint=did_you_mean(kind, SHOWN))
    screen = Screen(json, quiet)
    found = {
        one: {name: registry.summary(one, name) for name in registry.names(one)} for one in ([kind] if kind else SHOWN)
    }
    for one, named in found.items():
        if not named:
            continue
        table = Table.grid(padding=(0, 2))
        for name, line in named.items():
            table.add_row(Text(f"  {name}", no_wrap=True), Text(line))
        screen.show(Text(one, style="bold"), table)
    if kind is None:
        screen.show("`curate show NAME` tells all about one")
    screen.json(found)
