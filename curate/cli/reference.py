"""The page of one transform, check or learner as Markdown: what `curate show` tells, as a page of documentation.

The pages under docs/reference/transforms are made of it: `curate show NAME --markdown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curate.report.model import Code, Diff


def page(plain: Mapping[str, Any]) -> str:
    r"""A page of what `curate.core.about` tells, whole: no table and no text is cut short.

    Example:
        >>> from curate.core.about import about
        >>> print(page(about("transforms", "clean.whitespace")).split("\n\n")[0])
        # `clean.whitespace`
    """
    parts = [f"# `{plain['name']}`", plain["about"], *_lines(plain), *_parts(plain)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(plain: Mapping[str, Any]) -> Iterator[str]:
    said = [("needs", ", ".join(plain["needs"])), ("languages", plain["languages"]), ("version", plain["version"])]
    yield "\n".join(f"- {name}: {value}" for name, value in said if value)


def _parts(plain: Mapping[str, Any]) -> Iterator[str]:
    from curate.core.about import as_yaml
    from curate.report.markdown import draw

    yield f"## In a recipe\n\n```yaml\n{plain['use']}\n```"
    if plain["settings"]:
        rows = [
            (one["name"], one["type"], "required" if one["required"] else as_yaml(one["default"]), one["meaning"])
            for one in plain["settings"]
        ]
        yield "## Settings\n\n" + _table(("setting", "what it is", "unless given", "what it means"), rows)
    if plain["bounds"]:
        bounds = [
            (one["setting"], f"{one['signal']} {one['drops']}", one["unit"], one["reason"], one["typical"])
            for one in plain["bounds"]
        ]
        yield "## Bounds\n\n" + _table(("bound", "drops", "in", "reason", "usual"), bounds)
    if plain["reasons"]:
        yield "## Reasons\n\n" + _table(("reason", "meaning"), plain["reasons"].items())
        yield from (draw(sides(example), 3) for example in plain["examples"])
    if plain["refusals"]:
        said = "Variants that become no row, and are counted.\n\n"
        yield "## Refusals\n\n" + said + _table(("refused as", "because"), plain["refusals"].items())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    from curate.report.markdown import escape

    written = [heads, ["---"] * len(heads), *([escape(" ".join(cell.split())) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in written)


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
