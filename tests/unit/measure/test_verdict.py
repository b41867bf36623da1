"""Credit needs base and placebo, harm needs base, equivalence a margin; few replicates say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.intervals import Estimate
from curate.kernels.twoway import two_way
from curate.measure.verdict import Contrast, Interval, Judgement, judge, standing


def estimate(delta: float, se: float = 0.002, df: float = 9) -> Estimate:
    return Estimate(delta, se, df)


def one(over_base: Estimate, over_placebo: Estimate | None = None, **options: object) -> Judgement:
    options = {"n_replicates": 10} | options
    [judgement] = judge([Contrast(over_base, over_placebo)], **options)
    return judgement


CASES = [
    pytest.param(0.02, 0.02, "helps", "", id="beyond both"),
    pytest.param(0.02, None, "helps", "", id="no placebo to beat"),
    pytest.param(0.02, 0.001, "cannot tell", "better than base, but not beyond its placebo", id="placebo is as good"),
    pytest.param(0.02, -0.02, "cannot tell", "better than base, but not beyond its placebo", id="placebo is better"),
    pytest.param(-0.02, -0.02, "hurts", "", id="worse than both"),
    pytest.param(
        -0.02, 0.0, "hurts", "not beyond its placebo: it may be the amount, not the content", id="the amount hurts"
    ),
    pytest.param(
        -0.02,
        0.02,
        "hurts",
        "its placebo hurts more: the amount hurts, the content makes up for some of it",
        id="the amount hurts more",
    ),
    pytest.param(0.0, 0.0, "no effect", "", id="inside the margin"),
    pytest.param(0.0, 0.02, "no effect", "", id="as good as base, its placebo is not"),
    pytest.param(0.004, 0.004, "cannot tell", "the interval holds both no effect and one that matters", id="too wide"),
]


@pytest.mark.parametrize(("over_base", "over_placebo", "verdict", "reason"), CASES)
@pytest.mark.parametrize("higher_is_better", [True, False])
def test_each_verdict(
    over_base: float, over_placebo: float | None, verdict: str, reason: str, higher_is_better: bool
) -> None:
    sign = 1 if higher_is_better else -1
    placebo = None if over_placebo is None else estimate(sign * over_placebo)
    judgement = one(estimate(sign * over_base), placebo, higher_is_better=higher_is_better)
    assert (judgement.verdict, judgement.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("n_replicates", "name"), [(2, "none"), (4, "none"), (5, "exploratory"), (9, "exploratory"), (10, "report")]
)
def test_replicates_decide_the_standing(n_replicates: int, name: str) -> None:
    judgement = one(estimate(0.2), estimate(0.2), n_replicates=n_replicates)
    assert judgement.standing == standing(n_replicates) == name
    assert (judgement.verdict == "cannot tell") is (name == "none")


def test_a_step_is_as_significant_as_the_weaker_of_its_contrasts() -> None:
    strong, weak = estimate(0.02), estimate(0.006)
    assert one(strong, weak).p_value == weak.p_value()
    assert one(weak, strong).p_value == weak.p_value()
    assert one(strong, estimate(-0.006)).p_value == 1.0


def test_holm_counts_the_steps() -> None:
    borderline = Contrast(estimate(0.0055))
    assert one(borderline.over_base).verdict == "helps"
    assert [j.verdict for j in judge([borderline] * 4, n_replicates=10)] == ["cannot tell"] * 4
    assert judge([], n_replicates=10) == []


def test_a_small_effect_that_is_found_is_said_to_be_small() -> None:
    judgement = one(estimate(0.002, se=0.0004), estimate(0.002, se=0.0004))
    assert (judgement.verdict, judgement.reason) == ("helps", "by less than the margin")


def test_the_margin_is_optional_and_alpha_is_what_is_left() -> None:
    assert one(estimate(0.0, se=0.0005), margin=None).verdict == "cannot tell"
    assert one(estimate(0.006)).verdict == "helps"
    assert one(estimate(0.006), alpha=0.001).verdict == "cannot tell"


def test_nothing_varied() -> None:
    """An A/A arm whose cells are shared differs nowhere: no effect, not a division by zero."""
    same = Estimate(0.0, 0.0, 9.0)
    judgement = one(same, same)
    assert (judgement.verdict, judgement.p_value) == ("no effect", 1.0)
    unknown = Estimate(0.1, float("inf"), 1.0)
    assert one(unknown, unknown).verdict == "cannot tell"


def test_false_verdicts_under_the_null_stay_at_five_per_cent_for_the_whole_table() -> None:
    """Four steps without effect: the chance of any helps or hurts in the table is at most 5 %."""
    rng = np.random.default_rng(0)
    wrong, tables, df = 0, 1500, 9
    for _ in range(tables):
        draws = rng.normal(size=(4, 3, df + 1))
        contrasts = []
        for arm, base, placebo in draws:
            over = [arm - base, arm - placebo]
            contrasts.append(Contrast(*(Estimate(d.mean(), d.std(ddof=1) / np.sqrt(df + 1), df) for d in over)))
        wrong += any(j.verdict in ("helps", "hurts") for j in judge(contrasts, n_replicates=df + 1))
    assert wrong / tables <= 0.06


def test_interval_says_its_scope() -> None:
    interval = Interval.of(estimate(0.01), "this test set", level=0.9)
    assert interval.low < 0.01 < interval.high
    assert interval.model_dump() == {"low": interval.low, "high": interval.high, "level": 0.9, "scope": "this test set"}
    assert Interval.of(estimate(0.01)).scope == "new data of this source"


def test_few_test_rows_never_rule_out_an_effect() -> None:
    """Where no answer changed in 100 rows, up to 3 in 100 may: that is more than half a point."""
    nothing = Estimate(delta=0.0, se=0.0, df=9)
    few, enough, same = judge(
        [Contrast(nothing, resolution=3 / n) for n in (100, 600)] + [Contrast(nothing)], n_replicates=10
    )
    assert (few.verdict, enough.verdict, same.verdict) == ("cannot tell", "no effect", "no effect")
    assert "600 test rows" in few.reason


def test_a_share_a_little_beyond_the_margin_is_seldom_called_no_effect() -> None:
    """0.52 points in one direction, margin 0.5: a wrong "no effect" in at most 5 % of 1,000 worlds of few rows."""
    rng, said = np.random.default_rng(1), {}
    for n_rows in (600, 1000, 2000):
        counts = rng.binomial(n_rows, 0.0052, 1000)
        worlds = [Contrast(sum_of(count, n_rows), resolution=3 / n_rows) for count in counts.tolist()]
        said[n_rows] = np.mean([judge([each], n_replicates=10)[0].verdict == "no effect" for each in worlds])
    assert max(said.values()) <= 0.06
    nothing = judge([Contrast(sum_of(1, 2000), resolution=3 / 2000)], n_replicates=10)[0]
    assert nothing.verdict == "no effect"


def sum_of(n_changed: int, n_rows: int) -> Estimate:
    """So many rows that turn right, in every replicate the same."""
    changed = np.zeros((10, n_rows))
    changed[:, :n_changed] = 1
    return two_way(changed).on_new_data()


@pytest.mark.parametrize(
    ("contrasts", "options", "reason"),
    [
        ([Contrast(estimate(0.0, 0.0024))] * 3, {}, "within the margin by itself, but not once all steps are counted"),
        ([Contrast(estimate(0.001, 0.0005), resolution=0.01)], {}, "the test rows are too few to say how many"),
        ([Contrast(estimate(0.0055))], {"alpha": 0.02}, "differs from base at 5 %, but this look, one of several, may"),
    ],
)
def test_the_reason_fits_the_interval(contrasts: list[Contrast], options: dict[str, float], reason: str) -> None:
    first = judge(contrasts, n_replicates=10, **options)[0]
    assert first.verdict == "cannot tell"
    assert first.reason.startswith(reason)
