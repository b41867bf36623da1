from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from curate.audit import CheckResult, audit
from curate.checks.near_duplicates import NearDuplicates
from curate.data.corpus import Corpus
from curate.report.html import render_html
from curate.report.markdown import render_markdown
from curate.report.model import Diff

Look = Callable[..., CheckResult]
WORDS = [f"w{n}" for n in range(20)]
TEXTS = [
    " ".join(WORDS),
    " ".join(WORDS[:19]),
    " ".join(WORDS).upper(),
    "other words are here",
    "Other words are here!",
]
CHAIN = ["a b c d e f g h", "b c d e f g h i", "c d e f g h i j"]


def test_rows_with_a_kept_twin_name_it_and_stand_with_their_cluster(result: Look) -> None:
    (near,) = result("near_duplicates", text=TEXTS).findings
    rows = near.rows.select(["row_id", "ref", "reason"]).to_pylist()
    assert [(row["row_id"], row["ref"]) for row in rows] == [(1, 0), (2, 0), (4, 3)]
    assert near.title == "Near duplicates: 3 of 5 rows (60 %)"
    assert near.severity == "high"
    assert near.remedy == {"use": "dedup.near"}
    assert near.evidence["largest_clusters"] == [{"row_id": 0, "n_rows": 3}, {"row_id": 3, "n_rows": 2}]
    assert near.evidence["n_rows_with_equal_words"] == 2
    assert near.evidence["method"] == "exact join: every pair is found"


def test_pairs_to_look_at_begin_with_those_least_alike(result: Look) -> None:
    (near,) = result("near_duplicates", text=TEXTS).findings
    assert near.evidence["pairs"] == [{"row_id": 1, "ref": 0, "similarity": round(17 / 18, 4)}]


def test_what_components_would_take_beyond_is_counted(result: Look) -> None:
    (near,) = result(NearDuplicates(min_similarity=0.6), text=CHAIN).findings
    assert near.rows.column("row_id").to_pylist() == [1]
    assert near.evidence["n_rows_that_components_would_drop"] == 2
    assert near.evidence["n_of_them_without_a_kept_twin"] == 1
    assert near.remedy == {"use": "dedup.near", "min_similarity": 0.6}


def test_different_labels_in_a_cluster_are_a_finding_of_their_own(result: Look) -> None:
    _, conflict = result("near_duplicates", text=TEXTS, label=["x", "y", "x", "z", "z"]).findings
    assert conflict.title == "Near duplicates with different labels: 1 cluster in 3 rows"
    assert conflict.rows.column("row_id").to_pylist() == [0, 1, 2]
    assert conflict.severity == "high"
    assert conflict.remedy == {"use": "dedup.near", "conflicts": "drop"}
    assert conflict.evidence["pairs"][0]["ref"] == 0
    assert conflict.evidence["pairs"][0]["labels"] == "y and x"


def test_nothing_wrong_is_said(result: Look) -> None:
    found = result("near_duplicates", text=["a b c d", "e f g h", None, "", " "], label=[1, 2, 1, 2, 1])
    assert found.status == "ok"
    assert [finding.title for finding in found.findings] == [
        "No two rows have nearly the same text",
        "No near duplicates have different labels",
    ]


def test_the_report_shows_both_texts_with_their_difference() -> None:
    report = audit(Corpus.from_table(pa.table({"text": TEXTS})), checks=["near_duplicates"]).report()
    (finding,) = report.findings
    diff = finding.evidence[0]
    assert diff == Diff(TEXTS[1], TEXTS[0], "row 1 and row 0, similarity 0.9444", ("row 1", "row 0"))
    assert '<span class="side-name">row 1</span>' in render_html(report)
    assert "row 1 and row 0, similarity 0.9444" in render_markdown(report)
