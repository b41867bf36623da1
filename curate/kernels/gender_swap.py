"""Gender swaps of an English text, coherently: words, titles, kin, names and pronouns together, or not at all.

Counterfactual data augmentation as in Lu et al. 2018 ("Gender Bias in Neural NLP") and Hall Maudslay et al. 2019
("It's All in the Name", names in pairs). Between `gender_words` (the lists), `pronouns` (her: his or him) and
`augment.counterfactual`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from curate.kernels.draws import Draws
from curate.kernels.gender_words import BOUND, TITLES, WORDLIKE_NAMES, gender_words
from curate.kernels.pronouns import owned_alone, owns
from curate.kernels.replacing import Replacement

Direction = Literal["both", "forward", "backward"]
Names = Literal["drawn", "paired", "keep"]

_WORD = re.compile(r"(?<!\w)(?:ma['’]am|[^\W\d_]+)(?!\w)", re.IGNORECASE)
_KEPT_BEFORE = {
    "man": "oh hey no-man's iron spider",
    "boy": "oh attaboy",
    "boys": "beach",
    "lord": "oh good my dear the our",
    "father": "founding",
    "fathers": "founding",
    "guys": "you these those hey",
    "king": "burger",
    "queen": "dairy drama beauty",
    "queens": "drama beauty",
    "brothers": "warner marx coen",
    "girls": "mean",
    "wife": "midwife",
}
_KEPT_AFTER = {
    "mother": "nature tongue tongues board boards lode earth ship ships teresa",
    "father": "christmas",
    "king": "kong size sized crab crabs cobra cobras prawn prawns salmon lear",
    "queen": "size sized bee bees ant ants",
    "prince": "charming",
    "lady": "luck bug gaga macbeth",
    "man": "kind power",
    "bachelor": "s",
    "lord": "of",
    "lords": "of",
    "dad": "joke",
    "maternity": "ward",
    "grandfather": "clock clocks clause",
    "sister": "company companies site sites ship ships city cities",
}
_HYPHENED = frozenset("ex step half great god grand co non vice self twin anti pro all".split())
_PLACES = frozenset(
    """street avenue road square station university college hospital park bridge lake river county island beach house
    airport church stadium hotel school city falls bay hills street tower""".split()
)
_SAINTS = frozenset("st saint san santa sao são fort port mount lake".split())
_PERSON_VERBS = frozenset(
    """is was has had says said feels felt makes made goes went does did will would can could found told tells asked
    wants wanted loves loved thinks thought knows knew plays played looks looked and or who""".split()
)


class _Text:
    """A text, its words and where they lie."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [match.span() for match in _WORD.finditer(text)]
        self.words = [text[start:end] for start, end in self.spans]
        self.low = [word.lower().replace("’", "'") for word in self.words]

    def near(self, at: int, step: int) -> str:
        """The word beside in lower case, where nothing but spaces, a hyphen or an apostrophe lies between."""
        other = at + step
        if not 0 <= other < len(self.low):
            return ""
        first, second = sorted((at, other))
        gap = self.text[self.spans[first][1] : self.spans[second][0]]
        return self.low[other] if gap.strip(" \t-'’") == "" else ""

    def begins(self, at: int) -> bool:
        """Whether a word begins a sentence: nothing, or a mark that ends one, lies before it."""
        start = self.spans[at][0]
        low = self.spans[at - 1][1] if at else 0
        gap = self.text[low:start]
        return at == 0 or any(mark in gap for mark in '.!?\n:;"“”()[]-—–*')

    def mark(self, at: int, step: int) -> str:
        """The character right before (-1) or behind (1) a word; empty at the ends of the text."""
        start, end = self.spans[at]
        return self.text[start - 1 : start] if step < 0 else self.text[end : end + 1]


def gender_swaps(
    text: str, draws: Draws, *, direction: Direction = "both", names: Names = "drawn"
) -> list[Replacement] | str:
    """Every replacement that turns the genders of a text round, ascending; a refusal where it has no counterpart.

    Args:
        text: an English text.
        draws: where names come from; the same name has the same partner throughout the text.
        direction: `forward` turns men into women only, `backward` women into men.
        names: `drawn`: another name at random; `paired`: its partner in the list, so that swapping twice is no change;
            `keep`: names stay as they are.

    Returns:
        Replacements, none where nobody's gender is said; or `bound_to_gender` where a word of one sex's body stands.

    Example:
        >>> from curate.kernels.replacing import replaced
        >>> text = "Mr. Lee gave her his car, a gift of his; she thanked him."
        >>> replaced(text, gender_swaps(text, Draws(1)))
        'Ms. Lee gave him her car, a gift of hers; he thanked her.'
    """
    told = _Text(text)
    renamed = _Names(told, draws, direction, names)
    found: list[Replacement] = []
    for at, low in enumerate(told.low):
        new = _word(told, at, low, direction) or renamed.partner(at)
        if new is not None and new != low:
            found.append((*told.spans[at], cased(new, told.words[at])))
    if found and not BOUND.isdisjoint(told.low):
        return "bound_to_gender"
    return found


def _word(told: _Text, at: int, low: str, direction: Direction) -> str | None:
    """What stands for a word that is no name; None: it stays."""
    new = _to_male(told, at, low) if direction != "forward" else None
    if new is None and direction != "backward":
        new = _to_female(told, at, low)
    if new is None or low in ("he", "she", "him", "her", "his", "hers", "himself", "herself"):
        return new
    return None if _fixed(told, at, low) else new


