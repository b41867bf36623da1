"""Each kind of sign has its switch; letters that look like quotes, and Chinese and Japanese, keep theirs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.quotes import CleanQuotes

SIGNS = "“”„‟‘’‚‛´«»‹›′″‴—–―−‐‑‒…"


@pytest.mark.parametrize(
    ("given", "expected", "reason"),
    [
        ("“It’s”", '"It\'s"', "quotes"),
        ("don´t", "don't", "quotes"),
        ("5′ 10″", "5' 10''", "primes"),
        ("5–6, −3, well‑known", "5-6, -3, well-known", "dashes"),
        ("word—word, one — two —", "word - word, one - two -", "dashes"),
        ("well…", "well...", "ellipsis"),
    ],
)
def test_plain_forms(given: str, expected: str, reason: str) -> None:
    assert CleanQuotes().rewrite(given) == expected
    assert CleanQuotes().why(given) == reason


@pytest.mark.parametrize(
    "text", ["ʼyar Hausa ʼ", "Hawaiʻi", "他说：“你好”……", "「はい」—と", "«oui»", "a ´ b", 'it\'s - "ok" ...', "״"]
)
def test_what_stays(text: str) -> None:
    assert CleanQuotes().rewrite(text) == text


def test_a_chinese_word_in_an_english_text_makes_no_chinese_text() -> None:
    assert (
        CleanQuotes().rewrite("The word “你好” means “hello” in Chinese") == 'The word "你好" means "hello" in Chinese'
    )


def test_guillemets_and_corners_on_request() -> None:
    assert CleanQuotes(guillemets=True).rewrite("«\u00a0oui\u202f» ‹non›") == '"oui" "non"'
    assert CleanQuotes(cjk=True).rewrite("「はい」と“言う”") == '"はい"と"言う"'


@settings(max_examples=60)
@given(st.text(SIGNS + "ab中 \n\u00a0\u202f", max_size=30))
def test_switches(text: str) -> None:
    nothing = CleanQuotes(quotes=False, primes=False, dashes=False, ellipsis=False)
    assert nothing.rewrite(text) == text
    everything = CleanQuotes(guillemets=True, cjk=True)
    after = everything.rewrite(text)
    assert everything.rewrite(after) == after
    assert not set(after) & set(SIGNS) - {"´"}


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: not set(text) & set(SIGNS + "‵「」『』｢｣")))
def test_other_text_stays(text: str) -> None:
    assert CleanQuotes(guillemets=True, cjk=True).rewrite(text) == text
