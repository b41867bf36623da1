from __future__ import annotations

from collections.abc import Callable

from curate.audit import CheckResult

Look = Callable[..., CheckResult]
TEXT = [f"row {i}" for i in range(40)]


def test_numbers_dates_and_truth_values_in_text_are_found_with_their_step(result: Look) -> None:
    found = result(
        "column_types",
        text=TEXT,
        price=[f"${i},500.00" for i in range(1, 37)] + ["N/A", None, "about 5", "-"],
        euro=[f"{i},5 €" for i in range(40)],
        day=[f"{i % 28 + 1}.4.2021" for i in range(40)],
        ok=["yes", "No"] * 20,
        note=["see below", "12"] * 20,
    ).findings
    assert {f.remedy["columns"][0]: {**f.remedy} for f in found if f.remedy} == {
        "price": {"use": "clean.types", "columns": ["price"], "to": "number"},
        "euro": {"use": "clean.types", "columns": ["euro"], "to": "number", "decimal": ","},
        "day": {"use": "clean.types", "columns": ["day"], "to": "date"},
        "ok": {"use": "clean.types", "columns": ["ok"], "to": "boolean"},
    }
    price = next(f for f in found if f.remedy and f.remedy["columns"] == ["price"])
    assert price.title == "The column 'price' holds numbers as text: 36 of 37 cells (97.3 %) can be read"
    assert price.rows.column("row_id").to_pylist() == [38, *range(37), 39]
    assert price.evidence["reasons"] == {"no_value": 2, "not_read": 1, "read": 36}


def test_codes_labels_and_texts_are_left_alone(result: Look) -> None:
    found = result("column_types", text=TEXT, label=["0", "1"] * 20, zip=[f"0{i:04}" for i in range(40)])
    assert (found.status, found.findings[0].severity) == ("ok", "none")
    assert result("column_types", text=TEXT, label=["0", "1"] * 20).status == "skipped"


def test_percent_signs_on_some_cells_only_are_a_question_to_the_reader(result: Look) -> None:
    (finding,) = result("column_types", text=TEXT, abv=["0.05", "0.05%"] * 20).findings
    assert finding.title.endswith("20 cells with a percent sign among others without: percent: divide, or keep?")