def _to_male(told: _Text, at: int, low: str) -> str | None:
    if low == "her":
        if told.words[at] == "Her" and told.near(at, 1) in ("majesty", "highness"):
            return "his"
        return "his" if owns(told.near(at, -1), told.text, told.spans[at][1]) else "him"
    if low in ("mrs", "ms", "miss"):
        return "mr" if _titles(told, at) else None
    if low == "dame":
        return "sir" if _titles(told, at) else None
    return "his" if low == "hers" else gender_words().to_male.get(low)


def _to_female(told: _Text, at: int, low: str) -> str | None:
    if low == "his":
        return "hers" if owned_alone(told.text, told.spans[at][1]) else "her"
    if low == "him":
        return "her"
    if low in TITLES and _titles(told, at):
        return TITLES[low]
    return gender_words().to_female.get(low)


def _titles(told: _Text, at: int) -> bool:
    """Whether a title stands before a name: both with a capital, nothing but a full stop and spaces between."""
    if at + 1 >= len(told.words) or not told.words[at][0].isupper() or not told.words[at + 1][0].isupper():
        return False
    return told.text[told.spans[at][1] : told.spans[at + 1][0]].strip(" ") in ("", ".")


def _fixed(told: _Text, at: int, low: str) -> bool:
    """Whether a word is part of a fixed phrase, a compound or a proper name, and says no person's gender."""
    before, after = told.near(at, -1), told.near(at, 1)
    if before in _KEPT_BEFORE.get(low, "").split() and before:
        return True
    if after in _KEPT_AFTER.get(low, "").split() and after:
        return True
    if low in ("man", "boy", "brother") and told.begins(at) and told.mark(at, 1) in (",", "!"):
        return True
    if told.mark(at, -1) == "-" and before not in _HYPHENED:
        return True
    if told.mark(at, 1) == "-" and after not in ("in", "to", "and", "like"):
        return bool(after)
    return _proper(told, at)


def _proper(told: _Text, at: int) -> bool:
    """Whether a capital makes a word part of a name: `Stephen King`, `Spice Girls`, `Mad Men`."""
    word = told.words[at]
    if not word[0].isupper() or word.isupper() or at == 0 or told.begins(at):
        return False
    if told.near(at, -1) in gender_words().names and word in ("King", "Prince", "Lord", "Baron", "Duke", "Bride"):
        return True
    before = told.words[at - 1]
    joined = told.text[told.spans[at - 1][1] : told.spans[at][0]] in (" ", "-")
    return joined and before[0].isupper() and len(before) > 1 and not before.isupper() and not told.begins(at - 1)


class _Names:
    """The partners of the first names of one text."""

    def __init__(self, told: _Text, draws: Draws, direction: Direction, names: Names) -> None:
        words = gender_words()
        self._told, self._draws, self._how = told, draws, names
        self._sides = {}
        if names != "keep" and direction != "backward":
            self._sides.update(dict.fromkeys(words.male_names, (words.male_names, words.female_names)))
        if names != "keep" and direction != "forward":
            self._sides.update(dict.fromkeys(words.female_names, (words.female_names, words.male_names)))
        self._given: dict[str, str] = {}

    def partner(self, at: int) -> str | None:
        """The name that stands for the word `at`; None: it is no name."""
        low = self._told.low[at]
        if low not in self._sides or not self._names(at, low):
            return None
        if low not in self._given:
            self._given[low] = self._pick(low, *self._sides[low])
        return self._given[low]

    def _pick(self, low: str, own: Sequence[str], other: Sequence[str]) -> str:
        if self._how == "paired":
            return other[own.index(low)]
        taken = {*self._told.low, *self._given.values()}
        free = [name for name in other if name not in taken and name not in WORDLIKE_NAMES]
        return self._draws.choice(free or other)

    def _names(self, at: int, low: str) -> bool:
        """Whether the word `at` names a person here."""
        told = self._told
        if not told.words[at][0].isupper() or told.near(at, -1) in _SAINTS or told.near(at, 1) in _PLACES:
            return False
        if at and told.text[told.spans[at - 1][1] : told.spans[at][0]] == ". " and told.low[at - 1] in _SAINTS:
            return False
        if self._behind_a_name(at):
            return False
        if low not in WORDLIKE_NAMES:
            return True
        if told.near(at, 1) in _PERSON_VERBS:
            return True
        if told.near(at, -1) in ("in", "across", "near", "around"):
            return False
        return not told.begins(at) and not self._surname(at)

    def _behind_a_name(self, at: int) -> bool:
        """Whether a first name stands right before, so that this one is a family name: `Steve Martin`."""
        told = self._told
        if at == 0 or told.text[told.spans[at - 1][1] : told.spans[at][0]] != " ":
            return False
        return told.words[at - 1][0].isupper() and told.low[at - 1] in gender_words().names

    def _surname(self, at: int) -> bool:
        """Whether a name stands behind another word with a capital: a family name, or a place."""
        told = self._told
        joined = told.near(at, -1) != ""
        return at > 0 and joined and told.words[at - 1][0].isupper() and not told.begins(at - 1)


def cased(new: str, old: str) -> str:
    """A new word in the case of the old one.

    Example:
        >>> cased("aunt", "UNCLE"), cased("aunt", "Uncle"), cased("aunt", "uncle")
        ('AUNT', 'Aunt', 'aunt')
    """
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
