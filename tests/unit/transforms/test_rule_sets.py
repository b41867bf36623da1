"""The named rule sets: what they leave alone, what they say, and what a bound has to do with the statistics.

That their decisions are those of the reference is in tests/reference/test_rule_sets.py.
"""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa
import pytest

from curate import registry
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import MissingExtra
from curate.kernels.word_table import table

SETS = ("filter.c4", "filter.fineweb_quality", "filter.gopher_quality", "filter.gopher_repetition")
FIVE = "The boat lies here. The nets are dry. The wind has turned. Nobody is out. We wait for the tide."
CHINESE = "今天我们去海边看船。风很大，浪也很高。渔夫说明天会更好。我们决定再等一天。晚上大家一起吃鱼。\n" * 2


def run(name: str, texts: list[str | None], **given: Any) -> tuple[dict[int, str | None], list[dict[str, Any]]]:
    """The rows that stay, by row id, and the events of the lineage."""
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}), Roles(text="text"))
    curated = Recipe([Step(registry.get("transforms", name)(**given))], max_quarantine=0).run(corpus)
    kept = curated.corpus.table().column("text").to_pylist()
    return dict(zip(curated.corpus.row_ids().tolist(), kept, strict=True)), curated.lineage().to_pylist()


@pytest.mark.parametrize("name", SETS)
def test_no_bound_is_a_setting_of_the_statistics(name: str) -> None:
    """So that moving any of them computes nothing again."""
    transform = registry.get("transforms", name)
    (settings,) = transform(words="plain").signals().values()
    bounds = {rule.setting for rule in transform.rules if rule.setting.startswith(("min_", "max_"))}
    assert bounds
    assert not bounds & set(settings)
    assert {rule.statistic for rule in transform.rules} <= {field.name for field in signal_type(transform)}
    assert {rule.reason for rule in transform.rules} <= set(transform.reasons) == set(transform.examples)


def signal_type(transform: Any) -> pa.DataType:
    return registry.get("signals", transform.signal).kind


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("words", ["spacy", "plain"])
def test_chinese_stays_unless_it_is_to_be_judged_and_null_stays(name: str, words: str) -> None:
    pytest.importorskip("spacy")
    kept, events = run(name, [CHINESE, None], words=words)
    assert kept == {0: CHINESE, 1: None}
    assert not events
    kept, _ = run(name, [CHINESE, None], words=words, judge_unspaced=True)
    assert 0 not in kept
    assert kept == {1: None}


def test_lines_are_cut_for_a_reason_and_what_is_left_stays() -> None:
    texts = [
        f"Home | Boats\n{FIVE}\nmenu\nRead on.",
        FIVE,
        f"{FIVE}\n\nPlease enable JavaScript to see it.",
        "Too short.",
    ]
    kept, events = run("filter.c4", list(texts), words="plain")
    assert kept == {0: FIVE, 1: FIVE, 2: FIVE}
    assert [
        (event["row_id"], event["kind"], event["reason"]) for event in sorted(events, key=lambda e: e["row_id"])
    ] == [
        (0, "set", "unpunctuated_lines"),
        (2, "set", "javascript_lines"),
        (3, "drop", "too_few_sentences"),
    ]


def test_each_text_column_keeps_its_own_lines() -> None:
    rows = pa.table({"title": ["A title of a page"], "body": [f"Home | Boats\n{FIVE}"]})
    corpus = Corpus.from_table(rows, Roles(text=["title", "body"]))
    transform = registry.get("transforms", "filter.c4")(words="plain")
    curated = Recipe([Step(transform)], max_quarantine=0).run(corpus)
    assert curated.corpus.table().to_pylist() == [{"title": "", "body": FIVE}]


def test_stop_words_of_the_paper_are_for_english_alone() -> None:
    german = "Das Boot liegt am Strand, der Mast fehlt, und niemand macht es mehr ganz. " * 6
    assert run("filter.gopher_quality", [german], words="plain")[1][0]["reason"] == "too_few_stop_words"
    assert not run("filter.gopher_quality", [german], words="plain", language="de")[1]
    given = {"words": "plain", "language": "de", "stop_words": ["der", "und", "die"], "min_stop_words": 3}
    assert run("filter.gopher_quality", [german], **given)[1][0]["reason"] == "too_few_stop_words"


@pytest.mark.parametrize("name", SETS)
def test_without_spacy_the_error_names_the_extra_and_plain_words_work(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.cache_clear()
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingExtra, match="spacy") as refused:
        registry.get("signals", registry.get("transforms", name).signal)().setup()
    assert "curate-data[nlp]" in str(refused.value.hint)
    run(name, [FIVE, ""], words="plain")
    table.cache_clear()
