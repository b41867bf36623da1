"""`augment.paraphrase` and `augment.generate` against servers on loopback, one of them with a model made here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from datasets import ClassLabel, Dataset, Features, Value
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.errors import CurateError, InputError
from curate.kernels.replacing import undone
from curate.transforms.augment.generate import AugmentGenerate
from curate.transforms.augment.paraphrase import AugmentParaphrase

TEXTS = [
    "the old team won the second match in the garden yesterday",
    "a young painter sold the small house near the river",
    "the bank closed early because the price of the story was high",
    "our doctor wrote a long letter to the new teacher today",
]
LABELS = ["sport", "art", "money", "money"]
LOOSE: dict[str, Any] = {
    "model": "tiny",
    "retries": 0,
    "min_distance": 0,
    "min_length_ratio": 0,
    "max_length_ratio": 50,
}


def corpus(texts: list[str | None] = TEXTS, labels: list[str | None] = LABELS, **more: list[Any]) -> Corpus:  # type: ignore[assignment]
    table = pa.table({"text": pa.array(texts, pa.string()), "label": pa.array(labels, pa.string()), **more})
    return Corpus.from_table(table, Roles(text="text", label="label"))


def ran(transform: Any, rows: Corpus, seed: int = 0) -> Curated:
    return Recipe([Step(transform)], seed=seed, max_quarantine=0).run(rows)


def refused(transform: Any, rows: Corpus) -> dict[str, int]:
    return ran(transform, rows).counts[0].refused


def saying(*answers: str, whole: bool = True) -> Any:
    """A server that says what it is told to, by the seed of a request the first, the second and so on."""
    return lambda body: (answers[body["seed"] % len(answers)], whole, 10, 10)


def as_text(text: str) -> str:
    return json.dumps({"text": text})


@pytest.fixture
def tiny(servers: SimpleNamespace, tiny_model: SimpleNamespace) -> Any:
    with servers.serving(tiny_model.TinyModel(tiny_model.folder)) as server:
        yield server


def test_paraphrases_of_a_model_keep_label_and_parent_and_can_be_undone(tiny: Any, tmp_path: Path) -> None:
    step = AugmentParaphrase(n=2, base_url=tiny.url, answers=str(tmp_path / "a.sqlite"), **LOOSE)
    done = ran(step, corpus())
    rows = dict(zip(done.corpus.row_ids().tolist(), done.corpus.table().to_pylist(), strict=True))
    events = done.lineage().to_pylist()
    assert len(events) == 8
    assert done.counts[0].refused == {}
    for event in events:
        (parent,) = event["parents"]
        assert event["reason"] == "paraphrased"
        assert rows[event["row_id"]]["label"] == rows[parent]["label"]
        changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
        assert undone(rows[event["row_id"]]["text"], changes) == rows[parent]["text"]
    assert len({row["text"] for row in rows.values()}) == 12
    assert len({body["seed"] for body in tiny.asked}) == 8
    prompt = tiny.asked[0]["messages"]
    assert TEXTS[0] in "".join(body["messages"][1]["content"] for body in tiny.asked)
    assert [one["role"] for one in prompt] == ["system", "user"]


def test_the_same_file_of_answers_gives_the_same_bytes_without_any_server(tiny: Any, tmp_path: Path) -> None:
    given = {"base_url": tiny.url, "answers": str(tmp_path / "a.sqlite"), **LOOSE}
    steps = [AugmentParaphrase(**given), AugmentGenerate(n=2, **given)]
    first = [ran(step, corpus()).corpus.table(with_ids=True) for step in steps]
    n_asked = len(tiny.asked)
    tiny.close()
    assert [ran(step, corpus()).corpus.table(with_ids=True) for step in steps] == first
    assert len(tiny.asked) == n_asked == 4 + 6
    with pytest.raises(InputError, match="no language model answers"):
        ran(steps[0], corpus(), seed=1)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "empty"),
        ("Sure! I have rewritten it.", "schema"),
        ('{"text": 3}', "schema"),
        ('{"text": "half of an ans', "schema"),
        ('{"other": "a"}', "schema"),
        ("[" * 100_000, "schema"),
        ('{"text": ' * 5_000, "schema"),
        (as_text("  "), "empty"),
        (as_text("I'm sorry, but I can't help with that request."), "refusal"),
        (as_text("As an AI language model, I have no opinion of the team."), "refusal"),
        (as_text("Die alte Mannschaft hat gestern das zweite Spiel im Garten gewonnen."), "language"),
        (as_text("Won."), "length"),
        (as_text("the old team won " * 50), "length"),
        (as_text(TEXTS[0].title()), "copy"),
        (as_text(TEXTS[0]), "copy"),
        (as_text("nothing here says what was said there, of that one may be certain"), "unlike"),
    ],
)
def test_every_answer_is_looked_at_and_what_fails_is_counted(
    servers: SimpleNamespace, tmp_path: Path, said: str, reason: str
) -> None:
    with servers.serving(saying(said)) as server:
        step = AugmentParaphrase(
            model="m", base_url=server.url, answers=str(tmp_path / "a"), min_distance=0.1, max_distance=0.9
        )
        done = ran(step, corpus(TEXTS[:1], LABELS[:1]))
        assert done.counts[0].refused == {reason: 1}
        assert reason in step.refusals
        assert done.corpus.table().num_rows == 1


def test_a_good_answer_is_found_in_idle_talk_and_behind_thoughts(servers: SimpleNamespace, tmp_path: Path) -> None:
    good = "yesterday, in the garden, the second match went to the old team"
    for number, said in enumerate(
        (f"Sure:\n```json\n{as_text(good)}\n```\nAnything else?", f"<think>{{}}</think>{as_text(good)}")
    ):
        with servers.serving(saying(said)) as server:
            step = AugmentParaphrase(model="m", base_url=server.url, answers=str(tmp_path / str(number)))
            assert ran(step, corpus(TEXTS[:1], LABELS[:1])).corpus.table()["text"].to_pylist() == [TEXTS[0], good]
    with servers.serving(saying(f' "{good}" ')) as server:
        step = AugmentParaphrase(model="m", base_url=server.url, answers=str(tmp_path / "plain"), json_answers=False)
        assert ran(step, corpus(TEXTS[:1], LABELS[:1])).corpus.table()["text"].to_pylist() == [TEXTS[0], good]


def test_an_answer_cut_at_its_limit_is_none_and_another_attempt_may_be_better(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    good = as_text("yesterday, in the garden, the second match went to the old team")

    def says(body: dict[str, Any]) -> tuple[str, bool, int, int]:
        seen[body["messages"][1]["content"]] += 1
        return good, seen[body["messages"][1]["content"]] > 2, 1, 1

    for attempts, counted in ((2, {"unfinished": 1}), (3, {})):
        seen: Counter[str] = Counter()
        with servers.serving(says) as server:
            step = AugmentParaphrase(
                model="m", base_url=server.url, answers=str(tmp_path / str(attempts)), attempts=attempts
            )
            assert refused(step, corpus(TEXTS[:1], LABELS[:1])) == counted
            assert len({body["seed"] for body in server.asked}) == attempts


def test_spans_are_carried_and_a_paraphrase_that_loses_one_is_refused(servers: SimpleNamespace, tmp_path: Path) -> None:
    text = "Ada Lovelace wrote the first program in London"
    kept, lost = (
        "In London the first program was written by Ada Lovelace",
        "In Paris the first program was written by her",
    )
    spans = pa.array([[{"start": 0, "end": 12}]], pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())])))
    for number, (said, counted) in enumerate(((kept, {}), (lost, {"protected": 1}))):
        with servers.serving(saying(as_text(said))) as server:
            step = AugmentParaphrase(
                model="m", base_url=server.url, answers=str(tmp_path / str(number)), spans=["names"]
            )
            done = ran(step, corpus([text], ["a"], names=spans))
            assert "Ada Lovelace" in server.asked[0]["messages"][1]["content"].split("Keep these")[1].split("\n")[0]
        if done.counts[0].refused == counted == {}:
            row = done.corpus.table().to_pylist()[1]
            assert [row["text"][one["start"] : one["end"]] for one in row["names"]] == ["Ada Lovelace"]
        else:
            assert done.counts[0].refused == {"protected": 1}


def test_one_style_and_one_length_are_drawn_for_each(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving() as server:
        styles, lengths = ("as a tweet", "as a letter"), ("one short sentence",)
        step = AugmentParaphrase(
            n=8, style=styles, length=lengths, base_url=server.url, answers=str(tmp_path / "a"), **LOOSE
        )
        ran(step, corpus())
        asked = [body["messages"][1]["content"] for body in server.asked]
        assert all("Length: one short sentence." in one for one in asked)
        drawn = Counter(one.split("Style: ")[1].split(".")[0] for one in asked)
        assert set(drawn) == set(styles)
        assert min(drawn.values()) > 8


def test_a_template_of_the_user_is_taken_and_named_in_the_identity(servers: SimpleNamespace, tmp_path: Path) -> None:
    own = tmp_path / "own.jinja"
    own.write_text("{% block user %}Anders: <text>{{ text }}</text>{% endblock %}")
    with servers.serving() as server:
        given = {"base_url": server.url, "answers": str(tmp_path / "a"), "prompt": str(own), **LOOSE}
        step = AugmentParaphrase(**given)
        ran(step, corpus())
        assert {body["messages"][0]["content"] for body in server.asked} == {
            f"Anders: <text>{text}</text>" for text in TEXTS
        }
    before = step.revision()
    own.write_text("{% block user %}Anders gesagt: {{ text }}{% endblock %}")
    os.utime(own, ns=(1, 1))
    assert AugmentParaphrase(**given).revision() != before


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{% block user %}{{ txt }}{% endblock %}", r"uses 'txt', which there is not \(did you mean 'text'\?\)"),
        ("{{ text }}", "has no block `user`"),
        ("{% block user %}{{ text", "is no template: line 1"),
        ("{% block user %}{{ text.__class__.__mro__ }}{% endblock %}", "cannot be filled in"),
        ("{% block user %}{{ range(10 ** 9) | list }}{% endblock %}", "cannot be filled in"),
        (None, "cannot read the prompt"),
    ],
)
def test_a_template_that_is_none_is_one_clear_line(tmp_path: Path, template: str | None, line: str) -> None:
    own = tmp_path / "own.jinja"
    if template is not None:
        own.write_text(template)
    step = AugmentParaphrase(model="m", base_url="http://127.0.0.1:9/v1", answers=str(tmp_path / "a"), prompt=str(own))
    with pytest.raises(InputError, match=line):
        ran(step, corpus())


def test_new_rows_have_the_label_asked_for_and_their_examples_as_parents(tiny: Any, tmp_path: Path) -> None:
    rows = corpus(TEXTS * 3, LABELS * 3, id=pa.array(range(12), pa.int64()))
    step = AugmentGenerate(
        n=3, shots=2, blank=["id"], describe={"art": "painters"}, topic=["rain", "sun"], persona="a nurse",
        base_url=tiny.url, answers=str(tmp_path / "a"), **LOOSE
    )  # fmt: skip
    done = ran(step, rows)
    after = dict(zip(done.corpus.row_ids().tolist(), done.corpus.table().to_pylist(), strict=True))
    events = done.lineage().to_pylist()
    assert len(events) == 9
    assert Counter(after[event["row_id"]]["label"] for event in events) == {"art": 3, "money": 3, "sport": 3}
    for event in events:
        assert len(event["parents"]) == 2
        assert {after[parent]["label"] for parent in event["parents"]} == {after[event["row_id"]]["label"]}
        assert after[event["row_id"]]["id"] is None
    asked = [body["messages"][1]["content"] for body in tiny.asked]
    assert sum("of the class art (painters)." in one for one in asked) == 3
    assert all("Written by: a nurse." in one and one.count("<example>") == 2 for one in asked)
    assert {one.split("Topic: ")[1].split(".")[0] for one in asked} == {"rain", "sun"}


def test_classes_are_brought_to_a_size_whatever_the_order_of_the_rows(servers: SimpleNamespace, tmp_path: Path) -> None:
    rows = corpus([f"{text} number {number}" for number in range(3) for text in TEXTS], LABELS * 3)
    order = np.random.default_rng(0).permutation(12)
    turned = Corpus.from_table(rows.table().take(order), rows.roles, row_ids=rows.row_ids()[order])
    with servers.serving() as server:
        step = AugmentGenerate(to_rows=5, base_url=server.url, answers=str(tmp_path / "a"), **LOOSE)
        one, other = (ran(step, some).corpus.table(with_ids=True).sort_by("__row_id__") for some in (rows, turned))
        assert one == other
        assert Counter(one["label"].to_pylist()) == {"money": 6, "art": 5, "sport": 5}
        labels = AugmentGenerate(n=2, labels="art", base_url=server.url, answers=str(tmp_path / "a"), **LOOSE)
        assert Counter(ran(labels, rows).corpus.table()["label"].to_pylist())["art"] == 5
        where = {"base_url": server.url, "answers": str(tmp_path / "a")}
        none = AugmentGenerate(n=2, labels="sports", describe={"arts": "painters"}, **where, **LOOSE)
        (count,) = ran(none, rows).counts
        assert count.refused == {"no_examples": 2}
        assert count.notes == (
            "labels names 'sports', which no row has (did you mean 'sport'?)",
            "describe names 'arts', which no row has (did you mean 'art'?)",
        )


def test_a_number_of_rows_is_given_in_one_way() -> None:
    with pytest.raises(ValidationError, match="n is 3 and to_rows is 5: give one of them"):
        AugmentGenerate(model="m", n=3, to_rows=5)
    kept = AugmentGenerate(model="m", to_rows=5)
    assert AugmentGenerate(**kept.model_dump()) == kept


def test_all_text_columns_are_written_and_class_numbers_go_by_their_names(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    features = Features(
        {"question": Value("string"), "answer": Value("large_string"), "label": ClassLabel(names=["no", "yes"])}
    )
    data = Dataset.from_dict({"question": TEXTS, "answer": TEXTS[::-1], "label": [0, 1, 1, 0]}, features)
    rows = Corpus.from_table(data.data.table, Roles(text="question", target="answer", label="label"))
    with servers.serving() as server:
        step = AugmentGenerate(n=1, base_url=server.url, answers=str(tmp_path / "a"), **LOOSE)
        new = ran(step, rows).corpus.table(with_ids=True).to_pylist()
        assert sorted(row["label"] for row in new) == [0, 0, 0, 1, 1, 1]
        asked = [body["messages"][1]["content"] for body in server.asked]
        assert sorted(one.split("\n")[0] for one in asked) == [
            "Write one new example of the class no.", "Write one new example of the class yes."
        ]  # fmt: skip
        assert all("question: " in one and "answer: " in one for one in asked)
        with pytest.raises(CurateError, match="the texts are in 2 columns, which only JSON can hold"):
            ran(AugmentGenerate(base_url=server.url, answers=str(tmp_path / "a"), json_answers=False, **LOOSE), rows)


def test_what_a_row_says_already_is_not_said_again(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(saying(as_text(TEXTS[1].upper()))) as server:
        step = AugmentGenerate(n=2, labels="sport", base_url=server.url, answers=str(tmp_path / "a"), **LOOSE)
        assert refused(step, corpus()) == {"repeated": 2}
    with servers.serving(saying(as_text("the runner watched a film about the winter season"))) as server:
        step = AugmentGenerate(n=3, labels="sport", base_url=server.url, answers=str(tmp_path / "b"), **LOOSE)
        done = ran(step, corpus())
        assert (done.counts[0].n_added, done.counts[0].refused) == (1, {"repeated": 2})


@settings(max_examples=15)
@given(rows=st.lists(st.tuples(st.none() | st.text(max_size=30), st.sampled_from(["a", "b", None])), max_size=8))
def test_any_text_may_be_sent(rows: list[tuple[str | None, str | None]], shared: Any) -> None:
    some = corpus([text for text, _ in rows], [label for _, label in rows])
    for step in (AugmentParaphrase(**shared), AugmentGenerate(n=1, **shared)):
        done = ran(step, some)
        before = dict(zip(some.row_ids().tolist(), some.table().to_pylist(), strict=True))
        after = dict(zip(done.corpus.row_ids().tolist(), done.corpus.table().to_pylist(), strict=True))
        assert {row_id: after[row_id] for row_id in before} == before
        assert not done.quarantine.num_rows


@pytest.fixture(scope="module")
def shared(servers: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with servers.serving() as server:
        yield {"base_url": server.url, "answers": str(tmp_path_factory.mktemp("shared") / "a"), **LOOSE}


def test_what_a_failing_server_left_open_is_asked_again_by_the_next_run(
    servers: SimpleNamespace, tmp_path: Path
) -> None:
    def fault(number: int, body: dict[str, Any]) -> str:
        return "500" if TEXTS[2] in body["messages"][1]["content"] else ""

    with servers.serving(fault=fault) as server:
        step = AugmentParaphrase(base_url=server.url, answers=str(tmp_path / "a"), **LOOSE)
        recipe = Recipe([Step(step)])
        first = recipe.run(corpus(), store=Store(tmp_path / "cache"))
        assert first.counts[0].refused == {"unreachable": 1}
        assert first.counts[0].n_added == 3
        assert [note.partition(": ")[2] for note in first.counts[0].notes] == ["HTTP 500: no luck, key was None"]
        server.fault = lambda number, body: ""
        second = recipe.run(corpus(), store=Store(tmp_path / "cache"))
        assert (second.counts[0].refused, second.counts[0].n_added) == ({}, 4)
        assert len(server.asked) == 5
        server.close()
        assert recipe.run(corpus(), store=Store(tmp_path / "cache")).corpus.table() == second.corpus.table()


RECIPE = """
version: 1
seed: 3
roles: {{text: text, label: label}}
steps:
  - use: augment.paraphrase
    model: tiny
    base_url: {url}
    concurrency: 2
    retries: 0
    timeout_s: 20
    min_distance: 0
    {more}
