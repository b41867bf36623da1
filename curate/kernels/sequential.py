"""Looking more than once: what of the level each look may use.

`measure` may stop early, so it looks at 4, 6, 8, 12 and 16 replicates; five looks at 5 % each would cry wolf far more
often than in 5 % of the nulls. The level is spent by the O'Brien–Fleming-like function of Lan & DeMets (1983), the
boundaries come from recursive integration (Armitage, McPherson & Rowe 1969). Looks share their test rows, so they are
more alike than is assumed here: that errs on the safe side.
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

LOOKS = (4, 6, 8, 12, 16)

NODES = 256  # of Gauss–Legendre quadrature; the boundaries are exact to nine digits
WIDEST = 40.0  # no boundary lies beyond


def spent(fraction: float, alpha: float = 0.05) -> float:
    """How much of the two-sided level has been spent when this fraction of the information is in.

    Args:
        fraction: replicates so far over replicates at most, in (0, 1].
        alpha: the level of all looks together, in (0, 1).

    Example:
        >>> round(spent(0.5), 5), round(spent(1.0), 5)
        (0.00305, 0.05)
    """
    return 4 * float(special.ndtr(special.ndtri(alpha / 4) / math.sqrt(fraction)))


@lru_cache(maxsize=64)
def nominal_alphas(looks: tuple[int, ...] = LOOKS, maximum: int = 16, alpha: float = 0.05) -> tuple[float, ...]:
    """The level at which to test at each look, two-sided, so that all looks together keep to `alpha`.

    Args:
        looks: replicates at each look, rising, at most `maximum`.
        maximum: replicates at which the last of the level is spent.
        alpha: the level of all looks together, in (0, 1).

    Raises:
        ValueError: looks do not rise, or one lies outside [1, maximum].

    Example:
        >>> [round(level, 5) for level in nominal_alphas()]
        [1e-05, 0.0005, 0.00289, 0.01829, 0.04399]
        >>> nominal_alphas(looks=(10,), maximum=10)
        (0.05,)
    """
    from scipy import optimize  # a tenth of a second, which a process that only trains need not wait for

    if not looks or looks[0] < 1 or looks[-1] > maximum or any(b <= a for a, b in pairwise(looks)):
        raise ValueError(f"looks must rise within 1 … {maximum}, not {looks}")
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    levels, before, used = [], 0.0, 0.0
    points, mass = np.zeros(1), np.ones(1)  # where the sum of increments stands, and how likely, nothing found so far
    for look in looks:
        fraction = look / maximum
        budget, scale = spent(fraction, alpha) - used, math.sqrt(fraction - before)
        crossing = partial(_crossing, points=points, mass=mass, scale=scale, budget=budget)
        bound = float(optimize.brentq(crossing, 0.0, WIDEST, xtol=1e-13))
        levels.append(2 * float(special.ndtr(-bound / math.sqrt(fraction))))
        steps = (bound * nodes[:, None] - points) / scale
        density = np.exp(-(steps**2) / 2) / (scale * math.sqrt(2 * math.pi))
        points, mass = bound * nodes, bound * weights * (density @ mass)
        before, used = fraction, used + budget
    return tuple(levels)


def _crossing(bound: float, points: FloatArray, mass: FloatArray, scale: float, budget: float) -> float:
    """Chance that the next step ends beyond ±`bound`, less the `budget` for it."""
    tails = special.ndtr((-bound - points) / scale) + special.ndtr((points - bound) / scale)
    return float(mass @ tails) - budget
