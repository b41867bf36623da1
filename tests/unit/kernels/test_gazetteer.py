"""Names found whole, the longest first, and replaced alike wherever they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.gazetteer import Gazetteer, Named, renamed
from curate.kernels.replacing import ordered, replaced

NAMES = {"place": ["York", "New York", "São Paulo", "北京", "St. Ives"], "team": ["Reds", "New York Reds"]}


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in Gazetteer(NAMES).find(text)]


def test_the_longest_name_is_found_and_no_part_of_a_word() -> None:
    assert found("New York Reds beat York; Yorkers and NewYork no") == ["New York Reds", "York"]
    assert found("我在北京住, in São Paulo/St. Ives.") == ["北京", "São Paulo", "St. Ives"]
    assert found("") == found("new york") == []


@given(st.text("NewYork Reds北京.", max_size=60), st.integers(0, 2**63), st.floats(0.1, 1))
def test_names_give_way_to_names_of_their_type(text: str, seed: int, max_rate: float) -> None:
    names = Gazetteer(NAMES).find(text)
    made = ordered(renamed(text, names, NAMES, max_rate=max_rate, articles=True, draws=Draws(seed)), text)
    kinds = {(one.start, one.end): one.kind for one in names}
    for start, end, new in made:
        if (start, end) in kinds:
            assert new in NAMES[kinds[start, end]]
            assert new != text[start:end]
    said = {text[start:end]: new for start, end, new in made if (start, end) in kinds}
    assert all(said[text[start:end]] == new for start, end, new in made if (start, end) in kinds)


def test_articles_are_set_right_only_where_they_agree() -> None:
    pool = {"place": ["Oslo", "Rome"]}
    text = "an Oslo street; an Roman; in Oslo"
    made = renamed(text, Gazetteer(pool).find(text), pool, max_rate=1, articles=True, draws=Draws(0))
    assert replaced(text, ordered(made, text)) == "a Rome street; an Roman; in Rome"
    kept = renamed(text, Gazetteer(pool).find(text), pool, max_rate=1, articles=False, draws=Draws(0))
    assert replaced(text, ordered(kept, text)) == "an Rome street; an Roman; in Rome"


def test_without_another_name_there_is_nothing() -> None:
    assert renamed("Oslo", [Named(0, 4, "place")], {"place": ["Oslo"]}, max_rate=1, articles=True, draws=Draws(0)) == []
    assert renamed("Oslo", [Named(0, 4, "river")], {"place": ["Rome"]}, max_rate=1, articles=True, draws=Draws(0)) == []


def test_a_long_list_and_a_long_text_take_no_longer_than_their_lengths() -> None:
    many = Gazetteer({"number": [f"Item {at}" for at in range(50_000)]})
    assert len(many.find("Item 4711 and " * 20_000)) == 20_000
