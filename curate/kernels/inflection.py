"""English inflection: which base forms a word may be of, and the same form of another word.

Irregular forms are those of WordNet's lists of exceptions (`noun.exc` and so on), the rules are those of its morphy
(morphy(7WN)) and, the other way round, of English spelling. Where a form is not certain there is none: a word left out
costs nothing, "informations" and "he shown" do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

Exceptions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Of each part of speech (noun, verb, adj, adv) the irregular forms with their base forms."""

INVARIANT = frozenset(
    "bet bid broadcast burst cast cost cut forecast hit hurt input knit let offset output put quit read recast reset "
    "rid set shed shut slit spit split spread sublet sweat telecast thrust typeset upset wed wet".split()
)
"""Verbs whose past is their base form, so that the form does not tell the tense."""
MASS = frozenset(
    "accommodation advice ammunition anger applause aviation bacon baggage blood bread butter cash chaos charity "
    "cinema clothing coal conduct cotton courage cultivation damage data dirt dust education electricity employment "
    "enjoyment entertainment equipment evidence fear feedback flesh flour footage fun furniture garbage gold gossip "
    "grain grass guidance happiness hardware harm hatred health heat heed help homework hospitality housing humanity "
    "humor humour hydrogen information intelligence jewellery jewelry justice knowledge labor labour laughter "
    "legislation leisure lightning literature livestock luck luggage machinery mail merchandise money moonlight mud "
    "music news nonsense nutrition oil oxygen patience peace permission petrol poetry pollution poverty pride produce "
    "progress propaganda publicity punctuation rain research rice rubbish sadness safety salt sand scenery seafood "
    "shopping sleep smoke snow software stuff sugar sunshine support tea thunder timber time traffic transport "
    "transportation travel trash trivia underwear vocabulary warmth waste wealth weather wheat wildlife wisdom wood "
    "wool".split()
)
"""Nouns that are not counted: no plural, no "a" before them."""
_RULES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "noun": (
        ("s", "", "s"),
        ("ses", "s", "s"),
        ("xes", "x", "s"),
        ("zes", "z", "s"),
        ("ches", "ch", "s"),
        ("shes", "sh", "s"),
        ("men", "man", "s"),
        ("ies", "y", "s"),
    ),
    "verb": (
        ("s", "", "s"),
        ("ies", "y", "s"),
        ("es", "", "s"),
        ("ied", "y", "ed"),
        ("ed", "e", "ed"),
        ("ed", "", "ed"),
        ("ing", "e", "ing"),
        ("ing", "", "ing"),
    ),
    "adj": (("er", "", "er"), ("er", "e", "er"), ("est", "", "est"), ("est", "e", "est")),
    "adv": (),
}
_ENDINGS = tuple({ending for rules in _RULES.values() for ending, _, _ in rules})
_VOWEL = re.compile(r"[aeiouy]+")
_DOUBLES = re.compile(r"[^aeiou]*[aeiou][bdgklmnprt]")
_HISSES = re.compile(r"(?:s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")


class Reading(NamedTuple):
    """What a word form may be.

    Attributes:
        part: noun, verb, adj or adv.
        lemma: its base form.
        form: `base`, `s` (plural; third person), `ed` (past and participle), `ing`, `er`, `est`.
    """

    part: str
    lemma: str
    form: str


