"""The case of letters changes, nothing else; Turkish, Greek and German have their way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.case import CleanCase

CASED = "AaIİıißẞΣςσŉǆǄǅﬁᾳᾼდ \n.!'’\u0307"


@pytest.mark.parametrize(
    ("given", "expected", "settings"),
    [
        ("NEW York", "new york", {}),
        ("ΟΔΟΣ", "οδος".replace("ος", "ος"), {}),
        ("STRASSE ẞ", "strasse ß", {}),
        ("straße", "STRASSE", {"to": "upper"}),
        ("DIŞ İŞ", "dış iş", {"locale": "tr"}),
        ("ısı iş", "ISI İŞ", {"to": "upper", "locale": "tr"}),
        ("İstanbul", "istanbul", {}),
        ("they're o’neil's", "They're O’neil's", {"to": "title"}),
        ("THIS IS LOUD. STOP! (NOW)", "This is loud. Stop! (Now)", {"to": "sentence"}),
        ("Only NASA and the USA shout", "Only NASA and the USA shout", {"to": "sentence"}),
        ("USA", "USA", {"to": "sentence"}),
        ("THIS IS LOUD", "this is loud", {"only_shouting": True}),
        ("This is not", "This is not", {"only_shouting": True}),
        ("SEE HTTPS://EXAMPLE.ORG/Ab NOW", "see HTTPS://EXAMPLE.ORG/Ab now", {}),
        ("数据 ﻋﺮﺑﻲ हिन्दी", "数据 ﻋﺮﺑﻲ हिन्दी", {"to": "upper"}),
    ],
)
def test_case(given: str, expected: str, settings: dict[str, object]) -> None:
    assert CleanCase(**settings).rewrite(given) == expected


@settings(max_examples=60)
@given(
    st.text(CASED, max_size=30), st.sampled_from(["lower", "upper", "title", "sentence"]), st.sampled_from([None, "tr"])
)
def test_only_case_changes(text: str, to: str, locale: str | None) -> None:
    clean = CleanCase(to=to, locale=locale)
    after = clean.rewrite(text)
    assert clean.rewrite(after) == after

    def folded(said: str) -> str:
        return said.casefold().replace("\u0307", "").replace("ı", "i").replace("ʼ", "")

    assert folded(after.upper()) == folded(text.upper())


@settings(max_examples=60)
@given(st.text("数据ا ب हिन्द ไทย 123 .,!", max_size=30), st.sampled_from(["lower", "upper", "title", "sentence"]))
def test_scripts_without_case_stay(text: str, to: str) -> None:
    assert CleanCase(to=to).rewrite(text) == text
