from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from curate.audit import Audit, audit
from curate.audit.schema import AuditDocument, json_schema
from curate.core.check import SEVERITIES
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.io import load


def test_findings_come_worst_first(seen: Audit) -> None:
    order = [SEVERITIES.index(finding.severity) for finding in seen.findings]
    assert order == sorted(order, reverse=True)
    assert seen.worst == "high"
    statuses = [entry.status for entry in seen.entries]
    assert statuses == sorted(statuses, key=["crashed", "finding", "skipped", "ok"].index)


def test_the_document_fits_its_published_schema(seen: Audit) -> None:
    document = json.loads(seen.to_json())
    assert set(document) == set(json_schema()["properties"]) == set(json_schema()["required"])
    assert AuditDocument.model_validate(document).model_dump(mode="json", by_alias=True) == document
    assert document["schema"] == "curate.audit/1"
    assert (document["n_rows"], document["name"], document["seed"]) == (60, "films", 0)
    assert document["roles"] == {"text": "text", "label": "label"}
    assert document["fingerprint"] == seen.corpus.fingerprint
    assert list(document["findings"][0]) == ("check status severity title value bound n_rows evidence remedy".split())


def test_the_schema_refuses_what_is_no_audit(seen: Audit) -> None:
    document = seen.to_dict()
    document["findings"][0]["severity"] = "dreadful"
    with pytest.raises(ValidationError, match="severity"):
        AuditDocument.model_validate(document)


def test_no_clock_stands_in_the_document(seen: Audit, corpus: Corpus) -> None:
    assert audit(corpus).to_json() == seen.to_json()
    assert "seconds" not in seen.to_json()


def test_rows_name_check_row_reason_score_and_ref(seen: Audit) -> None:
    rows = seen.rows()
    assert rows.column_names[:6] == ["check", "row_id", "reason", "score", "ref", "split"]
    assert len(rows) == sum(len(finding.rows) for finding in seen.findings)
    leaked = [row for row in rows.to_pylist() if row["check"] == "leakage"]
    assert [(row["split"], row["row_id"], row["ref"]) for row in leaked] == [
        ("train", 2, 0),
        ("train", 3, 2),
        ("test", 0, 2),
        ("test", 2, 3),
    ]


def test_an_audit_without_findings_has_no_rows_and_no_steps() -> None:
    clean = audit(load([{"text": "one"}, {"text": "two"}]))
    assert (len(clean.rows()), clean.rows().column_names[0], clean.recipe().steps) == (0, "check", ())


def test_the_recipe_runs_and_leaves_what_it_should(seen: Audit, corpus: Corpus) -> None:
    recipe = seen.recipe()
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    curated = recipe.run(corpus)
    assert all(count.n_in - count.n_dropped + count.n_added == count.n_out for count in curated.counts)
    left = curated.corpus.texts()
    assert "good & cheap" in left
    assert not {"", "good film number 2", "Good film number 0", "bad film number 3"} & set(left)


def test_unreadable_rows_are_counted_with_their_cause(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"row {i}"}) for i in range(300)]
    lines[7] = '{"text": broken'
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines))
    seen = audit(load(str(path)), checks=["missing"])
    document = seen.to_dict()
    assert document["n_rows"] == 299
    assert document["quarantine"]["n_rows"] == 1
    assert document["quarantine"]["causes"][0]["step"] == "load"
    titles = [section.title for section in seen.report().sections]
    assert "Not looked at" in titles
