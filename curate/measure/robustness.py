"""Robustness: how much of its score a model loses where the test inputs are written otherwise, in every arm.

The same rows are scored twice by the same model, so the difference is paired over rows and replicates. An arm is also
held against the base: a step can make a model better and more brittle at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.data.corpus import Corpus
from curate.kernels.perturb import SYNONYM_RATE, TYPO_LETTERS, TYPO_RATE
from curate.measure.arms import Applied
from curate.measure.design import Design
from curate.measure.estimate import Predictions
from curate.measure.sheets import View, on
from curate.measure.told import Told, named, plot, real_arms, told
from curate.measure.units import Units
from curate.report import model
from curate.report.display import percent

TITLE = "Robustness"
ATTACKED_ROWS = 100
"""Test rows at most on which each model is attacked."""
ATTACK_QUERIES = 50
"""Texts at most that a model is asked for to attack one row."""
SAID = {
    "typos": f"in each word of {TYPO_LETTERS} letters or more, with a chance of {percent(TYPO_RATE)}, one slip of the "
    "finger behind the first letter: two letters swapped, one left out, doubled, or the key beside it",
    "case": "each text in lower case, in capitals or with capital first letters, one in three each",
    "synonyms": "words with one sense in WordNet replaced by another of its words, with a chance of "
    f"{percent(SYNONYM_RATE)}",
    "attack": f"each model attacked by itself, on at most {ATTACKED_ROWS} test rows, the same for all: one slip of "
    "the finger in up to a quarter of a text's words, in those that cost the model most, found by at most "
    f"{ATTACK_QUERIES} queries a row; a lower bound of what an attack could do",
}


@dataclass(frozen=True)
class Shaken:
    """An arm on changed inputs.

    Attributes:
        change: `typos`, `case`, `synonyms` or `attack`.
        arm: the arm in words.
        changed_fraction: the share of the test rows whose text is another; of those attacked, the mean over models.
        score: on the changed rows.
        delta: that minus the score on the rows as they are.
        beyond_base: the arm's delta minus the base's; None for the base itself.
    """

    change: str
    arm: str
    changed_fraction: float
    score: float
    delta: Told
    beyond_base: Told | None

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        beyond = self.beyond_base and self.beyond_base.to_dict()
        return {**vars(self), "delta": self.delta.to_dict(), "beyond_base": beyond}


def shaken(view: View, test: Corpus, predictions: Predictions, design: Design) -> list[Shaken]:
    """Every arm that holds no placebo on the changed rows, the base first.

    Args:
        view: the changed rows.
        test: the same rows as they are.
        predictions: of both on the same rows; see `sheets.beside`.
        design: whose metric is taken.
    """
    metric, at = design.metric, view.name
    base = {on((), at): 1.0, (): -1.0}
    found = []
    for arm in real_arms(design):
        drop = {on(arm, at): 1.0, arm: -1.0}
        beyond = told(predictions, metric, drop | {key: -weight for key, weight in base.items()}) if arm else None
        share = _share(view, test) if view.attacker is None else _attacked(predictions, arm, at)
        score = float(predictions.values(metric, on(arm, at)).mean())
        found.append(Shaken(at, named(arm, design), share, score, told(predictions, metric, drop), beyond))
    return found


def _share(view: View, test: Corpus) -> float:
    return float(np.mean([one != other for one, other in zip(view.corpus.texts(), test.texts(), strict=True)]))


def _attacked(predictions: Predictions, arm: Applied, at: str) -> float:
    """The share of rows of which a model says something else than before: an attack keeps no change that does not."""
    pairs = zip(predictions.outputs[arm], predictions.outputs[on(arm, at)], strict=True)
    return float(np.mean([(one.values != other.values).any(axis=1).mean() for one, other in pairs]))


def section(found: Sequence[Shaken], units: Units) -> model.Section:
    """One plot for each kind of change, and a table of what each arm does beyond the base."""
    kinds = dict.fromkeys(each.change for each in found)
    columns = (
        model.Column("change", "code"),
        model.Column("arm", "code"),
        model.Column(units.metric, units.column),
        model.Column("difference", "code"),
        model.Column("beyond the base's", "code"),
    )
    rows = tuple(
        (
            each.change,
            each.arm,
            each.score,
            each.delta.difference(units),
            None if each.beyond_base is None else each.beyond_base.difference(units),
        )
        for each in found
    )
    said = f"Every arm on changed test rows; differences in {units.word or units.metric} with 95 % intervals"
    table = model.Table(columns, rows, said, searchable=len(rows) > 15)
    what = "\n".join(f"{kind}: {SAID[kind]}." for kind in kinds)
    lead = (
        "The test inputs are written otherwise, each row alike in every arm; the difference is to the rows as they are."
    )
    return model.Section(TITLE, (model.Text(what), *(_plot(kind, found, units) for kind in kinds), table), lead)


def _plot(kind: str, found: Sequence[Shaken], units: Units) -> model.EffectPlot:
    chosen = [each for each in found if each.change == kind]
    caption = f"{kind}: {percent(chosen[0].changed_fraction)} of the test rows changed"
    return plot((each.delta.line(each.arm, units) for each in chosen), f"difference in {units.metric}", units, caption)
