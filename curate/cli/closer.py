"""The options of `curate measure` that ask for a closer look, and the out-of-domain sets they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from curate.cli import source as sources
from curate.cli.options import option
from curate.cli.screen import Bar

if TYPE_CHECKING:
    from curate.data.corpus import Corpus
    from curate.data.store import Store

PANEL = "Closer looks"

Ood = Annotated[
    list[str] | None,
    option(
        "--ood",
        "NAME=SOURCE",
        "Out-of-domain rows on which every arm is scored, too; may be given more than once.",
        PANEL,
    ),
]
Robustness = Annotated[
    bool,
    option("--robustness", " ", "Score every arm on test rows with slips, in another case and attacked, too.", PANEL),
]
Synonyms = Annotated[
    Path | None, option("--synonyms", "DIR", "A folder with WordNet's files: robustness to synonyms, too.", PANEL)
]
LearningCurve = Annotated[
    bool, option("--learning-curve", " ", "What a half, a quarter and twice the training rows give.", PANEL)
]
Cost = Annotated[
    bool, option("--cost", " ", "Time single rows and small batches; size and memory of the model.", PANEL)
]
MinGroupRows = Annotated[
    int, option("--min-group-rows", "N", "Test rows from which a group enters worst group and gaps.", PANEL, min=2)
]


def places(given: Sequence[str] | None) -> list[str]:
    """The sources that `--ood` names."""
    return list(sources.by_name(given, "--ood").values())


def open_ood(
    given: Sequence[str] | None, corpus: Corpus, reading: sources.Reading, store: Store, bar: Bar
) -> dict[str, Corpus]:
    """The out-of-domain sets by name, read as the test rows are."""
    found = sources.by_name(given, "--ood")
    return {name: sources.sealed(place, corpus, reading, store, bar) for name, place in found.items()}
