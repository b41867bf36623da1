"""The check `packing`: what it says of lengths that are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from curate import Corpus, Roles, audit, load
from curate.audit import CheckResult
from curate.checks.packing import Packing
from curate.report.html import render_html

tokenizers = pytest.importorskip("tokenizers")


@pytest.fixture
def words(tmp_path: Path) -> str:
    """A tokenizer whose tokens are words."""
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path)


def test_figures_of_known_lengths(result: Callable[..., CheckResult], words: str) -> None:
    texts = ["a " * n for n in (6, 5, 4, 3, 2)] + [None, ""]
    (finding,) = result(Packing(tokenizer=words, max_tokens=10, batch_rows=2), text=texts).findings
    assert finding.severity == "none"
    assert finding.title == "Packed, the rows fill 2 sequences of 10 tokens"
    ways = {way["way"]: (way["n_sequences"], round(way["padding_fraction"], 6)) for way in finding.evidence["ways"]}
    assert ways["each row padded to 10"] == (5, 0.6)
    assert ways["padded to the longest of batches of 2 of like length"] == (5, round(1 - 20 / 22, 6))
    assert ways["packed whole (best fit decreasing)"] == (2, 0.0)
    assert ways["end to end, 1 rows cut in two or more"] == (2, 0.0)
    assert sum(finding.evidence["histogram"]["counts"]) == 5


def test_rows_that_are_too_long_are_named_and_split_by_the_remedy(words: str) -> None:
    corpus = Corpus.from_table(load([{"text": "a " * n} for n in (25, 3, 40, 10)]).table(), Roles(text="text"))
    check = Packing(tokenizer=words, max_tokens=12, tokens_per_row=2)
    seen = audit(corpus, checks=[check])
    (finding,) = seen.findings
    assert finding.severity == "high"
    assert finding.rows.column("row_id").to_pylist() == [2, 0]
    assert finding.rows.column("detail").to_pylist() == ["42 tokens", "27 tokens"]
    assert finding.evidence["tokens_cut_off"] == 45
    assert finding.remedy == {"use": "split.text", "max_size": 10, "unit": "token", "tokenizer": words}
    again = audit(seen.recipe().run(corpus).corpus, checks=[check])
    assert again.worst == "none"
    for page in (render_html(seen.report()), render_html(again.report())):
        assert "packed whole (best fit decreasing)" in page
        assert "tokens (log scale)" in page


def test_the_answer_counts_too_and_then_nothing_is_split(result: Callable[..., CheckResult], words: str) -> None:
    columns = {"instruction": ["a b", "a b c"], "output": ["c", "d e f"]}
    (finding,) = result(Packing(tokenizer=words, max_tokens=5), **columns).findings
    assert finding.evidence["n_tokens"] == 9
    assert finding.rows.column("row_id").to_pylist() == [1]
    assert finding.remedy is None


def test_without_a_tokenizer_it_says_so(result: Callable[..., CheckResult]) -> None:
    found = result("packing", text=["a"])
    assert (found.status, found.reason) == ("skipped", "no tokenizer is named; give --tokenizer and --max-tokens")
