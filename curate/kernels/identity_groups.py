"""Nationalities and religions in English, form by form, and the swap of one group's words for another's.

A group that a text names becomes another one throughout the text: its country, adjective and people, its faith, house,
book and cleric. Written for this library; what is kept (`French fries`) are fixed phrases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement
from curate.kernels.stop_words import STOP_WORDS
from curate.kernels.substitution import vowel_sound

Kind = Literal["nationality", "religion"]

_NATIONALITIES = """
France French Frenchman French *|Germany German German Germans *|Italy Italian Italian Italians *
Spain Spanish Spaniard Spaniards *|Portugal Portuguese Portuguese Portuguese *|Greece Greek Greek Greeks *
Poland Polish Pole Poles *|Russia Russian Russian Russians *|Turkey Turkish Turk Turks *|Sweden Swedish Swede Swedes *
Norway Norwegian Norwegian Norwegians *|Denmark Danish Dane Danes *|Finland Finnish Finn Finns *
Hungary Hungarian Hungarian Hungarians *|China Chinese Chinese Chinese *|Japan Japanese Japanese Japanese *
Korea Korean Korean Koreans *|Vietnam Vietnamese Vietnamese Vietnamese *|Thailand Thai Thai Thais *
America American American Americans|Canada Canadian Canadian Canadians|Mexico Mexican Mexican Mexicans
Brazil Brazilian Brazilian Brazilians|Argentina Argentinian Argentinian Argentinians|Chile Chilean Chilean Chileans
Colombia Colombian Colombian Colombians|Cuba Cuban Cuban Cubans|Peru Peruvian Peruvian Peruvians
Britain British Briton Britons|Scotland Scottish Scot Scots|Ireland Irish Irishman Irish
Austria Austrian Austrian Austrians
Belgium Belgian Belgian Belgians|Switzerland Swiss Swiss Swiss|Ukraine Ukrainian Ukrainian Ukrainians
Romania Romanian Romanian Romanians|Australia Australian Australian Australians|Egypt Egyptian Egyptian Egyptians
Morocco Moroccan Moroccan Moroccans|Nigeria Nigerian Nigerian Nigerians|Kenya Kenyan Kenyan Kenyans
Ethiopia Ethiopian Ethiopian Ethiopians|Ghana Ghanaian Ghanaian Ghanaians|Somalia Somali Somali Somalis
India Indian Indian Indians|Pakistan Pakistani Pakistani Pakistanis|Iran Iranian Iranian Iranians
Iraq Iraqi Iraqi Iraqis|Syria Syrian Syrian Syrians|Israel Israeli Israeli Israelis|Lebanon Lebanese Lebanese Lebanese
Indonesia Indonesian Indonesian Indonesians
"""
_RELIGIONS = """
Christianity Christian Christian Christians church Bible priest|Islam Muslim Muslim Muslims mosque Quran imam
Judaism Jewish Jew Jews synagogue Torah rabbi|Hinduism Hindu Hindu Hindus temple Vedas pandit
Buddhism Buddhist Buddhist Buddhists temple Sutras lama
"""
_ALIASES = {"islamic": "muslim", "moslem": "muslim", "moslems": "muslims", "koran": "quran"}
_PEOPLE_FROM = 4  # the forms before say the group by themselves; house, book and cleric only beside them
_AMBIGUOUS = frozenset("polish turkey china pole poles chile dane finn swede lama church".split())
"""Words that mean something else in lower case."""
_KEPT = frozenset(
    phrase.strip()
    for phrase in """french fries|french toast|french kiss|french horn|swiss cheese|swiss army|indian summer
    |indian ocean|dutch oven
    |german shepherd|english breakfast|irish setter|danish pastry|turkish delight|brazil nut|thai boxing
    |african american|african americans|native american|native americans|latin american|latin america|north america
    |south america|american indian|american indians|north korea|south korea|american football|american express
    |american beauty|american pie|christian bale|christian slater|christian dior|north korean|north koreans
    |south korean|south koreans|new mexico|new mexican|new mexicans|america online|islamic jihad|islamic state
    |muslim brotherhood""".split("|")
)
_PLACES_OF = frozenset("gulf bank university sea".split())
"""What makes a name with `of` and a country behind it."""
_BOUND = frozenset(
    "jihad jihadi jihadis jihadist jihadists sharia hajj ramadan eid hijab halal kosher mitzvah yom kippur hanukkah "
    "passover shabbat zionist zionists christmas easter pope vatican diwali".split()
)
"""What only one religion has, so that a text with it has no counterpart."""
_WORD = re.compile(r"[^\W\d_]+")
_STOP = frozenset(STOP_WORDS["en"].split())
_ARTICLE = re.compile(r"(?<![^\W\d_])(an?) $", re.IGNORECASE)


class _Group:
    """One group: its forms in a fixed order, and whether its adjective names a language, too."""

    def __init__(self, said: str) -> None:
        forms = said.split()
        self.speaks = forms[-1] == "*"
        self.forms: Sequence[str] = forms[:-1] if self.speaks else forms


@cache
def _groups(kind: Kind) -> tuple[_Group, ...]:
    source = _NATIONALITIES if kind == "nationality" else _RELIGIONS
    return tuple(_Group(said) for line in source.strip().split("\n") for said in line.split("|"))


@cache
def _places(kind: Kind) -> Mapping[str, tuple[int, tuple[int, ...]]]:
    """For each word in lower case its group, and which of its forms it may be."""
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for number, group in enumerate(_groups(kind)):
        for at, form in enumerate(group.forms):
            owner, forms = found.get(form.lower(), (number, ()))
            if owner == number:
                found[form.lower()] = (number, (*forms, at))
    for alias, word in _ALIASES.items():
        if word in found:
            found[alias] = found[word]
    return found


def identity_swaps(text: str, draws: Draws, kind: Kind) -> list[Replacement]:
    """Every replacement that gives the groups a text names to others, ascending; none where it names none.

    Args:
        text: an English text.
        draws: which group stands for which; two groups of a text never become one.
        kind: nationalities or religions.

    Example:
        >>> from curate.kernels.replacing import replaced
        >>> text = "An Italian film, made in Italy; the Italians loved it."
        >>> replaced(text, identity_swaps(text, Draws(3), "nationality"))
        'A Spanish film, made in Spain; the Spaniards loved it.'
    """
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]
    if kind == "religion" and any(word.lower() in _BOUND for _, _, word in words):
        return []
    mentions = [(at, *told) for at in range(len(words)) if (told := _mention(text, words, at, kind)) is not None]
    named = dict.fromkeys(group for _, group, forms in mentions if forms[0] < _PEOPLE_FROM)
    partners = _partners(list(named), draws, kind)
    edits: list[Replacement] = []
    for at, group, forms in mentions:
        if group not in partners:
            continue
        start, end, old = words[at]
        new = _groups(kind)[partners[group]].forms[_form(text, words, at, forms)]
        new = new.upper() if old.isupper() and len(old) > 1 else new.lower() if old[0].islower() else new
        edits += [
            *article_swap(text, start, old, new),
            (start, end, new[0].upper() + new[1:] if old[0].isupper() else new),
        ]
    return edits


def _mention(
    text: str, words: Sequence[tuple[int, int, str]], at: int, kind: Kind
) -> tuple[int, tuple[int, ...]] | None:
    """The group and possible forms of a word, None where it names none."""
    word = words[at][2]
    told = _places(kind).get(word.lower())
    if told is None or (word[0].islower() and word.lower() in _AMBIGUOUS and told[1][0] < _PEOPLE_FROM):
        return None
    if at > 1 and words[at - 1][2] == "of" and words[at - 2][2].lower() in _PLACES_OF:
        return None
    for first, second in ((at - 1, at), (at, at + 1)):
        if first >= 0 and second < len(words) and f"{words[first][2]} {words[second][2]}".lower() in _KEPT:
            return None
    return told


def _partners(named: Sequence[int], draws: Draws, kind: Kind) -> dict[int, int]:
    """For each group that is named another one; groups whose adjective is a language get one whose is."""
    groups = _groups(kind)
    given: dict[int, int] = {}
    for group in named:
        free = [
            number
            for number, other in enumerate(groups)
            if number not in named and number not in given.values() and (other.speaks or not groups[group].speaks)
        ]
        if free:
            given[group] = draws.choice(free)
    return given


def _form(text: str, words: Sequence[tuple[int, int, str]], at: int, forms: Sequence[int]) -> int:
    """Which form a word has here: the adjective stands before a noun or alone, the person behind an article."""
    if len(forms) == 1 or 1 not in forms:
        return forms[0]
    after = at + 1 < len(words) and not text[words[at][1] : words[at + 1][0]].strip(" -")
    if after and words[at + 1][2].lower() not in _STOP:
        return 1
    before = words[at - 1][2].lower() if at else ""
    if before in ("a", "an", "every", "one", "each", "another", "this", "that") and 2 in forms:
        return 2
    return 3 if before in ("the", "many", "some", "all", "most", "few") and 3 in forms else 1


def article_swap(text: str, start: int, old: str, new: str) -> list[Replacement]:
    """The replacement of `a` or `an` before `start` where the new word begins with another sound than the old one.

    Example:
        >>> article_swap("an Italian film", 3, "Italian", "Swedish"), article_swap("a man", 2, "man", "woman")
        ([(0, 2, 'a')], [])
    """
    if vowel_sound(new) == vowel_sound(old):
        return []
    found = _ARTICLE.search(text, max(0, start - 4), start)
    if found is None:
        return []
    said = "an" if vowel_sound(new) else "a"
    mine = found.group(1)
    said = said.upper() if len(mine) == 2 and mine.isupper() else said.capitalize() if mine[0].isupper() else said
    return [(*found.span(1), said)]
