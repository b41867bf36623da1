"""How much memory a process may still take: what the machine has free, within the limit of its control group.

Steps that can choose how to work ask before they choose; no result but the choice depends on it.
"""

from __future__ import annotations

from pathlib import Path

_MACHINE = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available_bytes() -> int | None:
    """Bytes that can be taken without swapping; None where the system does not say.

    Example:
        >>> available_bytes() is None or available_bytes() > 0
        True
    """
    found = [free for free in (_of_machine(), _of_group()) if free is not None]
    return min(found) if found else None


def _of_machine() -> int | None:
    if not _MACHINE.exists():
        return None
    lines = (line.split() for line in _MACHINE.read_text().splitlines())
    return next((int(parts[1]) * 1024 for parts in lines if parts[0] == "MemAvailable:"), None)


def _of_group() -> int | None:
    most, used = _GROUP / "memory.max", _GROUP / "memory.current"
    if not (most.exists() and used.exists()) or not most.read_text().strip().isdecimal():
        return None
    return max(0, int(most.read_text()) - int(used.read_text()))
