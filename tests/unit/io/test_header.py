"""A file without a header does not lose its first row in silence, and a good header raises no warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.io.header import header_warning, like_cells


def first_cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n").split("\t")


@pytest.mark.parametrize("name", ["sst2/train.tsv", "sst2/dev.tsv", "sst2/test.tsv"])
def test_files_without_a_header_are_seen(data_dir: Path, name: str) -> None:
    cells = first_cells(data_dir / name)
    assert "0" in like_cells(cells) or "1" in like_cells(cells)
    assert header_warning(name, cells) is not None


@pytest.mark.parametrize(
    "names",
    [
        ["text", "label"],
        ["id", "review body", "stars (1 to 5)", "date of the last purchase"],
        ["x1", "x2", "year 2020", "2nd_half", "a/b"],
    ],
)
def test_names_as_headers_have_them_raise_no_warning(names: list[str]) -> None:
    assert header_warning("rows.csv", names) is None


def test_the_warning_is_one_line_that_names_the_option_and_hides_personal_data() -> None:
    names = ["write to jane.doe@example.org if you want one of these " * 5, "1", "-2.5", "", "3e5"]
    said = header_warning("rows.tsv.gz", names)
    assert said is not None
    assert "\n" not in said
    assert "jane.doe" not in said
    assert len(said) < 300
    assert "2 more look like cells" in said
    assert said.endswith("name the columns with --columns A,B")


def test_formats_that_keep_names_apart_from_rows_are_not_suspected() -> None:
    for name in ("rows.parquet", "rows.jsonl.gz", "rows.arrow"):
        assert header_warning(name, ["0", "1"]) is None
