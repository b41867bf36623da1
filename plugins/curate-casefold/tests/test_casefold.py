"""The plugin, installed as a user installs it: found by name, keeps the contract, folds as Unicode says."""

from __future__ import annotations

import unicodedata

import pytest
from curate_casefold import CaseFold
from hypothesis import given
from hypothesis import strategies as st

from curate import registry
from curate.core.contracts import check_transform


def test_it_is_found_by_its_name() -> None:
    assert "clean.casefold" in registry.names("transforms")
    assert registry.get("transforms", "clean.casefold") is CaseFold


@pytest.mark.parametrize("keep_acronyms", [False, True])
def test_it_keeps_the_contract(keep_acronyms: bool) -> None:
    check_transform(CaseFold(keep_acronyms=keep_acronyms))


@pytest.mark.parametrize(
    ("text", "folded", "kept"),
    [
        ("Straße and STRASSE", "strasse and strasse", "strasse and STRASSE"),
        ("NATO, NASA; a B", "nato, nasa; a b", "NATO, NASA; a b"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ", "σίσυφοσ"),
        ("already folded 123", "already folded 123", "already folded 123"),
        ("", "", ""),
    ],
)
def test_examples(text: str, folded: str, kept: str) -> None:
    assert CaseFold().rewrite(text) == folded
    assert CaseFold(keep_acronyms=True).rewrite(text) == kept


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    fold = CaseFold(keep_acronyms=True).rewrite
    text = unicodedata.normalize("NFC", text)
    assert fold(fold(text)) == fold(text)
