"""What a training curve says: divergence, label noise learnt by heart, overfitting, underfitting, or that all is well.

Works on the curve of every learner that has one. Every bound stands here as a constant with its reason; all were tried
on real trainings (`docs/guides/training.md`). Early learning before memorisation: Arpit et al. 2017, "A Closer Look at
Memorization in Deep Networks".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import wilson
from curate.learn.examples import Examples
from curate.learn.history import History
from curate.learn.learner import TrainingCurve

Kind = Literal["divergence", "label noise", "overfitting", "underfitting"]

DIVERGED = 1.25
"""A training loss above this multiple of chance and of its start has left the ground: a high rate stays below."""
OVERFIT = 1.1
"""Where the last validation loss is above this multiple of the lowest: within it seeds and small sets differ anyway."""
UNDERFIT = 0.5
"""Of chance: a training loss still above it, with no gap to the validation loss, has more to learn."""
GAP = 0.9
"""No gap: the training loss is at least this share of the validation loss. A model that learns by heart has one."""
SUREST = 0.25
"""The share of the validation rows that a model is surest of. With right labels hardly any of them is wrong."""
NOISE = 0.04
"""The share of wrong ones among the surest that says noise, where even the low end of its interval is above it."""
MEMORISED = 0.5
"""Of the loss that noise leaves to a model that has learnt all but the noise: a training loss below has learnt it."""


@dataclass(frozen=True)
class Surest:
    """The validation rows that a model is surest of, and how many of them have another label.

    Attributes:
        n_rows: how many they are: a quarter of the validation rows.
        n_wrong: those with another label than the model says.
    """

    n_rows: int
    n_wrong: int

    @classmethod
    def of(cls, probabilities: NDArray[np.floating[Any]], labels: NDArray[np.int64]) -> Surest:
        """Those of some rows by the highest class probability, ties as they come: (n, k), (n,).

        Example:
            >>> Surest.of(np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4], [0.3, 0.7]]), np.array([1, 0, 0, 1]))
            Surest(n_rows=1, n_wrong=1)
        """
        first = np.argsort(-probabilities.max(axis=1), kind="stable")[: math.ceil(SUREST * len(labels))]
        return cls(len(first), int((probabilities[first].argmax(axis=1) != labels[first]).sum()))

    @property
    def fraction(self) -> float:
        """The share of wrong ones: about the share of wrong labels in the data."""
        return self.n_wrong / self.n_rows if self.n_rows else 0.0

    @property
    def at_least(self) -> float:
        """The low end of its interval, below which it lies with 5 % (Wilson 1927)."""
        return wilson(self.n_wrong, self.n_rows, 0.9)[0] if self.n_rows else 0.0


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a training.

    Attributes:
        kind: its name.
        evidence: what says so, a sentence with its figures.
        figures: the same figures by name.
        action: what to do about it.
    """

    kind: Kind
    evidence: str
    figures: Mapping[str, float]
    action: str


def chance_loss(
    rows: Examples, *, label_smoothing: float = 0.0, class_weights: str | None = None, focal_gamma: float = 0.0
) -> float | None:
    """The least that one prediction for all rows costs, in nats; None for tasks without classes.

    It is the loss of a model that knows only how often each class occurs, reckoned as its training reckons it: with the
    settings of `Training` (`logit_adjustment` changes no least loss).

    Example:
        >>> rows = Examples(["a"] * 20, np.array([0] * 19 + [1]), None, 2)
        >>> round(chance_loss(rows), 4), round(chance_loss(rows, class_weights="balanced"), 4)
        (0.1985, 0.6931)
    """
    if rows.task not in ("classification", "multilabel") or not len(rows):
        return None
    total = len(rows) if rows.weights is None else rows.weights.sum()
    shares = rows.class_weights() / total
    shares = shares[shares > 0]
    if rows.task == "multilabel":
        costs = [_least(np.array([share, 1 - share]), label_smoothing, focal_gamma) for share in shares]
        return float(np.mean(costs)) if costs else 0.0
    counted = np.full(len(shares), 1 / len(shares)) if class_weights == "balanced" else shares
    return _least(counted, label_smoothing, focal_gamma)


def _least(shares: NDArray[np.float64], smoothing: float, gamma: float) -> float:
    """The lowest loss of the same scores for every row, of classes with these shares of the weight, (k,)."""
    wanted = (1 - smoothing) * shares + smoothing / len(shares)
    if not gamma:
        return float(_entropy(wanted).sum())
    from scipy.optimize import minimize

    def cost(scores: NDArray[np.float64]) -> float:
        logs = scores - np.logaddexp.reduce(scores)
        losses = -(1 - smoothing) * logs - smoothing * logs.mean()
        return float((shares * (-np.expm1(logs)) ** gamma * losses).sum())

    return float(minimize(cost, np.log(np.maximum(wanted, 1e-12))).fun)


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return -shares * np.log(np.where(shares > 0, shares, 1.0))


