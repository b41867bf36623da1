"""Which texts are in another language than English: real ones in six languages, and short English ones."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.other_language import other_languages


@pytest.mark.parametrize(
    ("language", "least"), [("german", 0.7), ("french", 0.9), ("spanish", 0.9), ("italian", 0.8), ("portuguese", 0.8)]
)
def test_most_tweets_in_another_language_are_told(data_dir: Path, language: str, least: float) -> None:
    """Those that are not told are mostly two words and a link, or in English."""
    texts = (data_dir / f"umsab_tweets_8lang/{language}_train_text.txt").read_text("utf-8").split("\n")[:300]
    found = other_languages(texts)
    assert least * len(texts) <= sum(map(bool, found))


def test_english_is_never_taken_for_another(data_dir: Path) -> None:
    with (data_dir / "equity_evaluation_corpus/Equity-Evaluation-Corpus.csv").open(encoding="utf-8") as file:
        texts = [row["Sentence"] for row in csv.DictReader(file)][::20]
    texts += (data_dir / "umsab_tweets_8lang/english_train_text.txt").read_text("utf-8").split("\n")[:300]
    assert not any(other_languages(texts))


@settings(max_examples=100)
@given(texts=st.lists(st.text(max_size=40), max_size=4))
def test_a_text_is_told_alone_as_beside_others(texts: list[str]) -> None:
    assert other_languages(texts) == [other_languages([text])[0] for text in texts]
