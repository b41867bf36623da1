"""Time and memory of whole processes: start-up, reading and writing included, children too.

Wall seconds are a monotonic clock around the process. CPU seconds, user + system, are the system's account of the
process and of all it waited for, or the sum over all processes seen below it where that is more (a pool's workers may
belong to a server that nobody waits for). Peak memory is that of the process tree: the largest resident set of a
process that has no children; where there are several, the most that their proportional shares came to, looked at 20
times a second (memory shared after a fork counts once). Linux only.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_S = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall_s: float
    cpu_s: float
    memory_mib: float


class ProcessFailed(Exception):
    """A contender that ended with an error; carries the last lines it wrote."""


def _children(process: int) -> list[int]:
    """The processes below this one, itself first; those that are gone meanwhile are left out."""
    found = [process]
    for one in found:
        for tasks in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in tasks.read_text().split()]
            except OSError:
                continue
    return found


def _look(process: int, cpu_s: dict[int, float]) -> float:
    """Note the CPU seconds of every process of the tree; the MiB of all of them, 0 where there is only one."""
    tree = _children(process)
    total = 0
    for one in tree if len(tree) > 1 else ():
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        cpu_s[one] = (int(fields[11]) + int(fields[12])) / TICKS
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def timed(command: Sequence[str], *, env: dict[str, str] | None = None, limit_s: float = 7200.0) -> Run:
    """Run a command to its end.

    Raises:
        ProcessFailed: it ended with an error, or did not end within the limit.
    """
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(env or {})})
        most, seen = 0.0, dict[int, float]()
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            wall_s = time.perf_counter() - began
            if ended:
                child.returncode = os.waitstatus_to_exitcode(status)
                break
            if wall_s > limit_s:
                child.kill()
            most = max(most, _look(child.pid, seen))
            time.sleep(LOOK_S if wall_s > 1 else 0.01)
        if child.returncode:
            said.seek(0)
            tail = said.read().decode(errors="replace").strip().splitlines()[-8:]
            raise ProcessFailed(f"{' '.join(command[:4])} … ended with {child.returncode}:\n" + "\n".join(tail))
    cpu_s = max(usage.ru_utime + usage.ru_stime, sum(seen.values()))
    return Run(wall_s, cpu_s, max(most, usage.ru_maxrss / 1024))
