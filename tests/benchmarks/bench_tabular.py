"""The kinds of `tabular` on Adult and German credit, and scikit-learn's usual pipeline beside them.

Run by hand: `python tests/benchmarks/bench_tabular.py [--datasets adult,german] [--draws 5]`. Needs the real data. A
quarter of the rows is for testing, always the same; the defaults of `tabular` were chosen by cross-validation on the
others. Each draw takes nine tenths of those, and of these a tenth to stop by. Seconds are CPU seconds of a fit.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from curate.learn.examples import Examples
from curate.learn.tabular import Tabular

LABELS = {"adult": "income-per-year", "german": "credit"}


def load(name: str) -> Examples:
    """All rows; every column but the label is a feature."""
    given = os.environ.get("CURATE_TEST_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    table = csv.read_csv(root / "adult_german_ricci" / f"{name}.csv")
    labels = table.column(LABELS[name]).cast(pa.string()).dictionary_encode().combine_chunks()
    targets = labels.indices.to_numpy().astype(np.int64)
    return Examples([""] * len(targets), targets, None, 2, features=table.drop_columns([LABELS[name]]))


def usual(train: Examples, test: Examples) -> np.ndarray:
    """Standardised numbers and one-hot categories into logistic regression."""
    texts, numbers = make_column_selector(dtype_include=object), make_column_selector(dtype_exclude=object)
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), texts), (StandardScaler(), numbers))
    model = make_pipeline(columns, LogisticRegression(max_iter=2000))
    model.fit(train.features.to_pandas().astype(dict.fromkeys(_strings(train), object)), train.targets)
    return model.predict_proba(test.features.to_pandas().astype(dict.fromkeys(_strings(test), object)))


def _strings(rows: Examples) -> list[str]:
    return [field.name for field in rows.features.schema if pa.types.is_string(field.type)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", default=",".join(LABELS))
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    print(f"{'dataset':8} {'learner':18} {'accuracy':>8} {'sd':>5} {'auc':>6} {'nats':>6} {'fit s':>6}")
    for name in options.datasets.split(","):
        rows = load(name)
        everyone = np.random.default_rng(2024).permutation(len(rows))
        test, pool = rows.take(everyone[: len(rows) // 4]), everyone[len(rows) // 4 :]
        found: dict[str, list[tuple[float, ...]]] = {}
        for draw in range(options.draws):
            chosen = np.random.default_rng(draw).permutation(pool)[: len(pool) * 9 // 10]
            held, train = rows.take(chosen[: len(chosen) // 10]), rows.take(chosen[len(chosen) // 10 :])
            for kind in ("mlp", "logistic", "boosting"):
                began = time.process_time()
                model = Tabular(kind=kind).fit(train, validation=held, seed=draw)
                seconds = time.process_time() - began
                found.setdefault(kind, []).append((*_scores(model.predict(test), test), seconds))
            began = time.process_time()
            probs = usual(train, test)
            found.setdefault("scikit-learn", []).append((*_scores(probs, test), time.process_time() - began))
        for kind, scores in found.items():
            accuracy, auc, nats, seconds = np.mean(scores, axis=0)
            spread = np.std([score[0] for score in scores], ddof=1)
            print(f"{name:8} {kind:18} {accuracy * 100:8.2f} {spread * 100:5.2f} {auc:6.4f} {nats:6.4f} {seconds:6.2f}")


def _scores(probs: np.ndarray, rows: Examples) -> tuple[float, float, float]:
    right = (probs.argmax(axis=1) == rows.targets).mean()
    return float(right), float(roc_auc_score(rows.targets, probs[:, 1])), float(log_loss(rows.targets, probs))


if __name__ == "__main__":
    main()
