"""`clean.types`: what is read, what is not, and that nothing is lost; measured on tables with known clean values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest

from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.transforms.clean.types import ReadTypes

OUNCES = ("oz", "oz.", "ounce", "ounces", "oz. alumi-tek", "oz. silo can", "oz. alumi-tek®")


def read(table: pa.Table, column: str, to: str, **settings: Any) -> tuple[list[Any], dict[int, str]]:
    transform = ReadTypes(columns=[column], to=to, **settings)
    curated = Recipe([Step(transform)], max_quarantine=0).run(Corpus.from_table(table, Roles()))
    after = curated.corpus.table()
    assert after.column(column).to_pylist() == table.column(column).to_pylist(), "the column itself stays"
    log = {event["row_id"]: event["reason"] for event in curated.lineage().to_pylist()}
    return after.column(f"{column}_{to}").to_pylist(), log


def test_each_cell_is_read_or_says_why_not() -> None:
    values, log = read(pa.table({"c": ["1,234", "about 5", "N/A", None, " ", "12 %"]}), "c", "number")
    assert values == [1234.0, None, None, None, None, 0.12]
    assert log == {0: "read", 1: "not_read", 2: "no_value", 4: "no_value", 5: "read"}


@pytest.mark.parametrize(
    ("to", "cells", "values"),
    [
        ("integer", ["1,234", "12.0", "1.5", "9007199254740993"], [1234, 12, None, None]),
        ("boolean", ["yes", "No", "oui", "perhaps"], [True, False, True, None]),
        ("number", ["3", "", "-", "none"], [3.0, None, None, None]),
    ],
)
def test_values_have_the_type_that_was_asked_for(to: str, cells: list[str], values: list[Any]) -> None:
    assert read(pa.table({"c": cells}), "c", to)[0] == values
    assert read(pa.table({"c": pa.array(cells).dictionary_encode()}), "c", to)[0] == values


@pytest.mark.parametrize(
    ("columns", "said"),
    [(["cc"], "no column 'cc' .*did you mean 'c'"), (["n"], "'n' holds int64"), (["c"], "a column 'c_number' already")],
)
def test_what_cannot_be_read_is_refused_before_the_run(columns: list[str], said: str) -> None:
    table = pa.table({"c": ["1"], "n": [1], "c_number": [1.0]})
    with pytest.raises(ColumnError, match=said):
        Recipe([Step(ReadTypes(columns=columns, to="number"))]).run(Corpus.from_table(table, Roles()))


@pytest.mark.parametrize(
    ("column", "settings", "n_dirty"),
    [("ounces", {"units": OUNCES}, 2410), ("abv", {"percent": "keep"}, 693), ("ibu", {}, 1005), ("brewery_id", {}, 0)],
)
def test_no_beer_is_read_wrongly(column: str, settings: dict[str, Any], n_dirty: int, data_dir: Path) -> None:
    dirty, clean = table(data_dir, "beers_dirty.csv"), table(data_dir, "beers_clean.csv")
    truth = clean.column(dirty.column_names.index(column)).to_pylist()
    values, _ = read(dirty, column, "number", **settings)
    expected = [float(cell) if cell else None for cell in truth]
    assert [value is None for value in values] == [value is None for value in expected]
    assert [value for value in values if value is not None] == pytest.approx([v for v in expected if v is not None])
    assert sum(cell != true for cell, true in zip(dirty.column(column).to_pylist(), truth, strict=True)) == n_dirty


@pytest.mark.parametrize(("column", "to"), [("emergency_service", "boolean"), ("provider_number", "integer")])
def test_a_mistyped_cell_is_not_read_as_something_else(column: str, to: str, data_dir: Path) -> None:
    dirty, clean = table(data_dir, "hospital_dirty.csv"), table(data_dir, "hospital_clean.csv")
    at = dirty.column_names.index(column)
    want, _ = read(clean.rename_columns(dirty.column_names), column, to)
    got, log = read(dirty, column, to)
    for cell, true, value, wanted in zip(*(t.column(at).to_pylist() for t in (dirty, clean)), got, want, strict=True):
        assert value == (wanted if cell == true else None)
    assert sum(reason == "not_read" for reason in log.values()) > 20


def table(data_dir: Path, name: str) -> pa.Table:
    place = data_dir / "raha_tables" / name
    names = pa.csv.read_csv(place).column_names
    options = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return pa.csv.read_csv(place, convert_options=options)
