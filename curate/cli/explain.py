"""`curate explain`: the life of one row of a run: what each step did to it, why, its text before and after."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from curate.io.outcome import Event, Life, Varied
    from curate.report.model import Diff

TEXT_LIMIT = 400
_DONE = {"set": "set", "weigh": "weighed", "drop": "dropped", "add": "added"}

OutArgument = Annotated[Path, typer.Argument(metavar="OUT", help="What `curate run … --out OUT` wrote.")]
Row = Annotated[int, typer.Argument(metavar="ROW", help="The id of a row: its place in the source, counted from 0.")]


def explain(
    out: OutArgument,
    row: Row,
    key_file: o.KeyFile = None,
    cache: o.Cache = None,
    json: o.Json = None,
    quiet: o.Quiet = False,
) -> None:
    """Tell the life of a row: what each step did to it, and why."""
    from curate.cli import source as sources
    from curate.io.outcome import Outcome

    screen = Screen(json, quiet)
    key = sources.key_of(key_file)
    with sources.cache(cache, False, key) as store, screen.progress(f"looking for row {row}"):
        life = _masked(Outcome(out, store=store, key=key).life(row))
    screen.show(*_told(life))
    screen.json(asdict(life))


def _masked(life: Life) -> Life:
    """The same with personal data and secrets masked: what stands on a screen is copied into tickets and logs."""
    from curate.kernels.pii.mask import mask_values

    def hidden(one: Varied) -> Varied:
        """A piece of what is masked tells of it: then no change is told."""
        before, after = mask_values((one.before, one.after))
        pieces = one.changes if (before, after) == (one.before, one.after) else ()
        return replace(one, before=before, after=after, changes=mask_values(pieces))

    texts = ("before", "after", "ref_text")
    events = [
        replace(
            event,
            varied=tuple(map(hidden, event.varied)),
            **{name: mask_values(getattr(event, name)) for name in texts},
        )
        for event in life.events
    ]
    cause, raw, cells = mask_values((life.cause, life.raw, life.cells))
    return replace(life, events=tuple(events), cells=cells, cause=cause, raw=raw)


def _told(life: Life) -> Iterator[RenderableType]:
    from rich.text import Text

    from curate.report import model
    from curate.report.terminal import draw

    yield Text.assemble((f"row {life.row_id}", "bold"), "  ", _fate(life))
    for event in life.events:
        yield Text()
        yield Text.assemble((event.step, "bold"), "  ", _what(event, life.row_id))
        yield from _difference(event)
    if life.cause is not None:
        yield Text(f"\n{life.cause}\n{_short(life.raw)}")
    if life.cells:
        yield Text()
        cells = tuple((name, _short(value)) for name, value in life.cells.items())
        yield draw(model.Table((model.Column("column", "code"), model.Column("now")), cells))


def _fate(life: Life) -> str:
    if life.fate == "quarantined":
        return "failed in a step and lies in quarantine"
    if life.fate == "dropped":
        return f"dropped by {life.events[-1].step}"
    if life.fate == "added":
        return "added; it was not in the source"
    n = len(life.events)
    return "kept as it was; no step touched it" if not n else f"kept, after {n} change{'s' if n > 1 else ''}"


def _what(event: Event, row_id: int) -> str:
    """One event in words."""
    who = f"row {event.row_id} " if event.row_id != row_id else ""
    said = f"{who}{_DONE[event.kind]} {event.column or ''}".strip()
    said += f": {event.reason}" + (f", {event.meaning}" if event.meaning else "")
    if event.score != 1:
        said += f" ({'similarity' if event.kind == 'drop' and event.ref is not None else 'score'} {event.score:.2f})"
    if event.parents:
        said += "; derived from row " + " and ".join(map(str, event.parents))
    return said


def _difference(event: Event) -> Iterator[RenderableType]:
    from rich.text import Text

    from curate.report import model
    from curate.report.terminal import draw

    if event.kind in ("set", "weigh"):
        yield draw(model.Diff(event.before, event.after))
    for one in event.varied:
        yield draw(_variation(one, several=len(event.varied) > 1))
    other = f"row {event.ref}" + (f" of {event.ref_split}" if event.ref_split else "")
    differ = event.before is not None and event.ref_text is not None and event.before != event.ref_text
    if event.kind == "drop" and event.ref is not None and differ:
        yield draw(model.Diff(event.before, event.ref_text, f"- row {event.row_id}   + {other}"))
        return
    if event.kind == "drop":
        yield Text(f"  {_short(event.before)}")
    if event.ref is not None:
        same = event.kind == "drop" and event.before is not None and not differ and event.ref_text is not None
        yield Text.assemble((f"  because of {other}: ", "dim"), "the same text" if same else _short(event.ref_text))


def _variation(one: Varied, *, several: bool) -> Diff:
    """A text beside its parent's; where a later step has changed it, the pieces that differed alone."""
    from curate.report import model

    where = f"{one.column}: " if several else ""
    if one.after is not None:
        return model.Diff(one.before, one.after, f"{where}- its parent   + the row")
    old = " … ".join(old for _, _, old, _ in one.changes)
    new = " … ".join(new for _, _, _, new in one.changes)
    return model.Diff(old, new, f"{where}what changed; a later step has changed the text again")


def _short(value: object) -> str:
    from curate.report.display import NOTHING, shorten

    return NOTHING if value is None else shorten(str(value), TEXT_LIMIT)
