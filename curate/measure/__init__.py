"""Measure: train with and without each step, beside its placebo, and report the effect with an interval (layer 5)."""

from curate.measure.measure import measure
from curate.measure.result import Effect, Measurement

__all__ = ["Effect", "Measurement", "measure"]
