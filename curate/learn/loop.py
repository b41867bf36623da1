"""The training loop of every torch fine-tune: a `Problem` and a `Training` in, the best weights and their history out.

Every draw is keyed by seed and step, so a training that is killed and goes on from its checkpoint ends in the same
bytes (on a CPU), and several processes end where one does, to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from curate.data.digest import digest
from curate.errors import CurateError
from curate.kernels.torch_device import plain_torch
from curate.learn import checkpoint as checkpoints
from curate.learn.crew import Crew
from curate.learn.descent import Descent, Weights
from curate.learn.history import NORMS_EVERY, History, Look, Recovery, Step, Trained, Watcher
from curate.learn.problem import Batch, Problem
from curate.learn.training import Training, halvings
from curate.learn.writers import run_name, writers


def train(
    problem: Problem,
    training: Training,
    n_steps: int,
    seed: int,
    *,
    checkpoint: Path | None = None,
    watch: Sequence[Watcher] = (),
) -> Trained:
    """Train a network in place for `n_steps`, less where `patience` looks in a row bring nothing.

    Args:
        problem: what is learnt.
        training: how.
        n_steps: optimiser steps.
        seed: of batches and dropout.
        checkpoint: the file to go on from where there is one, and to write to every `checkpoint_every` steps and at the
            end; None for none.
        watch: who is told of every step and look, beside the writers that the settings ask for.

    Raises:
        CurateError: the loss was not finite more than `max_recoveries` times, float16 was asked for without CUDA, or
            several processes do not divide `accumulate_steps`.
        InputError: the checkpoint is damaged or of another training.
    """
    device = next(problem.network.parameters()).device
    with plain_torch(training.threads), torch.random.fork_rng([device] if device.type == "cuda" else []):
        loop = _Loop(problem, training, n_steps, seed, checkpoint, watch)
        try:
            return loop.run()
        finally:
            loop.stream = iter(())  # it and the loop hold each other, and with them three copies of all weights
            for each in loop.watch:
                each.close()


_FIGURES_EVERY = {"cpu": 1}
"""Steps between readings of loss and norm off the device; 16 elsewhere, as each reading waits for the device."""


class _Loop:
    """One training under way. What a checkpoint must hold is in `_save`; everything else follows from it."""

    def __init__(
        self,
        problem: Problem,
        training: Training,
        n_steps: int,
        seed: int,
        checkpoint: Path | None,
        watch: Sequence[Watcher],
    ) -> None:
        self.problem, self.training, self.n_steps, self.seed = problem, training, n_steps, seed
        groups = problem.groups(training)
        device = groups[0].parameters[0].device
        self.crew = Crew.here(device)
        if training.accumulate_steps % self.crew.size:
            raise CurateError(
                f"{self.crew.size} processes cannot share {training.accumulate_steps} batches per step evenly",
                hint=f"accumulate_steps: a multiple of {self.crew.size}",
            )
        self.descent = Descent(
            problem.network, [(g.parameters, g.scale, g.decays) for g in groups], training, self.crew, seed
        )
        self.name = digest(
            training.model_dump(mode="json"),
            n_steps,
            seed,
            [[g.names, [list(p.shape) for p in g.parameters]] for g in groups],
        )
        self.watch = [*watch, *writers(training, run_name(self.name))] if self.crew.is_first else []
        self.place, self.checkpoint_every = checkpoint, training.checkpoint_every or n_steps
        self.look_every = -(-n_steps // training.n_looks)
        self.read_every = _FIGURES_EVERY.get(device.type, 16)
        self.step, self.epoch, self.taken, self.rate_scale = 0, 0, 0, 1.0
        self.steps: list[Step] = []
        self.looks: list[Look] = []
        self.recoveries: list[Recovery] = []
        self.unread: list[tuple[float, Tensor]] = []
        self.kept: Weights | None = None
        self.good: dict[str, Any] | None = None
        self.stream: Iterator[list[Batch]] = iter(())

    def run(self) -> Trained:
        state = None if self.place is None else checkpoints.load(self.place, self.name)
        if state is not None:
            self._resume(state)
        elif self.training.max_recoveries:
            self.good = self._position()
        self.stream = self._stream()
        while not self._done():
            self._advance()
            if not self._read(now=self._is_look() or self._is_checkpoint()):
                continue
            if self._is_look() and not self._look():
                continue
            if self._is_checkpoint() or self._done():
                self._save()
        if self.kept is not None:
            self.descent.set_weights(self.kept)
        history = History(tuple(self.steps), tuple(self.looks), tuple(self.recoveries))
        return Trained(history.curve(self._best()), history, self.step)

    def _advance(self) -> None:
        """One optimiser step; its figures are read later."""
        self.problem.unfrozen(self.step / self.n_steps)
        self.problem.network.train()
        rate = self.training.learning_rate * self.rate_scale * self.training.rate(self.step, self.n_steps)
        if self.training.schedule == "plateau":
            rate *= 0.5 ** halvings(
                [look.train_loss if look.validation_loss is None else look.validation_loss for look in self.looks]
            )
        norm = (
            self.descent.weight_norm()
            if self.step % NORMS_EVERY == 0
            else torch.tensor(math.nan, device=self.descent.device)
        )
        figures = self.descent.step(next(self.stream), self.problem.loss, self.step, rate)
        self.step += 1
        self.unread.append((rate, torch.cat([figures, norm[None]])))

    def _stream(self) -> Iterator[list[Batch]]:
        """The batches of each step, on from the position; a step never spans two epochs.

        Raises:
            CurateError: an epoch without batches.
        """
        while True:
            batches = islice(self.problem.batches(self.epoch, self.seed), self.taken, None)
            while some := list(islice(batches, self.training.accumulate_steps)):
                self.taken += len(some)
                yield some
            if self.taken == 0:
                raise CurateError("an epoch without a batch", hint="a training needs at least one row")
            self.epoch, self.taken = self.epoch + 1, 0

    def _read(self, *, now: bool) -> bool:
        """Read the figures off the device where it is time; False where they sent training back."""
        if len(self.unread) < self.read_every and not now:
            return True
        rates = [rate for rate, _ in self.unread]
        rows = torch.stack([figures for _, figures in self.unread]).tolist()
        self.unread = []
        for rate, (loss, norm, weights) in zip(rates, rows, strict=True):
            step = Step(len(self.steps) + 1, loss, rate, norm, weights)
            overflows = (
                self.descent.scaler.is_enabled()
            )  # then the scaler leaves out steps whose gradient is not finite
            if not math.isfinite(loss) or not (math.isfinite(norm) or overflows):
                self._recover(step.step, f"the training loss is {loss:g} and the length of its gradient {norm:g}")
                return False
            self.steps.append(step)
            for each in self.watch:
                each.step(step)
        return True

    def _look(self) -> bool:
        """Judge the weights by the validation rows and keep the best; False where that sent training back."""
        self.problem.network.eval()
        with torch.no_grad():
            judged = self.crew.told(self.problem.validation())
        if judged is not None and not math.isfinite(judged.loss):
            self._recover(self.step, f"the validation loss is {judged.loss:g}")
            return False
        since = self.looks[-1].step if self.looks else 0
        losses = [step.loss for step in self.steps[since:]]
        look = Look(self.step, math.fsum(losses) / len(losses), *((judged.loss, judged.metric) if judged else ()))
        self.looks.append(look)
        for each in self.watch:
            each.look(look)
        if judged is not None and self._best() == len(self.looks) - 1:
            self.kept = self.descent.weights()
        if self.training.max_recoveries:
            self.good = self._position()
        return True

    def _recover(self, step: int, seen: str) -> None:
        """Back to the last look, with half the learning rate.

        Raises:
            CurateError: it has been done as often as allowed.
        """
        if self.good is None or len(self.recoveries) == self.training.max_recoveries:
            again = f", after {len(self.recoveries)} returns at half the learning rate" if self.recoveries else ""
            raise CurateError(
                f"training broke at step {step} of {self.n_steps}: {seen}{again}",
                hint=f"learning_rate: {self.training.learning_rate * self.rate_scale / 10:.1g}, or look for odd rows",
            )
        self.rate_scale /= 2
        self.recoveries.append(Recovery(step, self.good["step"], self.rate_scale))
        self._go_to(self.good)
        self.stream = self._stream()

    def _best(self) -> int:
        """The place of the look with the lowest validation loss; the last of equal ones, and without such rows."""
        losses = [look.validation_loss for look in self.looks]
        return max(range(len(losses)), key=lambda at: (-(losses[at] or 0.0), at), default=0)

    def _done(self) -> bool:
        patience = self.training.patience
        waited = len(self.looks) - 1 - self._best() if self.looks and self.looks[-1].step == self.step else 0
        return self.step >= self.n_steps or (patience is not None and waited >= patience)

    def _is_look(self) -> bool:
        return self.step % self.look_every == 0 or self.step == self.n_steps

    def _is_checkpoint(self) -> bool:
        return self.place is not None and self.step % self.checkpoint_every == 0

    def _position(self) -> dict[str, Any]:
        """Where training is: what it can go back to."""
        place = {"step": self.step, "epoch": self.epoch, "taken": self.taken, "n_looks": len(self.looks)}
        return {**place, **self.descent.state()}

    def _go_to(self, position: dict[str, Any]) -> None:
        self.step, self.epoch, self.taken = position["step"], position["epoch"], position["taken"]
        del self.steps[self.step :], self.looks[position["n_looks"] :]
        self.descent.set_state(position)

    def _save(self) -> None:
        if self.place is None or not self.crew.is_first:
            return
        state = {
            "training": self.name,
            "now": self._position(),
            "good": self.good,
            "kept": self.kept,
            "rate_scale": self.rate_scale,
            **asdict(History(tuple(self.steps), tuple(self.looks), tuple(self.recoveries))),
        }
        checkpoints.save(state, self.place)

    def _resume(self, state: dict[str, Any]) -> None:
        self.steps = [Step(**step) for step in state["steps"]]
        self.looks = [Look(**look) for look in state["looks"]]
        self.recoveries = [Recovery(**each) for each in state["recoveries"]]
        self.rate_scale, self.good, self.kept = state["rate_scale"], state["good"], state["kept"]
        self._go_to(state["now"])
