"""The evidence: what every model said of the rows it was asked about, with all that is needed to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.examples import Examples
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.cell import RunResult
from curate.measure.design import Design
from curate.measure.estimate import Predictions
from curate.measure.replicate import Replicate
from curate.measure.sheets import View
from curate.measure.subject import Subject


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was found.

    Attributes:
        replicates: those whose cells are trained.
        found: per arm the result of its cell in each replicate; arms that replicates draw stand by their own names, so
            that one cell may be there more than once.
        examples: the test rows as a learner sees them.
        clusters: the near-duplicate family of each test row.
        taught: per arm the targets of the training rows that its cell predicted, in each replicate.
    """

    design: Design
    subject: Subject
    replicates: Sequence[Replicate]
    found: Mapping[Applied, Sequence[RunResult]]
    examples: Examples
    clusters: NDArray[np.int64]
    taught: Mapping[Applied, Sequence[NDArray[Any]]] = field(default_factory=dict)

    @property
    def n_cells(self) -> int:
        """Arms of all replicates, each counted once by the steps that it applies."""
        n_shared = len(self.found) - len(self.design.drawn(0))
        own = [set(replicate.drawn.values()).difference(self.found) for replicate in self.replicates]
        return sum(n_shared + len(arms) for arms in own)

    @cached_property
    def validation(self) -> list[NDArray[Any]]:
        """The targets of the validation rows of each replicate; there may be no rows."""
        targets, design = self.subject.targets, self.design
        features = "features" in design.learner.reads
        return [targets.examples(replicate.validation, features=features).targets for replicate in self.replicates]

    @cached_property
    def predictions(self) -> Predictions:
        """What the model of every arm said of the test rows."""
        outputs = {arm: [result.outputs for result in results] for arm, results in self.found.items()}
        return Predictions(outputs, self.examples.targets, self.clusters, self.design.recipe.seed)

    def said_on(self, view: View) -> dict[Applied, list[Outputs]]:
        """What the model of every arm said of the rows of a view."""
        return {
            arm: [result.sheets[view.name] for result in results]
            for arm, results in self.found.items()
            if all(view.name in result.sheets for result in results)
        }
