"""The command `curate`: its subcommands, and how whatever goes wrong becomes one clear line and an exit code.

0 fine, 1 findings at or above --fail-on, 2 wrong usage or bad input, 3 a check crashed, 130 Ctrl-C, 143 and 129 where
it is told to end (`kill`, a terminal that is closed). A fault of curate itself keeps its traceback.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer
import typer.main

from curate.cli import advise, audit, dedup_index, demo, doctor, explain, ls, measure, run, schema, show, validate
from curate.errors import CurateError, in_plain_words, nearest

INTERRUPTED = 128 + signal.SIGINT
NOBODY_READS = 141
_UsageError: Any = typer.BadParameter.__mro__[1]  # typer's own, or click's: it depends on the version
app = typer.Typer(
    name="curate", add_completion=False, rich_markup_mode="rich", context_settings={"max_content_width": 100}
)
app.command()(audit.audit)
app.command()(run.run)
app.command()(explain.explain)
app.command()(measure.measure)
app.command()(advise.advise)
app.command()(demo.demo)
app.add_typer(dedup_index.app, name="dedup-index")
app.command()(ls.ls)
app.command()(show.show)
app.command()(schema.schema)
app.command()(validate.validate)
app.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"curate {version('curate-data')}")
        raise typer.Exit


@app.callback()
def curate(
    version: Annotated[
        bool, typer.Option("--version", metavar=" ", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Improve a training set and prove that it did: audit it, run a recipe, measure the effect of each step."""


class _Ended(KeyboardInterrupt):
    """The process is told to end: what is temporary goes first. Its only argument is the signal."""


def _end(number: int, frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough
    raise _Ended(number)


def _end_in_order() -> None:
    """Let `kill` and a closed terminal end the command as Ctrl-C does; `nohup` still holds."""
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    _end_in_order()
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    # Arrow's own allocator (mimalloc) keeps what it frees: 20 % more memory, and growing, at the same speed.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _invoke(given)
        sys.stdout.flush()
    except typer.Exit as end:
        return int(end.exit_code)
    except KeyboardInterrupt as stop:
        all_gone = _stop_workers()
        _complain("; ".join(["interrupted", "nothing half-written is left behind", *getattr(stop, "__notes__", ())]))
        code = 128 + stop.args[0] if isinstance(stop, _Ended) else INTERRUPTED
        return code if all_gone else _leave(code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except CurateError as error:
        _complain(_as_options(str(error)))
        return 2
    return 0


def _stop_workers() -> bool:
    """End the worker processes, so that nobody waits for what they are at; tells whether their pool noticed.

    A pool does not where a worker ended in the middle of an answer: it waits for the rest for ever.
    """
    from multiprocessing import active_children

    for child in active_children():
        child.terminate()
    waiting = [each for each in threading.enumerate() if each is not threading.current_thread() and not each.daemon]
    for thread in waiting:
        thread.join(timeout=5)
    return not any(thread.is_alive() for thread in waiting)


def _leave(code: int) -> NoReturn:
    """End the process without waiting for its threads, as Python would."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _invoke(given: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    try:
        with command.make_context("curate", given) as context:
            command.invoke(context)
    except _UsageError as error:
        raise CurateError(_said(error), hint=_hint(error)) from error


def _said(error: Any) -> str:
    """What is wrong with the usage, without what typer adds."""
    if hasattr(error, "option_name") and hasattr(error, "possibilities"):
        return f"there is no option {error.option_name}"
    said = in_plain_words(error.format_message().split("Did you mean")[0])
    return said.strip().rstrip(".")


def _hint(error: Any) -> str:
    """The nearest option or command, else where help is."""
    context = error.ctx
    path = context.command_path if context is not None else "curate"
    if hasattr(error, "possibilities") and hasattr(error, "option_name") and context is not None:
        close = nearest(error.option_name, [name for option in context.command.params for name in option.opts])
        return f"did you mean {close}?" if close else f"see {path} --help"
    if (missing := re.search(r"No such command '(.*?)'", error.format_message())) is not None:
        close = nearest(missing[1], context.command.commands)
        return f"did you mean {close}?" if close else "see curate --help"
    return f"see {path} --help"


def _as_options(text: str) -> str:
    """What an error says of arguments, said of options.

    Example:
        >>> _as_options("rename one, or give columns=[…]")
        'rename one, or give --columns'
    """
    return re.sub(r"\b(columns|split|config|revision|format)=(\[…\]|…|'\w+')", r"--\1", text)


def _complain(text: str) -> None:
    from curate.cli.screen import console
    from curate.report.display import clean

    with suppress(BrokenPipeError):
        console(sys.stderr).print("error: " + clean(" ".join(text.split())), style="red", soft_wrap=True)
