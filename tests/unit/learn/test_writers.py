"""What is written for TensorBoard and MLflow, read back from their files by their own readers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from curate.learn.history import replay
from curate.learn.learner import TrainingCurve
from curate.learn.training import Training
from curate.learn.writers import MLflow, TensorBoard, writers

pytest.importorskip("torch", reason="the training loop needs torch")


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
    read.Reload()
    return {tag: [(event.step, event.value) for event in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


def test_tensorboard_gets_every_step_and_look(small: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from curate.learn.loop import train

    training = small.TRAINING.model_copy(update={"tensorboard": tmp_path})
    done = train(small.Small(), training, 20, 3)
    [run] = tmp_path.iterdir()
    found = scalars(run)
    assert found["step/loss"] == [(step.step, pytest.approx(step.loss)) for step in done.history.steps]
    assert found["look/validation_loss"] == [
        (look.step, pytest.approx(look.validation_loss)) for look in done.history.looks
    ]
    assert [step for step, _ in found["step/weight_norm"]] == [1, 11]
    assert {"step/learning_rate", "step/gradient_norm", "look/train_loss", "look/metric"} <= set(found)


def test_mlflow_gets_every_step_and_look(small: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    from curate.learn.loop import train

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "runs").as_uri()
    training = small.TRAINING.model_copy(update={"mlflow": uri})
    done = train(small.Small(), training, 20, 3)
    client = mlflow.MlflowClient(tracking_uri=uri)
    [run] = client.search_runs([client.get_experiment_by_name("curate").experiment_id])
    assert run.info.status == "FINISHED"
    told = {metric.step: metric.value for metric in client.get_metric_history(run.info.run_id, "step/loss")}
    assert told == {step.step: pytest.approx(step.loss) for step in done.history.steps}
    assert len(client.get_metric_history(run.info.run_id, "look/validation_loss")) == 10
    MLflow(uri, "second").close()
    assert len(client.search_runs([client.get_experiment_by_name("curate").experiment_id])) == 2


def test_the_curve_of_any_learner_can_be_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    curve = TrainingCurve((5, 10), (0.6, 0.3), (0.5, 0.4), 1)
    replay(curve, [TensorBoard(tmp_path, "bag")])
    assert scalars(tmp_path / "bag") == {
        "look/train_loss": [(5, pytest.approx(0.6)), (10, pytest.approx(0.3))],
        "look/validation_loss": [(5, pytest.approx(0.5)), (10, pytest.approx(0.4))],
    }


def test_without_settings_nothing_is_written() -> None:
    assert writers(Training(), "any") == []
