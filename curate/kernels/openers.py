"""Words that begin a sentence right before a quantity (`Bought 12 apples`), unlike a name (`Flight 103`).

Written for this library: verbs, adverbs and the like of English, German, French and Spanish that no usual name with a
number is made of (so not *book*, *plan* or *type*). Used by `curate.kernels.numerals`.
"""

from __future__ import annotations

from curate.kernels.stop_words import STOP_WORDS
from curate.kernels.word_context import FUNCTION_WORDS

_VERBS = (
    "accept add added allow answered arrested ask asked assume attended bake begin borrowed bought bring broke "
    "brought build built buy buying call choose collect collected completed contains cook cost costs count "
    "counted covers created cut deduct delivered detected did divide donated donate drank drew drink drove earned "
    "eat employed enter estimate expect featured fed fell fetch fill find finish finished fold fought found "
    "gained gathered grew guess harvested has heat held hire hired identified imagine includes injured insert "
    "invite invited issued keep kept killed killing kills knead launched learn leave left lend lent let list lose "
    "lost made mean measures meet met mix multiply name need needed needs offer opened ordered owe owns paid pay "
    "paying planted play played please posted pour prepare prepared print produced pull push raise raised ran "
    "rated read received record recorded remove removed rent repeat reported required requires reserve reserved "
    "rest saved save scored select selected sell selling send sent serve served serves shared ship shipped show "
    "showed since sing slept slice sold spend spent spread starting stir stole subtract suppose swam sweep teach "
    "tell tested thank think thought threw throw took toss trained tried try understand use used uses using visit "
    "visited wait waited walk walked want wanted wash weighs went whisk win wish woke won wore worked worth "
    "wounded wounds write written wrote"
)
_OTHERS = (
    "additionally almost altogether approximately barely combined currently each eventually exactly few fewer "
    "finally generally good great hello hi hundreds initially last later least maximum maybe minimum minus nay "
    "near nearly next normally numerous old older originally over past per perhaps plus previously quite recently "
    "roughly sadly some soon thanks thousands today together tomorrow tonight total typically usually within "
    "yesterday yet young younger"
)
_ELSEWHERE = {
    "de": "alle allein bereits bestellt circa dabei danach dann derzeit diese doch durch etwa fast gegen genau "
    "gut habe hatte hatten heute hier immerhin insgesamt jetzt kaum kauft knapp leider mehr mindestens "
    "morgen nun rund seit trotz unsere unter wegen weitere zudem zunächst zusammen zwischen",
    "fr": "actuellement ainsi alors après aujourd'hui avant avoir chaque chez depuis encore environ hier pendant "
    "presque seulement soit voici voilà",
    "es": "ahora alrededor antes aproximadamente aunque cada casi cerca compré compramos después durante hace "
    "hasta hoy mientras quedan solo sólo somos tenemos tengo tienen vendimos",
}
OPENERS = (
    frozenset(word for words in (_VERBS, _OTHERS, *_ELSEWHERE.values(), *STOP_WORDS.values()) for word in words.split())
    | FUNCTION_WORDS
) - frozenset("bcdfghjklmnpqrstvwxz")
"""In lower case; of single letters only those that are words."""
