"""The real data sets of the benchmarks as corpora, their test rows held out: AG News, SST-2, TREC, CR, BANKING77,
CLINC150, Hausa topics, DBpedia, SMS spam.

They lie in the folder that CURATE_TEST_DATA names, else in `../shared/data` beside the repository.
"""

from __future__ import annotations

import csv
import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.data.corpus import Corpus
from curate.data.roles import Roles

DATA = Path(os.environ.get("CURATE_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
TEST_FRACTION = 0.25
ROLES = Roles(text="text", label="label")


def _corpus(name: str, rows: list[tuple[str, str]]) -> Corpus:
    table = pa.table({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    return Corpus.from_table(table, ROLES, name=name)


@cache
def ag_news() -> Corpus:
    """12,000 training and 7,600 test rows, 4 classes."""
    train = [tuple(line.split("\t", 1)) for line in _lines("ag_news/ag_news_train.txt")]
    with (DATA / "ag_news/test.csv").open(encoding="utf-8", newline="") as file:
        test = [(title + body, label) for label, title, body in csv.reader(file)]
    return _corpus("ag_news", [(text.strip('"'), label) for label, text in train]).with_held_out(
        test=_corpus("ag_news test", test)
    )


@cache
def sst2() -> Corpus:
    """6,920 training and 1,821 test rows, 2 classes."""

    def read(name: str) -> list[tuple[str, str]]:
        return [(text, label) for text, label in (line.rsplit("\t", 1) for line in _lines(f"sst2/{name}.tsv"))]

    return _corpus("sst2", read("train")).with_held_out(test=_corpus("sst2 test", read("test")))


@cache
def trec() -> Corpus:
    """5,452 training and 500 test rows, 6 classes."""

    def read(name: str) -> list[tuple[str, str]]:
        lines = (DATA / "trec_raw" / name).read_text("latin-1").splitlines()
        return [(text, label.split(":")[0]) for label, text in (line.split(" ", 1) for line in lines)]

    return _corpus("trec", read("train_5500.label")).with_held_out(test=_corpus("trec test", read("TREC_10.label")))


@cache
def cr() -> Corpus:
    """3,775 sentences of customer reviews, 2 classes; a quarter of them, by row id, is the test."""

    def read(name: str) -> list[str]:
        return [line.strip() for line in (DATA / "cr_custrev" / name).read_text("latin-1").split("\n") if line.strip()]

    rows = [(text, "neg") for text in read("custrev.neg")] + [(text, "pos") for text in read("custrev.pos")]
    return _parted("cr", rows)


def hausa(*, noisy: bool = True) -> Corpus:
    """2,045 training rows with labels by rules (half of them wrong) or by people, and 290 test rows, 5 classes."""
    name = "hausa_train_clean_noisy_labels" if noisy else "hausa_train_clean"

    def read(name: str) -> list[tuple[str, str]]:
        with (DATA / f"hausa_yoruba_noisy_topics/{name}.tsv").open(encoding="utf-8", newline="") as file:
            return [
                (row["news_title"], row["label"])
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]

    return _corpus("hausa", read(name)).with_held_out(test=_corpus("hausa test", read("hausa_test")))


@cache
def dbpedia() -> Corpus:
    """14,000 rows, 14 classes; a quarter of them, by row id, is the test."""
    with (DATA / "dbpedia14_sample/train.csv").open(encoding="utf-8", newline="") as file:
        return _parted("dbpedia", [(text, label) for label, text in csv.reader(file)])


@cache
def sms() -> Corpus:
    """5,574 rows, 2 classes; a quarter of them, by row id, is the test."""
    rows = (line.split("\t", 1) for line in _lines("sms_spam/sms.tsv"))
    return _parted("sms", [(text, label) for label, text in rows])


@cache
def banking77() -> Corpus:
    """10,003 training and 3,080 test rows, 77 classes."""

    def read(name: str) -> list[tuple[str, str]]:
        with (DATA / f"banking77/{name}.csv").open(encoding="utf-8", newline="") as file:
            return [(row["text"], row["category"]) for row in csv.DictReader(file)]

    return _corpus("banking77", read("train")).with_held_out(test=_corpus("banking77 test", read("test")))


@cache
def clinc150() -> Corpus:
    """15,000 training and 4,500 test rows, 150 classes; those out of scope are left out."""
    kept = json.loads((DATA / "clinc150/data_full.json").read_text("utf-8"))
    train, test = ([(text, label) for text, label in kept[name]] for name in ("train", "test"))
    return _corpus("clinc150", train).with_held_out(test=_corpus("clinc150 test", test))


def _parted(name: str, rows: list[tuple[str, str]]) -> Corpus:
    whole = _corpus(name, rows)
    tested = StepRandom(0, "test").uniform(whole.row_ids()) < TEST_FRACTION
    test = whole.take(np.flatnonzero(tested))
    return whole.take(np.flatnonzero(~tested)).with_held_out(test=test)


def _lines(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text("utf-8").split("\n") if line]


SETS = {
    "ag_news": ag_news,
    "sst2": sst2,
    "trec": trec,
    "cr": cr,
    "banking77": banking77,
    "clinc150": clinc150,
    "hausa": hausa,
    "dbpedia": dbpedia,
    "sms": sms,
}