"""


def command(tmp_path: Path, url: str, out: str, more: str = "") -> tuple[list[str], dict[str, str]]:
    recipe, source = tmp_path / "recipe.yaml", tmp_path / "rows.jsonl"
    recipe.write_text(RECIPE.format(url=url, more=more))
    source.write_text(
        "".join(json.dumps({"text": f"{TEXTS[n % 4]} {n}", "label": LABELS[n % 4]}) + "\n" for n in range(60))
    )
    said = [
        sys.executable,
        "-m",
        "curate",
        "run",
        str(recipe),
        str(source),
        "--out",
        str(tmp_path / out),
        "--workers",
        "1",
    ]
    return said, {**os.environ, "CURATE_CACHE": str(tmp_path / "cache"), "COLUMNS": "200", "TINY_KEY": "sk-very-secret"}


def test_a_killed_run_asks_nothing_twice_that_was_answered(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "slow 0.03") as server:
        said, environment = command(tmp_path, server.url, "out")
        with subprocess.Popen(said, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while len(server.asked) < 20 and process.poll() is None:
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
        assert 20 <= len(server.asked) < 60
        assert not (tmp_path / "out").exists()
        subprocess.run(said, env=environment, check=True, capture_output=True, timeout=120)
        asked = Counter((body["seed"], body["messages"][1]["content"]) for body in server.asked)
        assert len(asked) == 60
        assert sum(asked.values()) - 60 <= 2  # those under way when it was killed
        assert len(list((tmp_path / "out").rglob("*.parquet"))) or len(list((tmp_path / "out").iterdir())) > 1


def test_an_interrupted_run_waits_for_no_answer(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving(fault=lambda number, body: "slow 60" if number > 5 else "") as server:
        said, environment = command(tmp_path, server.url, "out")
        with subprocess.Popen(said, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while len(server.asked) < 8 and process.poll() is None:
                time.sleep(0.01)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
        assert (process.returncode, b"interrupted" in told) == (130, True)
        assert time.monotonic() - began < 5


def test_a_spent_budget_costs_no_row_and_the_key_stands_nowhere(servers: SimpleNamespace, tmp_path: Path) -> None:
    with servers.serving() as server:
        said, environment = command(tmp_path, server.url, "out", "budget_tokens: 3000\n    api_key_env: TINY_KEY")
        done = subprocess.run(said, env=environment, check=True, capture_output=True, timeout=120, text=True)
        assert "budget" in done.stdout + done.stderr
        told = json.loads((tmp_path / "out" / "run.json").read_text())
        (count,) = told["steps"] if "steps" in told else told["counts"]
        assert count["n_in"] == 60
        assert count["n_added"] == len(server.asked) < 60
        assert count["refused"] == {"budget": 60 - count["n_added"]}
        assert {headers["authorization"] for headers in server.headers} == {"Bearer sk-very-secret"}
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"sk-very-secret" not in path.read_bytes()


def test_a_dead_server_is_one_line_of_the_command(tmp_path: Path) -> None:
    said, environment = command(tmp_path, "http://127.0.0.1:9/v1", "out")
    done = subprocess.run(said, env=environment, capture_output=True, timeout=120, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("error: no language model answers at http://127.0.0.1:9/v1")
    assert not (tmp_path / "out").exists()
