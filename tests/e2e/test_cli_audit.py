"""`curate audit` end to end: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import csv
import json
import shlex
import textwrap
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate.audit.schema import AuditDocument
from curate.core.recipe import Recipe

from .conftest import Curate


def test_an_audit_prints_its_findings_and_writes_all_it_was_asked_for(
    curate: Curate, sms: Path, tmp_path: Path
) -> None:
    html, found, rows, recipe = (tmp_path / name for name in ("a.html", "a.json", "rows.parquet", "recipe.yaml"))
    done = curate("audit", sms, "--html", html, "--json", found, "--rows", rows, "--recipe", recipe)
    assert done.returncode == 0, done.stderr
    assert "sms.csv: 800 rows; text=text, label=label (guessed; --text and --label say otherwise)" in done.stderr
    assert "Repeated texts" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert html.read_text("utf-8").startswith("<!doctype html>")
    document = AuditDocument.model_validate_json(found.read_text("utf-8"))
    assert document.n_rows == 800
    table = pq.read_table(rows)
    assert table.column_names[:5] == ["check", "row_id", "reason", "score", "ref"]
    n_duplicates = sum(finding.n_rows for finding in document.findings if finding.check == "duplicates")
    assert table.column("check").to_pylist().count("duplicates") == n_duplicates > 0
    assert any(step.transform.name == "dedup.exact" for step in Recipe.load(recipe).steps)


def test_the_recipe_of_an_audit_is_one_that_run_takes(curate: Curate, sms: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    curate("audit", sms, "--recipe", recipe, "-q", "--checks", "duplicates,debris")
    assert curate("run", recipe, sms, "--out", tmp_path / "out").returncode == 0
    again = curate("audit", tmp_path / "out", "--checks", "duplicates", "--json", "-")
    assert [finding["status"] for finding in json.loads(again.stdout)["findings"]] == ["ok", "ok"]


def test_an_audit_ends_with_the_files_it_wrote_and_the_commands_that_go_on_from_them(
    curate: Curate, sms: Path, tmp_path: Path
) -> None:
    """The first steps of the README, where test rows stand in training: `run` needs to see the test rows, too."""
    test, html, recipe = tmp_path / "test rows.csv", tmp_path / "a.html", tmp_path / "recipe.yaml"
    test.write_text("".join(sms.read_text("utf-8").splitlines(keepends=True)[:6]), "utf-8")
    asked = ("audit", sms, "--test", test, "--checks", "leakage,duplicates", "--html", html, "--recipe", recipe)
    done = curate(*asked, "--json", "-")
    assert json.loads(done.stdout)["schema"] == "curate.audit/1"
    assert done.stderr.splitlines()[-4:-2] == [f"wrote {html}", f"wrote {recipe}"]
    run, measure = (line.removeprefix("next: ") for line in done.stderr.splitlines()[-2:])
    assert measure == f"curate measure {recipe} {sms} --test '{test}'"
    assert run == f"curate run {recipe} {sms} --test '{test}' --out curated/"
    command = [str(tmp_path / "curated") if part == "curated/" else part for part in shlex.split(run)[1:]]
    ran = curate(*command)
    assert ran.returncode == 0, ran.stderr
    assert curate("explain", tmp_path / "curated", 1).returncode == 0
    assert curate(*shlex.split(measure)[1:], "--plan", "--learner", "linear", "-q").returncode == 0


def test_an_audit_without_a_remedy_names_no_command(curate: Curate, tmp_path: Path) -> None:
    source, recipe, found = tmp_path / "rows.csv", tmp_path / "recipe.yaml", tmp_path / "a.json"
    source.write_text("text,label\none text,a\nanother one,b\n")
    done = curate("audit", source, "--checks", "missing", "--recipe", recipe, "--json", found)
    assert done.stderr.splitlines()[-3:] == [
        f"wrote {found}",
        f"wrote {recipe}",
        "the recipe has no steps: no finding has a remedy",
    ]


def test_a_file_without_a_header_does_not_lose_its_first_row_in_silence(
    curate: Curate, data_dir: Path, tmp_path: Path
) -> None:
    source, html = tmp_path / "sst.tsv", tmp_path / "a.html"
    source.write_text("".join((data_dir / "sst2" / "test.tsv").read_text("utf-8").splitlines(keepends=True)[:200]))
    asked = ("audit", source, "--checks", "missing", "--html", html)
    done = curate(*asked)
    assert done.returncode == 0, done.stderr
    warning = done.stderr.splitlines()[0]
    assert warning.startswith(f"warning: {source}: the column names 'no movement , no yuks")
    assert warning.endswith("its first row is taken for one and lost; name the columns with --columns A,B")
    assert "is taken for one and lost" in html.read_text("utf-8")
    named = curate(*asked, "--columns", "text,label")
    assert "warning" not in named.stderr
    assert "200 rows; text=text, label=label" in named.stderr
    assert "is taken for one and lost" not in html.read_text("utf-8")


@pytest.mark.parametrize("ending", ["csv", "jsonl.gz"])
def test_rows_are_written_by_the_ending(curate: Curate, sms: Path, tmp_path: Path, ending: str) -> None:
    rows = tmp_path / f"rows.{ending}"
    assert curate("audit", sms, "--checks", "duplicates", "--rows", rows, "-q").returncode == 0
    assert rows.stat().st_size > 0
    if ending == "csv":
        assert next(csv.reader(rows.open(encoding="utf-8")))[:3] == ["check", "row_id", "reason"]


def test_fail_on_exits_with_1_at_and_above_the_severity(curate: Curate, sms: Path) -> None:
    asked = ("audit", sms, "--checks", "debris,duplicates", "-q")
    worst = {f["severity"] for f in json.loads(curate(*asked, "--json", "-").stdout)["findings"]}
    assert worst == {"none", "low", "medium"}
    codes = [curate(*asked, "--fail-on", bound).returncode for bound in ("low", "medium", "high")]
    assert codes == [1, 1, 0]
    assert curate(*asked).returncode == 0


def test_quiet_says_nothing_and_json_has_standard_output_to_itself(curate: Curate, sms: Path) -> None:
    quiet = curate("audit", sms, "--checks", "missing", "-q")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    spoken = curate("audit", sms, "--checks", "missing", "--json", "-")
    assert json.loads(spoken.stdout)["schema"] == "curate.audit/1"
    assert "Every row has a text and a label" in spoken.stderr


def test_training_rows_in_the_test_rows_are_leakage(curate: Curate, sms: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    test.write_text("".join(sms.read_text("utf-8").splitlines(keepends=True)[:6]), "utf-8")
    done = curate("audit", sms, "--test", test, "--checks", "leakage", "--json", "-", "--fail-on", "high")
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["severity"] == "high"


def test_a_check_that_crashes_exits_with_3_and_never_looks_like_a_clean_bill(
    curate: Curate, sms: Path, tmp_path: Path
) -> None:
    """A plugin whose check divides by zero, installed as plugins are: by its entry point."""
    (tmp_path / "bad_check.py").write_text(
        textwrap.dedent(
            """
            from curate import Check

            class Bad(Check):
                name = "bad"
                version = "1"

                def look(self, context):
                    return 1 / 0
            """
        )
    )
    told = tmp_path / "bad_check-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-check\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[curate.checks]\nbad = bad_check:Bad\n")
    done = curate("audit", sms, "--checks", "bad,missing", "--fail-on", "high", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3, done.stderr
    assert "1 check crashed (bad), so this is no clean bill" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    quiet = curate("audit", sms, "--checks", "bad", "-q", PYTHONPATH=str(tmp_path))
    assert quiet.returncode == 3
    assert "bad crashed: ZeroDivisionError" in quiet.stderr
