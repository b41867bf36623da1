from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from curate.audit import CheckResult

Look = Callable[..., CheckResult]

HEADER = "For the use of subscribers only, all rights reserved."
PASSAGE = " ".join(f"word{n}" for n in range(60))


def test_a_line_of_many_rows_is_shown_with_how_many_hold_it(result: Look) -> None:
    lines, spans = result("repeated_text", text=[f"{HEADER}\nrow {n}" for n in range(5)]).findings
    assert (spans.severity, spans.title) == ("none", "No span of 50 words is repeated")
    assert lines.title == "Lines that stand in other rows too, or twice in one: 4 of 5 rows (80 %)"
    assert lines.remedy == {"use": "dedup.lines"}
    assert lines.rows.select(["row_id", "reason", "ref"]).to_pylist() == [
        {"row_id": n, "reason": "repeated_in_other_rows", "ref": 0} for n in range(1, 5)
    ]
    assert lines.evidence["most_repeated"] == [{"text": HEADER, "n_rows": 5}]
    assert lines.evidence["characters_fraction"] == pytest.approx(4 * len(HEADER) / (5 * (len(HEADER) + 6)))
    assert lines.plan is not None
    assert lines.plan.sets["text"].column("value").to_pylist() == [f"row {n}" for n in range(1, 5)]


def test_a_long_span_is_shown_with_its_first_copy(result: Look) -> None:
    (found,) = (
        finding
        for finding in result("repeated_text", text=["own start", f"x {PASSAGE}", f"y {PASSAGE} z", PASSAGE]).findings
        if finding.severity != "none"
    )
    assert found.remedy == {"use": "dedup.substring"}
    assert found.rows.select(["row_id", "reason", "ref"]).to_pylist() == [
        {"row_id": 3, "reason": "nothing_left", "ref": 1},
        {"row_id": 2, "reason": "repeated_in_other_rows", "ref": 1},
    ]
    assert found.evidence["n_rows_with_nothing_left"] == 1
    (shown,) = found.evidence["most_repeated"]
    assert shown == {"text": f"{PASSAGE[:200]} …", "n_rows": 3}


def test_texts_that_repeat_nothing_are_fine(result: Look) -> None:
    assert result("repeated_text", text=["one", "two", "Yes.\nYes.", None]).status == "ok"


def test_no_text_at_all_is_skipped(result: Look) -> None:
    found = result("repeated_text", text=[None, ""])
    assert (found.status, found.reason) == ("skipped", "no row has a text")


def test_long_reviews_take_seconds(result: Look, data_dir: Path) -> None:
    with gzip.open(data_dir / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    began = process_time()
    spans, few_lines = sorted(result("repeated_text", text=texts).findings, key=lambda found: -len(found.rows))
    assert process_time() - began < 15
    assert (len(spans.rows), len(few_lines.rows)) == (143, 9)
