"""Many questions at once: p-values adjusted for how many were asked.

`measure` adjusts over the steps of a recipe by Holm (no false credit in the whole table), audits adjust over their
checks by Benjamini and Yekutieli (few false findings among those shown, whatever the dependence).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjusted p-values of Holm's step-down procedure (Holm 1979), in the order given.

    Args:
        p_values: shape (k,), each in [0, 1]; k may be 0.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
        [0.03, 0.06, 0.06]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_yekutieli(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjusted p-values that bound the false discovery rate under any dependence (Benjamini & Yekutieli 2001).

    Args:
        p_values: shape (k,), each in [0, 1]; k may be 0.

    Example:
        >>> benjamini_yekutieli([0.01, 0.02, 0.3]).round(3).tolist()
        [0.055, 0.055, 0.55]
    """
    from scipy import stats  # half a second, which a process that only trains need not wait for

    p = _checked(p_values)
    return np.asarray(stats.false_discovery_control(p, method="by"), dtype=np.float64) if p.size else p


def _checked(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values must be one row of numbers in [0, 1]")
    return p
