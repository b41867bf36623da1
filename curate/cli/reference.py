"""The page of one transform, check or learner as Markdown: what `curate show` tells, as a page of documentation.

The pages under docs/reference/transforms are made of it: `curate show NAME --markdown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curate.report.model import Block, Code, Diff, Section


def page(plain: Mapping[str, Any]) -> str:
    r"""A page of what `curate.core.about` tells.

    Example:
        >>> from curate.core.about import about
        >>> print(page(about("transforms", "clean.whitespace")).split("\\n\\n")[0])
        # `clean.whitespace`
    """
    from curate.report.markdown import draw

    parts = [f"# `{plain['name']}`", plain["about"], *_lines(plain)]
    for section in _sections(plain):
        parts.append(f"## {section.title}")
        parts += [draw(block, 3) for block in section.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(plain: Mapping[str, Any]) -> Iterator[str]:
    said = [("needs", ", ".join(plain["needs"])), ("languages", plain["languages"]), ("version", plain["version"])]
    yield "\n".join(f"- {name}: {value}" for name, value in said if value)


def _sections(plain: Mapping[str, Any]) -> Iterator[Section]:
    from curate.report.model import Code, Section

    yield Section("In a recipe", (Code(plain["use"]),))
    if plain["settings"]:
        yield Section("Settings", (_settings(plain["settings"]),))
    if plain["bounds"]:
        yield Section("Bounds", (_bounds(plain["bounds"]),))
    if plain["reasons"]:
        yield Section("Reasons", (_reasons(plain["reasons"]), *map(sides, plain["examples"])))


def _settings(settings: list[dict[str, Any]]) -> Block:
    from curate.core.about import as_yaml
    from curate.report.model import Column, Table

    names = ("setting", "what it is", "unless given", "what it means")
    kinds = ("code", "text", "code", "text")
    rows = [
        (one["name"], one["type"], "required" if one["required"] else as_yaml(one["default"]), one["meaning"])
        for one in settings
    ]
    return Table(tuple(map(Column, names, kinds)), tuple(rows))  # type: ignore[arg-type]


def _bounds(bounds: list[dict[str, Any]]) -> Block:
    from curate.report.model import Column, Table

    rows = [
        (one["setting"], f"{one['signal']} {one['drops']}", one["unit"], one["reason"], one["typical"])
        for one in bounds
    ]
    return Table(tuple(map(Column, ("bound", "drops", "in", "reason", "usual"))), tuple(rows))


def _reasons(reasons: Mapping[str, str]) -> Block:
    from curate.report.model import Column, Table

    return Table((Column("reason", "code"), Column("meaning")), tuple(reasons.items()))


def sides(example: Mapping[str, Any]) -> Diff | Code:
    """An example: what goes and what comes; of a row that is dropped or added, the row."""
    from curate.core.about import as_yaml
    from curate.report.model import Code, Diff

    given = ", ".join(f"{key}: {as_yaml(value)}" for key, value in example["settings"].items())
    differ = example["kind"] == "add" and example["before"] is not None and example["before"] != example["after"]
    if example["kind"] == "set" or differ:
        return Diff(example["before"], example["after"], ", ".join(filter(None, [example["reason"], given])))
    done = f"the row is {'dropped' if example['kind'] == 'drop' else 'added'}"
    caption = ", ".join(filter(None, [example["reason"], given, done]))
    return Code(example["before"] or example["after"] or "", "text", caption)
