"""The options that several subcommands share, each written once: its flags, its help, its place in the help.

Used as annotations: `def audit(source: Source, text: Text = None, …)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

READING, RESULT, SAID = "Reading the source", "Writing results", "What is said"


def option(flags: str, metavar: str, help: str, panel: str | None = None, **more: Any) -> Any:
    """A typer option; `flags` parted by spaces, a blank metavar for a switch."""
    return typer.Option(*flags.split(), metavar=metavar, help=help, rich_help_panel=panel, **more)


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


_FORMATS = "csv, tsv, jsonl, json, parquet, arrow, txt; also .gz, .zst"
Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help=f"A file, glob or folder ({_FORMATS}), or a Hub id org/name.")
]
RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, as YAML or JSON.")]

Text = Annotated[
    list[str] | None, option("--text", "COLUMN", "The column of the text; may be given more than once.", READING)
]
Label = Annotated[str | None, option("--label", "COLUMN", "The column of the class.", READING)]
Target = Annotated[
    str | None, option("--target", "COLUMN", "The column to predict: a number, or the answer to a prompt.", READING)
]
Features = Annotated[str | None, option("--features", "A,B,…", "The columns that a learner of tables reads.", READING)]
Group = Annotated[
    list[str] | None, option("--group", "COLUMN", "A column of groups; may be given more than once.", READING)
]
Test = Annotated[
    str | None, option("--test", "SOURCE", "The sealed test rows, where SOURCE has no split called test.", READING)
]
HeldOut = Annotated[
    list[str] | None,
    option(
        "--held-out",
        "NAME=SOURCE",
        "Further sealed rows, such as a benchmark, as the split NAME; may be given more than once.",
        READING,
    ),
]
Merge = Annotated[
    list[str] | None,
    option(
        "--merge",
        "NAME=SOURCE",
        "A further source, of less priority than SOURCE and those before it; may be given more than once.",
        READING,
    ),
]
Split = Annotated[str | None, option("--split", "NAME", "The split to work on; train unless given.", READING)]
Config = Annotated[str | None, option("--config", "NAME", "The configuration of a Hub dataset.", READING)]
Revision = Annotated[str | None, option("--revision", "REV", "The revision of a Hub dataset.", READING)]
Columns = Annotated[
    str | None, option("--columns", "A,B,…", "Names for the columns of a csv or tsv without a header.", READING)
]
Format = Annotated[
    str | None, option("--format", "NAME", "The format of files whose ending does not say it: csv, txt, …", READING)
]
MaxQuarantine = Annotated[
    float | None,
    option(
        "--max-quarantine",
        "SHARE",
        "The share of rows that may be unreadable or fail; 0.01 unless given.",
        READING,
        min=0.0,
        max=1.0,
    ),
]
KeyFile = Annotated[
    Path | None,
    option(
        "--key-file",
        "FILE",
        "The key that opens encrypted Parquet: hexadecimal digits or base64.",
        READING,
        envvar="CURATE_KEY_FILE",
        show_envvar=True,
    ),
]
Cache = Annotated[
    Path | None,
    option("--cache", "DIR", "Where finished work is kept; CURATE_CACHE or the user's cache unless given.", READING),
]
NoCache = Annotated[bool, option("--no-cache", " ", "Keep no finished work: a killed run starts anew.", READING)]

Seed = Annotated[int, option("--seed", "N", "Keys every random draw.")]
RecipeSeed = Annotated[int | None, option("--seed", "N", "Keys every random draw; as in the recipe unless given.")]
Workers = Annotated[
    int | None, option("--workers", "N", "Processes, as many as cores unless given; changes no result.", min=1)
]

Html = Annotated[Path | None, option("--html", "P", "Write the report as one HTML page.", RESULT)]
Json = Annotated[str | None, option("--json", "P", "Write the result as JSON; - is standard output.", SAID)]
Quiet = Annotated[bool, option("--quiet -q", " ", "Say nothing but errors.", SAID)]
Verbose = Annotated[bool, option("--verbose -v", " ", "Say more.", SAID)]
