"""The `transformer` learner: a pretrained encoder or decoder of Hugging Face, fine-tuned on classes or numbers.

Model and tokenizer: `pretrained.py`; which weights learn: `strategies.py`; training: `loop.py`. Torch and transformers
are imported when a model is fitted. Fine-tuning as in Devlin et al. 2019, BERT.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from curate.errors import CurateError
from curate.kernels.torch_device import plain_torch, torch_device
from curate.learn.examples import Examples, Task
from curate.learn.history import ByLoop, Trained
from curate.learn.learner import Learner, Prior
from curate.learn.objective import Objective
from curate.learn.pretrained import Reader, Source, body_of, reads_ahead
from curate.learn.strategies import Full, Strategy
from curate.learn.training import Training
from curate.learn.unread import refuse_unread
from curate.optional import check

if TYPE_CHECKING:
    from torch import nn

    from curate.learn.transformer_network import Network
    from curate.learn.transformer_problem import SequenceProblem

_BY = "the learner 'transformer'"
_AT_ONCE_ON_GPU = 256
_DEFAULT = Training(learning_rate=Full.rate, min_steps=200)


class Transformer(Learner):
    """A pretrained Hugging Face encoder or decoder, fine-tuned: the best on little data, minutes per training on a CPU.

    The body of the model gets a new linear head over its pooled last states; a head that it came with is left out. The
    same rows in any order and the same seed give the same bytes on a CPU, for one number of threads.

    Args:
        model: a folder, or the name of a model on the Hub.
        revision: a commit, tag or branch on the Hub.
        download: fetch from the Hub what is not in its cache.
        strategy: which weights learn: `full`, `lora`, `adapters`, `prompt`, `prefix`, `head` or `gradual`, or a mapping
            with `name` and that strategy's parameters. Layer-wise learning rates: `training.layer_decay`.
        pooling: the `mean` of a text's tokens, the `first` or the `last` one; None: the mean where tokens see those
            after them (an encoder), else the last (a decoder).
        max_tokens: of a text, special ones included; what comes after them is not read.
        dropout: instead of every dropout of the model's own, in [0, 1); None leaves them, and is 0.1 before the head.
        device: `auto` takes a GPU where torch finds one.
        predict_rows: rows of one length predicted at once; None for 1 on a CPU, so that no row's prediction hangs on
            another's to the last bit, and 256 on a GPU.
        mixup: the pooled states of each text and its target are mixed with those of another row of the batch, in a
            share drawn from Beta(mixup, mixup); 0 for none.
        head_rate: the learning rate of the new head, times that of what else learns; None for the strategy's own: 30
            for `full` and `gradual`, 3 for `lora` and `adapters`, 1 for the others.
        training: how to train; where not set, its `learning_rate` is the strategy's own, and `min_steps` 200.
    """

    name: ClassVar[str] = "transformer"
    version: ClassVar[str] = "3"
    deterministic: ClassVar[bool] = False
    package: ClassVar[str] = "transformers"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "multilabel", "regression"})

    model: str
    revision: str | None = None
    download: bool = False
    strategy: Strategy = Full()
    pooling: Literal["mean", "first", "last"] | None = None
    max_tokens: int = Field(default=256, ge=3)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    device: str = "auto"
    predict_rows: int | None = Field(default=None, ge=1)
    mixup: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    head_rate: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    training: Training = Field(default=_DEFAULT, validate_default=True)

    @field_validator("training", mode="before")
    @classmethod
    def _with_rate(cls, given: Any, info: ValidationInfo) -> Any:
        """The strategy's learning rate where none is set, and steps enough for few rows."""
        if isinstance(given, Training):
            given = {} if given is _DEFAULT else {name: getattr(given, name) for name in given.model_fields_set}
        strategy = info.data.get("strategy")
        if strategy is None or not isinstance(given, dict):
            return given
        return {"learning_rate": strategy.rate, "min_steps": _DEFAULT.min_steps, **given}

    @model_validator(mode="after")
    def _reads_what_is_set(self) -> Transformer:
        if not self.strategy.has_depth:
            refuse_unread(self.training, ["layer_decay"], f"strategy {self.strategy.name!r}")
        return self

    @classmethod
    def judge(cls) -> Learner:
        raise CurateError(f"{_BY} needs a model", hint="learner: {name: transformer, model: PATH}")

    def check_installed(self) -> None:
        for package in ("torch", "transformers", "peft"):
            check(package, extra="transformers", by=_BY)

    def identity(self) -> dict[str, Any]:
        """What the learner contributes to a fingerprint: for the model the digest of its files or its commit."""
        settings = self.model_dump(mode="json", exclude={"model", "revision", "download", "device"})
        made = {**super().identity(), "config": settings, "model": self._source().digest}
        packages = [f"{name} {version(name)}" for name in ("torch", "transformers", "peft")]
        return {**made, "package": " ".join(packages), "device": torch_device(self.device, _BY).type}

    def said(self) -> str:
        return self._source().said()

    def on_budget(self, n_rows: int) -> Transformer:
        return self.model_copy(update={"training": self.training.on_budget(n_rows)})

    def _source(self) -> Source:
        return Source.of(self.model, self.revision, download=self.download, by=_BY)

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> FittedTransformer | Prior:
        """Fine-tune; see the class.

        Raises:
            CurateError: no training row has a weight above 0, or the strategy does not suit the model.
            InputError: the model cannot be loaded.
            MissingExtra: transformers, torch or peft is not installed.
        """
        train = self.taught(train)
        objective = Objective.of(train)
        if _teaches_nothing(train, objective):
            return Prior.of(train)
        from curate.learn.batching import named
        from curate.learn.loop import train as run

        with plain_torch():
            problem = self._problem(train, validation, objective, seed)
            held = [named(part.keys, part.weights) for part in (problem.train, problem.held_out) if part is not None]
            place = self.training.checkpoint(self.identity(), held, seed)
            trained = run(problem, self.training, self.training.n_steps(len(train)), seed, checkpoint=place)
        n_cut = problem.train.n_truncated
        return FittedTransformer(problem.network.eval(), problem.reader, objective, self._at_once(), trained, n_cut)

    def _problem(
        self, train: Examples, validation: Examples | None, objective: Objective, seed: int
    ) -> SequenceProblem:
        from curate.learn.crew import own_device
        from curate.learn.loss import row_loss
        from curate.learn.transformer_problem import SequenceProblem, TokenRows

        source = self._source()
        body = body_of(source, self.dropout, seed)
        reader = Reader.of(source, body, self.max_tokens, self.strategy.n_virtual)
        held_out = None if validation is None else validation.take(np.flatnonzero(objective.judges(validation)))
        return SequenceProblem(
            network=self._network(body, objective, seed).to(own_device(self.device, _BY)),
            train=TokenRows.of(train, reader, objective),
            held_out=TokenRows.of(held_out, reader, objective) if held_out else None,
            objective=objective,
            row_loss=row_loss(self.training, objective, train),
            strategy=self.strategy,
            batch_rows=self.training.batch_rows,
            reader=reader,
            mixup=self.mixup,
            head_rate=self.head_rate or self.strategy.head_rate,
        )

    def _network(self, body: nn.Module, objective: Objective, seed: int) -> Network:
        from curate.learn.transformer_network import Network

        pooling = self.pooling or ("mean" if reads_ahead(body) else "last")
        return Network(
            self.strategy.apply(body, seed),
            objective.classes,
            max(1, objective.n_classes),
            pooling,
            self.dropout,
            precision=self.training.precision,
            frozen_body=self.strategy.frozen_body,
            seed=seed,
        )

    def _at_once(self) -> int:
        on_gpu = torch_device(self.device, _BY).type == "cuda"
        return self.predict_rows or (_AT_ONCE_ON_GPU if on_gpu else 1)


