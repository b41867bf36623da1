"""Words and phrases of a list in texts, against plain Python."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.phrases import Phrases
from curate.kernels.terms import terms

WORDS = st.lists(st.sampled_from("abc数据"), max_size=12).map(" ".join)


def covered(found: list[int], phrases: set[tuple[int, ...]]) -> int:
    at = total = 0
    while at < len(found):
        fits = max((len(one) for one in phrases if tuple(found[at : at + len(one)]) == one), default=0)
        total += fits
        at += fits or 1
    return total


def of(text: str) -> list[int]:
    return terms(pa.array([text], pa.large_string())).hashes.tolist()


@settings(max_examples=300)
@given(st.lists(WORDS.filter(bool), min_size=1, max_size=5), st.lists(WORDS, max_size=4))
def test_the_share_is_that_of_plain_python(listed: list[str], texts: list[str]) -> None:
    share = Phrases.of(listed).share(pa.array(texts, pa.large_string()))
    phrases = {tuple(of(phrase)) for phrase in listed}
    assert share.part.tolist() == [covered(of(text), phrases) for text in texts]
    assert share.whole.tolist() == [len(of(text)) for text in texts]


def test_words_are_found_whole_in_any_case_and_beside_signs() -> None:
    share = Phrases.of(["Ass", "МИР", "数据"]).share(pa.array(["class", "ASS!", "(мир)", "大数据", None]))
    assert share.part.tolist() == [0, 1, 1, 2, 0]


def test_what_no_term_can_be_is_left_out_and_told() -> None:
    phrases = Phrases.of(["a$$", "word", "🖕", " ", "c++"])
    assert (phrases.n, phrases.left_out) == (1, ("a$$", "🖕", " ", "c++"))
    assert phrases.share(pa.array(["a $$ c word"])).part.tolist() == [1]


@pytest.mark.parametrize("language", ["en", "de", "ru", "zh", "hi", "ar"])
def test_every_phrase_of_a_real_list_finds_itself(data_dir: Path, language: str) -> None:
    listed = (data_dir / "profanity_lists" / f"{language}.txt").read_text("utf-8").splitlines()
    phrases = Phrases.of(listed)
    share = phrases.share(pa.array([text for text in listed if text not in phrases.left_out]))
    assert (share.part == share.whole).all()
    assert phrases.n > 0.9 * len(listed)
