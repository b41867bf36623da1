"""What `curate measure` can be asked beside the effect of each step: pairs, settings, a second learner, a plan, a
certificate. The options, and how their values are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from curate.cli import options as o
from curate.cli.settings import learner_of, parted, value_of

if TYPE_CHECKING:
    from curate.learn.learner import Learner

ASKED = "What else is asked"

Interaction = Annotated[
    list[str] | None,
    o.option(
        "--interaction",
        "A,B",
        "What two steps do together beyond what each does alone; more than once, or all for all pairs.",
        ASKED,
    ),
]
SweepSetting = Annotated[
    list[str] | None,
    o.option(
        "--sweep",
        "STEP.SETTING=A,B,…",
        "The effect at each value of a setting; validation rows choose among them. More than once.",
        ASKED,
    ),
]
Confirm = Annotated[
    str | None,
    o.option(
        "--confirm",
        "LEARNER[:K=V,…]",
        "Measure again with this learner the steps that helped or of which the first could not tell.",
        ASKED,
    ),
]
Slice = Annotated[
    str | None,
    o.option(
        "--slice",
        "language",
        "Tell the effects by language, too; by class, group and length they always are.",
        ASKED,
        callback=o.one_of("language"),
    ),
]
PlanOnly = Annotated[
    bool, o.option("--plan", " ", "Say how many cells it would take, how long, and what it would find; no more.", ASKED)
]
PlaceboOnly = Annotated[
    bool,
    o.option(
        "--placebo-only",
        " ",
        "Measure what has no effect on draws of the training rows: how often is one seen? Needs no RECIPE; of one "
        "that is given, roles and seed count.",
        ASKED,
    ),
]
N = Annotated[
    int | None, o.option("--n", "N", "How many measurements --placebo-only makes; 200 unless given.", ASKED, min=1)
]


def check_alone(given: Mapping[str, bool]) -> None:
    """Refuse what says nothing where no step is measured.

    Args:
        given: the options, each with whether it is given.

    Raises:
        typer.BadParameter: one or more are; all are named.
    """
    names = [name for name, there in given.items() if there]
    if names:
        said = f"measures no step and reads no test rows, so it does not go with {', '.join(names)}"
        raise typer.BadParameter(said, param_hint="'--placebo-only'")


def pairs(given: Sequence[str] | None) -> Sequence[tuple[str, str]] | Literal["all"]:
    """The pairs of steps that are meant.

    Example:
        >>> pairs(["dedup.exact,clean.html"]), pairs(["all"])
        ([('dedup.exact', 'clean.html')], 'all')
    """
    found: list[tuple[str, str]] = []
    for text in given or ():
        if text == "all":
            return "all"
        names = o.listed(text) or []
        if len(names) != 2:
            raise typer.BadParameter(f"{text!r} does not name two steps: A,B", param_hint="'--interaction'")
        found.append((names[0], names[1]))
    return found


def sweeps(given: Sequence[str] | None) -> dict[str, list[Any]]:
    """The values of each setting, read as YAML reads them.

    Example:
        >>> sweeps(["filter.length.min_words=2,5,null"])
        {'filter.length.min_words': [2, 5, None]}
    """
    found: dict[str, list[Any]] = {}
    for text in given or ():
        key, equals, values = text.partition("=")
        if not equals or "." not in key:
            raise typer.BadParameter(f"{text!r} is not STEP.SETTING=A,B,…", param_hint="'--sweep'")
        found[key.strip()] = [value_of(value, "--sweep") for value in parted(values)]
    return found


def second_learner(given: str | None) -> Learner | None:
    """The learner of `NAME:K=V,K=V`; a comma within brackets, braces or quotes belongs to the value.

    Example:
        >>> second_learner("linear:max_words=1").max_words
        1
        >>> second_learner("bag:words=[1, 2],dim=64").dim
        64
    """
    if given is None:
        return None
    name, _, settings = given.partition(":")
    return learner_of(name, parted(settings), "--confirm")
