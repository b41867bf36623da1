"""`pii`: what is found is told by kind and masked, a secret is severe, and other checks show nothing of it either."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from curate.audit import audit
from curate.checks.pii import Pii
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.io import load
from curate.report.html import render_html
from curate.report.markdown import render_markdown

MAIL, CARD, TOKEN = "jane.roe@example.org", "4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE"
PLAIN = [f"An ordinary line of text, the {n}th of them." for n in range(200)]


def corpus(*more: str) -> Corpus:
    return Corpus.from_table(pa.table({"text": [*PLAIN, *more]}), name="texts")


def test_kinds_are_counted_and_values_masked() -> None:
    (finding,) = audit(corpus(f"pay {CARD} or {MAIL}", f"ask {MAIL}"), checks=["pii"]).findings
    assert finding.title == "Personal data or secrets: 2 of 202 texts (1 %): email 2, card 1"
    assert finding.evidence["kinds"] == [
        {"kind": "card", "texts": 1, "share_of_texts": 1 / 202},
        {"kind": "email", "texts": 2, "share_of_texts": 2 / 202},
    ]
    details = finding.rows.column("detail").to_pylist()
    assert details == ["card **** **** **** 1111; email j***@e***.org", "email j***@e***.org"]
    assert finding.remedy == {"use": "clean.pii"}


@pytest.mark.parametrize(
    ("texts", "severity"), [([MAIL], "low"), ([MAIL] * 4, "medium"), ([CARD], "medium"), ([TOKEN], "high")]
)
def test_what_opens_a_door_is_worse_than_an_address(texts: list[str], severity: str) -> None:
    (finding,) = audit(corpus(*[f"{n}: {text}" for n, text in enumerate(texts)]), checks=["pii"]).findings
    assert finding.severity == severity


def test_nothing_found_is_a_clean_bill() -> None:
    seen = audit(corpus(), checks=["pii"])
    assert [entry.finding.title for entry in seen.entries] == ["No text holds personal data or secrets"]
    only = audit(corpus(MAIL), checks=[Pii(kinds=("card",))])
    assert only.findings == ()


def test_the_remedy_leaves_nothing_to_find() -> None:
    seen = audit(corpus(f"pay {CARD} or {MAIL}", f"key {TOKEN}"), checks=["pii"])
    assert audit(seen.recipe().run(seen.corpus).corpus, checks=["pii"]).findings == ()


def test_no_report_of_any_check_shows_it() -> None:
    said = f"<p>call   {MAIL}, pay {CARD} by {TOKEN}</p>"
    broken = {"text": [*PLAIN, said, said, said], "label": ["a", "b"] * 100 + ["a", "b", MAIL]}
    seen = audit(Corpus.from_table(pa.table(broken)))
    assert {"clean.html", "dedup.exact"} <= {step.name for step in seen.recipe().steps}
    outputs = [render_html(seen.report()), render_markdown(seen.report()), seen.to_json(), str(seen.rows().to_pylist())]
    for output in outputs:
        assert not any(value in output for value in (MAIL, CARD, TOKEN))
    assert "j***@e***.org" in outputs[0]


def test_the_headline_tells_the_largest_kinds_and_the_table_shares_of_texts() -> None:
    said = [f"{MAIL} {n}" for n in range(4)] + [f"call me at 415-555-267{n}" for n in range(3)]
    seen = audit(corpus(*said, CARD, CARD + ".", "SSN 536-90-4399", TOKEN), checks=["pii"])
    (finding,) = seen.findings
    assert finding.title.endswith(": email 4, phone 3, card 2 and 2 more kinds")
    assert "1.9 %" in render_markdown(seen.report()), "4 of 211 texts, not of the sum of the kinds"


def test_columns_of_text_that_nobody_looks_at_are_named() -> None:
    columns = {"text": PLAIN, "author": [MAIL] * 200, "label": ["a", "b"] * 100, "n": list(range(200))}
    rows = Corpus.from_table(pa.table(columns), Roles(text=("text",), label="label"))
    (entry,) = audit(rows, checks=["pii"]).entries
    assert entry.finding.title == "No text holds personal data or secrets; not looked at: 1 column of text"
    assert entry.finding.evidence == {"columns_not_looked_at": "author"}


def test_what_entities_hide_is_masked_before_and_after_a_repair() -> None:
    """An entity is one way to write a sign, and a step that reads it would show what it says."""
    said = [f"write to jane{at}acme-corp.com" for at in ("&#64;", "&#x40;", "&commat;", "&amp;#64;", "<b>@</b>")]
    seen = audit(corpus(*said), checks=["pii", "debris"])
    outputs = [render_html(seen.report()), render_markdown(seen.report()), seen.to_json(), str(seen.rows().to_pylist())]
    assert "debris" in {finding.check for finding in seen.findings}
    assert all("acme" not in output and "corp" not in output for output in outputs)


def test_news_hold_hardly_any(data_dir: Path) -> None:
    lines = (data_dir / "ag_news" / "ag_news_train.txt").read_text("utf-8").splitlines()
    texts = [{"text": line.split("\t", 1)[1]} for line in lines[:4000]]
    findings = audit(load(texts), checks=["pii"]).findings
    assert sum(len(finding.rows) for finding in findings) <= 4


def test_what_only_an_answer_holds_is_told_too() -> None:
    table = pa.table({"prompt": ["Whom do I ask?", "And when?"], "answer": ["Write to ann@example.org.", "Soon."]})
    rows = Corpus.from_table(table, Roles(text=("prompt",), target="answer"))
    (finding,) = audit(rows, checks=["pii"]).findings
    assert [(one["kind"], one["texts"]) for one in finding.evidence["kinds"]] == [("email", 1)]
    assert finding.rows.column("row_id").to_pylist() == [0]
