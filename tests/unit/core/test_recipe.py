"""A recipe is the same thing in YAML, JSON and Python, and tells all its faults at once, before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.core.function import Drop
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.errors import CurateError, InputError, RecipeError
from curate.transforms.clean.whitespace import CleanWhitespace
from curate.transforms.filter.length import DropByLength

YAML = """
version: 1
seed: 7
roles: {text: body, label: topic}
max_quarantine: 0.2
steps:
  - use: clean.unicode
  - clean.whitespace
  - use: filter.length
    name: short
    min_words: 3
    max_drop: 0.5
    at_inference: true
"""


def faults(text: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        Recipe.from_yaml(text)
    return [str(problem) for problem in caught.value.problems]


def test_yaml_says_what_it_says() -> None:
    recipe = Recipe.from_yaml(YAML)
    assert [one.name for one in recipe.steps] == ["clean.unicode", "clean.whitespace", "short"]
    assert (recipe.seed, recipe.max_quarantine) == (7, 0.2)
    assert (recipe.roles.text, recipe.roles.label) == (("body",), "topic")
    last = recipe.steps[-1]
    assert last.transform == DropByLength(min_words=3)
    assert (last.max_drop, last.at_inference) == (0.5, True)


def test_yaml_json_and_python_are_one_recipe() -> None:
    recipe = Recipe.from_yaml(YAML)
    python = Recipe(
        [
            "clean.unicode",
            CleanWhitespace(),
            step("filter.length", name="short", min_words=3, max_drop=0.5, at_inference=True),
        ],
        seed=7,
        roles={"text": "body", "label": "topic"},
        max_quarantine=0.2,
    )
    every = [python, Recipe.from_yaml(recipe.to_yaml()), Recipe.from_yaml(recipe.to_json())]
    every.append(Recipe.from_dict(json.loads(recipe.to_json())))
    assert all(other == recipe and other.fingerprint == recipe.fingerprint for other in every)
    assert all(other.to_yaml() == recipe.to_yaml() for other in every)


@given(
    bounds=st.fixed_dictionaries(
        {"min_words": st.integers(0, 9)}, optional={"max_words": st.integers(9, 99), "max_characters": st.integers(1)}
    ),
    seed=st.integers(-(2**40), 2**40),
    max_drop=st.one_of(st.none(), st.floats(0, 1)),
    name=st.text(min_size=1, max_size=8).filter(lambda name: name.isprintable() and name == name.strip()),
)
def test_any_recipe_survives_the_trip(bounds: dict[str, int], seed: int, max_drop: float | None, name: str) -> None:
    recipe = Recipe([step("filter.length", name=name, max_drop=max_drop, **bounds)], seed=seed)
    for back in (Recipe.from_yaml(recipe.to_yaml()), Recipe.from_yaml(recipe.to_json())):
        assert back == recipe
        assert back.fingerprint == recipe.fingerprint


def test_all_faults_at_once_each_with_its_path_and_the_nearest_name() -> None:
    said = faults(
        """
version: 2
sed: 1
seed: one
roles: {txt: a}
max_quarantine: 3
steps:
  - use: dedup.exat
  - use: filter.length
    min_word: 3
    max_words: -1
    max_drop: 2
  - name: nameless
  - use: clean.html
    at_inference: sometimes
    name: 3
