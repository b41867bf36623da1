"""A setting that would change nothing is refused in one line; one that has a meaning changes what is learnt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.errors import CurateError
from curate.learn.bag import Bag
from curate.learn.causal import Causal
from curate.learn.examples import Examples
from curate.learn.head import Head
from curate.learn.learner import Learner
from curate.learn.named import learner_named
from curate.learn.tabular import Tabular
from curate.learn.training import Training
from curate.learn.transformer import Transformer

SET = {"label_smoothing": 0.3, "class_weights": "balanced", "focal_gamma": 2.0, "logit_adjustment": 1.0}
READ: dict[str, tuple[str, ...]] = {
    "classification": tuple(SET),
    "multilabel": ("label_smoothing", "focal_gamma"),
    "regression": (),
}


def rows(task: str, n_rows: int = 48) -> Examples:
    """Every third row is `poor`, the others `fine`."""
    poor = np.arange(n_rows) % 3 == 0
    targets: Any = poor.astype(np.int64)
    if task == "multilabel":
        targets = np.stack([poor, ~poor, np.arange(n_rows) % 2 == 0], 1)
    elif task == "regression":
        targets = poor.astype(np.float64)
    texts = [f"{'poor' if each else 'fine'} item{n % 5}" for n, each in enumerate(poor)]
    table = pa.table({"word": [text.split()[0] for text in texts], "n": list(range(n_rows))})
    return Examples(texts, targets, None, {"regression": 0, "multilabel": 3}.get(task, 2), task, table)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", READ)
@pytest.mark.parametrize("name", SET)
@pytest.mark.parametrize("kind", ["tabular", "transformer"])
def test_a_setting_of_the_loss_counts_or_is_refused(
    kind: str, name: str, task: str, tiny_model: Callable[[str], str]
) -> None:
    pytest.importorskip("torch", reason="these learners need torch")

    def learner(**settings: Any) -> Learner:
        training = Training(learning_rate=5e-3, max_steps=6, batch_rows=16, **settings)
        if kind == "tabular":
            return Tabular(training=training, hidden=(4,))
        return Transformer(model=tiny_model("bert"), training=training)

    if name not in READ[task]:
        with pytest.raises(CurateError, match=f"learner '{kind}' of {task} does not read {name} ") as raised:
            learner(**{name: SET[name]}).fit(rows(task), validation=None, seed=0)
        assert "\n" not in str(raised.value)
        assert f"leave {name} out" in str(raised.value.hint)
        return
    plain, other = (
        learner(**given).fit(rows(task), validation=rows(task), seed=0).predict(rows(task))
        for given in ({}, {name: SET[name]})
    )
    assert not np.allclose(plain, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("learner", "task", "name"),
    [
        (Bag(label_smoothing=0.1), "regression", "label_smoothing"),
        (Head(label_smoothing=0.1), "regression", "label_smoothing"),
        (Head(class_weights="balanced"), "multilabel", "class_weights"),
        (Head(class_weights="balanced"), "regression", "class_weights"),
    ],
)
def test_so_are_those_of_learners_without_the_loop(learner: Learner, task: str, name: str) -> None:
    with pytest.raises(CurateError, match=f"does not read {name} "):
        learner.fit(rows(task), validation=None, seed=0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "causal", "training": {"class_weights": "balanced"}}, "'causal' does not read class_weights"),
        ({"name": "causal", "training": {"focal_gamma": 1}}, "'causal' does not read focal_gamma"),
        ({"name": "causal", "training": {"logit_adjustment": 1}}, "'causal' does not read logit_adjustment"),
        ({"name": "tabular", "training": {"layer_decay": 0.5}}, "'tabular' does not read layer_decay"),
        (
            {"name": "tabular", "kind": "logistic", "hidden": [4], "training": {"n_epochs": 2}},
            "of kind 'logistic' does not read hidden and training.*or set another kind",
        ),
        ({"name": "tabular", "kind": "boosting", "inverse_penalty": 2}, "'boosting' does not read inverse_penalty"),
        ({"name": "tabular", "n_trees": 7}, "of kind 'mlp' does not read n_trees"),
        (
            {"name": "transformer", "model": "x", "strategy": "head", "training": {"layer_decay": 0.5}},
            "strategy 'head' does not read layer_decay",
        ),
    ],
)
def test_what_the_settings_alone_rule_out_is_refused_before_anything_is_trained(given: dict, said: str) -> None:
    with pytest.raises(CurateError, match=said) as raised:
        learner_named(given)
    assert "\n" not in str(raised.value)


def test_defaults_that_are_spelt_out_pass() -> None:
    for learner in (Tabular(kind="logistic"), Tabular(kind="boosting"), Tabular(), Causal()):
        assert type(learner).model_validate(learner.model_dump()) == learner
