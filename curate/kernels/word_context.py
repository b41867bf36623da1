"""How likely each reading of an English word is between its neighbours: a few rules of grammar, no model.

After "the" stands no finite verb, after "she" no noun, after "will" a base form. What the neighbours do not decide
stays open, and a word whose reading is open is left alone by whoever asks. `curate.kernels.synonyms_wordnet` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from curate.kernels.inflection import Reading

_CLASSES = {
    "determiner": "a an the this these those my your his her its our their some any each every another such whose "
    "both what which several many few various",
    "to": "to",
    "modal": "will would can could should may might must shall do does did don't doesn't didn't won't can't "
    "cannot couldn't wouldn't shouldn't 'll let let's",
    "not": "not never n't",
    "subject": "i you he she it we they who there",
    "be": "is are was were be been being am isn't aren't wasn't weren't i'm you're we're they're he's she's "
    "it's that's seem seems seemed feel feels felt look looks looked become becomes became remain "
    "remains",
    "have": "have has had having i've you've we've they've haven't hasn't hadn't",
    "degree": "very too so quite rather extremely really pretty fairly utterly truly completely totally more "
    "most less least as how",
    "preposition": "of in for with by from at on about into than through without between over under during against "
    "among upon within across behind beyond like per via after before since until",
    "joint": "and or but nor if because while when where although though whether",
}
_CLASS = {word: name for name, words in _CLASSES.items() for word in words.split()}
PARTICLES = frozenset(
    "up out off on in over to at for with about of into from by down away back through along around across against "
    "after apart aside as forth forward like onto together toward towards under upon".split()
)
"""What makes another verb of the verb before it."""
FUNCTION_WORDS = (
    frozenset(word for words in _CLASSES.values() for word in words.split())
    | PARTICLES
    | frozenset(
        "given provided providing considering regarding concerning including following according supposing assuming "
        "me him them us mine yours hers ours theirs myself yourself himself herself itself ourselves themselves whom "
        "ought need used able be get gets got getting gotten go goes going went gone make makes made making take "
        "takes took taken taking come comes came coming give gives gave given giving put puts putting keep keeps kept "
        "keeping have had say says said saying know see sees saw seen no none nobody nothing neither never nowhere "
        "hardly scarcely barely seldom rarely little lack lacks lacking except unless all half whole only just even "
        "still yet already also again ever always often else then thus hence here now why one ones two three four "
        "five six seven eight nine ten eleven twelve hundred thousand million billion dozen first second third once "
        "twice zero yes ok okay please mr mrs ms dr st vs etc much enough own same other others lot lots kind sort "
        "thing things something anything everything someone anyone everyone somebody anybody everybody man woman men "
        "women boy girl boys girls people god ca wo ai s t m re ve ll d o p u x y z b c e f g h j k l n q r v w "
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
        "september october november december percent everyday".split()
    )
)
"""Words that are never replaced, nor put anywhere: they hold a sentence together, deny, count or name."""
NEGATIONS = frozenset(
    "no not none nobody nothing neither nor never nowhere hardly scarcely barely seldom rarely without cannot n't "
    "ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mustn't needn't shouldn't wasn't "
    "weren't won't wouldn't ain aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt neednt "
    "shouldnt wasnt werent wont wouldnt lack lacks lacking unless except".split()
)
"""Words that turn a sentence round."""
NEGATIONS_ELSEWHERE = frozenset(
    "nicht nichts nie niemals niemand nirgends kein keine keinen keinem keiner keines weder ohne "
    "no nunca jamás nadie nada ninguno ninguna ningún ni tampoco sin "
    "ne pas jamais rien personne aucun aucune sans 不 没 沒 未 无 無 非 别 別".split()
)
"""The same in German, Spanish, French and Chinese (single characters)."""


def situation(before: str, after: str) -> tuple[str, str]:
    """What the neighbours of a word say: the class of the one before and that of the one after.

    Example:
        >>> situation("the", "of"), situation("", "films")
        (('determiner', 'of'), ('edge', 'word'))
    """
    left = _CLASS.get(before, "word" if before else "edge")
    if after == "of":
        return left, "of"
    return left, "end" if not after or after in _CLASS or after in PARTICLES else "word"


def likelihood(reading: Reading, left: str, right: str) -> float:
    """How likely the neighbours are beside a word with this reading, against another reading; 0: they rule it out.

    Args:
        reading: part of speech and form.
        left: class of the word before, from `situation`.
        right: class of the word after, alike.
    """
    part, _, form = reading
    finite = part == "verb" and form in ("base", "s")
    if left == "determiner" and right in ("end", "of"):
        return float(part == "noun")
    if left in _RULED:
        return _RULED[left](part, form, finite)
    if right == "of":
        return 1.0 if part == "noun" else 0.1
    return 1.0


_RULED: Mapping[str, Callable[[str, str, bool], float]] = {
    "determiner": lambda part, form, finite: 0.0 if finite else 0.3 if part == "verb" else 1.0,
    "to": lambda part, form, finite: (5.0 if form == "base" else float(form == "ing")) if part == "verb" else 1.0,
    "modal": lambda part, form, finite: float(part == "adv" or (part == "verb" and form == "base")),
    "not": lambda part, form, finite: float(part != "noun" and (part != "verb" or form != "s")),
    "subject": lambda part, form, finite: float(part == "adv" or (part == "verb" and form != "ing")),
    "be": lambda part, form, finite: 0.0 if finite else 0.3 if part == "noun" else 1.0,
    "have": lambda part, form, finite: float(not finite and (part != "verb" or form != "ing")),
    "degree": lambda part, form, finite: 1.0 if part in ("adj", "adv") else 0.1,
    "adj": lambda part, form, finite: 1.0 if part in ("noun", "adj") else 0.1,
    "preposition": lambda part, form, finite: 0.0 if finite else 0.5 if part == "verb" and form == "ed" else 1.0,
}
"""How likely a reading is behind each class of word, from its part of speech, its form and whether it is finite."""
