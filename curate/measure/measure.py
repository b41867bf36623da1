"""The verb `measure`: from a recipe and a corpus to the effect of each step on a model.

The method is in the project's documentation, "How an effect is measured": arms, placebos, an A/A arm, replicates, the
two-way estimate, and four verdicts.
"""

from __future__ import annotations

from typing import Any

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.learn.named import learner_named
from curate.measure.design import design_of
from curate.measure.options import Options
from curate.measure.result import Measurement
from curate.measure.run import Progress, Run
from curate.measure.subject import subject_of


def measure(
    recipe: Recipe,
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Progress | None = None,
    **options: Any,
) -> Measurement:
    """Measure what each step of a recipe does to a model.

    Args:
        recipe: the steps.
        corpus: the training rows, with the roles text and label.
        test: the sealed test rows; else the corpus's held-out split `test`; else a fifth of the rows, by near-
            duplicate family.
        workers: processes that train.
        store: keeps trained cells and the ledger; None keeps them in memory and counts no looks.
        on_progress: called with ("cells", done, of).
        **options: what is asked, as `Options` says: learner, replicates, metric, attribution, interactions, sweep,
            confirm, slices, margin, pool_fraction, allow_leakage.

    Steps of `dedup.leakage` are no arms: they are done before, for all arms.

    Raises:
        LeakedRows: training rows, or rows they were made from, have the text of a test row or nearly so.
        CurateError: no label, fewer than two classes, no test rows, or an option out of range.
    """
    asked = Options(**options)
    learner = learner_named(asked.learner)
    learner.check_installed()
    subject = subject_of(recipe, corpus, test, learner, store, allow_leakage=asked.allow_leakage)
    design = design_of(subject, asked, learner)
    return Run(design, subject, workers, store, on_progress).measurement(asked.replicates)