class Inflection:
    """Inflection with the irregular forms given.

    Args:
        exceptions: irregular forms.
        known: whether there is such a base form of that part of speech.

    Example:
        >>> made = Inflection({"verb": {"went": ("go",), "gone": ("go",)}}, lambda word, part: word in ("go", "film"))
        >>> made.readings("films")
        [Reading(part='noun', lemma='film', form='s'), Reading(part='verb', lemma='film', form='s')]
        >>> made.inflected("shoot", "verb", "ing"), made.inflected("go", "verb", "ed")
        ('shooting', None)
    """

    def __init__(self, exceptions: Exceptions, known: Callable[[str, str], bool]) -> None:
        self._exceptions = exceptions
        self._known = known

    def readings(self, word: str) -> list[Reading]:
        """Every part of speech, base form and form a word in lower case may be."""
        found: dict[Reading, None] = {}
        exceptions = self._by_form.get(word, {})
        for part, rules in _RULES.items():
            irregular = exceptions.get(part, ())
            for lemma in irregular:
                if lemma != word and self._known(lemma, part):
                    found[Reading(part, lemma, _form(word, part))] = None
            if self._known(word, part):
                found[Reading(part, word, "base")] = None
            if (not irregular or irregular == (word,)) and word.endswith(_ENDINGS):
                found |= dict.fromkeys(self._regular(word, part, rules))
        return list(found)

    def _regular(self, word: str, part: str, rules: Sequence[tuple[str, str, str]]) -> Iterator[Reading]:
        for ending, instead, form in rules:
            if word.endswith(ending):
                lemma = word[: len(word) - len(ending)] + instead
                if len(lemma) > 1 and self._known(lemma, part) and self.inflected(lemma, part, form) == word:
                    yield Reading(part, lemma, form)

    def inflected(self, lemma: str, part: str, form: str) -> str | None:
        """A form of a base form; None where there is none or it is not certain."""
        if form == "base":
            return lemma
        irregular = [one for one in self._irregular.get((part, lemma), ()) if _form(one, part) == form]
        if len(irregular) > 1:
            return None
        rule = {"noun": _plural, "verb": verb_form, "adj": _compared}.get(part)
        if rule is None or (
            irregular and part == "verb" and form == "ed" and not _is_past_and_participle(irregular[0])
        ):
            return None
        if irregular:
            return irregular[0]
        if part == "verb" and form == "ed" and self._has_doubled(lemma):
            return None
        return rule(lemma, form)

    def _has_doubled(self, lemma: str) -> bool:
        """Whether a verb doubles its last letter before -ing, but has no such past: "put", "cut"."""
        return f"{lemma}{lemma[-1]}ing" in self._irregular.get(("verb", lemma), ())

    @cached_property
    def _by_form(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for part, forms in self._exceptions.items():
            for form, lemmas in forms.items():
                found.setdefault(form, {})[part] = lemmas
        return found

    @cached_property
    def _irregular(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for part, forms in self._exceptions.items():
            for form, lemmas in forms.items():
                if form != lemmas[0]:
                    found.setdefault((part, lemmas[0]), []).append(form)
        return found


def _form(word: str, part: str) -> str:
    """Which form an irregular one is."""
    if part == "noun":
        return "s"
    if part == "verb":
        return "ing" if word.endswith("ing") else "s" if word.endswith("s") else "ed"
    return "est" if word.endswith("st") else "er"


def _is_past_and_participle(past: str) -> bool:
    """Whether the one irregular past of a verb is its participle, too; "shown" and "came" are one of both only."""
    return not re.search(r"(?:[^aeiou]en|[wrl]n|came|ran|swollen)$", past)


def _plural(lemma: str, form: str) -> str | None:
    if lemma in MASS or re.search(r"(?:[^s]s|ics|[^aeiou]o|ness|[a-z]ware|ism)$", lemma):
        return None
    return _with_s(lemma)


def _with_s(lemma: str) -> str:
    if _CONSONANT_Y.search(lemma):
        return lemma[:-1] + "ies"
    return lemma + ("es" if _HISSES.search(lemma) else "s")


def verb_form(lemma: str, form: str) -> str | None:
    """A form of a verb by the rules of spelling alone, as if it were regular; None where no rule is certain.

    Example:
        >>> verb_form("carry", "s"), verb_form("stop", "ed"), verb_form("die", "ing"), verb_form("cut", "ed")
        ('carries', 'stopped', 'dying', None)
    """
    if lemma in INVARIANT and form == "ed":
        return None
    if form == "s":
        return lemma + "es" if re.search(r"[^aeiou]o$", lemma) else _with_s(lemma)
    if form == "ing":
        if lemma.endswith("ie"):
            return lemma[:-2] + "ying"
        stem = lemma[:-1] if re.search(r"[^eoy]e$", lemma) and lemma != "be" else lemma
        return (stem + stem[-1] if _DOUBLES.fullmatch(stem) and stem == lemma else stem) + "ing"
    if lemma.endswith("e"):
        return lemma + "d"
    if _CONSONANT_Y.search(lemma):
        return lemma[:-1] + "ied"
    return (lemma + lemma[-1] if _DOUBLES.fullmatch(lemma) else lemma) + "ed"


def _compared(lemma: str, form: str) -> str | None:
    """Of short words only: longer ones are compared with "more", which is another word."""
    syllables = len(_VOWEL.findall(lemma.removesuffix("e")))
    if _CONSONANT_Y.search(lemma) and syllables <= 2:
        return lemma[:-1] + "i" + form
    if syllables > 1:
        return None
    if lemma.endswith("e"):
        return lemma + form[1:]
    return (lemma + lemma[-1] if _DOUBLES.fullmatch(lemma) else lemma) + form
