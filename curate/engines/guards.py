"""Guards: what must hold before a run starts, and what stops it: too many rows dropped by a step, too many rows that
fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from curate import registry
from curate.core.recipe import Recipe
from curate.core.transform import ROLE_NAMES
from curate.data.corpus import Corpus
from curate.data.lineage import StepCount
from curate.errors import GuardExceeded, Problem, QuarantineExceeded, RecipeError


def check_needs(recipe: Recipe, corpus: Corpus) -> None:
    """Raise one `RecipeError` with every role and signal that a step needs and nothing supplies."""
    schema, roles = corpus.schema, corpus.roles
    problems = []
    for index, step in enumerate(recipe.steps):
        for need in sorted(step.transform.needed()):
            if need in ROLE_NAMES and need not in roles.present():
                spare = step.transform.without.get(need)
                problems.append(
                    Problem(
                        f"steps[{index}]",
                        f"{step.name} needs the role {need}, but no column has it; the columns are "
                        f"{', '.join(schema.names)}; name one with roles: {{{need}: …}} or --{need}"
                        f"{f', or {spare}' if spare else ''}",
                    )
                )
            elif need not in ROLE_NAMES and need not in schema.names and need not in registry.names("signals"):
                problems.append(
                    Problem(
                        f"steps[{index}]",
                        f"{step.name} needs the signal {need}, which nothing supplies, nor is there such a column; "
                        f"the columns are {', '.join(schema.names)}",
                    )
                )
        schema, roles = step.transform.output(schema, roles)
    if problems:
        raise RecipeError(problems)


def check_drops(recipe: Recipe, counts: Sequence[StepCount]) -> None:
    """Raise `GuardExceeded` for the first step so far that dropped more than its `max_drop`."""
    bounds = {step.name: step.max_drop for step in recipe.steps}
    for count in counts:
        bound = bounds.get(count.step)
        if bound is None or not count.n_in or count.n_dropped <= bound * count.n_in:
            continue
        share = count.n_dropped / count.n_in
        top = sorted(count.dropped_by.items(), key=lambda item: (-item[1], item[0]))[:3]
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in top)
        raise GuardExceeded(
            f"step {count.step!r} drops {count.n_dropped:,} of {count.n_in:,} rows ({share:.1%}), more than its "
            f"max_drop of {bound:.1%}; reasons: {reasons}",
            hint=f"raise max_drop of {count.step!r} if this is meant, else change its settings",
        )


@dataclass(frozen=True)
class Allowance:
    """How many rows may fail before a run stops: the share `max_quarantine` of `n_rows`."""

    max_quarantine: float
    n_rows: int

    def exceeded(self, n_failed: int) -> bool:
        return n_failed > self.max_quarantine * self.n_rows

    def check(self, quarantine: Sequence[pa.Table]) -> None:
        """Raise `QuarantineExceeded` where more rows failed than that."""
        n_failed = sum(table.num_rows for table in quarantine)
        if not self.exceeded(n_failed):
            return
        table = pa.concat_tables(quarantine)
        counts = table.column("cause").value_counts().to_pylist()
        causes = sorted(counts, key=lambda row: (-row["counts"], row["values"]))[:3]
        first = table.slice(0, 1).to_pylist()[0]
        raise QuarantineExceeded(
            f"{n_failed:,} of {self.n_rows:,} rows failed so far, more than max_quarantine {self.max_quarantine:.1%} "
            f"allows; step {first['step']!r}, row {first['row_id']}: "
            + "; ".join(f"{row['values']} ({row['counts']:,} rows)" for row in causes),
            hint="mend the rows or the step, or raise max_quarantine",
        )
