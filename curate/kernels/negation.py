"""Negation of English sentences: `not` put in or taken out, with auxiliaries, contractions and `do`.

Minimal pairs as contrast sets have them (Gardner et al. 2020; Kaushik, Hovy & Lipton 2020), by rule. Where the place of
the negation is not sure there is none: a refusal costs a row, a sentence that says something else costs a label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from curate.kernels.replacing import Replacement
from curate.kernels.verb_forms import form_of, past, third

Style = Literal["full", "contracted"]

_WORD = re.compile(r"n['’]t\b|['’](?:s|re|m|ve|ll|d)\b|[^\W\d_]+(?:['’](?:[^\W\d_]+))?|\d+|[^\w\s]", re.IGNORECASE)
_AUXILIARIES = frozenset(
    "is are was were am can could will would should must may might shall do does did has have had".split()
)
_CONTRACTED = {
    "can": "can't", "will": "won't", "shall": "shan't", "am": "am not", "may": "may not", "might": "might not",
}  # fmt: skip
_UNCONTRACTED = {"can't": "can", "cannot": "can", "won't": "will", "shan't": "shall", "ain't": "is"}
_CUT = {"wo": "will", "ca": "can", "sha": "shall"}
"""What stands before `n't` where a tokeniser split it off."""
_JOINED = {"s": "it that he she there here what who this everything", "re": "they you we", "m": "i"}
_PRONOUNS = frozenset("i you he she it we they this that these those there everyone everything nobody".split())
_SUBJECTS = frozenset("i you he she it we they".split())
_THIRD = frozenset("he she it this that everyone everything".split())
_DETERMINERS = frozenset(
    "a an the my your his her its our their no any some every each to of for with by in on at".split()
)
_SUBORDINATE = frozenset(
    """who which that because if when although though while whereas unless as since whether where whose what how why
    than until till before after whom""".split()
)
_OPENING = frozenset("and but so or then yet overall that think thought believe say said know hope".split())
_NEGATIVE = frozenset(
    """not no never none nobody nothing nowhere neither nor without hardly barely scarcely rarely seldom lacks lack
    cannot few little nt dont doesnt didnt isnt wasnt cant wont""".split()
)
_FIXED = re.compile(
    r"(?<=\w) ['’]t\b|\bain['’]t\b"
    r"|\b(?:not (?:even|only|just|merely|simply|so much|to mention|until|least|withstanding|exactly|surprisingly|bad"
    r"|without|nearly|necessarily|all|every)"
    r"|not (?:by|in|for|because|from|as|to|with)\b"
    r"|(?:or|why|if|whether|but|certainly|probably|perhaps|maybe|hopefully|of course) not"
    r"|ca(?:n['’]t|n ?not| n['’]t) (?:wait|help|go wrong|beat|complain|recommend|say enough|get enough|believe)"
    r"|(?:don['’]t|do not) (?:get me wrong|worry|hesitate|miss)"
    r"|n ['’]t|couldn['’]t (?:be|ask|agree)|could not (?:be|ask|agree))"
    r"|n['’]t (?:it|he|she|they|you|we|only|just|merely|simply)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？](?!\w)")
"""The mark of a question, not one inside an address."""
_ADVERBS = frozenset("also still just really always often very so even only actually already usually probably".split())
_FOCUSING = frozenset("only just simply merely also".split())
_ANY = {"any": "some", "anything": "something", "anyone": "someone", "anybody": "somebody", "anywhere": "somewhere"}
_SOME = {some: anything for anything, some in _ANY.items()}
_PARTICIPLE = re.compile(
    r"(?:\w+ed|\w+en|been|done|gone|made|had|got|lost|found|kept|said|told|come|become|run|put|left)$"
)


class Negated(NamedTuple):
    """What turns a text round: the replacements, and whether a negation came (`negated`) or went (`affirmed`)."""

    replacements: list[Replacement]
    kind: Literal["negated", "affirmed"]


class _Words(NamedTuple):
    """The words and marks of a text, in lower case with straight apostrophes, and where they lie."""

    spans: Sequence[tuple[int, int]]
    low: Sequence[str]

    def word(self, at: int) -> str:
        return self.low[at] if 0 <= at < len(self.low) else ""

    def after(self, at: int) -> int:
        """The next word that is no adverb."""
        at += 1
        while self.word(at) in _ADVERBS or (self.word(at).endswith("ly") and len(self.word(at)) > 4):
            at += 1
        return at


def negation(text: str, style: Style = "full", *, insert: bool = True, remove: bool = True) -> Negated | str:
    """The smallest edit that turns what an English text says round.

    A text with one negation loses it, a text without gets one at its first main verb.

    Args:
        text: an English text.
        style: `not`, or `n't` where there is such a form.
        insert: texts without a negation may get one.
        remove: texts with one may lose it.

    Returns:
        The replacements; or a refusal: `no_place` where no verb is sure or a `but` divides the text,
        `negated_otherwise` where it holds several negations, or one that is no `not`, `n't` or `never`; `question`
        where it asks: `Isn't it good?` denies nothing.

    Example:
        >>> from curate.kernels.replacing import replaced
        >>> texts = ["It works well.", "The plot is not good.", "I didn't like it.", "He has seen some of them."]
        >>> [replaced(text, negation(text).replacements) for text in texts]
        ['It does not work well.', 'The plot is good.', 'I liked it.', 'He has not seen any of them.']
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    words = _Words(spans, [text[start:end].lower().replace("’", "'") for start, end in spans])
    if _QUESTION.search(text):
        return "question"
    at = [n for n, word in enumerate(words.low) if word in _NEGATIVE or word.endswith("n't")]
    if len(at) > 1 or _FIXED.search(text):
        return "negated_otherwise"
    if "but" in words.low:
        return "no_place"
    if at:
        found = _without(words, at[0], text) if remove else None
        kind: Literal["negated", "affirmed"] = "affirmed"
        other = words.low[at[0]] not in ("not", "never", "cannot") and not words.low[at[0]].endswith("n't")
        refusal = "negated_otherwise" if other else "no_place"
    else:
        found = _with(words, style, text) if insert else None
        kind, refusal = "negated", "no_place"
    if found and text.isupper():
        found = [(start, end, new.upper()) for start, end, new in found]
    return Negated(found, kind) if found else refusal


