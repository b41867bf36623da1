"""`clean.spelling`: few words change, nearly all of them to what was meant, and the same whatever the order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError
from curate.transforms.clean.spelling import CleanSpelling, Misspellings

pytest.importorskip("symspellpy")


def mended(texts: Sequence[str | None], **settings: Any) -> list[str]:
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}), Roles(text="text"))
    return Recipe([Step(CleanSpelling(**settings))]).run(corpus).corpus.table().column("text").to_pylist()


def test_misspelt_words_are_mended_and_told() -> None:
    texts = ["I definately saw teh man.", "All is right here.", None]
    table = pa.table({"text": texts, "other": ["teh", "teh", "teh"]})
    curated = Recipe(["clean.spelling"]).run(Corpus.from_table(table, Roles(text="text")))
    assert curated.corpus.table().column("text").to_pylist()[0] == "I definitely saw the man."
    assert curated.corpus.table().column("other").to_pylist() == ["teh"] * 3
    (event,) = curated.lineage().to_pylist()
    assert (event["row_id"], event["reason"], event["before"]) == (0, "misspelled", "I definately saw teh man.")
    assert 0.5 <= event["score"] <= 1


def test_a_word_the_corpus_often_says_is_right_for_it() -> None:
    assert mended(["it is definately so"] * 3)[0] == "it is definitely so"
    assert mended(["it is definately so"] * 6)[0] == "it is definately so"
    assert mended(["it is definately so"] * 6, min_count=10)[0] == "it is definitely so"
    assert mended(["it is definately so"], protect=("Definately",)) == ["it is definately so"]


def test_moving_the_bound_asks_for_the_same_signal() -> None:
    assert CleanSpelling(min_score=0.9).signals() == CleanSpelling().signals()
    assert mended(["it is definately so"], min_score=1.0) == ["it is definately so"]


def test_a_dictionary_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("der 1000\nhund 500\nwieder 400\nbellt 100\n", "utf-8")
    settings = {"language": "de", "dictionary": str(file)}
    assert mended(["der hund bellt weider", "der hund"], **settings) == ["der hund bellt wieder", "der hund"]
    before = CleanSpelling(**settings).revision()
    file.write_text("der 1000\n", "utf-8")
    assert CleanSpelling(**settings).revision() != before
    assert Misspellings(**settings).identity() == CleanSpelling(**settings).revision()
    with pytest.raises(CurateError, match="no dictionary"):
        mended(["a"], dictionary=str(tmp_path / "none.txt"))


@pytest.mark.slow
def test_few_words_of_printed_text_change_and_most_changes_are_right(data_dir: Path) -> None:
    lines = (data_dir / "ag_news/ag_news_train.txt").read_text("utf-8").splitlines()
    texts = [line.split("\t", 1)[1] for line in lines]
    after = mended(texts)
    changed = sum(
        a != b for x, y in zip(texts, after, strict=True) if x != y for a, b in zip(x.split(), y.split(), strict=True)
    )
    assert 20 < changed < 0.0003 * sum(len(text.split()) for text in texts)


@pytest.mark.slow
def test_more_is_mended_than_broken_in_essays(data_dir: Path) -> None:
    folder = data_dir / "jfleg"
    sources = (folder / "dev.src").read_text("utf-8").splitlines()
    references = zip(*((folder / f"dev.ref{n}").read_text("utf-8").lower().splitlines() for n in range(4)), strict=True)
    right = wrong = 0
    for before, after, those in zip(sources, mended(sources), references, strict=True):
        words = {word for reference in those for word in reference.split()}
        for old, new in zip(before.split(), after.split(), strict=True):
            if old != new:
                right += new.lower() in words
                wrong += new.lower() not in words
    assert right > 100
    assert right > 8 * wrong


@pytest.mark.slow
def test_other_languages_and_scripts_are_left_by_default(data_dir: Path) -> None:
    folder = data_dir / "umsab_tweets_8lang"
    for language in ("arabic", "french", "italian", "portuguese", "spanish"):
        texts = (folder / f"{language}_val_text.txt").read_text("utf-8").splitlines()
        n_changed = sum(a != b for a, b in zip(texts, mended(texts), strict=True))
        assert n_changed <= 0.01 * len(texts), language
    rows = (data_dir / "hausa_yoruba_noisy_topics/hausa_dev.tsv").read_text("utf-8").splitlines()
    assert sum(a != b for a, b in zip(rows, mended(rows), strict=True)) <= 2
