"""Trainings in processes of their own: killed at any moment and gone on with, and done by two together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from curate.errors import CurateError

pytest.importorskip("torch", reason="the training loop needs torch")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")]

PROGRAM = Path(__file__).with_name("small_training.py")
REPOSITORY = Path(__file__).parents[3]
TWO = (
    "-m",
    "torch.distributed.run",
    "--nproc-per-node",
    "2",
    "--rdzv-backend",
    "c10d",
    "--rdzv-endpoint",
    "127.0.0.1:0",
)


def command(*options: object) -> list[str]:
    return [str(PROGRAM), *map(str, options)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


def run(*options: object, launcher: tuple[str, ...] = ()) -> None:
    subprocess.run([sys.executable, *launcher, *command(*options)], check=True, env=environment(), timeout=300)


def arrays(place: Path) -> dict[str, np.ndarray]:
    with np.load(place) as kept:
        return {name: kept[name] for name in kept.files}


def test_a_training_killed_at_five_moments_ends_in_the_same_bytes(tmp_path: Path) -> None:
    """Killed between one and many checkpoints after it began or went on, while it computes or writes."""
    run(tmp_path / "whole.npz", "--steps", 400)
    place, draw, n_killed = tmp_path / "checkpoint", np.random.default_rng(int(time.time())), 0
    killed = command(tmp_path / "killed.npz", "--steps", 400, "--checkpoint", place, "--every", 1, "--pause", 0.004)
    while not (tmp_path / "0-killed.npz").exists():
        child = subprocess.Popen([sys.executable, *killed], env=environment())
        if n_killed < 5:
            before = place.stat().st_mtime_ns if place.exists() else 0
            while child.poll() is None and not (place.exists() and place.stat().st_mtime_ns > before):
                time.sleep(0.005)
            time.sleep(draw.uniform(0, 0.4))
            child.send_signal(signal.SIGKILL)
            n_killed += 1
        child.wait()
    assert n_killed == 5
    whole, again = arrays(tmp_path / "0-whole.npz"), arrays(tmp_path / "0-killed.npz")
    assert {name: part.tobytes() for name, part in again.items()} == {n: part.tobytes() for n, part in whole.items()}


def test_two_processes_end_where_one_does(tmp_path: Path) -> None:
    """The same losses and weights to rounding, in both processes to the last bit; one of them writes the checkpoint."""
    run(tmp_path / "one.npz", "--accumulate", 2)
    place = tmp_path / "checkpoint"
    run(tmp_path / "two.npz", "--accumulate", 2, "--checkpoint", place, "--every", 7, launcher=TWO)
    one, first, second = (arrays(tmp_path / name) for name in ("0-one.npz", "0-two.npz", "1-two.npz"))
    assert first["weights"].tobytes() == second["weights"].tobytes()
    assert first["weights"] == pytest.approx(one["weights"], abs=1e-5)
    assert first["steps"][:, :3] == pytest.approx(one["steps"][:, :3], abs=1e-4)
    assert first["looks"] == pytest.approx(one["looks"], abs=1e-4)
    assert place.exists()


def test_a_learner_in_two_processes_ends_where_it_does_in_one(tmp_path: Path, tiny_model: Callable[[str], str]) -> None:
    """`Transformer.fit`: the same weights to rounding, in both processes to the last bit."""
    program = str(Path(__file__).with_name("learner_training.py"))
    for name, launcher in (("one", ()), ("two", TWO)):
        called = [sys.executable, *launcher, program, str(tmp_path / f"{name}.npz"), tiny_model("bert")]
        subprocess.run(called, check=True, env=environment(), timeout=300)
    one, first, second = (arrays(tmp_path / name) for name in ("0-one.npz", "0-two.npz", "1-two.npz"))
    assert {name: part.tobytes() for name, part in first.items()} == {n: part.tobytes() for n, part in second.items()}
    assert first["weights"] == pytest.approx(one["weights"], abs=1e-5)
    assert first["predicted"] == pytest.approx(one["predicted"], abs=1e-4)
    assert first["losses"] == pytest.approx(one["losses"], abs=1e-4)
    assert one["losses"][-1] < 0.5 * one["losses"][0]


def test_one_gpu_is_not_named_for_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    from curate.learn.crew import own_device

    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(CurateError, match="'cuda:1', and 2 processes need a GPU each"):
        own_device("cuda:1", "the learner 'transformer'")


def test_two_processes_need_batches_for_both(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *TWO, *command(tmp_path / "two.npz", "--accumulate", 1)],
        env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "accumulate_steps: a multiple of 2" in done.stderr
