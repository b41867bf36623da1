"""The training loop: what a step does, when it looks, what it keeps, and that nothing can throw it off its course."""

from __future__ import annotations

import gc
import math
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from curate.errors import CurateError, InputError

torch = pytest.importorskip("torch", reason="the training loop needs torch")

from curate.learn.history import Look, Step, Trained  # noqa: E402
from curate.learn.loop import train  # noqa: E402
from curate.learn.problem import parameter_groups  # noqa: E402
from curate.learn.training import Training, halvings  # noqa: E402


def settled(small: ModuleType, **settings: Any) -> Training:
    return Training.model_validate({**small.TRAINING.model_dump(), **settings})


def trained(small: ModuleType, n_steps: int = 40, problem: Any = None, **settings: Any) -> tuple[Any, Trained]:
    problem = problem or small.Small()
    return problem, train(problem, settled(small, **settings), n_steps, 3)


def test_it_learns_and_tells_all_of_it(small: ModuleType) -> None:
    problem, done = trained(small, 60)
    assert problem.validation().metric > 0.8
    assert done.n_steps == len(done.history.steps) == 60
    assert [look.step for look in done.history.looks] == list(range(6, 61, 6))
    assert all(math.isfinite(step.loss) and step.gradient_norm > 0 for step in done.history.steps)
    assert [step.step for step in done.history.steps if math.isfinite(step.weight_norm)] == [1, 11, 21, 31, 41, 51]
    losses = [step.loss for step in done.history.steps]
    assert done.curve.train_loss[1] == pytest.approx(np.mean(losses[6:12]))
    assert done.history.looks[-1].metric is not None


def test_weights_of_the_best_look_are_kept(small: ModuleType) -> None:
    problem, done = trained(small, 200, small.Small(n_rows=40, noise=0.4, dropout=0.0), n_looks=40)
    losses = done.curve.validation_loss
    assert done.curve.best == int(np.argmin(losses)) < len(losses) - 1
    problem.network.eval()
    assert problem.validation().loss == losses[done.curve.best]


def test_patience_stops_early_and_without_validation_never(small: ModuleType) -> None:
    _, done = trained(small, 400, small.Small(n_rows=40, noise=0.4, dropout=0.0), n_looks=100, patience=3)
    assert done.n_steps < 400
    assert len(done.curve.steps) == done.curve.best + 4
    _, done = trained(small, 100, small.Small(n_rows=40, noise=0.4, validated=False), n_looks=25, patience=1)
    assert (done.n_steps, done.curve.best, done.curve.validation_loss) == (100, 24, ())


def test_the_same_seed_gives_the_same_bytes_and_leaves_torch_alone(small: ModuleType) -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, _ = trained(small)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(77)
    again, _ = trained(small)
    assert first.weights().tobytes() == again.weights().tobytes()


