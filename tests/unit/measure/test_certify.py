"""A certificate: measurements whose truth is nothing, on the training rows alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

from curate.data.corpus import Corpus
from curate.errors import ColumnError, CurateError
from curate.kernels.intervals import wilson
from curate.measure import certify
from curate.measure.certificate_schema import CertificateJson
from curate.measure.certify import Certificate, Rate
from curate.report.html import render_html
from curate.report.terminal import render_terminal

Small = Callable[..., Corpus]


def test_measurements_of_nothing_are_counted(small: Small) -> None:
    rows = small(240, noise=0.2)
    found = certify(rows, n=3, learner="linear")
    assert [(rate.null, rate.n) for rate in found.rates] == [("A/A", 3), ("two draws", 3)]
    aa, draws = found.rates
    assert (aa.n_false, aa.n_covered, aa.half_width) == (0, 3, 0.0), "a deterministic learner trained again is itself"
    assert draws.half_width > 0
    assert all(rate.n_false + rate.n_covered == rate.n for rate in found.rates), "an alarm is an interval without 0"
    assert 0 <= draws.low <= draws.false_alarms <= draws.high <= 1
    assert found.held is None, "three measurements certify nothing"
    assert found.report().headline.startswith("Too few to tell: ")
    CertificateJson.model_validate(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    page = render_html(found.report())
    assert "deterministic" in page
    assert "No test set was touched" in page
    assert render_terminal(found.report())


def test_the_test_rows_are_not_read(small: Small) -> None:
    class Sealed:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"the test rows were asked for {name}")

    rows = small(160).with_held_out(test=Sealed())  # type: ignore[arg-type]
    assert certify(rows, n=1, learner="linear").rates[0].n == 1


def test_equal_seeds_equal_certificates(small: Small) -> None:
    first, second = (certify(small(160, noise=0.2), n=2, learner="linear", seed=seed).to_dict() for seed in (1, 1))
    assert first == second
    other = certify(small(160, noise=0.2), n=2, learner="linear", seed=2).to_dict()
    assert other["rates"] != first["rates"]


def certificate(n: int, n_false: int) -> Certificate:
    rate = Rate("two draws", n, n_false, *wilson(n_false, n), n - n_false, *wilson(n - n_false, n), 0.01)
    facts = {
        "corpus": "rows", "n": n, "n_replicates": 5, "learner": "bag", "metric": "accuracy", "n_train": 80,
        "n_test": 20, "seed": 0, "deterministic": False, "unit": "points", "scale": 100.0,
    }  # fmt: skip
    return Certificate((rate,), 0.05, facts)


@pytest.mark.parametrize(
    ("n", "n_false", "held", "said"),
    [
        (
            200,
            8,
            True,
            "Not more than twice the 5 % of false alarms that are promised: 8 of 200 measurements of nothing",
        ),
        (200, 11, True, "Not more than twice"),
        (
            200,
            12,
            None,
            "Too few to tell: 12 of 200 measurements of nothing saw an effect, 6 % [3.5 %, 10.2 %]; about 217",
        ),
        (200, 17, False, "do not trust verdicts here"),
        (50, 5, None, "Too few to tell: 5 of 50"),
        (100, 9, None, "Too few to tell: 9 of 100"),
        (100, 11, False, "More than the 5 % of false alarms that are promised: 11 of 100"),
        (35, 0, True, "Not more than twice"),
        (
            34,
            0,
            None,
            "Too few to tell: 0 of 34 measurements of nothing saw an effect, 0 % [0 %, 10.2 %]; about 139 would",
        ),
        (5, 5, False, "More than the 5 %"),
        (2000, 140, False, "More than the 5 %"),
    ],
)
def test_it_holds_only_where_more_than_twice_the_alarms_are_ruled_out(
    n: int, n_false: int, held: bool | None, said: str
) -> None:
    """Few measurements can fail; to pass they have to be many, or without any alarm."""
    found = certificate(n, n_false)
    assert found.held is held
    assert said in found.report().headline
    assert (found.n_needed is None) is (held is not None)
    CertificateJson.model_validate(found.to_dict())


def test_a_rate_twice_the_promised_one_hardly_passes() -> None:
    from scipy import stats

    for n in (35, 50, 100, 200):
        most = max(n_false for n_false in range(n + 1) if certificate(n, n_false).held)
        assert stats.binom.cdf(most, n, 0.1) < 0.03
    assert stats.binom.cdf(11, 200, 0.04) > 0.85, "200 measurements find that it holds where it does"


@pytest.mark.parametrize(("n", "n_false"), [(50, 0), (50, 3), (100, 6), (100, 9), (200, 14), (200, 16)])
def test_the_number_needed_settles_it_if_the_rate_stays(n: int, n_false: int) -> None:
    needed = certificate(n, n_false).n_needed
    if needed is None:
        assert certificate(n, n_false).held
        return
    assert needed > n
    times = -(-needed // n)
    assert certificate(n * times, n_false * times).held is not None


def test_too_few_replicates_are_refused(small: Small) -> None:
    with pytest.raises(CurateError, match="at least 5"):
        certify(small(80), n=2, replicates=4)


def test_a_learner_that_reads_what_is_not_there_is_refused(small: Small) -> None:
    with pytest.raises(ColumnError, match="features"):
        certify(small(80), n=1, learner="tabular")


def test_a_half_width_without_bound_is_null(small: Small) -> None:
    rate = Rate("two draws", 1, 0, 0.0, 0.8, 1, 0.2, 1.0, math.inf)
    made = CertificateJson.model_validate(Certificate((rate,), 0.05, {}).to_dict())
    assert made.rates[0].half_width is None
