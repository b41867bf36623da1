"""Negation: the smallest edit that turns a sentence round, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.negation import Style, negation
from curate.kernels.replacing import ordered, replaced
from curate.kernels.verb_forms import form_of, past, third


def turned(text: str, style: Style = "full") -> str:
    found = negation(text, style)
    return found if isinstance(found, str) else replaced(text, found.replacements)


INSERTED = [
    ("The plot is good.", "The plot is not good.", "The plot isn't good."),
    ("It works well.", "It does not work well.", "It doesn't work well."),
    ("I liked it.", "I did not like it.", "I didn't like it."),
    ("They have two cameras.", "They do not have two cameras.", "They don't have two cameras."),
    ("He has seen some of them.", "He has not seen any of them.", "He hasn't seen any of them."),
    ("It can play films.", "It cannot play films.", "It can't play films."),
    ("It will break.", "It will not break.", "It won't break."),
    ("I'm happy.", "I'm not happy.", "I'm not happy."),
    ("The camera delivers.", "The camera does not deliver.", "The camera doesn't deliver."),
    ("Although it is long, it is good.", "Although it is long, it is not good.", "Although it is long, it isn't good."),
    ("IT IS GOOD", "IT IS NOT GOOD", "IT ISN'T GOOD"),
]
REMOVED = [
    ("I don't like it.", "I like it."),
    ("She didn't give up.", "She gave up."),
    ("It doesn’t carry well.", "It carries well."),
    ("It does not really work.", "It really works."),
    ("It can't play any of them.", "It can play some of them."),
    ("He never watched it.", "He watched it."),
    ("it does n't work", "it works"),
    ("you wo n't see it", "you will see it"),
]


@pytest.mark.parametrize(("text", "full", "contracted"), INSERTED)
def test_a_negation_is_put_in(text: str, full: str, contracted: str) -> None:
    assert turned(text, "full") == full
    assert turned(text, "contracted") == contracted


@pytest.mark.parametrize(("text", "expected"), REMOVED)
def test_a_negation_is_taken_out(text: str, expected: str) -> None:
    assert turned(text) == expected


@pytest.mark.parametrize("text", [text for text, _, _ in INSERTED if not text.isupper()])
@pytest.mark.parametrize("style", ["full", "contracted"])
def test_what_was_put_in_comes_out_again(text: str, style: Style) -> None:
    assert turned(turned(text, style)) == text


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("a fine film", "no_place"),
        ("the best film I have seen", "no_place"),
        ("the man who is tall", "no_place"),
        ("not only good but great, it isn't long", "negated_otherwise"),
        ("I can't wait to see it", "negated_otherwise"),
        ("nobody likes it", "negated_otherwise"),
        ("it is long but it is good", "no_place"),
        ("it is just a film", "no_place"),
        ("it is a toy , not a phone", "no_place"),
        ("use the lcd and not the finder", "no_place"),
        ("those of you who are not girls will leave", "no_place"),
        ("it is so fine that you won't care", "no_place"),
        ("i have to admit that i laughed", "no_place"),
        ("if you 're not , you 'll still laugh", "no_place"),
        ("I ca n't recommend it enough", "negated_otherwise"),
        ("this one is not nearly as bad", "negated_otherwise"),
        ("it 's not even half of that", "negated_otherwise"),
        ("Warriors ain't winning", "negated_otherwise"),
        ("i can 't hear it", "negated_otherwise"),
        ("Don't buy this phone", "no_place"),
        ("if he has a girlfriend don't be a fool", "no_place"),
        ("the movie mode is also working", "no_place"),
        ("", "no_place"),
        ("Is it good?", "question"),
        ("Isn't it good ?", "question"),
        ("“You don’t like it?!”", "question"),
        ("好？ It is good", "question"),
    ],
)
def test_where_it_is_not_sure_there_is_none(text: str, refusal: str) -> None:
    assert negation(text) == refusal


def test_actions() -> None:
    assert negation("It is good.", insert=False) == negation("It is not good.", remove=False) == "no_place"


@settings(max_examples=200)
@given(
    text=st.one_of(
        st.text(max_size=60), st.lists(st.sampled_from("it is not n't 's don't , never has I".split())).map(" ".join)
    )
)
def test_any_text(text: str) -> None:
    for style in ("full", "contracted"):
        found = negation(text, style)
        if not isinstance(found, str):
            assert ordered(found.replacements, text)
            assert all(0 <= start <= end <= len(text) for start, end, _ in found.replacements)


def test_forms_of_verbs() -> None:
    assert (past("hurt"), past("admit"), past("stop"), third("do")) == ("hurt", "admitted", "stopped", "does")
    assert [third(verb) for verb in ("pass", "fix", "buzz", "do", "say", "fly")] == [
        "passes", "fixes", "buzzes", "does", "says", "flies",
    ]  # fmt: skip
    assert [past(verb) for verb in ("say", "enjoy", "try", "hope")] == ["said", "enjoyed", "tried", "hoped"]
    assert form_of("looks") == ("third", "look", True)
    assert form_of("gave") == ("past", "give", False)
