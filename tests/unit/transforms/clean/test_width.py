"""Full-width letters and digits become ASCII, half-width kana full width; punctuation only on request."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.width import CleanWidth


@pytest.mark.parametrize(
    ("given", "expected", "settings"),
    [
        ("ＡＢＣ１２３", "ABC123", {}),
        ("价格：１２元！", "价格：12元！", {}),
        ("价格：１２元！", "价格:12元!", {"punctuation": True}),
        ("ﾊﾟｿｺﾝ｡", "パソコン。", {}),
        ("カﾞ", "ガ", {}),
        ("ﾞ", "゛", {}),
        ("ＡＢＣ１", "ＡＢＣ1", {"letters": False}),
        ("￥１　００", "¥1 00", {"punctuation": True}),
        ("ｱ", "ｱ", {"kana": False}),
    ],
)
def test_width(given: str, expected: str, settings: dict[str, bool]) -> None:
    assert CleanWidth(**settings).rewrite(given) == expected


@settings(max_examples=60)
@given(st.text("ＡＺａｚ０９！～￥　ｱｶﾊﾟﾞ｡カハ゛ab1 中\u3099", max_size=30))
def test_nothing_of_another_width_is_left_and_nothing_else_changes(text: str) -> None:
    clean = CleanWidth(punctuation=True)
    after = clean.rewrite(text)
    assert clean.rewrite(after) == after
    assert not any("\uff01" <= character <= "\uff9f" for character in after)
    loose = str.maketrans({"\u3099": None, "゛": None, "\u309a": None, "゜": None})

    def without_marks(said: str) -> str:
        return unicodedata.normalize("NFD", unicodedata.normalize("NFKC", said.translate(loose))).translate(loose)

    assert without_marks(after) == without_marks(text)
