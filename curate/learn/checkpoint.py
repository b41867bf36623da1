"""Checkpoints of a training: one file, written beside its place and renamed, with a digest of its content in front.

A process killed at any moment leaves the old checkpoint or the new one, never a part. Read back without executing
anything (`torch.load(weights_only=True)`).
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch

from curate.errors import InputError

_BYTES = 32


def save(state: dict[str, Any], place: Path) -> None:
    """Write a checkpoint in the place of the one before.

    Raises:
        InputError: the folder cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    body = buffer.getbuffer()
    beside = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(hashlib.blake2b(body, digest_size=_BYTES).digest())
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as error:
        raise InputError(f"the checkpoint {place} cannot be written: {error.strerror}") from error


def load(place: Path, training: str) -> dict[str, Any] | None:
    """The state in a checkpoint; None where there is none.

    Args:
        place: the file.
        training: what is trained, as `state["training"]` names it.

    Raises:
        InputError: the file is damaged, or of another training.
    """
    if not place.exists():
        return None
    content = place.read_bytes()
    hint = f"delete {place} to begin again"
    if hashlib.blake2b(content[_BYTES:], digest_size=_BYTES).digest() != content[:_BYTES]:
        raise InputError(f"the checkpoint {place} is damaged", hint=hint)
    state: dict[str, Any] = torch.load(io.BytesIO(content[_BYTES:]), weights_only=True, map_location="cpu")
    if state["training"] != training:
        raise InputError(f"the checkpoint {place} is of a training with other settings, seed or network", hint=hint)
    return state
