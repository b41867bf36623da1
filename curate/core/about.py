"""What there is to know of a registered class: what it does, its settings, its bounds, its reasons, its examples.

Plain values, read from the class itself: `curate show` and the pages of the reference draw them.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curate import registry
from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.recipe import Recipe
from curate.core.signals import Provider, RowSignal
from curate.core.step import Step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.lineage import as_text


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
            "default": None
            if field.is_required()
            else _default(field.get_default(call_default_factory=True), schema.get(name, {})),
            "required": field.is_required(),
            "meaning": told.get(name, ""),
        }
        for name, field in fields.items()
        if name in schema
    ]


def _default(value: Any, schema: Mapping[str, Any]) -> Any:
    """A default as it stands in a recipe, where a map that is held as pairs is a map."""
    if value == () and "object" in (schema.get("type"), *(part.get("type") for part in schema.get("anyOf", ()))):
        return {}
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in words: `whole number, 2 to 50`."""
    if "anyOf" in schema:
        kinds = (_type(part) for part in schema["anyOf"])  # typing may hand out an equal union of another order
        return " or ".join(sorted(kinds, key=lambda kind: (kind == "null", kind)))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "$ref" in schema or "allOf" in schema:
        return str(schema.get("$ref", "object")).rsplit("/", 1)[-1].lower()
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


def told(found: Any) -> str:
    """The docstring down to its first section."""
    doc = inspect.getdoc(found) or ""
    lines: list[str] = []
    for line in doc.splitlines():
        if line in ("Attributes:", "Args:", "Example:", "Raises:", "Returns:"):
            break
        lines.append(line)
    return "\n".join(lines).strip()


def bounds(found: Any) -> list[dict[str, Any]]:
    """The bounds of a filter: the setting, which side it drops, of what, in which unit, the default, what is usual."""
    if not (isinstance(found, type) and issubclass(found, DropOutside)):
        return []
    rows, known = [], registry.names("signals")
    for name, (signal, reason) in found.bounds.items():
        provider: type[Provider] = registry.get("signals", signal) if signal in known else Provider  # or a column's
        rows.append(
            {
                "setting": name,
                "drops": f"{'below' if name.startswith('min_') else 'above'} it",
                "signal": signal,
                "unit": provider.unit if issubclass(provider, RowSignal) else "",
                "default": found.model_fields[name].default,
                "reason": reason,
                "typical": found.typical.get(signal, ""),
            }
        )
    return rows


def examples(found: Any) -> list[dict[str, Any]]:
    """The examples of a transform, tried: the reason, the settings, and the cells before and after."""
    if not (isinstance(found, type) and issubclass(found, Transform)):
        return []
    return [one for reason, example in found.examples.items() for one in _tried(found, reason, example)]


def _tried(found: type[Transform], reason: str, example: Example) -> list[dict[str, Any]]:
    """The first row of an example that gets the reason, by what becomes of it."""
    corpus = example.corpus()
    curated = Recipe([Step(found(**example.settings))], max_quarantine=1).run(corpus)
    told = [event for event in curated.lineage().to_pylist() if event["reason"] == reason]
    if not told:
        return []
    before, after = _cells(corpus, curated.corpus, told)
    given = dict(example.settings)
    return [{"reason": reason, "kind": told[0]["kind"], "settings": given, "before": before, "after": after}]


def _cells(corpus: Corpus, made: Corpus, told: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    """The cells before and after the first of some events; of new columns, all that came of the row."""
    event = told[0]
    if event["kind"] in ("set", "add"):
        at = made.row_ids().tolist().index(event["row_id"])
        now = {name: as_text(column.combine_chunks())[at].as_py() for name, column in _columns(made)}
    if event["kind"] == "add":
        texts = [now[name] for name in made.roles.text if now[name] is not None]
        return corpus.texts()[event["parents"][0]], "\n".join(texts)
    if event["kind"] == "set" and event["column"] not in corpus.column_names:
        row = {name: as_text(column.combine_chunks())[event["row_id"]].as_py() for name, column in _columns(corpus)}
        set_here = [other["column"] for other in told if other["row_id"] == event["row_id"]]
        return _lines(row), _lines({name: now[name] for name in set_here})
    if event["kind"] == "set":
        return event["before"], now[event["column"]]
    return event["before"] if event["before"] is not None else corpus.texts()[event["row_id"]], None


def _columns(corpus: Corpus) -> list[tuple[str, pa.ChunkedArray]]:
    table = corpus.table()
    return list(zip(table.column_names, table.columns, strict=True))


def _lines(cells: Mapping[str, str | None]) -> str:
    """Cells by name, a line each; a text alone as it is."""
    if list(cells) == ["text"]:
        return cells["text"] or ""
    return "\n".join(f"{name}: {'null' if value is None else value}" for name, value in cells.items())


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
    return f"  {setting['name']}: {as_yaml(setting['default'])}"


def as_yaml(value: Any) -> str:
    """A value as it stands in a recipe."""
    if isinstance(value, str) and re.fullmatch(r"\w[\w ./-]*", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def about(kind: str, name: str) -> dict[str, Any]:
    """All there is to know of a registered name, as plain values."""
    found = registry.get(kind, name)
    return {
        "name": name,
        "kind": kind,
        "version": getattr(found, "version", None),
        "about": told(found),
        "needs": sorted(getattr(found, "needs", ())),
        "reasons": dict(getattr(found, "reasons", {})),
        "refusals": dict(getattr(found, "refusals", {})),
        "settings": settings(found),
        "languages": getattr(found, "languages", ""),
        "bounds": bounds(found),
        "examples": examples(found),
        "use": _snippet(kind, name, found),
    }
