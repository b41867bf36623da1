"""The dataset card: metadata the Hub can read, and what was done, in full."""

from __future__ import annotations

import huggingface_hub
from hypothesis import given
from hypothesis import strategies as st

from curate.data.lineage import StepCount
from curate.io.card import card

RECIPE = "version: 1\nseed: 0\nsteps:\n  - use: clean.unicode\n"


def test_the_card_tells_all():
    count = StepCount("same_text", n_in=1200, n_out=1000, n_dropped=200, reasons={"exact_duplicate": 200})
    effect = {
        "step": "same_text",
        "metric": "accuracy",
        "delta": 0.0123,
        "low": 0.004,
        "high": 0.02,
        "verdict": "helps",
    }
    text = card(
        "Topics",
        n_rows=1000,
        recipe=RECIPE,
        counts=[count],
        effects=[effect],
        fingerprints={"source": "ab12", "result": "cd34"},
        quarantine={"not valid UTF-8": 2, "1 cell where 2 are expected": 7},
        license="cc-by-4.0",
        languages=["en", "ha"],
        source="topics.csv",
    )
    data = huggingface_hub.DatasetCard(text).data
    assert data.pretty_name == "Topics"
    assert data.license == "cc-by-4.0"
    assert data.language == ["en", "ha"]
    assert data.size_categories == ["1K<n<10K"]
    for line in (
        f"```yaml\n{RECIPE.strip()}\n```",
        "| step | rows in | dropped | added | changed | quarantined | rows out | reasons |",
        "| same_text | 1,200 | 200 | 0 | 0 | 0 | 1,000 | exact_duplicate 200 |",
        "| same_text | accuracy | 0.0123 | 0.004 | 0.02 | helps |",
        "| source | `ab12` |",
        "| 1 cell where 2 are expected | 7 |\n| not valid UTF-8 | 2 |",
    ):
        assert line in text


def test_reasons_that_count_cells_say_so():
    count = StepCount("tidy", n_in=9, n_out=9, n_changed=9, reasons={"spaces": 12}, cells_by={"spaces": 12})
    assert "| tidy | 9 | 0 | 0 | 9 | 0 | 9 | spaces 12 cells |" in card(
        "x", n_rows=9, recipe="version: 1", counts=[count]
    )


def test_a_card_without_measurement_says_so():
    assert "The effect of the steps was not measured." in card("x", n_rows=0, recipe="version: 1")


@given(st.text(), st.text(), st.text())
def test_any_text_leaves_the_metadata_valid(title, recipe, step):
    text = card(title, n_rows=5, recipe=recipe, counts=[{"step": step, "n_in": 1}], source=title)
    assert huggingface_hub.DatasetCard(text).data.tags == ["curate"]