def _without(words: _Words, at: int, text: str) -> list[Replacement] | None:
    """The edits that take the negation at `at` out."""
    low, (start, end) = words.low[at], words.spans[at]
    edits: list[Replacement] | None
    if low == "n't" and words.word(at - 1) in _CUT:
        edits = [(words.spans[at - 1][0], end, _like(_CUT[words.word(at - 1)], text[slice(*words.spans[at - 1])]))]
    elif low == "n't":
        edits = _undone(words, words.word(at - 1), at - 1, at + 1, text) or [_cut(text, start, end)]
    elif low.endswith("n't") or low == "cannot":
        said = _UNCONTRACTED.get(low, low[:-3])
        verb = at + 1
        edits = _undone(words, said, at, verb, text) or [(start, end, _like(said, text[start:end]))]
    elif low in ("not", "never"):
        before = words.word(at - 1)
        if low == "never" and at and before not in _AUXILIARIES | _PRONOUNS:
            return None
        edits = _undone(words, before, at - 1, at + 1, text) if before in ("do", "does", "did") else None
        edits = edits or [_cut(text, start, end)]
    else:
        return None
    follows = words.word(at + 1)
    if not follows or not follows[0].isalnum() or (low.endswith("n't") and _commands(words, at)):
        return None
    if _is_aside(words, at) or (low == "not" and not _follows_verb(words, at)):
        return None
    return [*edits, *_polar(words, at, _ANY)]


def _is_aside(words: _Words, at: int) -> bool:
    """Whether a negation stands in a clause that the judgement does not hang on: `those who are not`."""
    for place in range(at - 1, -1, -1):
        if words.low[place] in ",;:.!?()":
            return False
        if words.low[place] in _SUBORDINATE and not _opens(words, place):
            return True
    return words.low[0] in _SUBORDINATE - {"that"} and "," in words.low[at:]


def _follows_verb(words: _Words, at: int) -> bool:
    """Whether `not` is that of a verb, `is not`, and not of a phrase: `a toy, not a phone`."""
    before = next((low for low in reversed(words.low[:at]) if low not in _ADVERBS), "")
    return before in _AUXILIARIES | _SUBJECTS or before.rpartition("'")[2] in _JOINED


def _commands(words: _Words, at: int) -> bool:
    """Whether a negation is that of a command: `don't` opens a clause, or `be` follows."""
    place = at - 1 if words.low[at] == "n't" else at
    return words.word(place) in ("do", "don't") and (_opens(words, place) or words.word(at + 1) == "be")


