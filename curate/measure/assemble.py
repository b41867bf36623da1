"""From evidence to a measurement: every part of the result is read here, each by its own module."""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.function import FunctionStep
from curate.core.recipe import Recipe
from curate.measure.apart import Apart, said_of, scores_apart
from curate.measure.arms import AGAIN, N_ORDERS, full_arm
from curate.measure.closer import closer_looks
from curate.measure.confusion import Confusion
from curate.measure.curves import Curves
from curate.measure.dose import swept
from curate.measure.evidence import Evidence
from curate.measure.interaction import Interaction
from curate.measure.leaks import are_comparable
from curate.measure.reader import Reader
from curate.measure.result import Measurement
from curate.measure.slices import effects_by_part
from curate.measure.verdict import ALPHA


def measurement_of(evidence: Evidence, alpha: float) -> Measurement:
    """The measurement on the replicates there are, at the level that is left for this look."""
    design, subject, predictions = evidence.design, evidence.subject, evidence.predictions
    reader = Reader(design, subject.targets, evidence.replicates, predictions, alpha)
    full, aa = (
        reader.single("all steps", {full_arm(design.steps): 1.0, (): -1.0}),
        reader.single("A/A", {AGAIN: 1.0, (): -1.0}),
    )
    return Measurement(
        metric=design.metric.name,
        direction=design.metric.direction,
        margin=reader.margin,
        steps=tuple(reader.family(design.asked)),
        full=full,
        aa=aa,
        base={m.name: float(predictions.values(m, ()).mean()) for m in reader.metrics},
        base_sd={m.name: float(predictions.values(m, ()).std(ddof=1)) for m in reader.metrics},
        full_metrics={m.name: float(predictions.values(m, full_arm(design.steps)).mean()) for m in reader.metrics},
        trusted=aa.p_value > ALPHA,
        looks=None,
        units=reader.units(subject.train.roles.target),
        facts=_facts(evidence),
        notes=(
            *subject.notes,
            *_sampled(evidence),
            *_failures(evidence),
            *_relabelled(evidence),
            *_told(evidence),
            *_left_out(reader),
        ),
        recipe_yaml=_yaml(design.recipe),
        apart=_apart(evidence),
        confusion=_confusion(evidence) if subject.targets.task == "classification" else None,
        interactions=tuple(Interaction.of(effect) for effect in reader.family(design.pairs)),
        sweeps=tuple(swept(evidence, reader, sweep) for sweep in design.sweeps),
        slices=effects_by_part(evidence),
        closer=closer_looks(evidence),
        curves=Curves.of([result.monitored for result in evidence.found[()]]),
    )


def _apart(evidence: Evidence) -> tuple[Apart, ...]:
    """The base's score on test rows that stand in training and on the others, where it is known which do."""
    subject, metric = evidence.subject, evidence.design.metric
    if not are_comparable(subject.train):
        return ()
    return scores_apart(evidence.predictions, subject.twins, metric, said_of(subject.train))


def _confusion(evidence: Evidence) -> Confusion:
    predictions = evidence.predictions
    base, full = predictions.outputs[()], predictions.outputs[full_arm(evidence.design.steps)]
    return Confusion.of(evidence.subject.targets.names, base, full, predictions.targets)


def _failures(evidence: Evidence) -> list[str]:
    """The steps that failed on rows, which are left out of the step's arm and its placebo's; those without placebo."""
    worst = {name: max(part.failed.get(name, 0) for part in evidence.replicates) for name in evidence.design.steps}
    failed = [f"{name} failed on up to {n:,} rows of a replicate; they are left out." for name, n in worst.items() if n]
    blind = [name for name in worst if any(part.retargeted.get(name) for part in evidence.replicates)]
    without = "sets what is to be learnt, which has no placebo there: it is held against the base alone"
    return failed + [f"{name} {without}." for name in blind]


def _sampled(evidence: Evidence) -> list[str]:
    """That Shapley values are means over drawn orders, where they are."""
    if not evidence.design.is_sampled:
        return []
    said = (
        f"Shapley values of {len(evidence.design.steps)} steps are sampled: in each replicate the mean over {N_ORDERS} "
        f"orders of the steps, {N_ORDERS // 2} drawn anew and their reverses. The intervals hold what that adds."
    )
    return [said]


def _relabelled(evidence: Evidence) -> list[str]:
    """How many labels steps change, and how many their placebos, which give random rows what a model predicts."""
    said = []
    for name in evidence.design.steps:
        counts = [part.relabelled[name] for part in evidence.replicates if name in part.relabelled]
        if counts:
            step, placebo = np.mean(counts, axis=0).tolist()
            said.append(
                f"{name} changes {step:,.0f} labels; its placebo gives as many random rows the label that a model "
                f"predicts, which is another than theirs for {placebo:,.0f} of them."
            )
    return said


def _told(evidence: Evidence) -> list[str]:
    """What the steps had to say in the first replicate, in the order of the recipe."""
    said = evidence.replicates[0].told if evidence.replicates else {}
    named = [(name, note) for name in evidence.design.steps for note in said.get(name, (0, ()))[1]]
    return [f"{name}, in the first replicate: {note}." for name, note in named]


def _left_out(reader: Reader) -> list[str]:
    """The metrics that are not told because a package is missing."""
    names = ", ".join(each.name for each in reader.left_out)
    extras = ",".join(sorted({extra for each in reader.left_out for _, extra in each.packages}))
    return [f"Not told, as a package is missing: {names} (pip install 'curate-data[{extras}]')."] if names else []


def _facts(evidence: Evidence) -> dict[str, Any]:
    design, subject, replicates = evidence.design, evidence.subject, evidence.replicates
    fitted = [result for results in evidence.found.values() for result in results]
    return {
        "corpus": subject.train.name,
        "n_train": len(subject.train),
        "n_pool": float(np.mean([replicate.n_pool for replicate in replicates])),
        "n_test": len(subject.test),
        "n_test_clusters": len(np.unique(evidence.clusters)),
        "task": subject.targets.task,
        "n_classes": len(subject.targets.names),
        "learner": design.learner.name,
        "learner_said": design.learner.said(),
        "learner_config": config(design.learner),
        "attribution": design.attribution,
        "budget": design.budget,
        "interval": design.metric.made,
        "n_replicates": len(replicates),
        "n_arms": round(evidence.n_cells / len(replicates)),
        "n_cells": evidence.n_cells,
        "n_orders": N_ORDERS if design.is_sampled else None,
        "pool_fraction": design.pool_fraction,
        "seed": design.recipe.seed,
        "fingerprint": corpus_fingerprint(subject.train),
        "test_fingerprint": corpus_fingerprint(subject.test),
        "recipe_fingerprint": design.recipe.fingerprint,
        "deterministic": design.learner.deterministic,
        "mean_steps": float(np.mean([result.n_steps for result in fitted])),
    }


def _yaml(recipe: Recipe) -> str:
    if any(isinstance(step.transform, FunctionStep) for step in recipe.steps):
        return ""
    return recipe.to_yaml()