"""
    )
    assert said == [
        "sed: unknown key (did you mean 'seed'?)",
        "version: must be 1, not 2",
        "seed: must be a whole number, not 'one'",
        "max_quarantine: must be a share in [0, 1], not 3",
        "roles.txt: unknown setting (did you mean 'text'?)",
        "steps[0].use: no transform is called 'dedup.exat' (did you mean 'dedup.exact'?)",
        "steps[1].max_drop: must be a share in [0, 1], not 2",
        "steps[1].max_words: must be at least 0, not -1",
        "steps[1].min_word: unknown setting (did you mean 'min_words'?)",
        "steps[2].use: a step names its transform: use: family.thing",
        "steps[3].at_inference: must be true or false, not 'sometimes'",
        "steps[3].name: 3 is no name for a step (a name is printable text without space around it)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "recipe: must be a mapping with version and steps, not NoneType"),
        ("- a", "recipe: must be a mapping with version and steps, not list"),
        ("version: 1\nsteps: clean.html", "steps: must be a list"),
        ("version: 1\nsteps: {use: clean.html}", "steps: must be a list"),
        ("version: 1\nsteps: [3]", "steps[0].use: a step names its transform: use: family.thing"),
        ("steps: []", "version: is missing; a recipe begins with the line `version: 1`"),
        ("version: 1\nroles: text\nsteps: []", "roles: must be a mapping of roles to columns, not 'text'"),
        ("version: 1\nsteps: [{use: filter.length}]", "steps[0]: give at least one of min_characters"),
        (
            "version: 1\nsteps: [{use: filter.length, min_words: 9, max_words: 3}]",
            "steps[0]: min_words 9 is above max_words 3",
        ),
        (
            "version: 1\nsteps: [clean.html, clean.html]",
            "steps[1].name: two steps are called 'clean.html'; give one a name of its own",
        ),
        ("version: 1\nsteps: [clean.html, {use: clean.unicode, name: clean.html}]", "steps[1].name: two steps"),
        ("version: 1\nsteps: [\n", "line 3, column 1: not YAML"),
        ("version: 1\nsteps:\n  - use: clean.html\n    name: ''", "steps[0].name: '' is no name for a step"),
        ("version: 1\nsteps: [{use: clean.html, name: null}]", "steps[0].name: None is no name for a step"),
    ],
)
def test_one_fault(text: str, said: str) -> None:
    (first,) = faults(text)
    assert first.startswith(said)


def test_a_python_recipe_is_held_to_the_same() -> None:
    with pytest.raises(RecipeError, match="did you mean 'min_words'"):
        step("filter.length", min_wrds=3)
    with pytest.raises(RecipeError, match="two steps are called"):
        Recipe(["clean.html", "clean.html"])
    with pytest.raises(CurateError, match=r"max_drop of step 'clean.html' is 2"):
        step("clean.html", max_drop=2)
    with pytest.raises(CurateError, match=r"the steps are the text 'dedup.exact' \(give a list"):
        Recipe("dedup.exact")
    with pytest.raises(CurateError, match="max_quarantine is 3"):
        Recipe([], max_quarantine=3)


def test_a_function_is_a_step_but_no_part_of_a_file() -> None:
    made = step(lambda row: Drop("x"), name="mine", version="1")
    recipe = Recipe([made])
    assert recipe.steps[0].name == "mine"
    with pytest.raises(CurateError, match="'mine' is a Python function and cannot be written"):
        recipe.to_yaml()
    with pytest.raises(CurateError, match="needs a name and a version"):
        step(lambda row: {}, name="mine")
    other = Recipe([step(lambda row: {}, name="mine", version="2")])
    assert other.fingerprint != recipe.fingerprint
    assert Recipe([step(lambda row: {}, name="mine", version="1")]).fingerprint == recipe.fingerprint


def test_everything_that_counts_changes_the_fingerprint() -> None:
    recipes = [
        Recipe(["clean.html"]),
        Recipe(["clean.html"], seed=1),
        Recipe(["clean.html"], roles={"text": "a"}),
        Recipe(["clean.html"], max_quarantine=0.5),
        Recipe([step("clean.html", name="other")]),
        Recipe([step("clean.html", max_drop=0.5)]),
        Recipe([step("clean.html", at_inference=True)]),
        Recipe(["clean.whitespace"]),
        Recipe([step("clean.whitespace", keep_lines=False)]),
        Recipe(["clean.html", "clean.whitespace"]),
        Recipe(["clean.whitespace", "clean.html"]),
        Recipe([]),
    ]
    assert len({recipe.fingerprint for recipe in recipes}) == len(recipes)


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(RecipeError, match="'min_words' stands twice"):
        Recipe.from_yaml("version: 1\nsteps:\n- use: filter.length\n  min_words: 1\n  min_words: 900\n")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("\ufeff" + YAML, "utf-8")
    assert Recipe.load(path) == Recipe.from_yaml(YAML)
    with pytest.raises(InputError, match=r"cannot read the recipe .*nowhere.yaml: No such file"):
        Recipe.load(tmp_path / "nowhere.yaml")
    path.write_bytes(b"version: 1 \xff")
    with pytest.raises(InputError, match="cannot read the recipe"):
        Recipe.load(path)


def test_a_step_is_named_after_its_transform() -> None:
    assert Step(CleanWhitespace()).name == "clean.whitespace"
    assert Step(CleanWhitespace()).to_dict() == {"use": "clean.whitespace"}


def test_a_step_may_be_given_as_it_stands_in_yaml() -> None:
    recipe = Recipe([{"use": "filter.length", "min_words": 2}, "clean.whitespace"])
    assert [step.to_dict() for step in recipe.steps] == [
        {"use": "filter.length", "min_words": 2},
        {"use": "clean.whitespace"},
    ]
    with pytest.raises(RecipeError, match=r"steps\[0\]"):
        Recipe([{"use": "filter.lenght"}])


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("{use: augment.mlm}", ["steps[0].model: is missing; this setting has no default"]),
        ("{use: augment.typo, kinds: []}", ["steps[0].kinds: must name at least 1, not []"]),
        (
            "{use: augment.typo, kinds: [swop]}",
            ["steps[0].kinds.0: must be 'swap', 'delete', 'double' or 'insert', not 'swop'"],
        ),
        (
            "{use: augment.policy, augmenters: [augment.typo]}",
            ["steps[0].augmenters.0: an augmenter of a mix is written {use: augment.typo}"],
        ),
    ],
)
def test_what_is_missing_or_too_short_is_told_once_and_in_words(steps: str, said: list[str]) -> None:
    assert faults(f"version: 1\nsteps: [{steps}]") == said
