"""Columns fitted to the width of a terminal: nothing is lost, and the columns that name a row never are.

Between the blocks that `terminal` draws and rich's tables. What does not fit beside the name goes into a further block
under the first, each with the name again; words are wrapped before that, numbers never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

WORDS, WORD = 24, 32
"""Cells below which running words are not squeezed, and those up to which one word is not broken."""
NAME_SHARE = 0.6
"""The share of the width up to which names stand in one line."""
WIDE, NARROW = 3, 2


@dataclass(frozen=True)
class Column:
    """A column as it is drawn.

    Attributes:
        head: its name.
        cells: one per row; a line end parts lines.
        right: set to the right, as numbers are.
        whole: its cells are never wrapped.
        spare: a picture of what stands beside it, left out where it does not fit.
    """

    head: str
    cells: tuple[Text, ...]
    right: bool = False
    whole: bool = False
    spare: bool = False

    @property
    def full(self) -> int:
        """Cells in which nothing is wrapped."""
        return max(_longest(self.head.split("\n")), self._widest())

    @property
    def least(self) -> int:
        """Cells below which the column is not squeezed beside others."""
        return max(self._widest(), self._head(), 1) if self.whole else self.wrapped(WORDS)

    def wrapped(self, words: int) -> int:
        """Cells of the column with its words wrapped at `words`, or at the longest word."""
        longest = min(_longest([word for cell in self.cells for word in cell.plain.split()]), WORD)
        return max(self._head(), min(self._widest(), max(words, longest)), 1)

    def _head(self) -> int:
        return min(_longest(self.head.split()), WORDS)

    def _widest(self) -> int:
        return max((_longest(cell.plain.split("\n")) for cell in self.cells), default=0)


@dataclass(frozen=True)
class Fitted:
    """What rich prints once it knows the width: `build` makes it of so many cells."""

    build: Callable[[int], RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.build(options.max_width)


def fitted(columns: Sequence[Column], n_names: int = 1) -> Fitted:
    """A table of `columns`, of which the first `n_names` name a row.

    Example:
        >>> from rich.console import Console
        >>> names = Column("signal", (Text("mean_word_length"),))
        >>> numbers = [Column(head, (Text("0.1234"),), right=True, whole=True) for head in ("lowest", "median")]
        >>> Console(width=24).print(fitted([names, *numbers]))
        signal            lowest
        ────────────────────────
        mean_word_length  0.1234
        <BLANKLINE>
        signal            median
        ────────────────────────
        mean_word_length  0.1234
    """
    return Fitted(lambda width: _drawn(columns, n_names, width))


def blocks(columns: Sequence[Column], n_names: int, width: int) -> list[list[int]]:
    """Which columns stand side by side in `width` cells; each block begins with the names.

    Example:
        >>> columns = [Column("name", (Text("x" * 20),)), *[Column("n", (Text("1" * 8),), whole=True)] * 3]
        >>> blocks(columns, 1, 80), blocks(columns, 1, 40)
        ([[0, 1, 2, 3]], [[0, 1, 2], [0, 3]])
    """
    names = list(range(n_names))
    left = width - sum(_narrowest(columns, n_names, width)) - NARROW * (n_names - 1)
    found: list[list[int]] = [[]]
    free = left
    for place in range(n_names, len(columns)):
        need = columns[place].least + NARROW
        if need > free and columns[place].spare:
            continue
        if need > free and found[-1]:
            found.append([])
            free = left
        found[-1].append(place)
        free -= need
    return [names + block for block in found]


def _narrowest(columns: Sequence[Column], n_names: int, width: int) -> list[int]:
    """The widths that names keep: one line each where that leaves room for figures and picture, else words wrap."""
    names, others = columns[:n_names], columns[n_names:]
    wrapped = [column.wrapped(WORDS if place == 0 else WORDS // 2) for place, column in enumerate(names)]
    drawn = sum(wrapped) + sum(column.least for column in others) + NARROW * (len(columns) - 1) <= width
    full = [min(column.full, 2 * WORDS) for column in names]
    room = sum(full) + NARROW * (n_names - 1) <= NAME_SHARE * width
    return full if room and not (drawn and columns[-1].spare) else wrapped


def _drawn(columns: Sequence[Column], n_names: int, width: int) -> RenderableType:
    full = [column.full for column in columns]
    if sum(full) + WIDE * (len(columns) - 1) <= width:
        return _table(columns, full, WIDE)
    least = [*_narrowest(columns, n_names, width), *(column.least for column in columns[n_names:])]
    parts: list[RenderableType] = []
    for block in blocks(columns, n_names, width):
        shown = [columns[place] for place in block]
        free = width - NARROW * (len(block) - 1)
        widths = _shared([least[place] for place in block], [full[place] for place in block], free)
        parts.extend([Text(), _table(shown, widths, NARROW)] if parts else [_table(shown, widths, NARROW)])
    return Group(*parts)


def _shared(least: Sequence[int], full: Sequence[int], width: int) -> list[int]:
    """`width` cells shared out: the least to each, the rest to those that want little more first."""
    widths = list(least)
    while sum(widths) > width and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    rest = max(width - sum(widths), 0)
    wanting = sorted(range(len(widths)), key=lambda place: full[place] - widths[place])
    for n_before, place in enumerate(wanting):
        given = min(max(full[place] - widths[place], 0), rest // (len(wanting) - n_before))
        widths[place] += given
        rest -= given
    return widths


def _table(columns: Sequence[Column], widths: Sequence[int], gap: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, gap - 2))
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column.head), justify="right" if column.right else "left", width=width, overflow="fold")
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*cells)
    return table


def _longest(lines: Sequence[str]) -> int:
    return max(map(cell_len, lines), default=0)