def _teaches_nothing(train: Examples, objective: Objective) -> bool:
    """Whether no text says anything, or there is but one thing to say."""
    said = any(text.strip() for text in train.texts)
    if objective.task == "regression":
        return not said or bool((train.targets == train.targets[0]).all())
    return not said or len(objective.classes) < (2 if objective.task == "classification" else 1)


@dataclass(frozen=True, eq=False)
class FittedTransformer(ByLoop):
    """A fine-tuned model.

    Attributes:
        network: the body and the head.
        reader: its tokenizer.
        objective: what its scores mean.
        at_once: rows of one length predicted together.
        trained: how training went, step by step.
        n_truncated: training texts that are longer than what is read of them.
    """

    network: Network
    reader: Reader
    objective: Objective
    at_once: int
    trained: Trained
    n_truncated: int

    @property
    def n_parameters(self) -> tuple[int, int]:
        """How many weights were trained at any time, and how many there are."""
        return self.network.n_trained, sum(each.numel() for each in self.network.parameters())

    @property
    def facts(self) -> dict[str, int]:
        """What the page of a measurement tells of it."""
        n_learnt, n_all = self.n_parameters
        return {"n_parameters": n_all, "n_trained": n_learnt, "n_truncated": self.n_truncated}

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1)."""
        import torch

        from curate.learn.transformer_problem import scores_of

        tokens = self.reader.read(rows.texts).rows
        distinct = {row.tobytes(): row for row in tokens}
        found: dict[bytes, NDArray[np.float64]] = {}
        with torch.no_grad(), plain_torch(), self.network.arithmetic():  # inference_mode casts weights again each time
            for some in _of_one_length(list(distinct.values()), self.at_once):
                scores = scores_of(self.network, some, self.reader.filler).double().cpu().numpy()
                found |= {row.tobytes(): line for row, line in zip(some, scores, strict=True)}
        scores = np.array([found[row.tobytes()] for row in tokens]).reshape(len(rows), len(self.objective.classes))
        return self.objective.predictions(scores)


def _of_one_length(rows: list[NDArray[np.int32]], most: int) -> Iterator[list[NDArray[np.int32]]]:
    """At most so many rows at once, all of one length: nothing is padded."""
    rows = sorted(rows, key=len)
    for _, group in groupby(rows, key=len):
        same = list(group)
        yield from (same[low : low + most] for low in range(0, len(same), most))
