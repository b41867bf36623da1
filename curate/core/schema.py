"""The JSON schema of a recipe: what `Recipe.from_dict` takes, for editors and other programs.

Composed from the settings of every registered transform, plugins included.
"""

from __future__ import annotations

from typing import Any

from curate import registry
from curate.core.recipe import FORMAT, MAX_QUARANTINE
from curate.data.roles import Roles

_GUARDS: dict[str, Any] = {
    "name": {"type": "string", "description": "the step's own name; that of its transform unless given"},
    "max_drop": {
        "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}],
        "description": "the largest share of its rows the step may drop",
    },
    "at_inference": {
        "type": "boolean",
        "default": False,
        "description": "in a measurement, run it on the test inputs too",
    },
}


def recipe_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a recipe.

    Example:
        >>> sorted(recipe_schema()["properties"])
        ['max_quarantine', 'roles', 'seed', 'steps', 'version']
    """
    names = registry.names("transforms")
    kinds = {name: _step(name) for name in names}
    defs: dict[str, Any] = {}
    for plain in kinds.values():
        defs.update(plain.pop("$defs", {}))
    share = {"type": "number", "minimum": 0, "maximum": 1, "default": MAX_QUARANTINE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"curate.recipe/{FORMAT}",
        "title": "Recipe",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"const": FORMAT},
            "seed": {"type": "integer", "default": 0, "description": "keys every random draw"},
            "roles": _roles(),
            "max_quarantine": {**share, "description": "the largest share of rows that may fail"},
            "steps": {"type": "array", "items": {"anyOf": [{"enum": names}, *kinds.values()]}},
        },
        "$defs": defs,
    }


def _step(name: str) -> dict[str, Any]:
    """The schema of a step of one transform: its settings, its guards, and the name it is used by."""
    plain: dict[str, Any] = registry.get("transforms", name).model_json_schema()
    plain["properties"] = {"use": {"const": name}, **_GUARDS, **plain.get("properties", {})}
    plain["required"] = ["use", *plain.get("required", [])]
    return plain


def _roles() -> dict[str, Any]:
    """The schema of roles: a column, or a list of columns, for each."""
    one: dict[str, Any] = {"type": "string"}
    several = {"anyOf": [one, {"type": "array", "items": one}]}
    none = {"type": "null"}
    fields = {
        name: {"anyOf": [several if field.annotation == tuple[str, ...] else one, none]}
        for name, field in Roles.model_fields.items()
    }
    return {"anyOf": [{"type": "object", "additionalProperties": False, "properties": fields}, none]}
