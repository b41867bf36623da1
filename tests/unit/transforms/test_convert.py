"""`convert.*`: nothing is lost between chats, instructions and prompts, and what does not fit is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate import Corpus, Recipe, load, save
from curate.core.step import step
from curate.errors import ColumnError
from curate.kernels.dialogue import Misfit, Turn, messages_of, of_messages, of_prompt, prompt_of
from curate.kernels.prompt_template import template_of
from curate.transforms.convert.conversion import QUESTION
from curate.transforms.convert.to_chat import ToChat
from curate.transforms.convert.to_instruction import ToInstruction
from curate.transforms.convert.to_prompt import ToPrompt

ALPACA = ("instruction", "input", "output")
FIELDS = ("system", "instruction", "input")
SETS = ["llm_demo_sets/alpaca_en_demo.json", "llm_demo_sets/alpaca_zh_demo.json", "alpaca_quality/random_9k.json"]
TEXTS = st.one_of(st.text(max_size=30), st.text("ab\n {}[]|<>im_start endInput:QA", max_size=40))
DIALOGUES = st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), TEXTS), min_size=1, max_size=6)


def run(rows: Any, *steps: Any) -> Corpus:
    """The corpus after some steps; no row may fail."""
    corpus = rows if isinstance(rows, Corpus) else Corpus.from_table(pa.Table.from_pylist(rows))
    named = [step(one, name=f"{one.name}.{at}") for at, one in enumerate(steps)]
    return Recipe(named, max_quarantine=0).run(corpus).corpus


def without(corpus: Corpus, *columns: str) -> Corpus:
    return Corpus.from_table(corpus.table().drop_columns([name for name in columns if name in corpus.column_names]))


def column(corpus: Corpus, name: str) -> list[Any]:
    return corpus.table().column(name).to_pylist()


def alpaca(path: Path) -> Corpus:
    return Corpus.from_table(load(path).table().select(ALPACA))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("style", ["messages", "sharegpt"])
def test_real_instructions_come_back_from_a_chat(data_dir: Path, name: str, style: str) -> None:
    rows = alpaca(data_dir / name)
    chats = run(rows, ToChat(style=style))
    assert column(chats, "not_converted") == [None] * len(rows)
    back = run(without(chats, *ALPACA, "not_converted"), ToInstruction())
    assert [column(back, name) for name in ALPACA] == [column(rows, name) for name in ALPACA]


@pytest.mark.parametrize(
    "template", ["plain", "chatml", "### Task\n{instruction}\n[[### Text\n{input}\n]]### Answer\n"]
)
def test_real_instructions_come_back_from_a_prompt(data_dir: Path, template: str) -> None:
    rows = alpaca(data_dir / SETS[0])
    prompts = run(rows, ToPrompt(template=template))
    assert column(prompts, "not_converted") == [None] * len(rows)
    back = run(without(prompts, *ALPACA, "not_converted"), ToInstruction(template=template))
    assert [column(back, name) for name in ALPACA] == [column(rows, name) for name in ALPACA]


def test_real_dialogues_of_many_turns_come_back_through_chatml(data_dir: Path) -> None:
    """Two people talking, as chats: those that the second one ends lose their last turn to the completion."""
    chats = []
    for dialogue in load(data_dir / "dialogsum" / "dialogsum.dev.jsonl").table().column("dialogue").to_pylist():
        said = [line.split(": ", 1) for line in dialogue.split("\n")]
        speakers = {"#Person1#": "human", "#Person2#": "gpt"}
        if all(len(turn) == 2 and turn[0] in speakers for turn in said):
            chats.append({"conversations": [{"from": speakers[who], "value": what} for who, what in said]})
    rows = Corpus.from_table(pa.Table.from_pylist(chats))
    made = run(rows, ToPrompt(template="chatml"))
    assert len(rows) > 300
    assert column(made, "not_converted") == [None] * len(rows)
    back = run(without(made, "conversations"), ToChat(template="chatml", into="conversations", style="sharegpt"))
    assert column(back, "conversations") == column(rows, "conversations")


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS, st.one_of(st.none(), TEXTS), st.one_of(st.none(), TEXTS)), min_size=1))
@pytest.mark.parametrize("template", ["plain", "chatml", "S: [[{system}\n]]Q: {instruction}[[ ({input})]]\nA:"])
def test_what_is_converted_comes_back_as_it_was(template: str, rows: list[tuple[Any, ...]]) -> None:
    names = (*ALPACA, "system")
    schema = pa.schema([(name, pa.string()) for name in names])
    plain = [dict(zip(names, row, strict=True)) for row in rows]
    given_rows = Corpus.from_table(pa.Table.from_pylist(plain, schema))
    for there in (ToChat(), ToPrompt(template=template)):
        made = run(given_rows, there)
        back = run(without(made, *names, "not_converted"), ToInstruction(template=template))
        for row, cause, again in zip(plain, column(made, "not_converted"), back.table().to_pylist(), strict=True):
            assert cause in (None, "ambiguous", "system_message")
            assert cause or {name: again[name] for name in names} == row


@settings(max_examples=60)
@given(turns=DIALOGUES)
@pytest.mark.parametrize("template", [None, QUESTION, "[[{system}\n\n]]Q: {instruction}\nA:"])
def test_a_dialogue_comes_back_or_is_named(template: str | None, turns: list[tuple[str, str]]) -> None:
    dialogue = tuple(Turn(*turn) for turn in turns)
    assert of_messages(messages_of(dialogue, "sharegpt"), "sharegpt") == dialogue
    made = None if template is None else template_of(template, FIELDS)
    asked = template_of(QUESTION, ("instruction", "input"))
    try:
        prompt, completion = prompt_of(dialogue, made, asked)
    except Misfit:
        return
    assert of_prompt(prompt, completion, made, asked) == dialogue


MESSAGES = st.fixed_dictionaries(
    {
        "role": st.one_of(st.none(), st.sampled_from(["system", "user", "assistant", "tool", "human", "", "Narrator"])),
        "content": st.one_of(st.none(), TEXTS),
        "name": st.one_of(st.none(), st.just(""), st.just("Ann")),
    }
)
CHAT = pa.list_(pa.struct({"role": pa.string(), "content": pa.string(), "name": pa.string()}))


@settings(max_examples=60)
@given(chats=st.lists(st.one_of(st.none(), st.lists(st.one_of(st.none(), MESSAGES), max_size=4)), min_size=1))
@pytest.mark.parametrize("template", ["plain", "chatml"])
def test_no_chat_breaks_a_conversion_and_each_is_converted_or_named(template: str, chats: list[Any]) -> None:
    corpus = Corpus.from_table(pa.table({"messages": pa.array(chats, CHAT)}))
    for made, text in (
        (run(corpus, ToInstruction()), "instruction"),
        (run(corpus, ToPrompt(template=template)), "prompt"),
    ):
        for said, cause in zip(column(made, text), column(made, "not_converted"), strict=True):
            assert (said is None) == (cause is not None)
        assert column(made, "messages") == column(corpus, "messages")
    again = run(run(corpus, ToInstruction()), ToChat(columns=ALPACA))
    fits = [cause is None for cause in column(again, "not_converted")]
    for was, now, fit in zip(column(corpus, "messages"), column(again, "messages"), fits, strict=True):
        named = {"human": "user"}
        assert not fit or [(named.get(m["role"], m["role"]), m["content"]) for m in was] == [
            (m["role"], m["content"]) for m in now
        ]


def test_rows_that_do_not_fit_stay_and_say_why() -> None:
    hi, hello = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
    chats = [[hi, hello], [hi, hello, hi, hello], [hello], None, [hi, {"role": "tool", "content": "3"}], [hi]]
    made = run([{"messages": chat} for chat in chats], ToInstruction())
    assert column(made, "not_converted") == [None, "several_turns", "turn_order", "nothing", "tool_message", None]
    assert column(made, "instruction") == ["Hi", None, None, None, None, "Hi"]
    assert column(made, "output") == ["Hello", None, None, None, None, None]
    assert column(made, "messages") == chats
    assert len(run([{"messages": chat} for chat in chats], ToInstruction(misfits="drop"))) == 2


def test_roles_say_what_is_text_and_what_is_the_answer() -> None:
    rows = [{"messages": [{"role": "user", "content": "Hi"}], "label": 1}]
    assert str(run(rows, ToInstruction()).roles) == "text=instruction+input, label=label, target=output"
    assert str(run(rows, ToPrompt()).roles) == "text=prompt, label=label, target=completion"
    assert str(run(rows, ToPrompt(text_answer=True)).roles) == "text=prompt+completion, label=label, target=completion"


@pytest.mark.parametrize("there", ["instruction", "chatml"])
def test_chats_are_cleaned_by_converting_them_there_and_back(there: str) -> None:
    chats = [
        [("system", "Be brief."), ("human", "What  is <b>HTML</b>?"), ("gpt", "A  markup&nbsp;language.")],
        [("human", "Say  hi"), ("gpt", "Hi  there"), ("human", "And <i>bye</i>"), ("gpt", "Bye")],
        [("human", "Nothing to mend"), ("gpt", "Right")],
    ]
    rows = [{"conversations": [{"from": role, "value": said} for role, said in chat]} for chat in chats]
    if there == "instruction":
        steps = [ToInstruction(text_answer=True), ToChat(into="conversations", columns=ALPACA)]
    else:
        steps = [
            ToPrompt(template=there, text_answer=True),
            ToChat(template=there, into="conversations", columns=("prompt", "completion")),
        ]
    recipe = Recipe([steps[0], "clean.html", "clean.whitespace", steps[1]], max_quarantine=0)
    curated = recipe.run(Corpus.from_table(pa.Table.from_pylist(rows)))
    said = [[message["value"] for message in chat] for chat in column(curated.corpus, "conversations")]
    assert said[0] == ["Be brief.", "What is HTML?", "A markup language."]
    assert said[2] == ["Nothing to mend", "Right"]
    several = ["Say hi", "Hi there", "And bye", "Bye"]
    assert said[1] == (several if there == "chatml" else [text for _, text in chats[1]])
    named = [None, "several_turns", None] if there == "instruction" else [None] * 3
    assert column(curated.corpus, "not_converted") == named
    touched = {e["row_id"] for e in curated.lineage().to_pylist() if e["column"] == "conversations"}
    assert touched == ({0} if there == "instruction" else {0, 1})


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet", "rows.arrow", "rows"])
def test_chats_are_written_and_read_again(tmp_path: Path, name: str) -> None:
    made = run([{"instruction": "Add.", "input": "", "output": "3"}, {"instruction": None, "output": ""}], ToChat())
    back = load(save(made, tmp_path / name))
    assert column(back, "messages") == column(made, "messages")
    assert back.to_dataset()[0]["messages"][0] == {"role": "user", "content": "Add."}


def test_steps_for_texts_see_the_converted_columns() -> None:
    hello = {"role": "assistant", "content": "Hello"}
    rows = [{"messages": [{"role": "user", "content": said}, hello]} for said in ("Hi", "Hi", "How are you today?")]
    curated = Recipe([ToInstruction(), "dedup.exact", step("filter.length", min_words=3)]).run(
        Corpus.from_table(pa.Table.from_pylist(rows))
    )
    assert column(curated.corpus, "instruction") == ["How are you today?"]


def test_a_source_that_is_missing_or_in_doubt_is_an_error_that_says_what_to_type() -> None:
    with pytest.raises(ColumnError, match="finds no chat"):
        run([{"text": "a"}], ToChat())
    both = [{"instruction": "a", "output": "b", "prompt": "c"}]
    with pytest.raises(ColumnError, match=r"instruction\+output and prompt\+output.*columns: \[instruction, output\]"):
        run(both, ToChat())
    with pytest.raises(ColumnError, match=r"no column 'promt'.*prompt"):
        run(both, ToChat(columns=("promt", "output")))
    with pytest.raises(ColumnError, match="holds int64, not text"):
        run([{"n": 1, "output": "b"}], ToChat(columns=("n", "output")))
    with pytest.raises(ColumnError, match="writes string into 'output'"):
        run([{"messages": [{"role": "user", "content": "a"}], "output": 1}], ToInstruction())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{instruction}{input}", "side by side"),
        ("{question}", "no field {question}"),
        ("{instruction} {instruction}", "twice"),
        ("[[{instruction}", "not closed"),
        ("{instruction} } x", "single }"),
        ("only text", "missing"),
        ("{instruction}[[ x ]]", "exactly one field"),
        ("{instruction.__class__}", "single {"),
    ],
)
def test_a_template_in_doubt_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=json.dumps(said)[1:-1].replace("{", r"\{").replace("}", r"\}")):
        ToPrompt(template=text)


@settings(max_examples=60)
@given(values=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
def test_a_template_reads_only_what_it_would_write(values: dict[str, str]) -> None:
    template = template_of("{{[[{system}]]\n{instruction}[[|{input}]]}}", FIELDS)
    said = template.render(values)
    found = template.parse(said)
    assert found is not None
    assert template.render(found) == said


def test_a_prompt_of_a_million_characters_is_read_in_linear_time() -> None:
    asked = template_of(QUESTION, ("instruction", "input"))
    for piece in ("\n\nInput:\n", "<|im_start|>", "<|im_start|>user\n", "\n", "{"):
        text = piece * (1_000_000 // len(piece))
        asked.parse(text)
        with pytest.raises(Misfit):
            of_prompt(text, None, None, asked)
