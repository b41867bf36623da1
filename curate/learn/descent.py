"""One optimiser step: the gradient of some batches, added up over processes, shortened, and AdamW.

Under `curate/learn/loop.py`. AdamW: Loshchilov & Hutter 2019; clipping: Pascanu et al. 2013; mixed precision with a
scaled loss: Micikevicius et al. 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from curate.core.random import key
from curate.errors import CurateError
from curate.learn.crew import Crew
from curate.learn.training import Training

SEED_BITS = (1 << 63) - 1
Weights = list[Tensor]


class Descent:
    """AdamW on a network's parameters.

    Args:
        network: on its device.
        groups: (parameters, scale of the learning rate, whether they decay) of each group.
        training: how.
        crew: the processes.
        seed: of dropout.

    Raises:
        CurateError: float16 without CUDA.
    """

    def __init__(
        self,
        network: nn.Module,
        groups: Sequence[tuple[Sequence[nn.Parameter], float, bool]],
        training: Training,
        crew: Crew,
        seed: int,
    ) -> None:
        self.training, self.crew, self.seed = training, crew, seed
        self.parameters = [parameter for parameters, _, _ in groups for parameter in parameters]
        self.buffers = list(network.buffers())
        self.device = self.parameters[0].device
        self.scales = [scale for _, scale, _ in groups]
        if training.precision == "float16" and self.device.type != "cuda":
            raise CurateError("precision is float16, which trains on CUDA only", hint="precision: bfloat16 or float32")
        self.optimiser = torch.optim.AdamW(
            [
                {"params": list(parameters), "weight_decay": training.weight_decay if decays else 0.0}
                for parameters, _, decays in groups
            ],
            betas=training.betas,
            fused=self.device.type in ("cpu", "cuda"),
        )
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=training.precision == "float16")

    def step(
        self, batches: Sequence[Any], loss: Callable[[Any], tuple[Tensor, float]], number: int, learning_rate: float
    ) -> Tensor:
        """One step on the mean loss of some batches; returns that loss and the gradient's length, float32, (2,)."""
        sums = torch.zeros(2, device=self.device)
        for place in range(self.crew.rank, len(batches), self.crew.size):
            self._seed(key(self.seed, "dropout", number, place) & SEED_BITS)
            with torch.autocast(self.device.type, self._dtype, enabled=self._dtype is not torch.float32):
                total, size = loss(batches[place])
            self.scaler.scale(total).backward()  # type: ignore[no-untyped-call]
            sums += torch.stack([total.detach().float(), sums.new_tensor(size)])
        gradients = self._gradients()
        self.crew.add([*gradients, sums])
        self.scaler.unscale_(self.optimiser)
        norm = torch.nn.utils.get_total_norm(gradients) / sums[1]
        shorter = 1.0 if self.training.max_grad_norm is None else self.training.max_grad_norm / (norm + 1e-6)
        torch._foreach_mul_(gradients, torch.as_tensor(shorter, device=self.device).clamp(max=1.0) / sums[1])
        for group, scale in zip(self.optimiser.param_groups, self.scales, strict=True):
            group["lr"] = learning_rate * scale
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.optimiser.zero_grad()
        return torch.stack([sums[0] / sums[1], norm])

    def _seed(self, seed: int) -> None:
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            with torch.cuda.device(self.device):
                torch.cuda.manual_seed(seed)

    @property
    def _dtype(self) -> torch.dtype:
        dtype: torch.dtype = getattr(torch, self.training.precision)
        return dtype

    def _gradients(self) -> list[Tensor]:
        """Those of the parameters that are trained now; where others train along, also of what this one did not use."""
        if self.crew.size > 1:
            for parameter in self.parameters:
                if parameter.requires_grad and parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
        return [parameter.grad for parameter in self.parameters if parameter.grad is not None]

    @torch.no_grad()
    def weight_norm(self) -> Tensor:
        """The length of all weights that are ever trained, float32, ()."""
        return torch.nn.utils.get_total_norm(self.parameters).float()

    def weights(self) -> Weights:
        """A copy of the trained parameters and of the network's buffers."""
        return [tensor.detach().clone() for tensor in (*self.parameters, *self.buffers)]

    @torch.no_grad()
    def set_weights(self, weights: Weights) -> None:
        """Put a copy back."""
        for tensor, kept in zip((*self.parameters, *self.buffers), weights, strict=True):
            tensor.copy_(kept)

    def state(self) -> dict[str, Any]:
        """A copy of all that the next step hangs on."""
        return {
            "weights": self.weights(),
            "optimiser": deepcopy(self.optimiser.state_dict()),
            "scaler": self.scaler.state_dict(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to a state, which stays untouched."""
        self.set_weights(state["weights"])
        self.optimiser.load_state_dict(deepcopy(state["optimiser"]))
        self.scaler.load_state_dict(state["scaler"])
