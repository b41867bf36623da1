"""Peers of the learners: fastText with bigrams, scikit-learn's TF-IDF with logistic regression, SetFit.

Each takes training rows and test rows and answers with its accuracy and CPU seconds. The settings of the first two are
chosen on validation rows (a tenth of the training rows); SetFit runs in an environment of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from curate.learn.examples import Examples
from curate.learn.learner import Learner
from curate.learn.linear import TOKEN

Run = tuple[float, float, float]
"""Accuracy, CPU seconds to fit, CPU seconds to predict."""
Contender = Callable[[Examples, Examples, int], Run]
WORD = re.compile(TOKEN)


def ours(learner: Learner) -> Contender:
    """A learner of curate's, its encoder fitted on the training rows and all texts encoded within the time."""

    def run(train: Examples, test: Examples, seed: int) -> Run:
        start = time.process_time()
        fitted = learner.prepared(train.texts).fit(train, validation=None, seed=seed)
        fit_s = time.process_time() - start
        predicted = fitted.predict(test).argmax(axis=1)
        return float((predicted == test.targets).mean()), fit_s, time.process_time() - start - fit_s

    return run


def logistic(inverse_penalty: float) -> Contender:
    """TF-IDF of words and pairs of words, and logistic regression."""

    def run(train: Examples, test: Examples, seed: int) -> Run:
        start = time.process_time()
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        model = LogisticRegression(C=inverse_penalty, max_iter=1000)
        model.fit(vectorizer.fit_transform(train.texts), train.targets)
        fit_s = time.process_time() - start
        accuracy = model.score(vectorizer.transform(test.texts), test.targets)
        return float(accuracy), fit_s, time.process_time() - start - fit_s

    return run


def fast_text(rate: float, n_epochs: int) -> Contender:
    """Lower case, punctuation apart, bigrams; time without writing its file. `f.predict` avoids a NumPy 2 fault."""

    def words(text: str) -> str:
        return " ".join(WORD.findall(text.lower()))

    def run(train: Examples, test: Examples, seed: int) -> Run:
        import fasttext

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            lines = [f"__label__{y} {words(x)}\n" for x, y in zip(train.texts, train.targets.tolist(), strict=True)]
            order = np.random.default_rng(seed).permutation(len(lines))  # it reads in file order; AG News is sorted
            path.write_text("".join(lines[i] for i in order), encoding="utf-8")
            start = time.process_time()
            model = fasttext.train_supervised(
                str(path), wordNgrams=2, lr=rate, epoch=n_epochs, thread=1, seed=seed, verbose=0
            )
            fit_s = time.process_time() - start
        found = [model.f.predict(words(text) + "\n", 1, 0.0, "strict") for text in test.texts]
        predicted = [int(each[0][1].removeprefix("__label__")) if each else -1 for each in found]
        accuracy = float((np.array(predicted) == test.targets).mean())
        return accuracy, fit_s, time.process_time() - start - fit_s

    return run


def set_fit(python: str, model: str, n_iterations: int) -> Contender:
    """SetFit with the same encoder, in another interpreter; `n_iterations` pairs of each kind per row."""

    def run(train: Examples, test: Examples, seed: int) -> Run:
        parts = [{"texts": list(rows.texts), "labels": rows.targets.tolist()} for rows in (train, test)]
        job = {"model": model, "seed": seed, "n_iterations": n_iterations, "train": parts[0], "test": parts[1]}
        script = Path(__file__).with_name("setfit_peer.py")
        done = subprocess.run(
            [python, script], input=json.dumps(job), capture_output=True, text=True, check=True, encoding="utf-8"
        )
        found = json.loads(done.stdout.splitlines()[-1])
        accuracy = float((np.array(found["predicted"]) == test.targets).mean())
        return accuracy, found["fit_s"], found["predict_s"]

    return run


FAST_TEXT = {f"fasttext lr={r} epoch={n}": fast_text(r, n) for r in (0.25, 0.5, 1.0) for n in (5, 10, 25, 50)}
LOGISTIC = {f"tf-idf + lr C={c:g}": logistic(c) for c in (1, 5, 20, 100)}


def choose(candidates: dict[str, Contender], train: Examples) -> tuple[str, Contender]:
    """The candidate that is best on a tenth of the training rows, mean of two draws."""

    def accuracy(contender: Contender) -> float:
        found = []
        for seed in range(2):
            order = np.random.default_rng(seed).permutation(len(train))
            cut = len(train) // 10
            found.append(contender(train.take(order[cut:]), train.take(order[:cut]), seed)[0])
        return float(np.mean(found))

    return max(candidates.items(), key=lambda item: accuracy(item[1]))
