"""Checks on real data against answers found another way: pandas, the html module, cleanlab called directly."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from curate import registry
from curate.audit import Audit, CheckResult, audit
from curate.checks.outliers import Outliers
from curate.core.check import Check
from curate.data.corpus import Corpus
from curate.io import load


def normal(text: str) -> str:
    """The same text, by pandas' and Python's own means."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def trec_table(path: Path) -> pa.Table:
    lines = [line.split(" ", 1) for line in path.read_text("latin-1").splitlines()]
    return pa.table({"text": [text for _, text in lines], "label": [label.split(":")[0] for label, _ in lines]})


@pytest.fixture(scope="module")
def sms(data_dir: Path) -> Corpus:
    return load(str(data_dir / "sms_spam" / "sms.tsv"), columns=["label", "text"])


@pytest.fixture(scope="module")
def trec(data_dir: Path) -> Corpus:
    folder = data_dir / "trec_raw"
    test = Corpus.from_table(trec_table(folder / "TREC_10.label"))
    return Corpus.from_table(trec_table(folder / "train_5500.label")).with_held_out(test=test)


def result(corpus: Corpus, check: str | Check) -> CheckResult:
    return audit(corpus, checks=[check]).results[0]


def test_duplicates_are_those_pandas_finds(sms: Corpus) -> None:
    (same, conflicts) = result(sms, "duplicates").findings
    forms = pd.Series(sms.texts()).map(normal)
    assert sorted(same.rows["row_id"].to_pylist()) == np.flatnonzero(forms.duplicated()).tolist()
    assert len(same.rows) == 415
    n_labels = sms.to_pandas()["label"].groupby(forms).nunique()
    assert len(conflicts.rows) == int((forms.map(n_labels) > 1).sum()) == 0


def test_conflicting_labels_are_those_pandas_finds(data_dir: Path) -> None:
    corpus = load(str(data_dir / "davidson_hate_offensive" / "labeled_data.csv"), text="tweet", label="class")
    conflicts = result(corpus, "duplicates").findings[1]
    frame = corpus.to_pandas()
    forms = frame["tweet"].map(normal)
    expected = np.flatnonzero(forms.map(frame["class"].groupby(forms).nunique()) > 1)
    assert sorted(conflicts.rows["row_id"].to_pylist()) == expected.tolist()


def test_leaks_are_those_a_set_finds(trec: Corpus) -> None:
    finding, _ = result(trec, "leakage").findings
    train, test = ([normal(text) for text in corpus.texts()] for corpus in (trec, trec.held_out["test"]))
    rows = finding.rows.to_pandas()
    assert rows[rows["split"] == "train"]["row_id"].tolist() == [i for i, text in enumerate(train) if text in set(test)]
    assert rows[rows["split"] == "test"]["row_id"].tolist() == [i for i, text in enumerate(test) if text in set(train)]
    assert (rows["split"] == "train").sum() == 11


def test_every_class_is_counted(trec: Corpus) -> None:
    finding = result(trec, "balance").findings[0]
    counts = Counter(trec.labels().to_pylist())
    assert finding.evidence["rows_per_class"] == dict(counts.most_common())
    assert finding.value == max(counts.values()) / min(counts.values())


def test_markup_is_what_the_html_module_would_change(sms: Corpus) -> None:
    finding = next(f for f in result(sms, "debris").findings if f.remedy == {"use": "clean.html"})
    tag = re.compile(r"</?[a-z][a-z0-9]*( [^<>]*)?/?>", re.IGNORECASE)
    expected = [i for i, text in enumerate(sms.texts()) if html.unescape(text) != text or tag.search(text)]
    found = set(finding.rows["row_id"].to_pylist())
    assert len(found ^ set(expected)) <= 0.02 * len(expected)


def test_lengths_are_those_pandas_measures(sms: Corpus) -> None:
    finding, _ = result(sms, Outliers(filters=("filter.length",), reach=2.5)).findings
    lengths = pd.Series(sms.texts()).str.len()
    assert finding.remedy is not None
    low, high = finding.remedy["min_characters"], finding.remedy["max_characters"]
    assert sorted(finding.rows["row_id"].to_pylist()) == lengths[(lengths < low) | (lengths > high)].index.tolist()
    shares = {"lowest": 0, "lower_5_percent": 0.05, "median": 0.5, "upper_5_percent": 0.95, "highest": 1}
    for name, share in shares.items():
        assert abs(finding.evidence[name] - lengths.quantile(share)) < 2


def test_label_issues_are_those_of_cleanlab(trec: Corpus) -> None:
    from cleanlab.filter import find_label_issues

    (finding,) = result(trec, "label_issues").findings
    probs = registry.get("signals", "pred_probs")().compute(trec, 0).sort_by("row_id")["value"]
    matrix = np.array(probs.to_pylist(), dtype=np.float64)
    names = sorted(set(trec.labels().to_pylist()))
    codes = np.array([names.index(label) for label in trec.labels().to_pylist()])
    rule = registry.get("transforms", "labels.drop_issues")().filter_by
    issues = find_label_issues(codes, matrix / matrix.sum(axis=1, keepdims=True), filter_by=rule)
    assert sorted(finding.rows["row_id"].to_pylist()) == np.flatnonzero(issues).tolist()
    assert finding.evidence["model_accuracy"] == round(float((matrix.argmax(axis=1) == codes).mean()), 4)


@pytest.mark.slow
def test_the_audit_of_trec_says_what_its_readme_knows(trec: Corpus) -> None:
    seen: Audit = audit(trec)
    titles = {finding.check: finding.title for finding in reversed(seen.findings)}
    assert seen.worst == "high"
    assert titles["leakage"] == "Rows of test that also stand in training: 11 of 500 rows (2.2 %)"
    assert titles["duplicates"].startswith("Repeated texts: 73 of 5,452 rows")
    assert titles["balance"] == "Uneven classes: ENTY has 15 times the rows of ABBR"
    mended = audit(seen.recipe().run(trec).corpus, checks=["debris", "leakage", "missing"])
    assert mended.worst == "none"
