"""What a command says and where: results on standard output, notes, progress and errors on standard error.

`--json -` leaves standard output to the JSON; `-q` leaves only errors. Nothing is coloured, nor is a bar drawn, where
nobody looks at a terminal.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

PATIENCE_S = 1.0
"""Work that takes longer than this gets a progress bar."""


def console(stream: Any) -> Console:
    """A rich console that takes text as it is: no markup, no emoji, no highlighting."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            """Let `main` end the command as any command ends that nobody reads; rich itself would call it a failure."""
            raise BrokenPipeError

    return Piped(file=stream, markup=False, emoji=False, highlight=False)


@dataclass(frozen=True)
class Screen:
    """How loud a command is, and where its result goes.

    Attributes:
        json_to: a path for the result as JSON, `-` for standard output, or None.
        quiet: say nothing but errors.
        verbose: say more.
    """

    json_to: str | None = None
    quiet: bool = False
    verbose: bool = False

    def show(self, *drawn: RenderableType) -> None:
        """Print a part of the result, for people."""
        if not self.quiet:
            out = console(sys.stderr if self.json_to == "-" else sys.stdout)
            for part in drawn:
                out.print(part, soft_wrap=isinstance(part, str))

    def note(self, text: str) -> None:
        """Print a remark on what is going on."""
        if not self.quiet:
            console(sys.stderr).print(text, style="dim", soft_wrap=True)

    def wrote(self, *places: Path | None) -> None:
        """Say which files were written; None is one that nobody asked for."""
        for place in places:
            if place is not None:
                self.note(f"wrote {place}")

    def json(self, result: Any) -> None:
        """Write the result as JSON, where that was asked for, and say where to."""
        if self.json_to is None:
            return
        text = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        if self.json_to == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            from curate.io.atomic import write_text

            write_text(Path(self.json_to), text)
            self.wrote(Path(self.json_to))

    @contextmanager
    def progress(self, first: str) -> Iterator[Bar]:
        """A progress bar that comes up once the work has taken a second."""
        out = console(sys.stderr)
        with Bar(out if out.is_terminal and not self.quiet else None, first) as bar:
            yield bar


class Bar:
    """What is being done and how far it has come; a callable as verbs take it: (what, done, of)."""

    def __init__(self, out: Console | None, first: str) -> None:
        self._out, self._first = out, first
        self._drawn: Progress | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Bar:
        if self._out is not None:
            from rich import progress

            columns = (
                progress.TextColumn("{task.description}"),
                progress.BarColumn(bar_width=30),
                progress.TextColumn("{task.fields[count]}"),
                progress.TimeElapsedColumn(),
            )
            self._drawn = progress.Progress(*columns, console=self._out, transient=True, expand=False)
            self._task = self._drawn.add_task(self._first, total=None, count="")
            self._timer = threading.Timer(PATIENCE_S, self._drawn.start)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None and self._drawn is not None:
            self._timer.cancel()
            self._timer.join()
            self._drawn.stop()

    def __call__(self, what: str, done: int, of: int | None = None) -> None:
        """Say how far `what` has come."""
        if self._drawn is not None:
            count = f"{done:,} of {of:,}" if of is not None else f"{done:,}" if done else ""
            self._drawn.update(self._task, description=what, completed=done, total=of, count=count)
