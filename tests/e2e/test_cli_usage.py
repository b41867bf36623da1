"""Usage: help that is quick, errors that name the nearest thing, the small commands, pipes that close."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Curate, one_line

COMMANDS = ("audit", "run", "explain", "measure", "advise", "demo", "ls", "show", "schema", "validate", "doctor")


def test_help_names_every_command_and_takes_under_half_a_second_of_cpu(environment: dict[str, str]) -> None:
    timed = "import resource, runpy, sys; sys.argv = ['curate', '--help']\n"
    timed += "try: runpy.run_module('curate', run_name='__main__')\nexcept SystemExit as end: assert end.code == 0\n"
    timed += "u = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"
    done = [
        subprocess.run([sys.executable, "-c", timed], env=environment, capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    assert min(float(one.stdout.splitlines()[-1]) for one in done) < 0.5
    assert all(f" {name} " in done[0].stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_that_fits_80_columns(curate: Curate, command: str) -> None:
    done = curate(command, "--help")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["adit"], "no such command 'adit' (did you mean audit?)"),
        (["audit", "x.csv", "--lable", "y"], "there is no option --lable (did you mean --label?)"),
        (["audit"], "missing argument 'SOURCE' (see curate audit --help)"),
        (["audit", "x.csv", "--fail-on", "hihg"], "did you mean 'high'?"),
        (["audit", "x.csv", "--checks", "duplicate"], "no check is called 'duplicate' (did you mean 'duplicates'?)"),
        (["audit", "x.csv", "--rows", "rows.xls"], "the ending of rows.xls says no known format"),
        (["explain", "OUT", "abc"], "invalid value for 'ROW': must be a whole number (see curate explain --help)"),
        (["audit", "x.csv", "--workers", "0"], "invalid value for '--workers': must be at least 1"),
        (
            ["measure", "RECIPE", "x.csv", "--learner-set", "dim=abc"],
            "learner 'bag': dim is 'abc': it must be a whole number (curate show bag",
        ),
        (["ls", "transfroms"], "there are no 'transfroms' (did you mean 'transforms'?)"),
        (["show", "dedup.exat"], "nothing is called 'dedup.exat' (did you mean 'dedup.exact'?)"),
        (["schema", "recipes"], "did you mean 'recipe'?"),
        (["measure", "RECIPE", "x.csv", "--learner", "bga"], "no learner is called 'bga' (did you mean 'bag'?)"),
        (["measure", "RECIPE", "x.csv", "--replicates", "many"], "'many' is neither a whole number nor auto"),
        (["measure", "RECIPE", "x.csv", "--attribution", "shaply"], "did you mean 'shapley'?"),
        (
            ["advise", "x.csv", "--try", "a.b", "--try-recipe", "RECIPE"],
            "--try and --try-recipe both say what is tried",
        ),
        (["advise", "x.csv", "--learner", "bga"], "no learner is called 'bga' (did you mean 'bag'?)"),
        (["run", "RECIPE", "x.csv"], "--out P is missing"),
        (["run", "nowhere.yaml", "x.csv", "--out", "o"], "cannot read the recipe nowhere.yaml: No such file"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_type(
    curate: Curate, recipe: Path, arguments: list[str], said: str
) -> None:
    given = [str(recipe) if argument == "RECIPE" else argument for argument in arguments]
    assert said in one_line(curate(*given))


def test_validate_says_every_fault_on_a_line_of_its_own(curate: Curate, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("version: 2\nsteps:\n- use: clean.unicod\n- use: filter.length\n  min_word: 3\n  max_drop: 2\n")
    done = curate("validate", path, "--json", "-")
    assert done.returncode == 2
    faults = [problem["path"] for problem in json.loads(done.stdout)["problems"]]
    assert faults == ["version", "steps[0].use", "steps[1].max_drop", "steps[1].min_word"]
    assert len(done.stderr.splitlines()) == 4
    assert "did you mean 'clean.unicode'?" in done.stderr


def test_validate_passes_a_recipe(curate: Curate, recipe: Path) -> None:
    done = curate("validate", recipe)
    assert done.returncode == 0
    assert "a valid recipe of 5 steps" in done.stdout


def test_ls_and_show_tell_of_everything_that_has_a_name(curate: Curate) -> None:
    listed = json.loads(curate("ls", "--json", "-", "-q").stdout)
    assert "dedup.exact" in listed["transforms"]
    assert "bag" in listed["learners"]
    assert "leakage" in listed["checks"]
    told = json.loads(curate("show", "dedup.exact", "--json", "-", "-q").stdout)
    assert {"name": "keep", "default": "first"}.items() <= told["settings"][0].items()
    assert "exact_duplicate" in told["reasons"]
    assert "- use: dedup.exact" in curate("show", "dedup.exact").stdout


def test_doctor_says_what_is_missing_and_how_to_get_it(curate: Curate) -> None:
    found = json.loads(curate("doctor", "--json", "-", "-q").stdout)
    assert found["cpus"] >= 1
    assert found["cache"]["writable"]
    assert found["extras"]["ray"]["pip"] == "pip install 'curate-data[ray]'"


@pytest.mark.parametrize("subcommand", ["schema", "ls"])
def test_a_reader_that_goes_away_is_no_error(environment: dict[str, str], subcommand: str) -> None:
    command = [sys.executable, "-m", "curate", subcommand]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) in (0, 141)


def test_the_version_is_that_of_the_distribution(curate: Curate) -> None:
    from importlib.metadata import version

    assert curate("--version").stdout == f"curate {version('curate-data')}\n"
