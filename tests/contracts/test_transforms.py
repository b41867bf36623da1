"""Every registered transform keeps every promise: on the example corpus, and on whatever text Hypothesis finds."""

from __future__ import annotations

import atexit
import functools
import runpy
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import registry
from curate.core.contracts import check_transform, example_corpus
from curate.core.recipe import Recipe
from curate.core.rewrite import RewriteText
from curate.core.step import Step, step
from curate.data.corpus import Corpus
from curate.data.roles import Roles

LIKE = "The team won the second match on Sunday."
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "augment.backtranslate": [{}, {"n": 2, "unknown": "keep", "negation": False, "max_length_ratio": None}],
    "augment.aeda": [{}, {"n": 3, "max_rate": 1.0, "marks": ["!"]}, {"in_place": True, "fraction": 0.5}],
    "augment.antonym": [{"keep_label": True, "min_count": 0, "min_sense_share": 0.0}, {"flip": {"sport": "money"}}],
    "augment.attack": [
        {"n_folds": 3},
        {"learner": "bag", "n_folds": 2, "importance": "gradient", "keep": "strongest", "max_rate": 1.0},
        {"letters": False, "words": [["lost", "won"], ["bank", "fund"]], "importance": "saliency", "in_place": True},
        {"fraction": 0.5, "max_queries": 9, "columns": ["text"], "protect_pattern": "match"},
    ],
    "augment.case": [{}, {"whole": True, "n": 2}, {"cases": ["upper"], "max_rate": 1.0, "in_place": True}],
    "augment.concat": [{}, {"n": 3, "fraction": 0.5, "separator": "\\n"}],
    "augment.counterfactual": [
        {},
        {"n": 3, "direction": "forward", "names": "paired", "pairs": {"bank": "fund"}},
        {"attribute": "nationality", "in_place": True},
        {"attribute": "religion"},
        {"attribute": "pairs", "pairs": {"the team": "our coach", "数据": "文本"}, "language": "zh"},
    ],
    "augment.crop": [{}, {"unit": "word", "min_fraction": 0.7, "n": 2}, {"in_place": True, "unit": "word"}],
    "augment.diacritics": [{}, {"kinds": ["vary", "drop"], "n": 3, "min_length": 1}],
    "augment.eda": [
        {"table": {"match": ["game"], "small": ["little"]}, "n": 4},
        {"operations": ["delete", "swap"], "alpha": 0.9, "n": 3, "language": "fi"},
        {"min_sense_share": 0.0, "min_count": 0, "alpha": 0.5, "alpha_delete": 1.0, "in_place": True},
    ],
    "augment.entity": [{"table": {"place": ["Paris", "Sunday", "match"], "team": ["team", "bank"]}, "n": 2}],
    "augment.generate": [
        {"n": 3, "min_distance": 0},
        {"to_rows": 6, "labels": ["art", "alone"], "shots": 2, "style": ["plain", "as a tweet"], "blank": ["tags"]},
    ],
    "augment.homoglyph": [{}, {"scripts": ["greek"], "n": 2, "max_rate": 1.0}],
    "augment.keyboard": [{}, {"layout": "fr", "n": 3, "keep_first": False, "digits": True, "min_length": 1}],
    "augment.mlm": [
        {"n": 2, "max_rate": 0.5},
        {"action": "insert", "top_k": 3, "top_p": 0.9, "max_tokens": 8, "in_place": True},
    ],
    "augment.misspell": [
        {"lines": ["teem->team"]},
        {"lines": ["teh\tthe", "the: th, thee*2"], "words_as_wrong": True, "n": 3, "max_rate": 1.0},
    ],
    "augment.ocr": [{}, {"digits": False, "n": 3, "max_rate": 1.0, "min_length": 1}],
    "augment.paraphrase": [
        {"min_distance": 0, "attempts": 2},
        {"n": 2, "fraction": 0.3, "style": ["plain", "as a tweet"], "json_answers": False, "max_length_ratio": 20},
    ],
    "augment.shuffle": [{}, {"across": True, "links": False, "n": 2}],
    "augment.spacing": [{}, {"kinds": ["join"], "in_place": True}, {"n": 3, "max_rate": 1.0, "min_length": 2}],
    "augment.synonym": [
        {"n": 2, "max_rate": 1.0, "min_sense_share": 0.0, "min_count": 0},
        {"relation": "hypernym"},
        {"table": {"team": "squad", "match": ["game", "contest"]}, "language": "de"},
    ],
    "augment.tfidf": [
        {"min_rows": 1},
        {"rate": 0.8, "draw": "uninformative", "function_words": True, "min_rows": 1, "n": 2},
    ],
    "augment.typo": [{}, {"kinds": ["insert", "swap"], "n": 3, "keep_first": False, "min_length": 1, "max_rate": 1.0}],
    "augment.contraction": [
        {},
        {"action": "expand", "max_rate": 0.5, "in_place": True},
        {"action": "contract", "n": 2},
    ],
    "augment.date": [{}, {"max_days": 30, "day_first": True, "n": 3}],
    "augment.negation": [
        {"flip": {"sport": "money", "money": "sport"}},
        {"flip": {"sport": "money"}, "n": 2, "style": "drawn", "max_words": 40},
        {"flip": {"sport": "money"}, "actions": ["remove"], "style": "contracted", "in_place": True},
    ],
    "augment.nlpaug": [
        {"augmenter": "KeyboardAug", "n": 2},
        {"augmenter": "RandomWordAug", "settings": {"action": "swap", "aug_p": 0.3}},
        {"augmenter": "SpellingAug", "fraction": 0.5, "in_place": True},
    ],
    "augment.number": [{"n": 2}, {"max_change": 3, "max_rate": 0.5, "years": True}],
    "augment.constrain": [
        {"judge": None},
        {"judge": None, "duplicates": "near", "min_near": 0.6, "held_out": "exact", "max_change": 0.5},
        {"n_folds": 3, "min_similarity": 0.5, "min_length_ratio": 0.5, "max_overlap": 0.9, "steps": ["augment.aeda"]},
    ],
    "augment.policy": [
        {"augmenters": [{"use": "augment.aeda", "weight": 2}, {"use": "augment.typo", "max_rate": 0.2}], "n": 3},
        {"augmenters": [{"use": "augment.aeda"}], "to_fraction": 0.8, "max_per_row": 3},
        {"augmenters": [{"use": "augment.typo"}], "per_class": {"sport": 60, "alone": 3}},
    ],
    "clean.case": [
        {},
        {"to": "upper"},
        {"to": "title", "locale": "tr"},
        {"to": "sentence"},
        {"to": "lower", "only_shouting": True, "min_upper_fraction": 0.6},
    ],
    "clean.contractions": [{}, {"action": "contract"}],
    "clean.control": [{}, {"keep_direction": False}],
    "clean.emoji": [{}, {"action": "remove", "symbols": True}, {"action": "space"}],
    "clean.latex": [{}, {"math": "drop"}, {"math": "replace", "assume": True}],
    "clean.markdown": [{}, {"keep_urls": True, "keep_fences": True}],
    "clean.quotes": [{}, {"guillemets": True, "cjk": True}, {"quotes": False, "dashes": False}],
    "clean.repeats": [{}, {"max_punctuation": 1, "max_letters": 2, "max_separators": 1}, {"max_letters": None}],
    "clean.urls": [{}, {"action": "remove", "bare": "any"}, {"action": "domain", "bare": "never"}],
    "clean.width": [{}, {"punctuation": True, "kana": False}],
    "clean.boilerplate": [
        {},
        {"favour": "recall", "if_nothing": "drop", "comments": True, "links": True},
        {"favour": "balanced", "if_nothing": "leave", "tables": False, "max_characters": 200},
    ],
    "clean.html": [
        {},
        {"cells": "pipe", "lists": "marked", "links": "text_and_url", "alt": True, "keep_hidden": True},
    ],
    "clean.language": [{}, {"column": "tongue", "score_column": None, "min_score": 0.9}],
    "clean.pii": [
        {},
        {"action": "mask", "written_out": True, "private_addresses": True},
        {"action": "keep", "tag": "pii", "actions": {"email": "mask"}},
    ],
    "clean.unicode": [{}, {"normalization": "NFKC", "uncurl_quotes": True}, {"normalization": None}],
    "clean.whitespace": [{}, {"keep_lines": False}, {"keep_indent": True}],
    "convert.to_chat": [
        {"columns": ["text", "label"]},
        {"columns": ["text", "label", "label"], "style": "sharegpt", "system": "Be brief.", "misfits": "drop"},
        {"columns": ["text", "label"], "template": "Q: {instruction}[[ ({input})]]\nA:", "exact": False},
    ],
    "convert.to_instruction": [{"columns": ["text", "label"]}, {"columns": ["text", "label"], "template": "chatml"}],
    "convert.to_prompt": [
        {"columns": ["text", "label", "label"]},
        {"columns": ["text", "label"], "template": "chatml", "text_answer": True, "misfits": "drop"},
    ],
    "clean.missing": [
        {"columns": ["label"], "fill": "most_frequent"},
        {"columns": ["text", "label"], "fill": "constant", "value": "unknown", "placeholders": "all"},
        {"columns": ["text"], "fill": "column", "from_column": "label", "words": ["x"]},
        {"columns": ["label", "text"], "fill": "nothing", "placeholders": "off"},
    ],
    "clean.spelling": [{}, {"language": "de", "max_edit_distance": 1, "min_count": 2, "protect": ["teh"]}],
    "clean.types": [
        {"columns": ["text"], "to": "number", "units": ["am"]},
        {"columns": ["text", "label"], "to": "boolean", "true_words": ["sport"]},
        {"columns": ["text"], "to": "integer", "decimal": ",", "percent": "keep"},
        {"columns": ["text"], "to": "date", "day_first": True},
    ],
    "dedup.exact": [
        {},
        {"keep": "longest", "conflicts": "drop"},
        {"keep": "last", "punctuation": True, "digits": True},
        {"keep": "majority_label", "compare": "bytes", "columns": ["text", "label"]},
    ],
    "dedup.lines": [
        {},
        {"unit": "sentence", "min_rows": 2, "min_words": 1, "keep_first": False, "digits": True},
        {"unit": "paragraph", "min_rows": None, "min_words": 2, "min_left_words": 0},
    ],
    "dedup.minhash": [
        {},
        {"recall": 0.9, "n_hashes": 64, "seed": 7, "min_similarity": 0.5, "keep": "central"},
        {"clusters": "component", "min_similarity": 0.4, "distinct": "names"},
    ],
    "dedup.near": [
        {},
        {"keep": "central", "distinct": ["numbers", "names"], "min_similarity": 0.5},
        {"clusters": "component", "min_similarity": 0.4, "keep": "last"},
        {"clusters": "component", "distinct": "numbers", "keep": "majority_label", "min_similarity": 0.3},
        {"measure": "containment", "unit": "character", "shingle_size": 5, "keep": "longest"},
        {"method": "minhash", "conflicts": "drop", "min_similarity": 0.5},
    ],
    "dedup.semantic": [
        {"min_similarity": 0.8},
        {"min_similarity": 0.6, "encoder": "hashed", "keep": "central", "backend": "numpy", "distinct": "numbers"},
        {"min_similarity": 0.6, "encoder": "hashed", "clusters": "component", "backend": "kmeans"},
    ],
    "dedup.substring": [{}, {"min_words": 2}, {"min_words": 3, "min_left_words": 0}],
    "dedup.leakage": [
        {},
        {"match": "near", "punctuation": False},
        {"match": "near", "unit": "character", "shingle_size": 5, "min_similarity": 0.6, "split": "all"},
        {"match": "ngram", "n_words": 4, "min_fraction": 0.5},
        {"match": "semantic", "encoder": "hashed", "min_similarity": 0.8},
    ],
    "filter.language": [
        {"keep": ["en", "fr"]},
        {"drop": "deu", "min_score": 0.5, "max_foreign_fraction": 0.3},
        {"keep": ["en"], "uncertain": "drop"},
    ],
    "filter.alphanumeric": [{"min_fraction": 0.3, "max_fraction": 0.99}],
    "filter.character_repetition": [{"max_fraction": 0.2}, {"n_characters": 2, "min_fraction": 0.01}],
    "filter.compression": [{"min_ratio": 0.3, "max_ratio": 0.9}],
    "filter.digits": [{"max_fraction": 0.1}],
    "filter.flagged_words": [{"words": ["text", "数据"]}, {"words": ["same text"], "max_fraction": 0.5}],
    "filter.lexical_diversity": [{"min_distinct": 0.5}, {"window": 2, "min_diversity": 0.5, "max_distinct": 0.9}],
    "filter.line_length": [{"min_mean": 5, "max_mean": 100}, {"min_longest": 3, "max_longest": 50}],
    "filter.pii": [{}, {"min_findings": 1, "max_findings": None, "kinds": ["email", "secret"]}],
    "filter.readability": [{"min_lix": 10, "max_lix": 60}, {"min_ease": 0, "max_ease": 100}],
    "filter.special_characters": [{"max_fraction": 0.25}],
    "filter.stop_words": [
        {"min_fraction": 0.1},
        {"language": "zh", "max_fraction": 0.5},
        {"words": ["text"], "max_fraction": 0.1},
    ],
    "filter.uppercase": [{"max_fraction": 0.3}],
    "filter.word_length": [{"min_mean": 2, "max_mean": 8}],
    "filter.word_repetition": [{"max_fraction": 0.2}, {"n_words": 2, "min_fraction": 0.01}],
    "filter.length": [
        {"min_words": 3, "max_words": 50},
        {"min_characters": 10, "max_characters": 200},
        {"min_sentences": 2, "max_sentences": 9},
    ],
    "filter.c4": [{}, {"words": "plain", "min_sentences": 1, "min_words_per_line": 2}, {"split_by": "sentence"}],
    "filter.fineweb_quality": [{}, {"words": "plain", "judge_unspaced": True, "keep_unpunctuated": True}],
    "filter.gopher_quality": [{}, {"language": "fr", "min_words": 2, "min_stop_words": None}],
    "filter.gopher_repetition": [{}, {"words": "plain", "judge_unspaced": True}],
    "filter.answers": [{}, {"language": True}, {"echoes_prompt": False, "truncated_answer": False}],
    "filter.missing": [{}, {"blank": False, "label": False}, {"placeholders": "all", "words": ["x", "alone"]}],
    "filter.perplexity": [
        {"max_perplexity": 5, "reference": ["the team won the second match", "数据 清洗"], "order": 4},
        {"max_perplexity": 40, "min_perplexity": 2},
    ],
    "filter.quality": [
        {"min_quality": 0.5, "like": [LIKE, "The bank lost more."], "unlike": ["a small fund"], "learner": "linear"},
        {"min_quality": 0.5, "like": ["A painter."], "unlike": [LIKE, "x"], "learner": "bag", "n_folds": 2},
    ],
    "filter.toxicity": [
        {"max_toxicity": 0.5, "train": [[LIKE, "no"], ["x", "yes"]], "positive": "yes", "learner": "linear"},
    ],
    "labels.drop_issues": [{"n_folds": 3, "filter_by": "both", "min_score": 0.5}],
    "labels.merge_names": [
        {},
        {"merge": {"art": "culture", "money": "sport"}, "min_similarity": 0.8, "max_share": 0.5},
        {"merge": {"a": "b"}, "normal_form": False},
    ],
    "rebalance.oversample": [{}, {"to_fraction": 0.5, "max_copies": 2}],
    "split.text": [
        {"max_size": 5},
        {"max_size": 40, "unit": "character", "overlap": 10, "keep_parent": True},
        {"max_size": 1, "unit": "sentence", "boundary": None},
    ],
}
ASKING = ("augment.generate", "augment.paraphrase")
NAMES = registry.names("transforms")
OF_TEXT = [
    name
    for name in NAMES
    if name.startswith(("clean.", "filter.")) and registry.get("transforms", name).__module__.startswith("curate.")
]
VARIANTS = [(name, given) for name in NAMES for given in SETTINGS.get(name, [{}])]
SLOW_SIGNALS = {"attack", "pred_probs"}
HEAVY = {"augment.backtranslate", "augment.mlm"}  # processes or a model for every batch; their own tests try any text

