"""English contractions: where one could be written out, or a long form short; only where there is one reading.

`'s` is *is*, *has* or a possessive, `'d` is *had* or *would*: what follows decides, and where it does not, they stay.
Used by `clean.contractions` and `augment.contraction`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from curate.kernels.replacing import Replacement

_NEGATED = frozenset("are could did do does had has have is must need should was were would might".split())
_IRREGULAR = {"ca": (0, "nnot"), "wo": (1, "ill not"), "sha": (0, "ll not")}
_SHORT = {"can": ("can", "'t"), "will": ("w", "on't"), "shall": ("sha", "n't")}
_SUBJECTS = frozenset("i you he she it we they this that there".split())
_HEADS = {
    "'m": ("am", frozenset(["i"])),
    "'re": ("are", frozenset("you we they who there".split())),
    "'ve": ("have", frozenset("i you we they who there could should would might must".split())),
    "'ll": ("will", frozenset("i you he she it we they that there who this what".split())),
}
_BE = {"i": "am", **dict.fromkeys(["you", "we", "they"], "are"), **dict.fromkeys("he she it that there".split(), "is")}
_WITH_S = frozenset("he she it that there what where who here how".split())
_WITH_D = frozenset("i you he she we they it who".split())
_ADVERBS = frozenset("not always just still never already also only so really quite".split())
_IS_BEFORE = frozenset("a an the my your his her our their its very too going on in at from about like".split())
_HAS_BEFORE = frozenset("been got become had".split())
_WOULD_BEFORE = frozenset("be have like love prefer rather say".split())
_HAD_BEFORE = frozenset("been better".split())
_NO_VERB = frozenset(
    "anything everything nothing something thing king ring spring string morning evening during sibling ceiling".split()
)
_LONG = re.compile(
    r"(?<![\w'’-])(?P<head>[A-Za-z]{1,6}?)(?P<tail>n['’]t|['’](?:m|re|ve|ll|s|d))(?![\w'’])", re.IGNORECASE
)
_VERBS = "|".join(sorted(_NEGATED - {"might", "must", "need"}))
_APART = re.compile(
    rf"(?<![\w'’-])(?:(?P<verb>can(?=not)|(?:can|will|shall|{_VERBS})(?= not))"
    rf" ?(?:not)(?! (?:only|but)\b)|(?P<subject>{'|'.join(_BE)}) (?P<be>am|are|is)(?! not\b))(?![\w'’-])",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\s([a-zA-Z]{1,20})\b(?:\s([a-zA-Z]{1,20})\b)?")


def expansions(text: str) -> Iterator[Replacement]:
    """The contractions of a text, each with its long form in the same case.

    Example:
        >>> list(expansions("I can't say it's John's."))
        [(2, 7, 'cannot')]
    """
    return _found(_LONG, _expanded, text)


def contractions(text: str) -> Iterator[Replacement]:
    """The long forms of a text that could be short, each with its short form in the same case.

    Example:
        >>> list(contractions("I do not know what it is."))
        [(2, 8, "don't")]
    """
    return _found(_APART, _contracted, text)


def _found(pattern: re.Pattern[str], form: Callable[[re.Match[str]], str], text: str) -> Iterator[Replacement]:
    for found in pattern.finditer(text):
        made = form(found)
        if made != found.group():
            yield found.start(), found.end(), made


def _expanded(found: re.Match[str]) -> str:
    head, tail = found["head"], found["tail"]
    first, ending = head.lower(), tail.lower().replace("’", "'")
    if ending == "n't":
        made = _negation(head, first) if _following(found)[0] not in _SUBJECTS else None
    else:
        word = _meaning(first, ending, found)
        made = f"{head} {word}" if word else None
    if made is None:
        return found.group()
    return made.upper() if tail[-1].isupper() else made


def _negation(head: str, first: str) -> str | None:
    if first in _IRREGULAR:
        cut, ending = _IRREGULAR[first]
        return head[: len(head) - cut] + ending
    return f"{head} not" if first in _NEGATED else None


def _meaning(first: str, ending: str, found: re.Match[str]) -> str | None:
    """The word an ending stands for; None where it may be one of two."""
    if ending in _HEADS:
        word, heads = _HEADS[ending]
        return word if first in heads else None
    if ending == "'s" and first == "let":
        return "us"
    follows = _deciding(found)
    if ending == "'s" and first in _WITH_S:
        return "has" if follows in _HAS_BEFORE else "is" if _after_is(follows) else None
    if ending == "'d" and first in _WITH_D:
        return "would" if follows in _WOULD_BEFORE else "had" if follows in _HAD_BEFORE else None
    return None


def _contracted(found: re.Match[str]) -> str:
    if found["verb"]:
        verb = found["verb"]
        kept, ending = _SHORT.get(verb.lower(), (verb, "n't"))
        return verb[: len(kept)] + (ending.upper() if found.group()[-1].isupper() else ending)
    subject, verb = found["subject"], found["be"]
    if _BE[subject.lower()] != verb.lower() or not _after_is(_deciding(found)):
        return found.group()
    return f"{subject}'{verb[-1] if verb.lower() != 'are' else verb[1:]}"


def _following(found: re.Match[str]) -> tuple[str, str]:
    """The next two words in lower case; empty where other characters stand between."""
    behind = _NEXT.match(found.string, found.end())
    return (behind[1].lower(), (behind[2] or "").lower()) if behind else ("", "")


def _deciding(found: re.Match[str]) -> str:
    """The next word, or the one behind an adverb."""
    first, second = _following(found)
    return second if first in _ADVERBS else first


def _after_is(word: str) -> bool:
    return word in _IS_BEFORE or (word.endswith("ing") and len(word) > 4 and word not in _NO_VERB)
