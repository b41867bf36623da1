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
    assert 0 <= draws.low <= draws.false_alarms <= draws.high <= 1
    assert found.held is None, "three measurements certify nothing"
    assert found.report().headline.startswith("Too few to certify: 35 are needed (--n 35)")
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
        "n_test": 20, "seed": 0, "deterministic": False, "scale": 100.0,
    }  # fmt: skip
    return Certificate((rate,), 0.05, facts)


@pytest.mark.parametrize(
    ("n", "n_false", "held", "said"),
    [
        (100, 4, True, "No more false alarms than promised: 4 of 100 measurements of nothing saw an effect (4 %, "),
        (100, 9, True, "No more false alarms than chance explains: 9 of 100"),
        (100, 11, False, "do not trust verdicts here"),
        (35, 0, True, "No more false alarms than promised: 0 of 35"),
        (34, 0, None, "Too few to certify: 35 are needed (--n 35); so far 0 of 34"),
        (1, 0, None, "Too few to certify"),
        (5, 5, False, "More false alarms than promised: 5 of 5"),
    ],
)
def test_it_holds_unless_alarms_are_more_than_chance_allows(n: int, n_false: int, held: bool | None, said: str) -> None:
    """Few measurements never pass, however they come out; they can fail."""
    found = certificate(n, n_false)
    assert found.held is held
    assert said in found.report().headline
    assert found.to_dict()["n_needed"] == 35
    assert ("leave room for more than 10 %" in str(render_html(found.report()))) is (held is None)


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
