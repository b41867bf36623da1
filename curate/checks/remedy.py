"""What a check shares with its remedy: the plan of a registered transform, and that transform as it stands in a
recipe.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from curate import registry
from curate.core.check import CheckContext, Skip
from curate.data.edits import Edits
from curate.kernels.text import is_blank
from curate.report.display import number, percent


def propose(context: CheckContext, use: str, **settings: Any) -> tuple[Edits, dict[str, Any]]:
    """The edits that a registered transform would make, and the step to put into a recipe.

    A check never imports a transform: both stand on one layer, and a plugin may replace either.
    """
    return context.plan(registry.get("transforms", use)(**settings)), {"use": use, **settings}


def of_rows(n: int, n_rows: int, noun: str = "row") -> str:
    """A count with its share.

    Example:
        >>> of_rows(1, 5574), of_rows(0, 10, "text")
        ('1 of 5,574 rows (< 0.1 %)', '0 of 10 texts (0 %)')
    """
    return f"{number(n)} of {plural(n_rows, noun)} ({percent(n / n_rows if n_rows else 0.0)})"


def plural(n: int, noun: str) -> str:
    """A count with its noun.

    Example:
        >>> plural(1, "row"), plural(1200, "class")
        ('1 row', '1,200 classes')
    """
    return f"{number(n)} {noun if n == 1 else noun + ('es' if noun.endswith('s') else 's')}"


def need_texts(context: CheckContext) -> None:
    """Stop where no row has a text.

    Raises:
        Skip: every text is null, empty or only white space.
    """
    for batch in context.corpus.batches():
        if not is_blank(pa.array(batch.texts(), pa.large_string())).all():
            return
    raise Skip("no row has a text")
