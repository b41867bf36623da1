"""Metrics of predictions, of every task: what `measure` reads effects on. See docs/reference/metrics.md."""

from curate.learn.metrics.base import Metric, SumsMetric, WeighedMetric
from curate.learn.metrics.classification import ACCURACY, BRIER, ECE, LOG_LOSS, N_BINS
from curate.learn.metrics.counts import MACRO_F1, confusion
from curate.learn.metrics.named import METRICS, metric, metrics_of

__all__ = [
    "ACCURACY",
    "BRIER",
    "ECE",
    "LOG_LOSS",
    "MACRO_F1",
    "METRICS",
    "N_BINS",
    "Metric",
    "SumsMetric",
    "WeighedMetric",
    "confusion",
    "metric",
    "metrics_of",
]
