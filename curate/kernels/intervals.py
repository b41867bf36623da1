"""An estimate with what it can be asked: interval, p-value, equivalence, smallest effect it could have found.

Every way of estimating an effect (`twoway`, `jackknife`) ends in an `Estimate`; `measure` makes verdicts of them.
One confidence distribution H answers all questions, so an interval and its p-value can never contradict each other
(Xie & Singh 2013, "Confidence distribution, the frequentist distribution estimator of a parameter").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special


def t_cdf(df: float, score: float) -> float:
    """Student's t distribution function; `df` may be infinite (then the normal one).

    Example:
        >>> round(t_cdf(4, -2.776), 3)
        0.025
    """
    return float(special.stdtr(df, score))


def t_quantile(df: float, probability: float) -> float:
    """Inverse of `t_cdf`, computed in the lower tail and mirrored, so that it is exact for tiny probabilities.

    Example:
        >>> round(t_quantile(4, 0.975), 3), t_quantile(4, 0.0), t_quantile(4, 0.5)
        (2.776, -inf, 0.0)
    """
    if probability == 0.5:
        return 0.0
    tail = min(probability, 1 - probability)
    size = math.inf if tail <= 0 else abs(float(special.stdtrit(df, tail)))
    return -size if probability < 0.5 else size


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference, its standard error and its degrees of freedom.

    A standard error of zero means that nothing varied: the interval is the point. One that is infinite means that the
    design cannot tell (one replicate, one test row): the interval is everything and every p-value is 1.

    Args:
        delta: the estimated difference, in units of the metric.
        se: its standard error, in [0, inf].
        df: degrees of freedom of `se`, in [1, inf].

    Example:
        >>> estimate = Estimate(delta=0.02, se=0.005, df=9)
        >>> [round(end, 3) for end in estimate.interval()], round(estimate.p_value(), 3)
        ([0.009, 0.031], 0.003)
    """

    delta: float
    se: float
    df: float

    def score(self, value: float) -> float:
        """How many standard errors `value` lies above the estimate, on the scale of Student's t."""
        if value == self.delta:
            return 0.0
        return math.copysign(math.inf, value - self.delta) if self.se == 0 else (value - self.delta) / self.se

    def at(self, score: float) -> float:
        """The value that lies `score` standard errors above the estimate: the inverse of `score`."""
        return self.delta if score == 0 or self.se == 0 else self.delta + score * self.se

    def confidence(self, value: float) -> float:
        """H(value): the one-sided p-value of "the true difference is at most `value`", in [0, 1]."""
        return t_cdf(self.df, self.score(value))

    def quantile(self, probability: float) -> float:
        """The value with H(value) = `probability`: the end of a one-sided interval."""
        return self.at(t_quantile(self.df, probability))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The two-sided interval of `level`, in (0, 1), equal tails."""
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided p-value of "the true difference is `null`"; below alpha exactly where the interval excludes it."""
        return min(1.0, 2 * t_cdf(self.df, -abs(self.score(null))))

    def p_equivalence(self, margin: float) -> float:
        """p-value of "the true difference lies outside ±`margin`" by two one-sided tests (TOST, Schuirmann 1987).

        Args:
            margin: the largest difference that does not matter, above 0, in units of the metric.

        Returns:
            The larger of the two one-sided p-values: small means that the effect, if any, is within ±margin.

        Example:
            >>> round(Estimate(delta=0.0, se=0.001, df=50).p_equivalence(0.005), 6)
            4e-06
        """
        above = t_cdf(self.df, -self.score(margin))
        below = t_cdf(self.df, self.score(-margin))
        return max(above, below)

    def detectable(self, alpha: float = 0.05, power: float = 0.8) -> float:
        """The smallest true difference that a two-sided test at `alpha` would find with `power` (Bloom 1995).

        Args:
            alpha: the level that is left for this look and this step, in (0, 1).
            power: the chance of finding it, in (0, 1).

        Example:
            >>> round(Estimate(delta=0.0, se=0.01, df=9).detectable(), 4)
            0.0315
        """
        return 0.0 if self.se == 0 else (t_quantile(self.df, 1 - alpha / 2) + t_quantile(self.df, power)) * self.se

    def bounded(self, alpha: float = 0.05, power: float = 0.8) -> float:
        """The smallest margin that two one-sided tests at `alpha` would keep with `power`, were it the effect.

        Example:
            >>> round(Estimate(delta=0.001, se=0.001, df=50).bounded(), 4)
            0.0035
        """
        reach = 0.0 if self.se == 0 else (t_quantile(self.df, 1 - alpha) + t_quantile(self.df, power)) * self.se
        return abs(self.delta) + reach


def wilson(successes: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927); nothing tried means that nothing is known.

    Args:
        successes: how often it happened, 0 ≤ successes ≤ trials; a fraction where trials are effective ones.
        trials: how often it was tried.
        level: in (0, 1).

    Example:
        >>> [round(end, 3) for end in wilson(8, 200)]
        [0.02, 0.077]
    """
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, t_quantile(math.inf, (1 + level) / 2) ** 2 / trials
    middle = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


def n_effective(sizes: npt.ArrayLike) -> float:
    """As how many units of one size some of unequal size count: (Σ s)²/Σ s² (Kish 1965).

    Args:
        sizes: rows of each unit, above 0, shape (n,), n at least 1.

    Example:
        >>> n_effective([4, 4, 4]), round(n_effective([60, *[1] * 40]), 2)
        (3.0, 2.75)
    """
    each = np.asarray(sizes, dtype=np.float64)
    return float(each.sum() ** 2 / (each**2).sum())


def df_of_units(sizes: npt.ArrayLike) -> float:
    """Degrees of freedom of a variance between units: those of a sum of squares with weights s², at least 1.

    (Σ s²)²/Σ s⁴ − 1 (after Carter, Schnepel & Steigerwald 2017): their number less 1 where all are of one size.

    Args:
        sizes: rows of each unit, above 0, shape (n,), n at least 1.

    Example:
        >>> df_of_units([4, 4, 4]), df_of_units([60, *[1] * 40])
        (2.0, 1.0)
    """
    return max(n_effective(np.asarray(sizes, dtype=np.float64) ** 2) - 1, 1.0)
