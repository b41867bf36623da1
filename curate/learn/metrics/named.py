"""Metrics by name: `METRICS`, and those of one class (`f1:CLASS`) or of one model (`bert_score:MODEL`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from curate.errors import UnknownName, did_you_mean
from curate.learn.examples import Task
from curate.learn.metrics.base import Metric
from curate.learn.metrics.bert_score import PREFIX, bert_score
from curate.learn.metrics.classification import ACCURACY, BRIER, ECE, LOG_LOSS
from curate.learn.metrics.counts import BALANCED_ACCURACY, FIGURES, MACRO, MICRO, TASKS, WEIGHTED_F1, of_class
from curate.learn.metrics.diversity import DISTINCT, SELF_BLEU
from curate.learn.metrics.likelihood import BITS_PER_BYTE, PERPLEXITY
from curate.learn.metrics.multilabel import HAMMING_LOSS, SUBSET_ACCURACY
from curate.learn.metrics.overlap import BLEU, CHRF, EXACT_MATCH, METEOR, ROUGE
from curate.learn.metrics.ranking import AREAS, PR_AUC, ROC_AUC, area_of_class
from curate.learn.metrics.regression import MAE, MSE, R2, RMSE

OF_CLASS: dict[str, Callable[[int, str], Metric]] = {
    **{figure: partial(of_class, figure) for figure in FIGURES},
    **{area: partial(area_of_class, area) for area in AREAS},
}
"""What can be asked of one class, by the word before the colon."""

METRICS: dict[str, Metric] = {
    each.name: each
    for each in (
        *(ACCURACY, BALANCED_ACCURACY, *MACRO, WEIGHTED_F1, *MICRO, SUBSET_ACCURACY, HAMMING_LOSS),
        *(ROC_AUC, PR_AUC, LOG_LOSS, BRIER, ECE),
        *(MAE, MSE, RMSE, R2),
        *(BITS_PER_BYTE, PERPLEXITY, EXACT_MATCH, BLEU, CHRF, *ROUGE, METEOR, *DISTINCT, SELF_BLEU),
    )
}
"""Every metric of all rows; of each task the usual one first."""


def metrics_of(task: Task, class_names: Sequence[str] = (), *, texts: bool = False) -> list[Metric]:
    """Every metric of a task, the usual one first, F1 of each class last; `texts`: those that read text, too."""
    every = [each for each in METRICS.values() if task in each.tasks and (texts or not each.reads_texts)]
    per_class = [of_class("f1", at, name) for at, name in enumerate(class_names)] if task in TASKS else []
    return [*every, *per_class]


def metric(name: str, class_names: Sequence[str] = ()) -> Metric:
    """The metric called `name`: one of `METRICS`, of a class (`f1:CLASS`, `pr_auc:CLASS`, …), or `bert_score:MODEL`.

    Raises:
        UnknownName: there is none; the hint names the nearest.

    Example:
        >>> metric("macro_f1").direction, metric("recall:sport", ["news", "sport"]).name
        ('higher', 'recall:sport')
    """
    if name in METRICS:
        return METRICS[name]
    if name.startswith(PREFIX):
        return bert_score(name.removeprefix(PREFIX))
    kind, _, of = name.partition(":")
    if kind in OF_CLASS and of in class_names:
        return OF_CLASS[kind](list(class_names).index(of), of)
    per_class = [f"{each}:{one}" for each in OF_CLASS for one in class_names]
    raise UnknownName(f"no metric is called {name!r}", hint=did_you_mean(name, [*METRICS, *per_class]))