def _undone(words: _Words, said: str, at: int, verb: int, text: str) -> list[Replacement] | None:
    """`does not work` as `works`: the edits that take `do` away; None where the verb is not known."""
    verb, first = words.after(verb - 1), verb
    known = form_of(words.word(verb))
    if said not in ("do", "does", "did") or known is None or known.verb != words.word(verb):
        return None
    new = {"do": known.verb, "does": third(known.verb), "did": past(known.verb)}[said]
    if new is None or (said == "do" and words.word(at - 1) not in _PRONOUNS):
        return None
    start, (low, high) = words.spans[at][0], words.spans[verb]
    if verb == first:
        return [(start, high, _like(new, text[slice(*words.spans[at])]))]
    return [(start, words.spans[first][0], ""), (low, high, new)]


def _with(words: _Words, style: Style, text: str) -> list[Replacement] | None:
    """The edits that put a negation in at the first verb that is sure and in a main clause; None: there is none."""
    barred = False
    for at, low in enumerate(words.low):
        if low in ",;:.!?()":
            barred = False
        elif low in _SUBORDINATE and not (_opens(words, at) and low == "that"):
            barred = True
        edits = None if barred else _negated(words, at, style, text)
        if edits:
            return [*edits, *_polar(words, at, _SOME)]
    return None


def _opens(words: _Words, at: int) -> bool:
    """Whether a clause opens at a word: it is the first, or a mark or conjunction stands before."""
    before = words.word(at - 1)
    return not before or not before[0].isalnum() or before in _OPENING or before.endswith("ly")


def _negated(words: _Words, at: int, style: Style, text: str) -> list[Replacement] | None:
    low, before, following = words.low[at], words.word(at - 1), words.word(words.after(at))
    (start, end) = words.spans[at]
    if (before in _SUBJECTS and not _opens(words, at - 1)) or words.word(at + 1) in _FOCUSING:
        return None
    if "'" in low:
        stem, _, ending = low.rpartition("'")
        stem = stem or before
        return [(end, end, " not")] if stem in _JOINED.get(ending, "").split() and following else None
    if low not in _AUXILIARIES:
        return _with_do(words, at, style, text)
    if before in _DETERMINERS or not following or not (following[0].isalnum()):
        return None
    if following in _SUBJECTS:
        place = words.spans[words.after(at)][1]
        return [(place, place, " not")] if low not in ("has", "have", "had") else None
    if low in ("has", "have", "had") and not _PARTICIPLE.match(following):
        return _with_do(words, at, style, text)
    known = form_of(following)
    if low in ("do", "does", "did") and (known is None or known.verb != following):
        return None
    return (
        [(start, end, _like(_CONTRACTED.get(low, f"{low}n't"), text[start:end]))]
        if style == "contracted"
        else [(end, end, "not" if low == "can" else " not")]
    )


def _with_do(words: _Words, at: int, style: Style, text: str) -> list[Replacement] | None:
    """`works` as `does not work`."""
    known, subject, place = form_of(words.low[at]), words.word(at - 1), at - 1
    if words.word(at + 1) == "to" and words.word(at + 2) in ("admit", "say", "confess", "wonder"):
        return None
    if subject in _ADVERBS:
        subject, place = words.word(at - 2), at - 2
    if subject in _SUBJECTS and not _opens(words, place):
        return None
    if known is None or not subject or subject in _DETERMINERS or not subject[0].isalpha() or subject in _OPENING:
        return None
    if known.kind == "base" and subject not in ("i", "you", "we", "they"):
        return None
    if subject not in _PRONOUNS and (known.ambiguous or subject in _AUXILIARIES or subject in _ADVERBS):
        return None
    if known.kind == "third" and subject in ("i", "you", "we", "they"):
        return None
    support = {"base": "do", "third": "does", "past": "did"}[known.kind]
    joined = f"{support}n't" if style == "contracted" else f"{support} not"
    start, end = words.spans[at]
    return [(start, end, _like(f"{joined} {known.verb}", text[start:end]))]


def _polar(words: _Words, at: int, table: dict[str, str]) -> list[Replacement]:
    """`some` as `any` and the like, behind the verb as far as the clause goes."""
    edits: list[Replacement] = []
    for place in range(at + 1, len(words.low)):
        if not words.low[place][0].isalnum() or words.low[place] in ("but", "because", "and"):
            break
        if words.low[place] in table:
            edits.append((*words.spans[place], table[words.low[place]]))
    return edits


def _cut(text: str, start: int, end: int) -> Replacement:
    """The replacement that takes a word out with the spaces on one side."""
    while end < len(text) and text[end] in " \t":
        end += 1
    if end == len(text) or not text[end].isalnum():
        while start and text[start - 1] in " \t":
            start -= 1
        end -= len(text[start:end]) - len(text[start:end].rstrip(" \t"))
    return start, end, ""


def _like(new: str, old: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new[0].upper() + new[1:] if old[0].isupper() else new
