from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from curate import registry
from curate.audit import CheckResult, audit
from curate.checks.outliers import Outliers, fences
from curate.core.check import Finding
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.transforms.filter.length import Characters

Look = Callable[..., CheckResult]
BODY = ["x" * n for n in range(80, 121)] * 5


@pytest.fixture
def lengths(result: Look) -> Callable[[list[str | None]], list[Finding]]:
    """What the check says of the lengths of texts, without the table of what is usual."""

    def look(texts: list[str | None]) -> list[Finding]:
        *found, usual = result(Outliers(filters=("filter.length",)), text=texts).findings
        assert usual.severity == "none"
        return found

    return look


def test_texts_far_from_the_rest_are_named_with_their_value_the_farthest_first(lengths) -> None:
    (finding,) = lengths([*BODY, "y" * 9000, "z", "w" * 3000])
    assert finding.rows.select(["row_id", "detail"]).to_pylist() == [
        {"row_id": len(BODY) + 1, "detail": "1 characters"},
        {"row_id": len(BODY), "detail": "9,000 characters"},
        {"row_id": len(BODY) + 2, "detail": "3,000 characters"},
    ]
    assert finding.remedy == {"use": "filter.length", "min_characters": 25, "max_characters": 400}


def test_only_the_side_that_has_outliers_gets_a_bound(lengths) -> None:
    (finding,) = lengths([*BODY, "y" * 9000])
    assert finding.remedy == {"use": "filter.length", "max_characters": 400}
    assert finding.title.startswith("Characters far above the rest")


def test_blank_texts_belong_to_the_check_missing(lengths) -> None:
    assert lengths([*BODY, "", None]) == []
    (finding,) = lengths([*BODY, "", None, "z"])
    assert finding.rows.column("row_id").to_pylist() == [len(BODY) + 2]


def test_a_long_tail_is_no_outlier() -> None:
    values = np.floor(np.exp(np.random.default_rng(0).normal(5, 1, 20_000))) + 1
    low, high = fences(values, 2.5, Characters())
    assert np.mean((values < low) | (values > high)) < 2e-4


def test_each_side_has_its_own_fence() -> None:
    values = np.concatenate([np.full(900, 100.0), np.geomspace(100, 10_000, 100)])
    low, high = fences(values, 2.5, Characters())
    assert low == 25
    assert high > 10_000


def test_equal_values_leave_room() -> None:
    assert fences(np.full(50, 100.0), 2.5, Characters()) == (25, 400)


def test_the_histogram_counts_every_text(lengths) -> None:
    (finding,) = lengths([*BODY, "y" * 9000, "", None])
    drawn = finding.evidence["histogram"]
    assert sum(drawn["counts"]) == len(BODY) + 1
    assert drawn["edges"] == sorted(set(drawn["edges"]))
    assert drawn["marks"] == {"median": 100, "max_characters": 400}


def test_the_rows_on_both_sides_of_the_bound_are_shown(lengths) -> None:
    (finding,) = lengths([*BODY, "y" * 399, "y" * 401, "y" * 9000])
    beside = [row["value"] for row in finding.evidence["next_to_the_bound"]]
    assert beside == [120, 120, 120, 120, 399, 401, 9000]


def test_the_remedy_drops_the_rows_that_were_shown_and_no_others(result: Look) -> None:
    words = "the cat sat on a mat and saw two dogs run by".split()
    texts = [" ".join(np.random.default_rng(at).permutation(words)) + "." for at in range(300)]
    texts += ["!!! ??? ### $$$ %%% &&& ***", "Spam spam spam spam spam spam spam spam spam spam", "a" * 4000]
    found = result("outliers", text=texts)
    assert found.status == "finding"
    for finding in found.findings[:-1]:
        kept = Recipe.from_dict({"version": 1, "steps": [finding.remedy]}).run(found_corpus(texts)).corpus
        gone = set(range(len(texts))) - set(kept.row_ids().tolist())
        assert gone == set(finding.rows.column("row_id").to_pylist()), finding.title
        assert gone <= {300, 301, 302}, finding.title
    every = set().union(*(finding.rows.column("row_id").to_pylist() for finding in found.findings[:-1]))
    assert every == {300, 301, 302}


def found_corpus(texts: list[str]):
    import pyarrow as pa

    from curate.data.corpus import Corpus

    return Corpus.from_table(pa.table({"text": texts}))


def test_every_profiled_filter_is_looked_at(result: Look) -> None:
    profiled = {
        signal
        for name in registry.names("transforms")
        if getattr(registry.get("transforms", name), "profiled", False)
        for signal, _ in registry.get("transforms", name).bounds.values()
        if signal not in registry.get("transforms", name).unprofiled
    }
    words = "the cat sat on a mat and saw two dogs run by a house while rain fell".split()
    texts = [" ".join(np.random.default_rng(at).choice(words, 120)) + "." for at in range(50)]
    finding = result("outliers", text=texts).findings[-1]
    assert {row["signal"] for row in finding.evidence["usual"]} == profiled


def test_what_is_no_number_in_a_column_of_the_users_has_no_value(result: Look) -> None:
    numbers = [float("nan"), float("inf"), -float("inf"), 9.0, *[0.1] * 96]
    *found, _ = result(Outliers(filters=("filter.compression",)), text=["x"] * 100, compression_ratio=numbers).findings
    (finding,) = found
    assert finding.rows.column("row_id").to_pylist() == [1, 3]
    assert finding.remedy == {"use": "filter.compression", "max_ratio": 0.2}


def test_per_cents_where_a_share_is_meant_propose_no_bound(result: Look) -> None:
    numbers = [*[30.0] * 99, 90.0]
    (usual,) = result(Outliers(filters=("filter.digits",)), text=["x"] * 100, digit_fraction=numbers).findings
    assert usual.evidence["usual"][0]["highest"] == 90


@pytest.mark.parametrize(
    ("use", "why"),
    [
        ("filter.length", "the column 'n_characters' holds string"),
        ("dedup.exact", "holds no statistic against bounds"),
        ("filter.flagged_words", "needs words"),
    ],
)
def test_what_cannot_be_looked_at_is_told(use: str, why: str) -> None:
    corpus = Corpus.from_table(pa.table({"text": ["x"] * 3, "n_characters": ["a", "b", "c"]}))
    (told,) = audit(corpus, checks=[Outliers(filters=(use,))]).results
    assert why in (told.reason or "")


def test_any_reach_gives_a_bound(result: Look) -> None:
    assert result(Outliers(reach=1e6), text=[*BODY, "y" * 9000]).status != "crashed"
