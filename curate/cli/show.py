"""`curate show`: all about one transform, check or learner: what it does, its settings, its reasons, how to use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli import options as o
from curate.cli.screen import Screen
from curate.cli.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `curate ls` lists it.")]
Set = Annotated[
    list[str] | None, o.option("--set", "KEY=VALUE", "A setting of a transform, to tell what follows from it.")
]
Markdown = Annotated[bool, o.option("--markdown", " ", "Write it as a page of documentation.", o.SAID)]
_EVERY_STEP = (
    "Every step also takes `name`; `max_drop`, the share of its rows beyond which it stops the run (0 to 1); and "
    "`at_inference: true`, by which `measure` runs it on the test inputs too."
)


def show(name: Name, set: Set = None, markdown: Markdown = False, json: o.Json = None, quiet: o.Quiet = False) -> None:
    """Tell all about one transform, check or learner."""
    kind = _kind(name)
    from curate import registry
    from curate.cli.reference import page
    from curate.core.about import about

    screen = Screen(json, quiet)
    figures = _figures(kind, name, registry.get(kind, name), set or [])
    plain = about(kind, name)
    if markdown:
        typer.echo(page(plain), nl=False)
        return
    screen.show(*_told(plain), *_drawn(figures))
    screen.json({**plain, **({"figures": figures} if figures else {})})


def _figures(kind: str, name: str, found: Any, given: list[str]) -> dict[str, Any]:
    """What follows from the settings of a transform, where it says so.

    Raises:
        CurateError: settings were given to something else, or one is not KEY=VALUE.
        RecipeError: a setting is not known or out of its range.
    """
    from curate.core.step import step
    from curate.core.transform import Transform
    from curate.errors import CurateError

    if given and kind != "transforms":
        raise CurateError(f"--set names a setting of a transform; {name} is one of the {kind}")
    chosen = settings(given, "--set")
    for key in ("use", "name"):
        if key in chosen:
            raise CurateError(f"--set {key}: that is of a step in a recipe, no setting of {name}")
    if kind != "transforms" or (not chosen and found.figures is Transform.figures):
        return {}
    return step(name, **chosen).transform.figures()


def _drawn(figures: dict[str, Any]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    from curate.audit.evidence import blocks
    from curate.report.terminal import draw

    if figures:
        yield Text("\nwith these settings", style="bold")
    for block in blocks(figures, lambda *_: None):
        yield Padding(draw(block), (0, 0, 0, 2))


def _kind(name: str) -> str:
    from curate import registry
    from curate.errors import UnknownName, did_you_mean

    homes = {each: kind for kind in registry.KINDS for each in registry.names(kind)}
    if name not in homes:
        raise UnknownName(f"nothing is called {name!r}", hint=did_you_mean(name, homes))
    return homes[name]


def _flowing(text: str) -> str:
    """A docstring without its line ends inside paragraphs: the screen has a width of its own."""
    return re.sub(r"(?<!\n)\n(?=\S)(?!- )", " ", text)


def _needed(needs: Sequence[str]) -> Iterator[str]:
    """The roles that must be there, and the signals that are computed where they are not."""
    from curate.core.transform import ROLE_NAMES

    if roles := [need for need in needs if need in ROLE_NAMES]:
        yield f"needs the role: {', '.join(roles)}"
    if signals := [need for need in needs if need not in ROLE_NAMES]:
        yield f"reads the signal: {', '.join(signals)} (computed, unless a column has that name)"


def _told(plain: dict[str, Any]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from curate.core.about import as_yaml

    version = f", version {plain['version']}" if plain["version"] else ""
    yield Text.assemble((plain["name"], "bold"), f"  {plain['kind'].removesuffix('s')}{version}")
    yield Text(_flowing(plain["about"]))
    if plain["needs"]:
        yield Text("\n" + "\n".join(_needed(plain["needs"])))
    if plain["languages"]:
        yield Text(f"languages: {plain['languages']}")
    if plain["settings"]:
        yield Text("\nsettings", style="bold")
    for one in plain["settings"]:
        default = "required" if one["required"] else f"{as_yaml(one['default'])} unless given"
        yield Padding(Text.assemble((one["name"], "bold"), f"  {one['type']}; {default}"), (0, 0, 0, 2))
        if one["meaning"]:
            yield Padding(Text(one["meaning"], style="dim"), (0, 0, 0, 6))
    yield from _bounds(plain["bounds"])
    for title, meanings in (("reasons", plain["reasons"]), ("refused, and counted", plain["refusals"])):
        if meanings:
            yield Text(f"\n{title}", style="bold")
            table = Table.grid(padding=(0, 2))
            for reason, meaning in meanings.items():
                table.add_row(Text(f"  {reason}"), Text(meaning, style="dim"))
            yield table
    yield from _examples(plain["examples"])
    if plain["use"]:
        yield Text("\nuse", style="bold")
        yield Text("\n".join(f"  {line}" for line in plain["use"].splitlines()))
    if plain["kind"] == "transforms":
        yield Padding(Text(_EVERY_STEP, style="dim"), (1, 0, 0, 2))


def _bounds(bounds: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    """Which side each bound drops, in which unit, and what is usual."""
    from rich.padding import Padding
    from rich.text import Text

    if bounds:
        yield Text("\nbounds", style="bold")
    for one in bounds:
        unit = f", in {one['unit']}" if one["unit"] else ""
        said = Text.assemble((one["setting"], "bold"), f"  drops rows with {one['signal']} {one['drops']}{unit}")
        yield Padding(said, (0, 0, 0, 2))
        if one["typical"]:
            yield Padding(Text(f"usual: {one['typical']}", style="dim"), (0, 0, 0, 6))


def _examples(examples: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    """For each reason a text before and after."""
    from rich.padding import Padding
    from rich.text import Text

    from curate.cli.reference import sides
    from curate.report.terminal import draw

    if examples:
        yield Text("\nexamples", style="bold")
    for one in examples:
        yield Padding(draw(sides(one)), (0, 0, 0, 2))
