"""Settings that users write: commas part them only where they are not part of a value, and bad YAML is one line."""

from __future__ import annotations

import pytest

from curate.cli.asked import second_learner, sweeps
from curate.cli.settings import learner_of, parted, settings, value_of
from curate.core.recipe import Recipe
from curate.errors import CurateError, RecipeError


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a=1,b=2", ["a=1", "b=2"]),
        ("a=[1, [2, 3]],b={c: [4, 5], d: 6}", ["a=[1, [2, 3]]", "b={c: [4, 5], d: 6}"]),
        ("a='x, y', b=\"u, v\"", ["a='x, y'", 'b="u, v"']),
        ("a=it's,b=rows'", ["a=it's", "b=rows'"]),
        (" ,a=1,, ", ["a=1"]),
        ("a=[1, 2", ["a=[1, 2"]),
        ("", []),
    ],
)
def test_commas_within_brackets_braces_and_quotes_part_nothing(text: str, parts: list[str]) -> None:
    assert parted(text) == parts


def test_a_second_learner_takes_lists_and_mappings() -> None:
    bag = second_learner("bag:words=[1, 2],dim=64")
    assert bag is not None
    assert (bag.model_dump(mode="json")["words"], bag.model_dump()["dim"]) == ([1, 2], 64)
    lora = second_learner("transformer:strategy={name: lora, rank: 4},model=some/model")
    assert lora is not None
    assert lora.model_dump()["strategy"]["rank"] == 4


def test_values_of_a_sweep_may_be_lists() -> None:
    assert sweeps(["augment.x.words=[1, 2],[1, 3],null"]) == {"augment.x.words": [[1, 2], [1, 3], None]}


@pytest.mark.parametrize("bad", ["{a: 5", "[1, 2", "2024-13-45", "!!int x", "{[1]: 2}", "'open", "\x00", "a\n---\nb"])
def test_what_yaml_cannot_read_is_one_line_with_the_option(bad: str) -> None:
    with pytest.raises(CurateError, match="--learner-set: YAML cannot read") as caught:
        value_of(bad, "--learner-set")
    assert "\n" not in str(caught.value)
    with pytest.raises(RecipeError):
        Recipe.from_yaml(f"version: 1\nseed: {bad}\nsteps: [dedup.exact]")


def test_what_is_no_setting_is_said() -> None:
    with pytest.raises(CurateError, match="--confirm 'words' is no KEY=VALUE"):
        settings(["words"], "--confirm")
    with pytest.raises(Exception, match="the learner is bag and has no setting 'name'"):
        learner_of("bag", ["name=linear"])


def test_a_recipe_whose_key_is_a_list_is_refused() -> None:
    with pytest.raises(RecipeError, match="a key is a list or a mapping"):
        Recipe.from_yaml("version: 1\nsteps:\n- {use: dedup.exact, ? [a] : 3}")
