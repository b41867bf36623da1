"""Digest of the C sources of the kernels. Nothing but the standard library: the build hook reads this file too."""

from __future__ import annotations

import hashlib
from pathlib import Path


def source_digest(sources: Path) -> str:
    """Digest of the names and bytes of the C files and headers of a folder."""
    digest = hashlib.sha256()
    for file in sorted([*sources.glob("*.c"), *sources.glob("*.h")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
