"""`curate show`: all about one transform, check or learner: what it does, its settings, its reasons, how to use it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `curate ls` lists it.")]
Set = Annotated[
    list[str] | None, o.option("--set", "KEY=VALUE", "A setting of a transform, to tell what follows from it.")
]
_EVERY_STEP = (
    "Every step also takes `name`; `max_drop`, the share of its rows beyond which it stops the run (0 to 1); and "
    "`at_inference: true`, by which `measure` runs it on the test inputs too."
)


def show(name: Name, set: Set = None, json: o.Json = None, quiet: o.Quiet = False) -> None:
    """Tell all about one transform, check or learner."""
    kind = _kind(name)
    from curate import registry

    found = registry.get(kind, name)
    screen = Screen(json, quiet)
    figures = _figures(kind, name, found, set or [])
    screen.show(*_told(kind, name, found), *_drawn(figures))
    screen.json({**_plain(kind, name, found), **({"figures": figures} if figures else {})})


def _figures(kind: str, name: str, found: Any, given: list[str]) -> dict[str, Any]:
    """What follows from the settings of a transform, where it says so.

    Raises:
        CurateError: settings were given to something else, or one is not KEY=VALUE.
        RecipeError: a setting is not known or out of its range.
    """
    import yaml

    from curate.core.step import step
    from curate.core.transform import Transform
    from curate.errors import CurateError

    if given and kind != "transforms":
        raise CurateError(f"--set names a setting of a transform; {name} is one of the {kind}")
    parted = [one.partition("=") for one in given]
    for key, equals, _ in parted:
        if not key or not equals:
            raise CurateError(f"--set {key!r} is no KEY=VALUE", hint="--set min_similarity=0.7")
    if kind != "transforms" or (not given and found.figures is Transform.figures):
        return {}
    return step(name, **{key: yaml.safe_load(value) for key, _, value in parted}).transform.figures()


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


def settings(found: Any) -> list[dict[str, Any]]:
    """The settings of a class with pydantic fields: name, type and range, default, and what its docstring says."""
    fields = getattr(found, "model_fields", {})
    told: dict[str, str] = {}
    for base in reversed(inspect.getmro(found)):  # a setting that a class inherits is told where it is declared
        told.update(_attributes(inspect.cleandoc(base.__doc__ or "")) if base is not object else {})
    schema = found.model_json_schema()["properties"] if fields else {}
    return [
        {
            "name": name,
            "type": _type(schema.get(name, {})),
            "default": None if field.is_required() else _default(field.get_default(call_default_factory=True)),
            "required": field.is_required(),
            "meaning": told.get(name, ""),
        }
        for name, field in fields.items()
        if name in schema
    ]


def _default(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in words: `whole number, 2 to 50`."""
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "$ref" in schema or "allOf" in schema:
        return schema.get("$ref", "object").rsplit("/", 1)[-1].lower()
    names = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "true or false",
        "null": "null",
    }
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return f"list of {'any of ' if 'enum' in items else ''}{_type(items)}" if items else "list"
    said = names.get(schema.get("type", ""), schema.get("type", "any"))
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "below"),
        )
        if key in schema
    ]
    return ", ".join([said, *bounds])


def _attributes(doc: str) -> dict[str, str]:
    """What the `Attributes:` or `Args:` of a Google docstring says of each name."""
    told: dict[str, str] = {}
    inside, name = False, ""
    for line in doc.splitlines():
        if line in ("Attributes:", "Args:"):
            inside = True
        elif inside and line and not line.startswith(" "):
            inside = False
        elif inside and line.startswith("    ") and not line.startswith("     "):
            name, _, said = line.strip().partition(": ")
            told[name] = said
        elif inside and name and line.strip():
            told[name] += " " + line.strip()
    return told


def _about(found: Any) -> str:
    """The docstring down to its first section."""
    doc = inspect.getdoc(found) or ""
    lines: list[str] = []
    for line in doc.splitlines():
        if line in ("Attributes:", "Args:", "Example:", "Raises:", "Returns:"):
            break
        lines.append(line)
    return "\n".join(lines).strip()


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


def _snippet(kind: str, name: str, found: Any) -> str:
    """How it is used: a step of a recipe, or an option of a command."""
    if kind == "transforms":
        lines = [f"- use: {name}", *map(_line, settings(found))]
        return "\n".join(lines)
    if kind == "checks":
        return f"curate audit SOURCE --checks {name}"
    return f"curate measure RECIPE SOURCE --learner {name}" if kind == "learners" else ""


def _line(setting: dict[str, Any]) -> str:
    """A setting as it stands in a recipe; one without a value as a comment."""
    if setting["default"] is None:
        return f"  # {setting['name']}: …"
    return f"  {setting['name']}: {_yaml(setting['default'])}"


def _yaml(value: Any) -> str:
    import json

    return value if isinstance(value, str) else "null" if value is None else json.dumps(value, ensure_ascii=False)


def _plain(kind: str, name: str, found: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "version": getattr(found, "version", None),
        "about": _about(found),
        "needs": sorted(getattr(found, "needs", ())),
        "reasons": dict(getattr(found, "reasons", {})),
        "settings": settings(found),
        "use": _snippet(kind, name, found),
    }


def _told(kind: str, name: str, found: Any) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    plain = _plain(kind, name, found)
    version = f", version {plain['version']}" if plain["version"] else ""
    yield Text.assemble((name, "bold"), f"  {kind.removesuffix('s')}{version}")
    yield Text(_flowing(plain["about"]))
    if plain["needs"]:
        yield Text("\n" + "\n".join(_needed(plain["needs"])))
    if plain["settings"]:
        yield Text("\nsettings", style="bold")
    for one in plain["settings"]:
        default = "required" if one["required"] else f"{_yaml(one['default'])} unless given"
        yield Padding(Text.assemble((one["name"], "bold"), f"  {one['type']}; {default}"), (0, 0, 0, 2))
        if one["meaning"]:
            yield Padding(Text(one["meaning"], style="dim"), (0, 0, 0, 6))
    if plain["reasons"]:
        yield Text("\nreasons", style="bold")
        table = Table.grid(padding=(0, 2))
        for reason, meaning in plain["reasons"].items():
            table.add_row(Text(f"  {reason}"), Text(meaning, style="dim"))
        yield table
    if plain["use"]:
        yield Text("\nuse", style="bold")
        yield Text("\n".join(f"  {line}" for line in plain["use"].splitlines()))
    if kind == "transforms":
        yield Padding(Text(_EVERY_STEP, style="dim"), (1, 0, 0, 2))
