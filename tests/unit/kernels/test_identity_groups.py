"""Nationalities and religions: a group becomes another one in all its forms; a user's pairs change places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.gender_swap import Direction
from curate.kernels.identity_groups import Kind, identity_swaps
from curate.kernels.pair_table import PairTable
from curate.kernels.replacing import ordered, replaced


def swapped(text: str, kind: Kind, seed: int = 3) -> str:
    return replaced(text, ordered(identity_swaps(text, Draws(seed), kind), text))


def test_all_forms_go_together_and_the_article_agrees() -> None:
    for seed in range(30):
        words = swapped("An Italian film from Italy, and Italians", "nationality", seed).replace(",", "").split()
        assert words[2:4] == ["film", "from"]
        assert "Ital" not in " ".join(words)
        assert (words[0] == "An") == (words[1][0] in "AEIO")
    assert swapped("the Jews left the synagogue; a Jew, a Jewish man", "religion", 1).lower() in {
        "the christians left the church; a christian, a christian man",
        "the muslims left the mosque; a muslim, a muslim man",
        "the hindus left the temple; a hindu, a hindu man",
        "the buddhists left the temple; a buddhist, a buddhist man",
    }


def test_two_groups_stay_two() -> None:
    for seed in range(30):
        words = swapped("Germans met Mexicans, then Germans left", "nationality", seed).replace(",", "").split()
        assert words[0] == words[4] != words[2]


@pytest.mark.parametrize(
    "text",
    [
        "French fries and Swiss cheese",
        "polish the china",
        "African American voters",
        "the church tower",
        "North Korean ships",
        "the Gulf of Mexico",
        "Thai boxing",
        "an Islamic Jihad leader",
        "a Jewish feast, Yom Kippur",
    ],
)
def test_what_names_no_group_stays(text: str) -> None:
    assert identity_swaps(text, Draws(1), "nationality") == identity_swaps(text, Draws(1), "religion") == []


@pytest.mark.parametrize(
    ("direction", "text", "expected"),
    [
        ("both", "A flat by the lift. APARTMENT, Elevator", "An apartment by the elevator. FLAT, Lift"),
        ("forward", "flat apartment", "apartment apartment"),
        ("backward", "flat apartment", "flat flat"),
        ("both", "ground floor, ground  floor; ground", "first floor, first floor; ground"),
        ("both", "inflation flattens", "inflation flattens"),
    ],
)
def test_pairs_change_places(direction: Direction, text: str, expected: str) -> None:
    table = PairTable({"flat": ["apartment"], "lift": ["elevator"], "ground floor": ["first floor"]}, direction)
    assert replaced(text, ordered(table.swaps(text, Draws(0)), text)) == expected


@settings(max_examples=200)
@given(text=st.text(max_size=60), kind=st.sampled_from(["nationality", "religion"]))
def test_any_text(text: str, kind: Kind) -> None:
    for given_text in (text, f"an {text} Italian Muslim {text}"):
        edits = identity_swaps(given_text, Draws(1), kind)
        edits += PairTable({"italian": ["x"], text: ["y"]}, "both").swaps(given_text, Draws(1))
        assert all(0 <= start < end <= len(given_text) for start, end, _ in edits)
