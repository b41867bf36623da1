"""The options that several subcommands share, each written once: its flags, its help, its place in the help.

Used as annotations: `def audit(source: Source, text: Text = None, …)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

READING, RESULT, TALK = "Reading", "Result", "Output"


def one_of(*allowed: str) -> Callable[[str | None], str | None]:
    """A callback that lets only some values of an option pass, and names the nearest where one does not."""

    def check(value: str | None) -> str | None:
        from curate.errors import did_you_mean

        if value is not None and value not in allowed:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(allowed)} ({did_you_mean(value, allowed)})")
        return value

    return check


def listed(value: str | None) -> list[str] | None:
    """The parts of `a,b,c`.

    Example:
        >>> listed("a, b,"), listed(None)
        (['a', 'b'], None)
    """
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A file, glob or folder (csv, tsv, jsonl, json, parquet, arrow, txt; also .gz, .zst), or a Hub id org/name.",
    ),
]
RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, as YAML or JSON.")]

Text = Annotated[
    list[str] | None,
    typer.Option("--text", metavar="COLUMN", help="The column of the text; may be given more than once.", rich_help_panel=READING),
]  # fmt: skip
Label = Annotated[
    str | None, typer.Option("--label", metavar="COLUMN", help="The column of the class.", rich_help_panel=READING)
]
Group = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="COLUMN", help="A column of groups; may be given more than once.", rich_help_panel=READING),
]  # fmt: skip
Test = Annotated[
    str | None,
    typer.Option("--test", metavar="SOURCE", help="The sealed test rows, where SOURCE has no split called test.", rich_help_panel=READING),
]  # fmt: skip
Split = Annotated[
    str | None, typer.Option("--split", metavar="NAME", help="The split to work on. [train]", rich_help_panel=READING)
]
Config = Annotated[
    str | None, typer.Option("--config", metavar="NAME", help="The configuration of a Hub dataset.", rich_help_panel=READING)
]  # fmt: skip
Revision = Annotated[
    str | None, typer.Option("--revision", metavar="REV", help="The revision of a Hub dataset.", rich_help_panel=READING)
]  # fmt: skip
Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="A,B,…", help="Names for the columns of a csv or tsv without a header.", rich_help_panel=READING),
]  # fmt: skip
MaxQuarantine = Annotated[
    float | None,
    typer.Option("--max-quarantine", metavar="SHARE", help="The share of rows that may be unreadable or fail. [0.01]", rich_help_panel=READING),
]  # fmt: skip

Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Keys every random draw.", show_default=True)]
RecipeSeed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Keys every random draw. [the recipe's]")
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="Processes; changes no result. [all cores]")
]

Html = Annotated[
    Path | None, typer.Option("--html", metavar="P", help="Write the report as one HTML page.", rich_help_panel=RESULT)
]
Json = Annotated[
    str | None,
    typer.Option("--json", metavar="P", help="Write the result as JSON; - is standard output.", rich_help_panel=TALK),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", rich_help_panel=TALK)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.", rich_help_panel=TALK)]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="Where finished work is kept. [CURATE_CACHE, or the user's cache folder]", rich_help_panel=READING),
]  # fmt: skip
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Keep no finished work: a killed run starts anew.", rich_help_panel=READING)
]