TEXTS = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text("ab \t\n.,<>&;/pbr\u00e9\u2019\u00c3\u00a9", max_size=40),
    st.sampled_from(
        ["", " ", "same text", "Same  Text", "<p>a</p>", "doesnâ€™t", "\x00", "👩‍👩‍👧", "数据 清洗", "ا ل"]
    ),
)
PIECES = (
    *"aA1 \t\n\r.!?-_*#$\\{}[]()<>&;:@/%'\"|`~",
    *(
        "\u00a0",
        "\u200b",
        "\u200d",
        "\u2019",
        "\u2014",
        "\ufe0f",
        "…",
        "👍",
        "🏽",
        "数",
        "ｱ",
        "Ａ",
        "ﬁ",
        "é",
        "e\u0301",
    ),
    *("ß", "İ", "ا", "अ", "\u094d", "www.", "http://", "a@b.org", "&amp;"),
)
AWKWARD = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ROWS = st.lists(st.tuples(TEXTS, st.sampled_from(["a", "a", "a", "b", None])), max_size=30)


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest) -> None:
    """Skip what needs Apertium where it is not installed."""
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("name") == "augment.backtranslate":
        request.getfixturevalue("apertium")


def build(name: str, settings: dict[str, Any]) -> Any:
    served = chat_server() if name in ASKING else {"model": masked_model()} if name == "augment.mlm" else {}
    return registry.get("transforms", name)(**served, **settings)


