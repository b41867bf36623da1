"""Measure: train with and without each step, beside its placebo, and report the effect with an interval (layer 5)."""

from curate.measure.certify import Certificate, certify
from curate.measure.forecast import Plan
from curate.measure.measure import measure, plan
from curate.measure.result import Effect, Measurement

__all__ = ["Certificate", "Effect", "Measurement", "Plan", "certify", "measure", "plan"]
