"""The `head` learner: a frozen encoder and a small network on its vectors, in torch.

Each distinct text is encoded once (`curate.learn.vectors`), and the trainings of a measurement are done together
(`curate.learn.mlp`). Torch is imported when a model is fitted, not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from curate.core.fingerprint import config
from curate.kernels.encoders.encoder import Encoder, EncoderSpec, encoder_named
from curate.kernels.encoders.model_files import model_revision
from curate.kernels.torch_device import plain_torch, torch_device
from curate.learn.examples import Examples, Task
from curate.learn.learner import Fit, Fitted, Learner, Prior, TrainingCurve
from curate.learn.mlp_problem import Settings, problems_of
from curate.learn.objective import Objective
from curate.learn.vectors import ColumnVectors, Vectors, fitted, learnt, loaded
from curate.optional import check, require

if TYPE_CHECKING:
    from curate.learn.mlp_looks import Network

_BY = "the learner 'head'"
_HIDDEN, _RATE = 128, 3e-3
_WIDE, _WIDE_RATE = 2048, 1.5  # numbers of a vector; the learning rate, times the numbers
_PREDICTED_AT_ONCE = 8192  # rows; bounds the memory, changes no result


class Head(Learner):
    """A small network on the vectors of a frozen encoder: many trainings at once, each of a second or less.

    With validation rows the network with the lowest loss on them is kept. The same rows in any order and the same seed
    give the same bytes on a CPU, however many networks are trained together.

    Args:
        encoder: the registry name of the encoder, or a mapping with `name` and settings of that encoder; ignored where
            `column` is given.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        revision: the revision of a model on the Hub.
        column: take the vectors from this column of the features instead (lists of numbers, all of one length).
        device: where encoder and networks run: `auto`, `cpu`, `cuda`.
        learnt: the name under which `prepared` kept what the encoder learnt; not for people to set.
        hidden: hidden units; 0 for a linear layer on the vectors; None for 128, and 0 on wide vectors (2,048 numbers
            or more).
        dropout: the share of hidden units left out in a step, in [0, 1).
        learning_rate: of AdamW; falls linearly to 0; None for 0.003, and 1.5 / d on wide vectors of d numbers, where
            the steps of all of them add up.
        weight_decay: of AdamW, on weights and not on biases.
        batch_rows: rows per step.
        n_epochs: passes over the rows, as far as `min_steps` and `max_steps` allow.
        min_steps: small training sets get at least so many steps.
        max_steps: exactly so many steps instead of `n_epochs`, for arms of different sizes on an equal budget.
        patience: looks (20 in a training) without a lower validation loss before stopping; None for never.
        label_smoothing: the share of each label's weight spread over all classes.
        class_weights: `balanced` gives each class the same weight in all; None leaves them as they are.
        mixup: each vector and its target are mixed with those of another row of the batch, in a share drawn from
            Beta(mixup, mixup) (Zhang et al. 2018); 0 for none.

    Example:
        >>> rows = Examples(["good film", "bad film"], np.array([1, 0]), None, n_classes=2)
        >>> model = Head(encoder="hashed").fit(rows, validation=None, seed=0)
        >>> model.predict(Examples.unlabelled(["a good one"])).argmax(axis=1).tolist()
        [1]
    """

    name: ClassVar[str] = "head"
    version: ClassVar[str] = "2"
    deterministic: ClassVar[bool] = False
    package: ClassVar[str] = "torch"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "multilabel", "regression"})
    fits_at_once: ClassVar[int] = 16

    encoder: EncoderSpec = "terms"
    model: str | None = None
    revision: str | None = None
    column: str | None = None
    device: str = "auto"
    learnt: str = ""
    hidden: int | None = Field(default=None, ge=0)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    learning_rate: float | None = Field(default=None, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    batch_rows: int = Field(default=128, ge=1)
    n_epochs: int = Field(default=20, ge=1)
    min_steps: int = Field(default=200, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    patience: int | None = Field(default=5, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: Literal["balanced"] | None = None
    mixup: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @property
    def reads(self) -> frozenset[str]:  # type: ignore[override]
        """The text, or with `column` the features alone."""
        return frozenset({"text"} if self.column is None else {"features"})

    def check_installed(self) -> None:
        check("torch", extra="train", by=_BY)

    def identity(self) -> dict[str, Any]:
        """With the encoder's settings, and its revision or digest; the device by its kind."""
        known = super().identity()
        known["config"] |= {"device": torch_device(self.device, _BY).type}
        return known | {"encoder": [] if self.column is not None else self._encoder_identity()}

    def _encoder_identity(self) -> list[Any]:
        made = self._encoder()
        return [made.name, made.version, config(made), made.identity()]

    def _encoder(self) -> Encoder:
        return encoder_named(self.encoder, self.model, self.revision, self.device)

    def said(self) -> str:
        return f"the column {self.column}" if self.column is not None else self._encoder().said()

    def n_steps(self, n_rows: int) -> int:
        """The optimiser steps planned for `n_rows` training rows.

        Example:
            >>> Head().n_steps(12_800), Head().n_steps(10), Head(max_steps=50).n_steps(12_800)
            (2000, 200, 50)
        """
        return self.max_steps or max(self.min_steps, -(-self.n_epochs * n_rows // self.batch_rows))

    def on_budget(self, n_rows: int) -> Head:
        """This learner with exactly the steps it would take on `n_rows` training rows."""
        return self.model_copy(update={"max_steps": self.n_steps(n_rows)})

    def prepared(self, texts: Sequence[str]) -> Head:
        """This learner with an encoder that has learnt of `texts`, where it learns, kept in the cache folder.

        A model on the Hub is pinned to the commit that its name means now.
        """
        if self.column is not None:
            return self
        if self.model is not None and not Path(self.model).is_dir():
            return self.model_copy(update={"revision": model_revision(self.model, self.revision, _BY)})
        if not self._encoder().learns:
            return self
        return self.model_copy(update={"learnt": learnt(self._encoder(), texts)})

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        """Train; see the class.

        Raises:
            CurateError: no training row has a weight above 0, or the training diverged.
            MissingExtra: torch, or the package of the encoder, is not installed.
        """
        return next(self.fit_many([Fit(train, validation, seed)]))

    def fit_many(self, fits: Sequence[Fit]) -> Iterator[Fitted]:
        """Do several trainings together; each gives the same bytes as `fit` by itself, whichever stand beside it."""
        require("torch", extra="train", by=_BY)
        from curate.learn.mlp_looks import train

        fits = [Fit(self.taught(each.train), each.validation, each.seed) for each in fits]
        objectives = [Objective.of(each.train) for each in fits]
        sources = [self._source(each.train) for each in fits]
        made: dict[int, Fitted] = {}
        for numbers in self._alike(fits, objectives, sources):
            given, meant, source = [fits[at] for at in numbers], [objectives[at] for at in numbers], sources[numbers[0]]
            if not len(meant[0].classes):  # several classes a row, and no row has any
                made |= {at: Prior(np.zeros(fits[at].train.n_classes)) for at in numbers}
                continue
            with plain_torch():
                table, problems = problems_of(given, meant, source, balanced=self.class_weights is not None)
                settings = self._settings(meant[0], len(given[0].train), table.shape[1])
                networks = train(table, problems, settings, torch_device(self.device, _BY))
            made |= {at: FittedHead(source, network) for at, network in zip(numbers, networks, strict=True)}
        yield from (made[at] for at in range(len(fits)))

    def _alike(
        self, fits: Sequence[Fit], objectives: Sequence[Objective], sources: Sequence[Vectors]
    ) -> list[list[int]]:
        """The positions of trainings that can be done together: of one encoder, of as many outputs and steps."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for at, (fit, meant, source) in enumerate(zip(fits, objectives, sources, strict=True)):
            key = source.identity, meant.task, len(meant.classes), self.n_steps(len(fit.train))
            found.setdefault(key, []).append(at)
        return list(found.values())

    def _source(self, train: Examples) -> Vectors:
        if self.column is not None:
            return ColumnVectors(self.column)
        encoder = self._encoder()
        return fitted(encoder, train.texts) if encoder.learns and not self.learnt else loaded(encoder, self.learnt)

    def _settings(self, objective: Objective, n_rows: int, width: int) -> Settings:
        wide = width >= _WIDE
        hidden, rate = (0, _WIDE_RATE / width) if wide else (_HIDDEN, _RATE)
        return Settings(
            objective.loss,
            hidden if self.hidden is None else self.hidden,
            self.dropout,
            rate if self.learning_rate is None else self.learning_rate,
            self.weight_decay,
            self.batch_rows,
            self.n_steps(n_rows),
            self.patience,
            self.label_smoothing,
            self.mixup,
        )


@dataclass(frozen=True, eq=False)
class FittedHead:
    """Where vectors come from, and the network on them."""

    source: Vectors
    network: Network

    @property
    def n_steps(self) -> int:
        """The optimiser steps done, those after the kept look included."""
        return self.network.curve.steps[-1]

    @property
    def curve(self) -> TrainingCurve:
        """How training went."""
        return self.network.curve

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1)."""
        parts = []
        with plain_torch():
            for low in range(0, max(len(rows), 1), _PREDICTED_AT_ONCE):
                part = rows.take(np.arange(low, min(low + _PREDICTED_AT_ONCE, len(rows))))
                parts.append(self.network.predict(self.source.vectors(self.source.keys(part))))
        return np.concatenate(parts)
