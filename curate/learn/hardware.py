"""What there is to train on. Imports torch when asked, and only where it is installed."""

from __future__ import annotations

from importlib.util import find_spec


def gpu_name() -> str | None:
    """The name of the GPU that torch would use; None where there is none, or no torch."""
    if find_spec("torch") is None:
        return None
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None
