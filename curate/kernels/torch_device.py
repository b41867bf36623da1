"""Where torch computes, and in which precision it does so fast. torch is imported when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from curate.errors import CurateError
from curate.optional import require

if TYPE_CHECKING:
    import torch


def torch_device(device: str, by: str) -> torch.device:
    """The device of a setting: `auto` takes CUDA where there is a GPU.

    Raises:
        CurateError: there is no such device.
        MissingExtra: torch is not installed.

    Example:
        >>> torch_device("cpu", "the example").type
        'cpu'
    """
    torch = require("torch", extra="train", by=by)
    has_gpu = torch.cuda.is_available()
    if device == "auto":
        return torch.device("cuda" if has_gpu else "cpu")  # type: ignore[no-any-return]
    if device.startswith("cuda") and not has_gpu:
        raise CurateError(f"{by}: device is {device!r} and torch finds no GPU", hint="device: auto or cpu")
    try:
        return torch.device(device)  # type: ignore[no-any-return]
    except RuntimeError as error:
        raise CurateError(f"{by}: no device is called {device!r}", hint="device: auto, cpu, cuda or cuda:1") from error


def cpu_has_bfloat16() -> bool:
    """Whether this CPU multiplies matrices of bfloat16 in hardware: AMX, or AVX-512 BF16."""
    import torch

    amx, avx = (getattr(torch.cpu, f"_is_{name}_supported", bool) for name in ("amx_tile", "avx512_bf16"))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported() and (amx() or avx()))


@contextmanager
def plain_torch(threads: int = 1) -> Iterator[None]:
    """Torch on so many threads, 1 for that which asks; sums in float32 whatever the process allows itself elsewhere.

    Example:
        >>> with plain_torch():
        ...     pass
    """
    import torch

    before, allowed = torch.get_num_threads(), torch.get_float32_matmul_precision()
    reduced = torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_float32_matmul_precision(allowed)
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = reduced
