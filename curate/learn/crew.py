"""The processes that train one model together, through accelerate (https://huggingface.co/docs/accelerate); or the one.

A step's batches are dealt among them and its gradients added up, so that a training is the same, to rounding, whatever
their number. Started by `accelerate launch --num_processes 2 train.py`, or without GPUs by `torchrun`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from curate.errors import CurateError
from curate.kernels.torch_device import torch_device
from curate.optional import require

_BY = "training in several processes"


def n_processes() -> int:
    """How many a launcher has started, this one included.

    Example:
        >>> n_processes()
        1
    """
    return int(os.environ.get("WORLD_SIZE", "1"))


def own_device(device: str, by: str) -> torch.device:
    """Where this process puts its network: each of several has a GPU of its own, as accelerate deals them.

    Args:
        device: the setting.
        by: who asks, for errors.

    Raises:
        CurateError: there is no such device, or one GPU is named for several processes.
        MissingExtra: accelerate is not installed, and there are several.

    Example:
        >>> own_device("cpu", "the example").type
        'cpu'
    """
    if n_processes() > 1 and ":" in device:
        raise CurateError(
            f"{by}: device is {device!r}, and {n_processes()} processes need a GPU each", hint="device: auto or cuda"
        )
    found = torch_device(device, by)
    return found if n_processes() < 2 else _state(found).device  # type: ignore[no-any-return]


def _state(device: torch.device) -> Any:
    """What accelerate knows of the processes; made first, it joins them and sets the GPU of this one."""
    return require("accelerate", extra="transformers", by=_BY).PartialState(cpu=device.type == "cpu")


@dataclass(frozen=True)
class Crew:
    """How many processes train together, and which of them this is.

    Example:
        >>> Crew().is_first
        True
    """

    size: int = 1
    rank: int = 0

    @classmethod
    def here(cls, device: torch.device) -> Crew:
        """Those that a launcher has started beside this one; alone where none has."""
        if n_processes() < 2:
            return cls()
        state = _state(device)
        return cls(state.num_processes, state.process_index)

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes checkpoints and tells watchers."""
        return self.rank == 0

    def add(self, tensors: Sequence[Tensor]) -> None:
        """Add up tensors over the processes, in place, in one message."""
        if self.size == 1:
            return
        from accelerate.utils import reduce

        flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
        flat = reduce(flat, reduction="sum")
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def told(self, value: Any) -> Any:
        """What the first process says, in all of them: one decision, even where their arithmetic differs."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]