def test_adamw_is_that_of_torch(small: ModuleType) -> None:
    """Against a loop written out, with a decay of its own for biases and norms."""
    problem, _ = trained(small, 20, small.Small(dropout=0.0), schedule="constant", warmup_fraction=0.0, n_looks=1)
    other = small.Small(dropout=0.0)
    parts = dict(other.network.named_parameters())
    plain = [parts[name] for name in ("0.weight", "4.weight")]
    rest = [part for name, part in parts.items() if name not in ("0.weight", "4.weight")]
    optimiser = torch.optim.AdamW(
        [{"params": plain, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=0.01, foreach=False
    )
    stream = [batch for epoch in range(2) for batch in other.batches(epoch, 3)]
    for batch in stream[:20]:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(other.network(other.rows[batch]), other.labels[batch]).backward()
        torch.nn.utils.clip_grad_norm_(list(parts.values()), 1.0)
        optimiser.step()
    assert problem.weights() == pytest.approx(other.weights(), abs=2e-6)


def test_groups_decay_matrices_only_and_layers_have_rates_of_their_own(small: ModuleType) -> None:
    network = small.Small().network
    groups = parameter_groups(network, Training(layer_decay=0.5), depth=lambda name: 0 if name[0] == "4" else 1)
    told = {name: (group.scale, group.decays) for group in groups for name in group.names}
    assert told == {
        "0.weight": (0.5, True),
        "0.bias": (0.5, False),
        "1.weight": (0.5, False),
        "1.bias": (0.5, False),
        "4.weight": (1.0, True),
        "4.bias": (1.0, False),
    }
    assert not any(group.decays for group in parameter_groups(network, Training(), undecayed=["weight"]))
    network[0].requires_grad_(False)
    assert len([name for group in parameter_groups(network, Training()) for name in group.names]) == 4


@pytest.mark.parametrize("several", [2, 4])
def test_accumulated_batches_are_the_big_batch(small: ModuleType, several: int) -> None:
    """The same rows in one batch or in several: of like size, and with a shorter one at the end of an epoch."""

    class Big(small.Small):
        def batches(self, epoch: int, seed: int) -> Any:
            parts = list(super().batches(epoch, seed))
            yield from (torch.cat(parts[at : at + several]) for at in range(0, len(parts), several))

    one, first = trained(small, 30, Big(dropout=0.0))
    other, second = trained(small, 30, small.Small(dropout=0.0), accumulate_steps=several)
    assert other.weights() == pytest.approx(one.weights(), abs=1e-5)
    assert [step.loss for step in second.history.steps] == pytest.approx(
        [step.loss for step in first.history.steps], abs=1e-5
    )


def test_the_gradient_is_shortened_and_its_length_told_before(small: ModuleType) -> None:
    settings = {"schedule": "constant", "warmup_fraction": 0.0, "n_looks": 1, "weight_decay": 0.0}
    _, free = trained(small, 1, max_grad_norm=None, **settings)
    _, short = trained(small, 1, max_grad_norm=1e-3, **settings)
    assert free.history.steps[0].gradient_norm == short.history.steps[0].gradient_norm > 1e-3


def test_bfloat16_trains_with_weights_in_float32(small: ModuleType) -> None:
    problem, done = trained(small, 60, precision="bfloat16")
    exact, _ = trained(small, 60)
    assert all(part.dtype is torch.float32 for part in problem.network.parameters())
    assert not np.array_equal(problem.weights(), exact.weights())
    assert problem.validation().metric > 0.8
    assert all(math.isfinite(step.loss) for step in done.history.steps)


def test_float16_is_for_cuda(small: ModuleType) -> None:
    with pytest.raises(CurateError, match="float16, which trains on CUDA only"):
        trained(small, precision="float16")


def test_layers_thaw_when_the_problem_says_so(small: ModuleType) -> None:
    class Thawing(small.Small):
        def unfrozen(self, share_done: float) -> None:
            self.network[0].requires_grad_(share_done >= 0.5)

    problem, fresh = Thawing(), small.Small()
    trained(small, 10, problem)
    assert not torch.equal(problem.network[0].weight, fresh.network[0].weight)
    held = Thawing()
    with pytest.raises(_Stopped):
        train(held, settled(small), 10, 3, watch=[_Stop(5)])
    assert torch.equal(held.network[0].weight, fresh.network[0].weight)
    assert not torch.equal(held.network[4].weight, fresh.network[4].weight)


def test_a_plateau_halves_the_rate(small: ModuleType) -> None:
    assert halvings([]) == 0
    assert halvings([5, 4, 4, 4, 4, 4]) == 2
    _, done = trained(
        small, 200, small.Small(n_rows=40, noise=0.4, dropout=0.0), n_looks=40, schedule="plateau", warmup_fraction=0.0
    )
    rates = [step.learning_rate for step in done.history.steps]
    assert rates[0] == 0.01
    assert rates[-1] == 0.01 * 0.5 ** halvings(done.curve.validation_loss[:-1]) < 0.01


def test_an_infinite_loss_sends_training_back_at_half_the_rate(small: ModuleType) -> None:
    problem, done = trained(small, 40, small.Small(breaks=frozenset({18})), schedule="constant", warmup_fraction=0.0)
    [told] = done.history.recoveries
    assert (told.step, told.back_to, told.rate_scale) == (18, 16, 0.5)
    assert [step.step for step in done.history.steps] == list(range(1, 41))
    assert {step.learning_rate for step in done.history.steps[:16]} == {0.01}
    assert {step.learning_rate for step in done.history.steps[16:]} == {0.005}
    assert np.isfinite(problem.weights()).all()
    assert len(done.curve.steps) == 10


def test_a_loss_that_stays_infinite_is_an_error_that_says_where(small: ModuleType) -> None:
    with pytest.raises(CurateError, match=r"step 17 of 40: the training loss is inf .* after 2 returns") as raised:
        trained(small, 40, small.Small(breaks=frozenset(range(18, 100))))
    assert "learning_rate" in (raised.value.hint or "")
    with pytest.raises(CurateError, match="step 18 of 40"):
        trained(small, 40, small.Small(breaks=frozenset({18})), max_recoveries=0)


def test_a_validation_loss_that_is_no_number_counts_as_well(small: ModuleType) -> None:
    class Broken(small.Small):
        def validation(self) -> Any:
            judged = super().validation()
            return type(judged)(math.nan) if len(self.shares) == 8 else judged

    _, done = trained(small, 40, Broken())
    assert [(each.step, each.back_to) for each in done.history.recoveries] == [(8, 4)]


def test_an_epoch_without_batches_is_an_error(small: ModuleType) -> None:
    with pytest.raises(CurateError, match="without a batch"):
        trained(small, 3, small.Small(n_rows=0))


class _Stopped(Exception):
    pass


class _Stop:
    """Breaks a training off after some steps, and remembers what it was told."""

    def __init__(self, after: int | None = None) -> None:
        self.after, self.steps, self.looks, self.closed = after, [], [], False

    def step(self, step: Step) -> None:
        self.steps.append(step)
        if step.step == self.after:
            raise _Stopped

    def look(self, look: Look) -> None:
        self.looks.append(look)

    def close(self) -> None:
        self.closed = True


def test_watchers_hear_all_and_are_closed_whatever_happens(small: ModuleType) -> None:
    heard = _Stop()
    done = train(small.Small(), small.TRAINING, 20, 3, watch=[heard])
    assert [step.loss for step in heard.steps] == [step.loss for step in done.history.steps]
    assert tuple(heard.looks) == done.history.looks
    assert heard.closed
    stopped = _Stop(5)
    with pytest.raises(_Stopped):
        train(small.Small(), small.TRAINING, 20, 3, watch=[stopped])
    assert stopped.closed


@pytest.mark.parametrize("after", [1, 5, 6, 23, 39])
@pytest.mark.parametrize("breaks", [frozenset(), frozenset({22})], ids=["smooth", "with a recovery"])
def test_a_training_goes_on_from_its_checkpoint_to_the_same_bytes(
    small: ModuleType, tmp_path: Any, after: int, breaks: frozenset[int]
) -> None:
    training, place = (
        settled(small, checkpoint_every=5, accumulate_steps=2, schedule="plateau", n_looks=13),
        tmp_path / "a",
    )
    straight = small.Small(breaks=breaks)
    whole = train(straight, training, 40, 3)
    with pytest.raises(_Stopped):
        train(small.Small(breaks=breaks), training, 40, 3, checkpoint=place, watch=[_Stop(after)])
    done_before = 2 * (after - after % 5 if after % 5 else after - 5)
    later = small.Small(breaks=frozenset(at - done_before for at in breaks))
    done = train(later, training, 40, 3, checkpoint=place)
    assert later.weights().tobytes() == straight.weights().tobytes()
    assert repr(done) == repr(whole)
    assert train(small.Small(), training, 40, 3, checkpoint=place).history.looks == whole.history.looks


def test_a_finished_training_is_not_done_again(small: ModuleType, tmp_path: Any) -> None:
    first, problem, heard = small.Small(), small.Small(), _Stop()
    train(first, small.TRAINING, 20, 3, checkpoint=tmp_path / "deep" / "a")
    train(problem, small.TRAINING, 20, 3, checkpoint=tmp_path / "deep" / "a", watch=[heard])
    assert heard.steps == []
    assert problem.weights().tobytes() == first.weights().tobytes()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a"]


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_refused(small: ModuleType, tmp_path: Any) -> None:
    place = tmp_path / "a"
    train(small.Small(), small.TRAINING, 20, 3, checkpoint=place)
    with pytest.raises(InputError, match="other settings, seed or network"):
        train(small.Small(), small.TRAINING, 20, 4, checkpoint=place)
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        train(small.Small(), small.TRAINING, 20, 3, checkpoint=place)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        train(small.Small(), small.TRAINING, 20, 3, checkpoint=tmp_path / "file" / "a")


def test_a_state_to_go_back_to_is_not_changed_by_going_on(small: ModuleType) -> None:
    """Two breaks in a row go back to the same state: the second time from the same weights at a quarter of the rate."""
    settings = {"schedule": "constant", "warmup_fraction": 0.0, "n_looks": 4}
    _, done = trained(small, 40, small.Small(dropout=0.0, breaks=frozenset({15, 18})), **settings)
    assert [(each.step, each.back_to) for each in done.history.recoveries] == [(15, 10), (13, 10)]
    _, clean = trained(small, 40, small.Small(dropout=0.0), **settings)
    steps, plain = done.history.steps, clean.history.steps
    assert [step.loss for step in steps[:10]] == [step.loss for step in plain[:10]]
    assert steps[10].loss == plain[10].loss
    assert steps[10].learning_rate == plain[10].learning_rate / 4


def optimisers() -> set[int]:
    return {id(each) for each in gc.get_objects() if type(each) is torch.optim.AdamW}


@pytest.mark.parametrize("breaks", [frozenset(), frozenset({5}), frozenset(range(3, 200))])
def test_a_training_that_is_over_holds_no_memory(small: ModuleType, breaks: frozenset[int]) -> None:
    """Freed at once and not when Python next looks for cycles: one after the other must fit where one does."""
    trained(small, 1)  # frames of the first optimiser that torch makes stay, whoever makes it
    gc.collect()
    gc.disable()
    try:
        before = optimisers()
        with suppress(CurateError):
            trained(small, 40, small.Small(breaks=breaks))
        assert optimisers() <= before
    finally:
        gc.enable()
