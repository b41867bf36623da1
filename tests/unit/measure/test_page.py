"""The page of a measurement: a headline that leaves nothing out that matters, one note per reason, what helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.learn.learner import TrainingCurve
from curate.learn.monitor import Surest
from curate.learn.monitored import Monitored
from curate.measure.curves import Curves
from curate.measure.measure import measure
from curate.measure.page import brief, headline
from curate.measure.result import Effect, Measurement
from curate.report.model import Note

NOISY = Monitored(TrainingCurve((10, 20), (0.6, 0.1), (0.5, 0.8), 0), 0.69, Surest(100, 20))
HEALTHY = Monitored(TrainingCurve((10, 20, 30), (0.6, 0.3, 0.1), (0.5, 0.4, 0.35), 2), 0.69, Surest(50, 0))


@pytest.fixture(scope="module")
def made(small: Callable[..., Corpus]) -> Measurement:
    """A measurement of three steps, whose effects each test replaces."""
    recipe = Recipe(["clean.whitespace", "clean.case", "clean.unicode"])
    return measure(recipe, small(200), test=small(60, seed=1), learner="linear", replicates=5)


def told(made: Measurement, *verdicts: str, full: str = "cannot tell", reason: str = "", ways: int = 0) -> Measurement:
    """The measurement with other verdicts, an effect of −2.5 points each."""

    def as_if(effect: Effect, verdict: str) -> Effect:
        resolve = {"n_replicates": ways or None, "n_test_rows": None}
        return replace(effect, verdict=verdict, delta=-0.025, reason=reason, resolve=resolve)

    steps = tuple(as_if(*pair) for pair in zip(made.steps, verdicts, strict=False))
    return replace(made, steps=steps, full=replace(as_if(made.full, full), reason=""))


def notes(made: Measurement) -> list[str]:
    return [block.text for block in brief(made).sections[0].blocks if isinstance(block, Note)]


def test_the_headline_says_what_all_steps_do_where_no_single_one_does(made: Measurement) -> None:
    unclear = "Of 3 steps this measurement can tell the effect of none"
    assert headline(told(made, *["cannot tell"] * 3, full="hurts")) == f"{unclear}; all together hurt (−2.50 points)"
    assert headline(told(made, *["cannot tell"] * 3)) == unclear
    mixed = headline(told(made, "hurts", "no effect", "cannot tell", full="hurts"))
    assert mixed == (
        "clean.whitespace hurts (−2.50 points); 1 of 3 steps without an effect beyond ±0.50 points; 1 of 3 steps left "
        "open (cannot tell)"
    )
    assert "all together" not in headline(told(made, "cannot tell", full="hurts"))


def test_the_headline_carries_what_takes_from_a_verdict(made: Measurement) -> None:
    few = told(made, "hurts", "no effect", "no effect", full="hurts", reason="as its placebo does")
    assert headline(few).startswith("clean.whitespace hurts (−2.50 points), as its placebo does; 2 of 3 steps ")
    both = told(made, "hurts", "hurts", "no effect", full="hurts", reason="as its placebo does")
    assert headline(both).count("as its placebo does") == 1


def test_a_reason_is_told_once_with_all_its_steps(made: Measurement) -> None:
    found = notes(told(made, *["cannot tell"] * 3, reason="too few test rows", ways=40))
    assert found.count("clean.whitespace, clean.case, clean.unicode: cannot tell, too few test rows.") == 1
    assert sum("too few test rows" in note for note in found) == 1
    [takes] = [note for note in found if "40 replicates" in note]
    assert "(clean.whitespace, clean.case, clean.unicode)" in takes


def test_what_helps_the_training_stands_under_the_effects(made: Measurement) -> None:
    [said] = [note for note in notes(replace(made, curves=Curves((NOISY,) * 5))) if "Training" in note]
    assert said.startswith("Training of the base: label noise in 5 of 5 replicates; what helps: look at the labels")
    assert not [note for note in notes(replace(made, curves=Curves((NOISY, *[HEALTHY] * 4)))) if "Training" in note]


def test_what_several_reasons_end_with_is_told_once(made: Measurement) -> None:
    tail = "the verdict no effect takes 600 test rows"
    unclear = told(made, *["cannot tell"] * 3, reason=f"too wide; {tail}")
    first, *others = unclear.steps
    found = notes(replace(unclear, steps=(replace(first, reason=f"too few; {tail}"), *others)))
    assert "clean.whitespace: cannot tell, too few." in found
    assert "clean.case, clean.unicode: cannot tell, too wide." in found
    assert [note for note in found if tail in note] == [
        f"clean.whitespace, clean.case, clean.unicode: cannot tell, {tail}."
    ]
