"""The JSON schema of recipes says of every registered transform what the transform itself says."""

from __future__ import annotations

import json

from curate import registry
from curate.core.schema import recipe_schema


def test_every_transform_has_its_settings_and_guards_in_the_schema() -> None:
    steps = {
        one["properties"]["use"]["const"]: one for one in recipe_schema()["properties"]["steps"]["items"]["anyOf"][1:]
    }
    assert sorted(steps) == registry.names("transforms")
    for name, schema in steps.items():
        own = set(registry.get("transforms", name).model_fields)
        assert set(schema["properties"]) == {"use", "name", "max_drop", "at_inference", *own}
        assert schema["additionalProperties"] is False
        assert schema["required"][0] == "use"


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(recipe_schema())) == recipe_schema()
