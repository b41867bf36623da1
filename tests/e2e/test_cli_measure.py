"""`curate measure` end to end, on real messages with a fifth of the labels turned round."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from curate.measure.schema import MeasureJson

from .conftest import Curate, one_line


@pytest.fixture(scope="module")
def noisy(sms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messages, every fifth of them with the other label."""
    with sms.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    other = {"ham": "spam", "spam": "ham"}
    path = tmp_path_factory.mktemp("noisy") / "noisy.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerows([text, other[label] if n % 5 == 0 else label] for n, (text, label) in enumerate(rows[1:]))
    return path


@pytest.fixture(scope="module")
def labels_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "labels.yaml"
    path.write_text("version: 1\nsteps:\n- use: dedup.exact\n- use: labels.drop_issues\n  n_folds: 3\n")
    return path


@pytest.mark.slow
def test_a_measurement_prints_its_effects_and_writes_them(
    curate: Curate, noisy: Path, labels_recipe: Path, sms: Path, tmp_path: Path
) -> None:
    html, found = tmp_path / "m.html", tmp_path / "m.json"
    options = ("--test", sms, "--learner", "linear", "--replicates", "5", "--html", html, "--json", found)
    done = curate("measure", labels_recipe, noisy, *options, "--workers", "2", "--allow-leakage")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    for said in ("labels.drop_issues", "placebo", "A/A", "base accuracy", "looks at this test set 1"):
        assert said in done.stdout
    said = " ".join(done.stdout.split())
    assert "on the 800 with the same text in training" in said, "they are the training rows with their own labels"
    assert "Test rows that stand in training" in said
    assert html.read_text("utf-8").startswith("<!doctype html>")
    document = MeasureJson.model_validate_json(found.read_text("utf-8"))
    assert [step.step for step in document.steps] == ["dedup.exact", "labels.drop_issues"]
    assert document.steps[1].delta > 0
    assert document.facts["n_test"] == 800


@pytest.mark.slow
def test_equal_measurements_are_equal_whatever_the_workers(
    curate: Curate, noisy: Path, labels_recipe: Path, tmp_path: Path
) -> None:
    asked = (
        "measure",
        labels_recipe,
        noisy,
        "--learner",
        "linear",
        "--replicates",
        "3",
        "--json",
        "-",
        "-q",
        "--no-cache",
    )
    found = []
    for workers in ("1", "2"):
        document = json.loads(curate(*asked, "--workers", workers).stdout)
        for step in (*document["steps"], document["full"], document["aa"]):
            step.pop("seconds"), step.pop("per_second")
        del document["closer"]["cost"]  # the times of this run
        found.append(document)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--replicates", "1"], "replicates is 1 (at least 2, or auto"),
        (["--metric", "acuracy"], "no metric is called 'acuracy' (did you mean 'accuracy'?)"),
        (["--label", "text", "--text", "label"], "it does not look like a class"),
        (["--margin", "0"], "margin is 0.0 (above 0"),
        (["--sweep", "dedup.exact"], "'dedup.exact' is not STEP.SETTING=A,B,…"),
        (["--sweep", "dedup.exact.kep=a,b"], "step 'dedup.exact' has no setting 'kep' (did you mean 'keep'?)"),
        (["--interaction", "dedup.exact"], "'dedup.exact' does not name two steps"),
        (
            ["--interaction", "dedup.exact,dedup.exakt"],
            "no step that is measured is called 'dedup.exakt' (did you mean 'dedup.exact'?)",
        ),
        (
            ["--placebo-only", "--plan", "--ood", "x=y.csv", "--attribution", "shapley", "--learning-curve"],
            "does not go with --plan, --attribution, --ood, --learning-curve",
        ),
        (["--placebo-only", "--replicates", "auto"], "--placebo-only needs a number, 5 or more"),
        (["--n", "3"], "says how many measurements --placebo-only makes"),
        (["--learner", "causal"], "(--learner bag, or name another column"),
        (
            ["--learner", "transformer", "--learner-set", "model=x", "--learner-set", "training.n_epochs=2"],
            "'training={n_epochs: VALUE}'",
        ),
        (["--confirm", "linaer"], "no learner is called 'linaer' (did you mean 'linear'?)"),
        (["--learner-set", "max_words={a: 5"], "--learner-set: YAML cannot read '{a: 5': expected"),
        (["--confirm", "bag:words=[1, 2"], "--confirm: YAML cannot read '[1, 2': expected"),
        (["--confirm", "linear:words=3"], "there is no setting 'words'"),
        (["--slice", "class"], "'class' is not one of language"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(
    curate: Curate, sms: Path, recipe: Path, options: list[str], said: str
) -> None:
    assert said in one_line(curate("measure", recipe, sms, "--learner", "linear", *options))


def test_test_rows_in_training_are_refused_in_one_line_that_says_what_to_do(
    curate: Curate, sms: Path, recipe: Path
) -> None:
    said = one_line(curate("measure", recipe, sms, "--test", sms, "--learner", "linear"))
    assert said.startswith("800 of 800 test rows stand in training, word for word")
    assert "use: dedup.leakage" in said
    assert "--allow-leakage" in said


@pytest.mark.slow
def test_a_plan_says_what_it_would_take_and_measures_nothing(
    curate: Curate, sms: Path, labels_recipe: Path, tmp_path: Path
) -> None:
    found = tmp_path / "plan.json"
    done = curate("measure", labels_recipe, sms, "--learner", "linear", "--plan", "--json", found)
    assert done.returncode == 0, done.stderr
    assert "cells" in done.stdout
    assert "helps" not in done.stdout
    plan = json.loads(found.read_text("utf-8"))
    assert plan["n_cells"] == 7 * 10
    assert plan["seconds"] > 0


@pytest.mark.slow
def test_the_tool_is_certified_on_the_training_rows_without_a_recipe(curate: Curate, sms: Path, tmp_path: Path) -> None:
    html = tmp_path / "c.html"
    done = curate("measure", "--placebo-only", sms, "--learner", "linear", "--n", "2", "--html", html)
    assert done.returncode == 0, done.stderr
    assert "of 2" in done.stdout
    assert "No test set was touched" in " ".join(html.read_text("utf-8").split())
    assert "write RECIPE SOURCE" in one_line(curate("measure", sms))
    assert "cannot read the recipe no.yaml" in one_line(curate("measure", "no.yaml", sms, "--placebo-only"))


@pytest.mark.slow
def test_what_else_is_asked_stands_in_the_terminal(curate: Curate, noisy: Path, labels_recipe: Path) -> None:
    asked = ("--sweep", "labels.drop_issues.n_folds=2,3", "--confirm", "linear:max_words=1")
    done = curate("measure", labels_recipe, noisy, "--learner", "linear", "--replicates", "2", *asked)
    assert done.returncode == 0, done.stderr
    for said in ("labels.drop_issues by n_folds", "Validation rows choose", "Steps together", "Measured again"):
        assert said in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
