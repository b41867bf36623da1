"""Which of two English pronouns a form stands for: `her` (his or him), `his` (her or hers), by the words around it.

Rules over word lists, read from the next words and the one before; where they cannot tell, `her` is taken as the
determiner, which it is in most texts. Measured in docs/guides/augmentation-counterfactuals.md.
"""

from __future__ import annotations

import re

from curate.kernels.stop_words import STOP_WORDS

_FUNCTION = frozenset(STOP_WORDS["en"].split()) | frozenset(
    """me him us them theirs ours mine yours himself herself myself themselves itself yourself about above across
    after against along among around before behind below beneath beside between beyond despite down during except inside
    into like near off onto out outside over past since through throughout till toward towards under until unto up upon
    via within without because although though while whereas unless whether if when whenever where wherever how why
    whom whose am will would shall should can could might must cannot each every any some many much all both either
    neither none nobody everyone someone anything everything something nothing again yesterday today tomorrow tonight
    now then there here always never often ever also too else instead apart aside along away anyway already
    immediately altogether directly together therefore however wherein whereby rather quite just even not n't ' ’
    """.split()
)
_ALSO_ADJECTIVE = frozenset("past like inside outside near down then above many".split())
"""Function words that may stand before a noun: `her past`, `her inside story`."""
_DATIVE = frozenset(
    """give gives gave given giving tell tells told telling show shows showed showing send sends sent sending offer
    offers offered offering hand hands handed handing pay pays paid paying cost costs costing owe owes owed buy buys
    bought buying bring brings brought bringing ask asks asked asking teach teaches taught teaching lend lent
    call calls called calling wish wishes wished wishing grant granted deny denied allow allowed allows promise
    promised award awarded cause caused charge charged provide provided refuse refused""".split()
)
_GIVEN = frozenset(
    """advice money information permission credit time help food tips instructions directions flowers medicine hope
    strength courage pleasure comfort trouble documents happy luck shelter access feedback trouble nothing orders
    names treatment dollars""".split()
)
"""What is given, told or paid to a person more often than it is theirs: `gave her advice`."""
_LETTING = frozenset(
    """make makes made making let lets letting help helps helped helping have see sees saw seen seeing watch watches
    watched watching hear hears heard hearing feel felt notice noticed bid bade""".split()
)
"""Verbs with a person and a bare verb: `made her laugh`."""
_CAUSING = _LETTING | frozenset(
    """find finds found finding keep keeps kept keeping leave leaves left leaving catch catches caught catching get gets
    got getting stop stops stopped want wants wanted consider considered render renders rendered drove""".split()
)
_BARE_VERBS = frozenset(
    """feel look go come cry laugh do be think want know leave run walk talk speak sing dance die live sleep eat drink
    fall get take make give see hear say tell ask sit stand work play move stop start keep become seem appear appears
    believe understand realize remember forget suffer win lose grow change wait find let try kill use turn stay
    read write wonder smile scream shine act react escape have learn deal cope meet love hate fight
    follow regain discover perform succeed enter wear happen enjoy accept finish explain admit
    overcome create reveal identify solve pay send buy open cook clean pick prepare recover rise remain""".split()
)
_ADVERBS = frozenset(
    """well home back alone good better best worse right wrong once twice forever afterwards afterward
    everywhere anywhere somewhere later soon sooner earlier abroad upstairs downstairs inside outside long hard
    enough more most less least first only so very free alive dead happy sad angry mad crazy sick safe""".split()
)
"""Words that end a clause behind `him` and stand before a noun behind `his`: what follows them tells."""
_OBJECTS = frozenset("the a an it them him her his this that these those my your up".split())
"""What follows a bare verb and no noun: `watched her paint the wall`."""
_BESIDE = frozenset("behind beside around near below above".split())
_LY_NOUNS = frozenset("family belly fly jelly bully ally assembly reply supply lily folly".split())
_NUMBERS = frozenset("one two three four five six seven eight nine ten eleven twelve hundred thousand".split())
_LINKING = frozenset("is are was were be been being am s ’s 's".split())
_CLAUSE_END = re.compile(r"\s*(?:[.,;:!?)\]}…]|$|--|[-–—]\s|\.\.\.)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def owns(before: str, text: str, end: int) -> bool:
    """Whether `her` before `end` is the determiner (`his`), and not the object (`him`).

    Args:
        before: the word before it, in lower case; empty where there is none.
        text: the text.
        end: the character behind `her`.

    Example:
        >>> [
        ...     owns(*case)
        ...     for case in [("met", "met her mother", 7), ("met", "met her.", 7), ("made", "made her cry", 8)]
        ... ]
        [True, False, False]
    """
    if _CLAUSE_END.match(text, end):
        return False
    found = _WORD.search(text, end)
    if found is None or text[end : found.start()].strip(" \t\n\r\"'“‘*_"):
        return False
    word = found.group().lower()
    ends = _ends(text, found.end())
    if word in _FUNCTION:
        return word in _ALSO_ADJECTIVE and not ends
    if word in ("back", "home", "best", "first", "right") and before in _FUNCTION:
        return True
    if before in _BESIDE and word.endswith("ing"):
        return False
    if word in _ADVERBS or (word.endswith("ly") and word not in _LY_NOUNS):
        return word not in ("once", "twice", "forever") and not ends
    if word in _NUMBERS or word.isdigit():
        return before not in _DATIVE
    if before in _DATIVE and (word in _GIVEN or (not ends and _next_word(text, found.end()) in _GIVEN)):
        return False
    if before in _LETTING and _next_word(text, found.end()) in _OBJECTS:
        return False
    if before in _CAUSING:
        return not _complement(before, word, ends)
    return True


def owned_alone(text: str, end: int) -> bool:
    """Whether `his` before `end` stands for a noun (`hers`), and not before one (`her`).

    Example:
        >>> owned_alone("a friend of his.", 15), owned_alone("his own car", 3), owned_alone("his is better", 3)
        (True, False, True)
    """
    if _CLAUSE_END.match(text, end):
        return True
    found = _WORD.search(text, end)
    if found is None:
        return True
    word = found.group().lower()
    return (word in _FUNCTION and word not in _ALSO_ADJECTIVE) or word in _LINKING


def _ends(text: str, end: int) -> bool:
    """Whether no noun can follow at `end`: the clause ends, or a function word comes."""
    return _CLAUSE_END.match(text, end) is not None or _function_next(text, end)


def _function_next(text: str, end: int) -> bool:
    word = _next_word(text, end)
    return not word or word in _FUNCTION


def _next_word(text: str, end: int) -> str:
    found = _WORD.search(text, end)
    return found.group().lower() if found else ""


def _complement(before: str, word: str, ends: bool) -> bool:
    """Whether a word behind `made her` or `saw her` says what she does or is."""
    if word in _BARE_VERBS and before in _LETTING:
        return True
    return ends and word.endswith(("ing", "ed", "ful", "less", "ous", "able"))