def diagnose(
    training: TrainingCurve | History, *, chance: float | None = None, surest: Surest | None = None
) -> Diagnosis | None:
    """The worst that a curve shows; None where it shows nothing.

    Args:
        training: the curve of a learner, or the whole history of a torch training, whose recoveries and first loss
            tell of divergence.
        chance: the loss of knowing nothing (`chance_loss`); without it nothing is called underfitting.
        surest: how the kept model does on the validation rows it is surest of; without it label noise is not told.

    Example:
        >>> curve = TrainingCurve((100, 200, 300), (0.6, 0.2, 0.01), (0.45, 0.5, 0.62), best=0)
        >>> diagnose(curve).kind, diagnose(curve, surest=Surest(100, 20)).kind
        ('overfitting', 'label noise')
    """
    history = training if isinstance(training, History) else None
    curve = _curve(training) if isinstance(training, History) else training
    if curve.n_recoveries:
        return _broke(curve, history)
    if not curve.steps:
        return None
    return _diverged(curve, chance) or _noise(curve, surest) or _overfit(curve) or _underfit(curve, chance)


def _curve(history: History) -> TrainingCurve:
    losses = [look.validation_loss for look in history.looks if look.validation_loss is not None]
    return history.curve(int(np.argmin(losses)) if losses else len(history.looks) - 1)


def _broke(curve: TrainingCurve, history: History | None) -> Diagnosis:
    n_times = curve.n_recoveries
    where = ""
    if history is not None:
        first, last = history.recoveries[0], history.recoveries[-1]
        where = f", first at step {first.step}, from which it went back to step {first.back_to}"
        where += "" if n_times == 1 else f", last at step {last.step}"
    return Diagnosis(
        "divergence",
        f"the loss was not finite {n_times} {'time' if n_times == 1 else 'times'}{where}; training ended with "
        f"{0.5**n_times:g} of the learning rate",
        {"n_recoveries": n_times, "rate_scale": 0.5**n_times},
        f"set learning_rate to {0.5 ** (n_times + 1):g} of what it is; or look for rows with odd values",
    )


def _diverged(curve: TrainingCurve, chance: float | None) -> Diagnosis | None:
    """A loss above both chance and where training began: to fall from there is no divergence."""
    at = int(np.argmax(curve.train_loss))
    known = [level for level in (chance, curve.start) if level is not None]
    highest, ground = curve.train_loss[at], max(known, default=curve.train_loss[0])
    if math.isfinite(highest) and highest <= DIVERGED * ground:
        return None
    return Diagnosis(
        "divergence",
        f"the training loss rose to {highest:.3g} by step {curve.steps[at]}, where knowing nothing costs {ground:.3g}",
        {"train_loss": highest, "step": curve.steps[at], "chance": ground},
        "a learning rate of a tenth; a longer warm-up; max_grad_norm where it is off",
    )


def _noise(curve: TrainingCurve, surest: Surest | None) -> Diagnosis | None:
    """Labels of the training rows that contradict what a model is surest of are learnt by heart.

    Validation rows are labelled as training rows are. Where the model kept at its best look is surest and still a share
    of them has another label, so has that share of the training rows, and a model that has not learnt these by heart
    cannot have a training loss below the entropy of that share.
    """
    if surest is None or surest.at_least <= NOISE or not curve.validation_loss:
        return None
    share = surest.fraction
    floor = float(_entropy(np.array([share, 1 - share])).sum())
    last, best, train = curve.validation_loss[-1], curve.validation_loss[curve.best], curve.train_loss[-1]
    if last <= best or train >= MEMORISED * floor:
        return None
    return Diagnosis(
        "label noise",
        f"{100 * share:.0f} % of the {surest.n_rows:,} validation rows that the best model is surest of have another "
        f"label than it says. A model that learnt all but such labels would keep a training loss of {floor:.2g}; it "
        f"fell to {train:.2g}, while the validation loss rose from {best:.3g} at step {curve.steps[curve.best]} to "
        f"{last:.3g}",
        {
            "wrong_fraction": share,
            "at_least": surest.at_least,
            "floor": floor,
            "train_loss": train,
            "rise": last / best,
        },
        "look at the labels (curate audit, the step labels.drop_issues); stop at the best look (patience)",
    )


def _overfit(curve: TrainingCurve) -> Diagnosis | None:
    if not curve.validation_loss:
        return None
    last, best = curve.validation_loss[-1], curve.validation_loss[curve.best]
    before, train = curve.train_loss[curve.best], curve.train_loss[-1]
    if last <= OVERFIT * best or train >= before:
        return None
    return Diagnosis(
        "overfitting",
        f"the validation loss was lowest, {best:.3g}, at step {curve.steps[curve.best]} and rose to {last:.3g} by step "
        f"{curve.steps[-1]}, while the training loss fell from {before:.3g} to {train:.3g}",
        {"rise": last / best, "best_step": curve.steps[curve.best], "train_loss": train},
        "fewer epochs or a lower learning rate; more rows; the weights of the best look are kept in any case",
    )


def _underfit(curve: TrainingCurve, chance: float | None) -> Diagnosis | None:
    if chance is None or not curve.validation_loss:
        return None
    train, last = curve.train_loss[-1], curve.validation_loss[-1]
    if train <= UNDERFIT * chance or train < GAP * last:
        return None
    return Diagnosis(
        "underfitting",
        f"after {curve.steps[-1]:,} steps the training loss is {train:.3g}, {100 * train / chance:.0f} % of what "
        f"knowing nothing costs, and the validation loss {last:.3g} is no higher: nothing was learnt by heart yet",
        {"train_loss": train, "chance": chance, "validation_loss": last},
        "more epochs or a higher learning rate; a larger model where that changes nothing; else the texts tell no more",
    )