@functools.cache
def masked_model() -> str:
    """The folder of a tiny masked language model."""
    pytest.importorskip("transformers", reason="masked language models need transformers")
    make = runpy.run_path(str(Path(__file__).parents[1] / "unit" / "kernels" / "tiny_masked_lm.py"))["build"]
    folder = tempfile.mkdtemp(prefix="curate-masked-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return str(make(Path(folder)))


@functools.cache
def chat_server() -> dict[str, Any]:
    """A server on loopback that rewrites by a rule, and a file of answers."""
    server = runpy.run_path(str(Path(__file__).parents[1] / "servers" / "chat_server.py"))["ChatServer"]()
    folder = tempfile.mkdtemp(prefix="curate-answers-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {"base_url": server.url, "answers": f"{folder}/answers.sqlite", "model": "by-rule"}


@pytest.mark.parametrize(("name", "given"), VARIANTS, ids=[f"{name}{given or ''}" for name, given in VARIANTS])
def test_every_promise_holds_on_the_examples(name: str, given: dict[str, Any]) -> None:
    check_transform(build(name, given))


@pytest.mark.parametrize("name", OF_TEXT)
def test_every_reason_has_an_example(name: str) -> None:
    transform = registry.get("transforms", name)
    assert set(transform.examples) == set(transform.reasons)
    assert transform.languages


@settings(max_examples=100)
@given(text=st.one_of(st.text(max_size=60), TEXTS.filter(lambda text: text is not None), AWKWARD))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    for one in row_steps():
        transform = one.transform
        if isinstance(transform, RewriteText) and transform.idempotent:
            transform.setup()
            once = transform.rewrite(text)
            assert transform.rewrite(once) == once, transform


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_engine_gives_the_same_with_one_worker_and_two(name: str) -> None:
    check_transform(build(name, SETTINGS.get(name, [{}])[0]), workers=(1, 2))


@functools.cache
def row_steps() -> list[Step]:
    """Every transform whose signals cost nothing, with every variant of its settings that names no class."""
    fitting = [(name, given) for name, given in VARIANTS if not isinstance(given.get("per_class"), dict)]
    made = [(name, build(name, given)) for name, given in fitting if name not in (*ASKING, *HEAVY)]
    return [
        step(transform, name=f"{name}.{at}")
        for at, (name, transform) in enumerate(made)
        if not SLOW_SIGNALS & set(transform.needs)
    ]


@settings(max_examples=60)
@given(rows=ROWS, seed=st.integers(0, 2**32))
def test_no_text_breaks_a_transform_and_no_row_is_lost_in_silence(
    rows: list[tuple[str | None, str | None]], seed: int
) -> None:
    table = pa.table(
        {
            "text": pa.array([text for text, _ in rows], pa.string()),
            "label": pa.array([label for _, label in rows], pa.string()),
            "reply": pa.array([text for text, _ in reversed(rows)], pa.string()),
        }
    )
    corpus = Corpus.from_table(table, Roles(text="text", label="label", target="reply"))
    corpus = corpus.with_held_out(test=example_corpus().held_out["test"])
    for one in row_steps():
        curated = Recipe([one], seed=seed, max_quarantine=0).run(corpus)
        (count,) = curated.counts
        count.check()
        log = curated.lineage().to_pylist()
        gone = {event["row_id"] for event in log if event["kind"] == "drop"}
        added = {event["row_id"] for event in log if event["kind"] == "add"}
        expected = sorted((set(range(len(rows))) - gone) | added)
        assert np.sort(curated.corpus.row_ids()).tolist() == expected
        assert not curated.quarantine.num_rows
        told = set(one.transform.reasons)
        assert {event["reason"] for event in log} <= told
        untouched = set(range(len(rows))) - {event["row_id"] for event in log}
        after = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.table().to_pylist(), strict=True))
        assert all((after[row_id]["text"], after[row_id]["label"]) == rows[row_id] for row_id in untouched)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("clean.")])
@settings(max_examples=100)
@given(text=st.one_of(st.text(max_size=60), st.text("ab \t\n\r\x0b\u2028\u00a0<>&;/pbr\u00e9â€™\x1c\x85", max_size=60)))
def test_the_quick_look_misses_nothing_that_rewriting_would_change(name: str, text: str) -> None:
    """`suspects` is only a shortcut: what it does not flag, `rewrite` would leave alone."""
    for given_settings in SETTINGS.get(name, [{}]):
        transform = build(name, given_settings)
        if not isinstance(transform, RewriteText):
            continue
        mask = transform.suspects(pa.array([text], pa.string()))
        if mask is not None and not mask[0].as_py():
            assert transform.rewrite(text) == text
