"""Do two ways of measuring rank things alike? Kendall's tau of two sets of effects, as seen.

Used by `measure` where a second learner measures again what a cheap one left standing. Tau-b, as effects may tie
(Kendall 1945). It comes without an interval: the effects are estimates, whose noise lowers tau, and redrawing
replicates and test rows adds that noise once more, so that such an interval lies below the tau of the true effects.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def tau_b(first: npt.ArrayLike, second: npt.ArrayLike) -> float | None:
    """Kendall's tau-b of two rows of numbers, in [-1, 1]; None where all of one are equal.

    Example:
        >>> tau_b([1, 2, 3], [10, 20, 30]), tau_b([1, 2], [5, 5]) is None
        (1.0, True)
    """
    from scipy import stats  # half a second, which a process that only trains need not wait for

    value = float(stats.kendalltau(first, second, variant="b").statistic)
    return None if np.isnan(value) else round(value, 12)
