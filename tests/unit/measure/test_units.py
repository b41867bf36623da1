"""Effects are told in the unit of their metric, with the digits that its margin asks for, on every kind of page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from curate.core.function import Drop
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError, MissingExtra
from curate.learn.examples import Examples, Task
from curate.learn.learner import Fitted, Learner
from curate.learn.linear import Linear
from curate.learn.metrics import METRICS
from curate.measure import measure
from curate.measure.schema import MeasureJson
from curate.measure.units import Units
from curate.report.html import render_html
from curate.report.markdown import render_markdown
from curate.report.model import Report
from curate.report.terminal import render_terminal

WORDS = {"sport": "goal match team league coach".split(), "money": "bank stock price market fund".split()}


@dataclass(frozen=True)
class Echo:
    """Writes the commonest response of training to the first word of a prompt."""

    answers: dict[str, str]
    n_steps: int = 0
    curve: None = None

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        likely = [self.answers.get(text.split()[0]) == target for text, target in self._pairs(rows)]
        n_bytes = [len(target.encode()) for _, target in self._pairs(rows)]
        return np.column_stack([np.where(likely, 1.0, 9.0), np.full(len(rows), 4.0), n_bytes])

    def _pairs(self, rows: Examples) -> Iterator[tuple[str, str]]:
        return zip(rows.texts, rows.targets.tolist(), strict=True)


@dataclass(frozen=True)
class Writing(Echo):
    def generate(self, texts: Sequence[str]) -> list[str]:
        return [self.answers.get(text.split()[0], "") for text in texts]


class Tiny(Learner):
    """The smallest learner of texts."""

    name: ClassVar[str] = "tiny"
    version: ClassVar[str] = "1"
    deterministic: ClassVar[bool] = True
    tasks: ClassVar[frozenset[Task]] = frozenset({"generation"})
    writes: bool = True

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        answers: dict[str, str] = {}
        for text, target in sorted(zip(train.texts, train.targets.tolist(), strict=True)):
            answers.setdefault(text.split()[0], target)
        return Writing(answers) if self.writes else Echo(answers)  # type: ignore[return-value]


def corpus(task: str, n_rows: int, seed: int) -> Corpus:
    draw = np.random.default_rng(seed)
    kinds = np.where(draw.random(n_rows) < 0.5, "sport", "money")
    texts = [" ".join([*draw.choice(WORDS[kind], 3), f"n{draw.integers(10_000)}"]) for kind in kinds]
    wanted = {
        "regression": np.where(kinds == "sport", 2e5, 1.5e5) + draw.normal(0, 8000, n_rows),
        "multilabel": [[kind, *(["long"] if draw.random() < 0.3 else [])] for kind in kinds],
        "generation": [f"this text is about {kind} and more" for kind in kinds],
    }[task]
    name = "label" if task == "multilabel" else "price" if task == "regression" else "answer"
    made = Corpus.from_table(pa.table({"text": texts, name: wanted}), name="small")
    roles = {"text": "text"} | ({"label": "label"} if task == "multilabel" else {"target": name})
    return made.with_roles(made.roles.changed(roles))


def drop_most(row: dict[str, object]) -> dict[str, object] | Drop:
    """A step that must hurt."""
    return Drop("some") if sum(map(ord, str(row["text"]))) % 5 else {}


RECIPE = Recipe([step(drop_most, name="drop_most", version="1")])
CASES = [
    ("regression", None, "mae", "price"),
    ("regression", "r2", "r2", ""),
    ("multilabel", None, "macro_f1", "points"),
    ("multilabel", "pr_auc", "pr_auc", "points"),
    ("generation", None, "bits_per_byte", "bits"),
    ("generation", "bleu", "bleu", "points"),
    ("generation", "distinct_2", "distinct_2", "points"),
]


def shown(report: Report) -> list[str]:
    from rich.console import Console

    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(render_terminal(report))
    return [console.export_text(), render_markdown(report), render_html(report)]


@pytest.mark.parametrize(("task", "asked", "name", "word"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES])
def test_every_task_is_measured_and_told_in_its_unit(task: str, asked: str | None, name: str, word: str) -> None:
    learner = Tiny() if task == "generation" else Linear()
    train, test = corpus(task, 150, 0), corpus(task, 90, 1)
    made = measure(RECIPE, train, test=test, learner=learner, metric=asked, replicates=5)
    assert (made.metric, made.units.word) == (name, word)
    effect = made.steps[0]
    assert effect.interval.low <= effect.delta <= effect.interval.high
    assert made.margin == pytest.approx(METRICS[name].margin(made.base[name]))
    MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))
    said = f"{made.units.signed(effect.delta)} {word}".strip()
    assert made.units.difference(effect.delta) == said
    for page in shown(made.report()):
        assert f"change in {name}" in page.replace("\\", "")
        assert made.units.signed(effect.delta) in page
        assert "nats" not in page
    assert ("self_bleu" in made.base) == (asked in ("bleu", "distinct_2"))


def test_digits_follow_the_margin() -> None:
    bits = Units("bits_per_byte", "bits", 1.0, 0.0123)
    assert (bits.difference(-0.004), bits.size(0.0123), bits.level(1.23)) == ("−0.004 bits", "0.012 bits", "1.23 bits")
    price = Units.of(METRICS["mse"], 2300.0, "price")
    assert (price.difference(12345.6), price.column) == ("+12,346 price²", "number")
    points = Units.of(METRICS["accuracy"], 0.05, None)
    assert (points.difference(0.012), points.level(0.5), points.column) == ("+1.20 points", "50 %", "percent")
    brier = Units.of(METRICS["brier"], 0.001, None)
    assert (brier.difference(0.0123), brier.plot((), "change").axis) == ("+0.0123", "change")


def test_a_metric_that_reads_text_needs_a_learner_that_writes() -> None:
    train, test = corpus("generation", 60, 0), corpus("generation", 40, 1)
    with pytest.raises(CurateError, match="writes nothing"):
        measure(RECIPE, train, test=test, learner=Tiny(writes=False), metric="rouge1", replicates=2)


def test_no_step_may_rewrite_at_inference_what_is_learnt() -> None:
    """Each arm would be judged by texts of its own."""
    prompts = corpus("generation", 80, 0)
    plain = Corpus.from_table(pa.table({"text": prompts.texts()}), Roles(text=("text",)))
    clean = Recipe([step("clean.whitespace", at_inference=True)])
    with pytest.raises(CurateError, match="itself what is learnt"):
        measure(clean, plain, learner=Tiny(), replicates=2)
    assert measure(clean, prompts, learner=Tiny(), replicates=2).metric == "bits_per_byte"


def test_metrics_that_cannot_be_the_primary_one_are_refused_before_any_work() -> None:
    texts = corpus("generation", 40, 0)
    for name, said in (("self_bleu", "no interval"), ("accuracy", "classification; the task is generation")):
        with pytest.raises(CurateError, match=said):
            measure(RECIPE, texts, test=corpus("generation", 30, 1), learner=Tiny(), metric=name, replicates=2)


def test_metrics_whose_package_is_missing_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("sacrebleu", "nltk"):
        monkeypatch.setitem(sys.modules, package, None)
    train, test = corpus("generation", 60, 0), corpus("generation", 40, 1)
    made = measure(RECIPE, train, test=test, learner=Tiny(), metric="exact_match", replicates=2)
    assert "rouge1" in made.base
    assert not {"bleu", "chrf", "meteor"} & set(made.base)
    assert any("bleu, chrf, meteor (pip install 'curate-data[metrics]')" in note for note in made.notes)
    with pytest.raises(MissingExtra, match="sacrebleu"):
        measure(RECIPE, train, test=test, learner=Tiny(), metric="chrf", replicates=2)


def test_a_metric_that_is_not_in_the_list_of_its_task_can_still_be_the_primary_one() -> None:
    train, test = corpus("multilabel", 120, 0), corpus("multilabel", 90, 1)
    made = measure(RECIPE, train, test=test, learner="linear", metric="pr_auc:long", replicates=2)
    assert made.metric == "pr_auc:long"
    assert {"pr_auc", "pr_auc:long", "f1:long"} <= set(made.base)
