"""What a training loop trains: a network, its batches and their loss, the groups of its parameters.

Each torch learner is a `Problem`; `curate/learn/loop.py` trains it. Which parameters decay: Loshchilov & Hutter 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from curate.learn.training import Training

Batch = Any


@dataclass(frozen=True, eq=False)
class ParameterGroup:
    """Parameters that are trained alike.

    Attributes:
        names: their names, which name them in a checkpoint.
        parameters: themselves.
        scale: what the learning rate is multiplied with.
        decays: whether the weight decay is theirs.
    """

    names: tuple[str, ...]
    parameters: tuple[nn.Parameter, ...]
    scale: float = 1.0
    decays: bool = True


@dataclass(frozen=True)
class Judged:
    """What the validation rows say of a model: the mean loss, and a metric where there is one."""

    loss: float
    metric: float | None = None


class Problem(Protocol):
    """What is to be learnt: a network on its device, batches, and their loss."""

    @property
    def network(self) -> nn.Module:
        """What is trained, in place."""
        ...

    def batches(self, epoch: int, seed: int) -> Iterator[Batch]:
        """The batches of an epoch, the same whenever asked; at least one. Cheap to skip: `loss` does the padding."""
        ...

    def loss(self, batch: Batch) -> tuple[Tensor, float]:
        """The weighted sum of the losses of a batch, and what divides it: its rows, or its tokens (`loss.weighted`)."""
        ...

    def validation(self) -> Judged | None:
        """How the validation rows are done, asked in evaluation mode without gradients; None: there are none."""
        ...

    def groups(self, training: Training) -> list[ParameterGroup]:
        """Every parameter that is ever trained, once; `parameter_groups` makes them."""
        ...

    def unfrozen(self, share_done: float) -> None:
        """Called before each step with the share of the steps done, in [0, 1); may set `requires_grad`."""
        ...


def parameter_groups(
    network: nn.Module,
    training: Training,
    *,
    depth: Callable[[str], int] | None = None,
    undecayed: Sequence[str] = (),
    factors: Mapping[str, float] | None = None,
) -> list[ParameterGroup]:
    """The parameters of a network that require a gradient, in groups: matrices decay; biases and norms do not.

    Args:
        network: what is trained.
        training: for `layer_decay`.
        depth: how many layers a parameter lies below the top, by its name; None: all at 0.
        undecayed: parts of names, such as `position_embeddings`, that have no weight decay, either.
        factors: of parameters, by their names, what their learning rate is multiplied with; 1 where none is given.

    Example:
        >>> [(group.names, group.decays) for group in parameter_groups(nn.Linear(2, 2), Training())]
        [(('bias',), False), (('weight',), True)]
    """
    found: dict[tuple[int, float, bool], list[tuple[str, nn.Parameter]]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            decays = parameter.ndim >= 2 and not any(part in name for part in undecayed)
            factor = (factors or {}).get(name, 1.0)
            found.setdefault((depth(name) if depth else 0, factor, decays), []).append((name, parameter))
    return [
        ParameterGroup(
            tuple(n for n, _ in named), tuple(p for _, p in named), training.layer_decay**below * factor, decays
        )
        for (below, factor, decays), named in sorted(found.items(), key=lambda item: item[0])
    ]
