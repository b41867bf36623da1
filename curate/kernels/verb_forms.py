"""Common English verbs and their forms, for what must add or take away `do`: `works`, `does not work`.

A short list is enough where a verb that is not in it is left alone, and needs no WordNet; irregular pasts as in Quirk
et al. 1985, "A Comprehensive Grammar of the English Language", chapter 3; the others by `curate.kernels.inflection`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from curate.kernels.inflection import verb_form

_IRREGULAR = """
become:became begin:began break:broke bring:brought build:built buy:bought catch:caught choose:chose come:came do:did
draw:drew drive:drove eat:ate fall:fell feel:felt fight:fought find:found forget:forgot get:got give:gave go:went
grow:grew have:had hear:heard hold:held keep:kept know:knew lead:led leave:left lose:lost make:made mean:meant meet:met
pay:paid run:ran say:said see:saw sell:sold send:sent sit:sat sleep:slept speak:spoke spend:spent stand:stood take:took
teach:taught tell:told think:thought throw:threw understand:understood wear:wore win:won write:wrote hit:hit put:put
let:let cost:cost set:set fit:fit show:showed stick:stuck sound:sounded deal:dealt hurt:hurt
""".split()
_REGULAR = """
accept achieve act add admit agree allow annoy answer appear apply appreciate argue arrive ask attempt avoid believe
belong bother call capture care carry cause change charge claim come compare complain connect consider contain continue
convey cover create cry dance decide deliver demand deserve die disappoint discover download enjoy entertain evoke
exist expect explain explore express fail fill finish follow function handle happen hate help hope imagine
improve include inspire intend involve irritate join jump kill lack last laugh learn like listen live look love manage
matter miss mind move need notice offer open own perform play please plug pick prefer present produce provide prove
pull push reach realize receive recommend reflect regret remain remember remind remove require respect respond return
reveal satisfy save seem serve share shine slow solve start stay stop succeed suffer suggest support surprise tend thank
touch transcend transfer trust try turn use visit wait walk want waste watch wish wonder work worry
""".split()
_DOUBLED = frozenset("admit regret transfer prefer".split())
"""Verbs of several syllables that double their last letter, which spelling alone does not tell."""
_AMBIGUOUS_NOUNS = frozenset(
    """acts answers attempts calls causes changes charges claims covers cries dances demands dies fails fills functions
    hates helps hits hopes jumps kills lacks laughs likes lives looks loves matters minds moves needs notices
    offers plays plugs presents produces pulls pushes reaches respects returns runs saves sets shares shows
    slows sounds stands starts sticks stops supports surprises tends thanks touches transfers trusts tries turns
    uses visits waits walks wants wastes watches wins wishes wonders works worries costs deals fits breaks
    builds drives falls feels fights finds holds leads meets means pays puts throws catches""".split()
)
"""Forms that are nouns, too: verbs for sure only behind a pronoun."""

_PLAIN_PASTS = frozenset(
    """became began broke came chose did drew drove ate fell forgot gave went grew knew saw spoke took threw wore
    wrote had""".split()
)
"""Pasts that are no participles, so that behind a noun they are its verb."""


class Form(NamedTuple):
    """What a word is: `base`, `third` (works) or `past`, of which verb, and whether it might be a noun or adjective."""

    kind: str
    verb: str
    ambiguous: bool


def third(verb: str) -> str:
    """The third person of a verb.

    Example:
        >>> [third(verb) for verb in ("try", "watch", "go", "have", "play")]
        ['tries', 'watches', 'goes', 'has', 'plays']
    """
    return "has" if verb == "have" else str(verb_form(verb, "s"))


def past(verb: str) -> str | None:
    """The past of a verb of the list; None of any other.

    Example:
        >>> past("carry"), past("stop"), past("give"), past("quetch")
        ('carried', 'stopped', 'gave', None)
    """
    return _pasts().get(verb)


def form_of(word: str) -> Form | None:
    """What form of which verb a word in lower case is; None: none of the list.

    Example:
        >>> form_of("delivers"), form_of("camera")
        (Form(kind='third', verb='deliver', ambiguous=False), None)
    """
    return _forms().get(word)


@cache
def _pasts() -> dict[str, str]:
    found = {verb: made for verb in _REGULAR if (made := _regular_past(verb)) is not None}
    found.update(dict(pair.split(":") for pair in _IRREGULAR))
    return found


def _regular_past(verb: str) -> str | None:
    return f"{verb}{verb[-1]}ed" if verb in _DOUBLED else verb_form(verb, "ed")


@cache
def _forms() -> dict[str, Form]:
    found: dict[str, Form] = {}
    for verb, before in _pasts().items():
        for kind, word in (("base", verb), ("third", third(verb)), ("past", before)):
            ambiguous = word not in _PLAIN_PASTS if kind == "past" else kind == "base" or word in _AMBIGUOUS_NOUNS
            found.setdefault(word, Form(kind, verb, ambiguous))
    return found
