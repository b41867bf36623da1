"""Curves for TensorBoard (https://tensorflow.org/tensorboard) and MLflow (https://mlflow.org): watchers of a training.

The loop tells them every step and look; `history.replay` tells them the curve of a learner without the loop.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from curate.learn.history import Look, Step, Watcher
from curate.learn.training import Training
from curate.optional import require

EXPERIMENT = "curate"
"""The MLflow experiment that runs are kept under."""
_AT_ONCE = 200  # figures sent to MLflow together


def writers(training: Training, run: str) -> list[Watcher]:
    """The writers that the settings ask for, each for a run of this name.

    Raises:
        MissingExtra: the package is not installed.

    Example:
        >>> writers(Training(), "first")
        []
    """
    asked: list[Watcher] = [] if training.tensorboard is None else [TensorBoard(training.tensorboard, run)]
    return asked if training.mlflow is None else [*asked, MLflow(training.mlflow, run)]


def run_name(training: str) -> str:
    """A name for a run that begins now: the time, and the first characters of what names the training."""
    return f"{datetime.now():%Y%m%d-%H%M%S-%f}-{training[:8]}"


def _figures(told: Step | Look) -> dict[str, float]:
    """What is known and finite of a step or look, by the name it is written under."""
    group = "step" if isinstance(told, Step) else "look"
    found = {f"{group}/{name}": value for name, value in vars(told).items() if name != "step"}
    return {name: value for name, value in found.items() if value is not None and math.isfinite(value)}


class TensorBoard:
    """Writes to `folder/run`; shown by `tensorboard --logdir folder`.

    Raises:
        MissingExtra: tensorboard is not installed.
    """

    def __init__(self, folder: Path, run: str) -> None:
        module = "tensorboard.summary.writer.event_file_writer"
        writer = require(module, extra="monitor", by="the setting 'tensorboard'")
        self._file = writer.EventFileWriter(str(folder / run))

    def step(self, step: Step) -> None:
        self._write(_figures(step), step.step)

    def look(self, look: Look) -> None:
        self._write(_figures(look), look.step)

    def close(self) -> None:
        self._file.close()

    def _write(self, figures: Mapping[str, float], step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name, simple_value=value) for name, value in figures.items()]
        self._file.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))


class MLflow:
    """Writes a run under the experiment `curate` to a tracking server, or to a folder (`file:///…`).

    MLflow writes to folders only where the environment has `MLFLOW_ALLOW_FILE_STORE=true`.

    Raises:
        MissingExtra: mlflow is not installed.
    """

    def __init__(self, uri: str, run: str) -> None:
        mlflow = require("mlflow", extra="monitor", by="the setting 'mlflow'")
        self._client = mlflow.MlflowClient(tracking_uri=uri)
        known = self._client.get_experiment_by_name(EXPERIMENT)
        experiment = known.experiment_id if known else self._client.create_experiment(EXPERIMENT)
        self._run = self._client.create_run(experiment, run_name=run).info.run_id
        self._unsent: list[Any] = []

    def step(self, step: Step) -> None:
        self._note(_figures(step), step.step)

    def look(self, look: Look) -> None:
        self._note(_figures(look), look.step)

    def close(self) -> None:
        self._send()
        self._client.set_terminated(self._run)

    def _note(self, figures: Mapping[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._unsent += [Metric(name, value, now, step) for name, value in figures.items()]
        if len(self._unsent) >= _AT_ONCE:
            self._send()

    def _send(self) -> None:
        if self._unsent:
            self._client.log_batch(self._run, metrics=self._unsent)
        self._unsent = []
