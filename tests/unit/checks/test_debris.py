from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from curate.audit import CheckResult, audit
from curate.data.corpus import Corpus
from curate.data.roles import Roles

Look = Callable[..., CheckResult]


def test_markup_broken_and_invisible_characters_and_white_space_are_four_findings(result: Look) -> None:
    texts = ["<p>Fish &amp; chips</p>", "The Mona Lisa doesnâ€™t", "two  spaces", "zero\u200bwidth", "a < b and c > d"]
    found = {finding.remedy["use"]: finding for finding in result("debris", text=texts).findings if finding.remedy}
    rows = {use: finding.rows.column("row_id").to_pylist() for use, finding in found.items()}
    assert rows == {"clean.html": [0], "clean.unicode": [1], "clean.whitespace": [2], "clean.control": [3]}
    after = found["clean.html"].plan.sets["text"].column("value").to_pylist()
    assert after == ["Fish & chips"]


def test_white_space_is_never_more_than_low(result: Look) -> None:
    findings = result("debris", text=["a  b", "c  d"]).findings
    assert [finding.severity for finding in findings] == ["none", "none", "none", "low"]


def test_cells_of_every_text_column_are_counted() -> None:
    table = pa.table({"q": ["a &amp; b", "c &lt; d"], "r": ["e &amp; f", "g"]})
    corpus = Corpus.from_table(table, Roles(text=("q", "r")))
    (finding,) = audit(corpus, checks=["debris"]).findings
    assert finding.evidence == {"changed_cells": {"q": 2, "r": 1}}
    assert len(finding.rows) == 2


def test_clean_text_is_a_clean_bill(result: Look) -> None:
    found = result("debris", text=["plain", None, "text"])
    assert (found.status, len(found.findings)) == ("ok", 4)
