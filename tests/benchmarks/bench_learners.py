"""`bag` and `linear` against fastText with bigrams and scikit-learn's TF-IDF with logistic regression.

Run by hand: `python tests/benchmarks/bench_learners.py [--datasets ag_news,sst2,trec] [--replicates 5]`. Needs the real
data and a build of the `fasttext` package. Everything on one thread; seconds are CPU seconds. The peers' settings are
chosen on validation rows (a tenth of the training rows) and then fitted to all; curate's learners keep their defaults.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import fasttext
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from curate.learn.bag import Bag
from curate.learn.examples import Examples
from curate.learn.learner import Learner
from curate.learn.linear import TOKEN, Linear

Rows = tuple[list[str], list[int]]
Run = tuple[float, float, float]  # accuracy, seconds to fit, seconds to predict
Peer = Callable[[Examples, Examples, int], Run]
WORD = re.compile(TOKEN)


def ag_news(folder: Path) -> tuple[Rows, Rows]:
    with open(folder / "ag_news_train.txt", encoding="utf-8", newline="") as file:
        train = [(row[1], int(row[0]) - 1) for row in csv.reader(file, delimiter="\t")]
    with open(folder / "test.csv", encoding="utf-8", newline="") as file:
        test = [(row[1] + row[2], int(row[0]) - 1) for row in csv.reader(file)]  # joined as in the training file
    return _columns(train), _columns(test)


def sst2(folder: Path) -> tuple[Rows, Rows]:
    def read(name: str) -> Rows:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        return _columns([(text, int(label)) for text, label in (line.rsplit("\t", 1) for line in lines if line)])

    return read("train.tsv"), read("test.tsv")


def trec(folder: Path) -> tuple[Rows, Rows]:
    names = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"]

    def read(name: str) -> Rows:
        lines = (folder / name).read_text(encoding="latin-1").split("\n")
        pairs = [line.split(" ", 1) for line in lines if line.strip()]
        return _columns([(text, names.index(label.split(":")[0])) for label, text in pairs])

    return read("train_5500.label"), read("TREC_10.label")


DATASETS = {"ag_news": (ag_news, "ag_news"), "sst2": (sst2, "sst2"), "trec": (trec, "trec_raw")}


def _columns(pairs: list[tuple[str, int]]) -> Rows:
    return [text for text, _ in pairs], [label for _, label in pairs]


def load(name: str) -> tuple[Examples, Examples]:
    given = os.environ.get("CURATE_TEST_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    read, folder = DATASETS[name]
    (train, labels), (test, truth) = read(root / folder)
    n_classes = max(labels) + 1
    return (
        Examples(train, np.array(labels, dtype=np.int64), None, n_classes),
        Examples(test, np.array(truth, dtype=np.int64), None, n_classes),
    )


def ours(learner: Learner) -> Peer:
    def run(train: Examples, test: Examples, seed: int) -> Run:
        start = time.process_time()
        fitted = learner.fit(train, validation=None, seed=seed)
        fit_s = time.process_time() - start
        predicted = fitted.predict(test).argmax(axis=1)
        return float((predicted == test.targets).mean()), fit_s, time.process_time() - start - fit_s

    return run


def logistic(inverse_penalty: float) -> Peer:
    def run(train: Examples, test: Examples, seed: int) -> Run:
        start = time.process_time()
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        model = LogisticRegression(C=inverse_penalty, max_iter=1000)
        model.fit(vectorizer.fit_transform(train.texts), train.targets)
        fit_s = time.process_time() - start
        accuracy = model.score(vectorizer.transform(test.texts), test.targets)
        return float(accuracy), fit_s, time.process_time() - start - fit_s

    return run


def fast_text(rate: float, n_epochs: int) -> Peer:
    """Lower case, punctuation apart, bigrams; time without writing its file. `f.predict` avoids a NumPy 2 fault."""

    def words(text: str) -> str:
        return " ".join(WORD.findall(text.lower()))

    def run(train: Examples, test: Examples, seed: int) -> Run:
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


def choose(candidates: dict[str, Peer], train: Examples) -> tuple[str, Peer]:
    """The candidate that is best on a tenth of the training rows, mean of two draws."""

    def accuracy(peer: Peer) -> float:
        found = []
        for seed in range(2):
            order = np.random.default_rng(seed).permutation(len(train))
            cut = len(train) // 10
            found.append(peer(train.take(order[cut:]), train.take(order[:cut]), seed)[0])
        return float(np.mean(found))

    return max(candidates.items(), key=lambda item: accuracy(item[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", default=",".join(DATASETS))
    parser.add_argument("--replicates", type=int, default=5)
    options = parser.parse_args()
    ft = {f"fasttext lr={r} epoch={n}": fast_text(r, n) for r in (0.25, 0.5, 1.0) for n in (5, 10, 25)}
    lr = {f"tf-idf + lr C={c:g}": logistic(c) for c in (1, 5, 20, 100)}
    print(f"{'dataset':8} {'learner':28} {'accuracy':>9} {'sd':>5} {'fit s':>7} {'predict s':>9}")
    for name in options.datasets.split(","):
        train, test = load(name)
        ours(Bag())(train.take(np.arange(64)), test.take(np.arange(64)), 0)  # imports torch
        runs = dict([("bag", ours(Bag())), ("linear", ours(Linear())), choose(ft, train), choose(lr, train)])
        for label, run in runs.items():
            found = np.array([run(train, test, seed) for seed in range(options.replicates)])
            mean, spread, seconds = found[:, 0].mean(), found[:, 0].std(ddof=1), np.median(found[:, 1:], axis=0)
            print(
                f"{name:8} {label:28} {mean * 100:9.2f} {spread * 100:5.2f} {seconds[0]:7.2f} {seconds[1]:9.2f}",
                flush=True,
            )


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
