"""A sequence is one emoji, signs that are text stay, and what is cut leaves no hole."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels import emoji
from curate.transforms.clean.emoji import CleanEmoji

SEQUENCES = ["👩\u200d👩\u200d👧", "🇩🇪", "👍🏽", "1\ufe0f\u20e3", "❤\ufe0f\u200d🔥", "☝🏻", "🏳\ufe0f\u200d🌈",
             "©\ufe0f",
             "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"]  # fmt: skip
TEXTS = ["© 2024", "™ ®", "a ↔ b", "5 * #1", "☺ ❤ ✔", "⌚\ufe0e", "→ ✓ ★", "١٢٣", "数据"]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_sequence_is_one(sequence: str) -> None:
    assert emoji.pattern().findall(f"a{sequence}b{sequence}{sequence}") == [sequence] * 3
    assert CleanEmoji(action="remove").rewrite(f"so {sequence} good {sequence}.") == "so good."


@pytest.mark.parametrize("text", TEXTS)
def test_signs_that_are_text_stay(text: str) -> None:
    assert CleanEmoji(action="remove").rewrite(text) == text


def test_old_symbols_on_request() -> None:
    assert CleanEmoji(action="remove", symbols=True).rewrite("☺ love ❤ © ™ 5") == "love © ™ 5"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("describe", "hot :fire: dog :flag_de: :flag_fr:"),
        ("remove", "hot dog"),
        ("space", "hot dog "),
    ],
)
def test_what_becomes_of_an_emoji(action: str, expected: str) -> None:
    assert CleanEmoji(action=action).rewrite("hot🔥dog 🇩🇪🇫🇷") == expected


def test_chinese_grows_together_without_a_space() -> None:
    assert CleanEmoji(action="remove").rewrite("很好😀谢谢") == "很好谢谢"


def test_the_classes_are_those_of_unicode() -> None:
    regex = pytest.importorskip("regex", reason="the package `regex` knows Unicode's emoji properties")
    shown, either = regex.compile(r"\p{Emoji_Presentation}"), regex.compile(r"\p{Emoji}")
    own = emoji.re.compile(f"[{emoji.PICTURES}]"), emoji.re.compile(f"[0-9#*{emoji.PICTURES}{emoji.SIGNS}]")
    assigned = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    text = "".join(assigned)
    assert own[0].findall(text) == shown.findall(text)
    assert own[1].findall(text) == either.findall(text)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*SEQUENCES, "a", " ", "\u200d", "\u20e3", "1", "\ufe0e", "🇩", "中"]), max_size=12))
def test_a_second_time_nothing_is_left_to_do(pieces: list[str]) -> None:
    text = "".join(pieces)
    for action in ("describe", "remove", "space"):
        clean = CleanEmoji(action=action)
        after = clean.rewrite(text)
        assert clean.rewrite(after) == after
        assert not emoji.pattern().search(after)


@settings(max_examples=60)
@given(st.text(st.characters(max_codepoint=0x2000), max_size=30))
def test_text_without_emoji_stays(text: str) -> None:
    assert CleanEmoji(action="remove").rewrite(text) == text or "\u20e3" in text
