"""Perplexity, quality and toxicity on rows that the models have not seen: AUC, calibration, speed.

Run by hand: `python tests/benchmarks/bench_quality.py`; needs the real data and the extra `train`; two minutes of one
core. Calibration is the expected error in ten bins of equal width. Speeds are texts per second of CPU.
"""

from __future__ import annotations

import csv
import gzip
import html
import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from curate.kernels.ngram_model import NgramModel
from curate.learn.bag import Bag
from curate.learn.judge import Judge
from curate.learn.linear import Linear

RANDOM = np.random.Generator(np.random.PCG64(0))


def data() -> Path:
    given = os.environ.get("CURATE_TEST_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def shuffled(items: list[str]) -> list[str]:
    return [items[at] for at in RANDOM.permutation(len(items)).tolist()]


def imdb() -> list[str]:
    with gzip.open(data() / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as file:
        return shuffled([json.loads(line)["text"] for line in file])


def ag_news() -> list[str]:
    with open(data() / "ag_news" / "ag_news_train.txt", encoding="utf-8", newline="") as file:
        return shuffled([row[1] for row in csv.reader(file, delimiter="\t")])


def sentences(language: str, n_rows: int) -> list[str]:
    path = data() / "lingua_lid_sentences" / "dev300" / f"{language}.txt"
    return path.read_text(encoding="utf-8").splitlines()[:n_rows]


def pages() -> list[str]:
    found = sorted((data() / "article_extraction" / "html").glob("*.html.gz"))
    return [gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in found]


def page_lines() -> list[str]:
    """Lines of 10 to 80 characters of whole pages: menus, buttons, captions, and some prose cut short."""
    found: set[str] = set()
    for page in pages():
        plain = re.sub(r"<[^>]+>", "\n", re.sub(r"(?s)<(script|style).*?</\1>", " ", page))
        found.update(" ".join(html.unescape(line).split()) for line in plain.splitlines())
    return shuffled(sorted(line for line in found if 10 < len(line) < 80))


def perplexity() -> None:
    news, reviews = ag_news(), imdb()
    began = time.process_time()
    model = NgramModel.fit(news[:8000])
    took = time.process_time() - began
    good = news[8000:9000]
    others = sorted(path.stem for path in (data() / "lingua_lid_sentences" / "dev300").glob("*.txt"))
    odd = {
        "characters shuffled": ["".join(RANDOM.permutation(list(text))) for text in good],
        "words shuffled": [" ".join(RANDOM.permutation(text.split())) for text in good],
        "74 other languages": [line for one in others if one != "en" for line in sentences(one, 10)],
        "mojibake of French, German, Spanish": [
            line.encode().decode("latin-1") for one in ("fr", "de", "es") for line in sentences(one, 100)
        ],
        "HTML source": [page[at : at + 300] for page in pages()[:20] for at in range(0, 12_000, 1500) if page[at:]],
        "film reviews, 250 characters": [text[:250] for text in reviews[:1000]],
    }
    began = time.process_time()
    usual = model.perplexities(pa.array(good))
    rate = sum(map(len, good)) / (time.process_time() - began) / 1e6
    print(f"perplexity: 8,000 AG News rows as reference ({took:.1f} s), median {np.median(usual):.1f}, {rate:.0f} MB/s")
    for name, texts in odd.items():
        found = model.perplexities(pa.array(texts))
        auc = roc_auc_score([0] * len(usual) + [1] * len(found), np.concatenate([usual, found]))
        print(f"  {name:38s} n {len(texts):5d}  median {np.median(found):8.1f}  AUC {auc:.3f}")


def calibration(told: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    places = np.minimum((told * 10).astype(int), 9)
    return sum(
        float(abs(told[places == at].mean() - truth[places == at].mean()) * (places == at).mean())
        for at in np.unique(places).tolist()
    )


def judged(name: str, train: tuple[list[str], list[str]], test: tuple[list[str], list[str]]) -> None:
    truth = np.concatenate([np.ones(len(test[0])), np.zeros(len(test[1]))])
    for learner in (Bag(), Linear()):
        began = time.process_time()
        judge = Judge.of(*train, learner, 3)
        judge.probabilities(["a first text"])
        fitted = time.process_time()
        told = judge.probabilities([*test[0], *test[1]])
        rate = len(told) / (time.process_time() - fitted)
        print(
            f"  {name:44s} {learner.name:6s} AUC {roc_auc_score(truth, told):.3f}  calibration error "
            f"{calibration(told, truth):.3f}  trained in {fitted - began:.1f} s, {rate:,.0f} texts/s",
            flush=True,
        )


def quality() -> None:
    print("quality: 1,500 reviews and 1,500 news against as many texts of the other kind, tested on others")
    news, reviews = ag_news(), imdb()
    good, test = reviews[:1500] + news[:1500], reviews[3000:3500] + news[3000:3500]
    jumbled = [" ".join(RANDOM.permutation(text.split())) for text in reviews[1500:2500] + news[1500:2500]]
    lines = page_lines()
    judged("words shuffled", (good, jumbled[:500] + jumbled[1000:1500]), (test, jumbled[500:1000] + jumbled[1500:]))
    judged("short lines of web pages", (good, lines[:1500]), (test, lines[1500:2500]))


def toxicity() -> None:
    print("toxicity: trained on one half of the rows, tested on the other")
    with open(data() / "surge_toxicity_profanity" / "toxicity_en.csv", encoding="utf-8", newline="") as file:
        surge = [(row["text"], row["is_toxic"] == "Toxic") for row in csv.DictReader(file)]
    with open(data() / "davidson_hate_offensive" / "labeled_data.csv", encoding="utf-8", newline="") as file:
        davidson = [(row["tweet"], row["class"]) for row in csv.DictReader(file)]
    surge = [surge[at] for at in RANDOM.permutation(len(surge)).tolist()]
    davidson = [davidson[at] for at in RANDOM.permutation(len(davidson)).tolist()]

    def sides(rows: list[tuple[str, bool]]) -> tuple[list[str], list[str]]:
        return [text for text, toxic in rows if toxic][:6000], [text for text, toxic in rows if not toxic][:6000]

    offensive = [(text, label != "2") for text, label in davidson]
    hate = [(text, label == "0") for text, label in davidson]
    for name, rows in (("Surge", surge), ("Davidson, hate or offensive", offensive), ("Davidson, hate", hate)):
        half = len(rows) // 2
        judged(name, sides(rows[:half]), sides(rows[half:]))
    judged("trained on Surge, tested on Davidson", sides(surge), sides(offensive[len(offensive) // 2 :]))


if __name__ == "__main__":
    perplexity()
    quality()
    toxicity()
