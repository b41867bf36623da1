"""`filter.answers`: which rows of instruction data go and why; and what the audit says of real ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.audit import audit
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, RecipeError
from curate.io.loading import load
from curate.transforms.filter.answers import DropBadAnswers

ROWS = [
    ("Name a fruit.", "", "An apple."),
    ("Name a fruit.", None, None),
    ("Name a fruit.", "", "<nooutput>"),
    ("", " ", "An apple."),
    (None, None, None),
    ("Name a fruit or say N/A.", "", "N/A"),
    ("Is it true? Answer with ? if you do not know.", "", "?"),
    ("Which of these is a fruit?", "stone, chair", "None"),
    ("Tell me about a fruit.", "", "Tell me about a fruit."),
    ("Write an apology for a late parcel.", "", "I'm sorry, but I cannot change that it came late."),
    ("How old is she?", "", "I'm sorry, but I cannot say."),
    ("What is a language model?", "", "As an AI language model, I am one."),
    ("What do you like?", "", "As an AI language model, I like nothing."),
    ("Summarise the article.", "https://example.org/article", "It is about fruit."),
    ("What is the domain of this URL?", "https://example.org/article", "example.org"),
    ("Write a function that opens the given image.", "", "def f(path):\n    return open(path)"),
    ("Переведи на английский: каждый день идёт дождь", "", "It is raining every day of the week."),
    ("Расскажи, какая погода бывает в Москве зимой", "", "It is cold and there is a lot of snow."),
    ("Translate to English: No puedo encontrar mis llaves.", "", "I can't find my keys."),
    ("Translate the text to English.", "", "I'm sorry, I cannot translate a text that is not here."),
    ("翻译成西班牙语：What time is it today?", "", "¿Qué hora es hoy?"),
    ("Write one line of a happy letter.", "", "I can't tell you how glad I was to hear it!"),
    ("What does the tag <img> do?", "", "It shows a picture."),
]
EXPECTED = {
    1: "empty_answer",
    2: "empty_answer",
    3: "prompt_missing",
    4: "prompt_missing",
    8: "echoes_prompt",
    10: "refusal",
    12: "ai_disclaimer",
    13: "needs_image_or_web",
    17: "wrong_language",
    19: "refusal",
}


def corpus(rows: list[tuple[str | None, ...]] = ROWS, **roles: Any) -> Corpus:
    columns = dict(zip(("instruction", "input", "output"), map(list, zip(*rows, strict=True)), strict=True))
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return Corpus.from_table(table, Roles(**roles) if roles else None)


def reasons(transform: DropBadAnswers, rows: Corpus) -> dict[int, str]:
    log = Recipe([Step(transform)], max_quarantine=0).run(rows).lineage().to_pylist()
    return {event["row_id"]: event["reason"] for event in log}


def test_each_rule_and_what_it_lets_pass() -> None:
    assert reasons(DropBadAnswers(), corpus()) == EXPECTED


@pytest.mark.parametrize("rule", sorted(set(EXPECTED.values())))
def test_a_rule_switched_off_gives_no_reason(rule: str) -> None:
    found = reasons(DropBadAnswers(**{rule: False}), corpus())
    assert rule not in found.values()
    assert {row: why for row, why in EXPECTED.items() if why != rule}.items() <= found.items()


def test_the_prompt_is_every_text_column_but_the_answer() -> None:
    every = corpus(text=("instruction", "input", "output"), target="output")
    assert reasons(DropBadAnswers(), every) == EXPECTED


def test_languages_of_one_script_are_told_apart_on_request() -> None:
    german = "Erkläre mir bitte in zwei Sätzen, warum die Blätter im Herbst von den Bäumen fallen."
    english = "The days grow shorter in autumn, and a tree that keeps its leaves would lose too much water."
    spanish = "Los días son más cortos en otoño y el árbol pierde las hojas para ahorrar agua en invierno."
    prompts = [
        (german, "", english),
        ("Why do leaves fall from trees in autumn, and when?", "", english),
        ("Classify the mood of this text.", spanish, english),
        ("Translate into English: " + german, "", english),
        (german, "", "Ja."),
    ]
    rows = corpus(prompts)
    assert reasons(DropBadAnswers(), rows) == {}
    assert reasons(DropBadAnswers(language=True), rows) == {0: "wrong_language"}


def test_what_is_no_instruction_data_is_refused_in_one_line() -> None:
    with pytest.raises(RecipeError, match="needs the role target"):
        reasons(DropBadAnswers(), corpus(text="instruction"))
    with pytest.raises(ColumnError, match="needs a prompt and an answer"):
        reasons(DropBadAnswers(), corpus(text="output", target="output"))
    numbers = Corpus.from_table(pa.table({"text": ["a"], "y": [0.5]}), Roles(text="text", target="y"))
    with pytest.raises(ColumnError, match="'y' holds double"):
        reasons(DropBadAnswers(), numbers)
    (result,) = audit(numbers, checks=["answers"]).results
    assert (result.status, result.reason) == ("skipped", "the target 'y' holds numbers, no answers")


def test_the_check_counts_each_reason_and_proposes_the_filter() -> None:
    (finding,) = audit(corpus(), checks=["answers"]).findings
    assert finding.title == "Answers not worth learning: 10 of 23 rows (43.5 %)"
    assert finding.evidence["reasons"]["prompt_missing"] == 2
    assert (finding.severity, finding.remedy) == ("high", {"use": "filter.answers"})
    (clean,) = audit(corpus(ROWS[:1]), checks=["answers"]).results[0].findings
    assert (clean.severity, clean.title) == ("none", "No answer is empty, a refusal, an echo or broken off")


def test_hardly_any_answer_judged_good_is_flagged(data_dir: Path) -> None:
    """Of 5,305 answers that a judge rated 4.5 of 5 or better; the files are guessed to be instruction data."""
    good = load(data_dir / "alpaca_quality" / "claude_t45.json")
    assert str(good.roles) == "text=instruction+input, target=output"
    (finding,) = audit(good, checks=["answers"]).findings
    assert 0.002 < finding.value < 0.01
    counts = finding.evidence["reasons"]
    assert counts["empty_answer"] >= sum(not row["output"].strip() for row in _rows(data_dir, "claude_t45"))
    assert sum(counts.values()) - counts["needs_image_or_web"] - counts["empty_answer"] < 0.002 * len(good)


def test_refusals_in_chinese_and_english_are_found(data_dir: Path) -> None:
    for name, least in (("alpaca_en_demo", 0.03), ("alpaca_zh_demo", 0.05)):
        (finding,) = audit(load(data_dir / "llm_demo_sets" / f"{name}.json"), checks=["answers"]).findings
        assert least < finding.value < 0.08
        assert min(finding.evidence["reasons"][reason] for reason in ("refusal", "ai_disclaimer")) > 10


def _rows(data_dir: Path, name: str) -> list[dict[str, str]]:
    return json.loads((data_dir / "alpaca_quality" / f"{name}.json").read_text())
