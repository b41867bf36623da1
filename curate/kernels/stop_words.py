"""Small lists of the commonest function words of some languages, by ISO 639-1 code.

Written for this library from what grammars list as articles, pronouns, prepositions and conjunctions; in Chinese, which
writes without spaces, single characters that do the same work. Used by `filter.stop_words`.
"""

from __future__ import annotations

STOP_WORDS: dict[str, str] = {
    "ar": "في من على إلى عن مع هذا هذه ذلك تلك التي الذي الذين ما لا لم لن أن إن كان كانت هو هي هم نحن أنا أنت "
    "كل بعض غير بين بعد قبل عند حتى أو ثم قد لكن كما إذا أي و يا به له لها فيه فيها منه منها عليه وهو وهي "
    "أنه إنه",
    "de": "der die das den dem des ein eine einen einem einer und oder aber nicht ist sind war waren wird "
    "werden hat haben ich du er sie es wir ihr sich mein sein in im an am auf aus bei mit nach von vom zu "
    "zum zur für als auch wie dass wenn nur noch so über um man was",
    "en": "the a an and or but if of to in on at by for with from as is are was were be been being have has had "
    "do does did not no so this that these those it its he she they we you i his her their our my your "
    "which who what there than",
    "es": "el la los las un una unos unas y o pero no de del a al en con por para sin sobre que se es son era "
    "fue ser está están ha han lo le les me te su sus mi tu yo él ella nos como más muy ya si cuando este "
    "esta esto entre también hay",
    "fr": "le la les l un une des du de d et ou mais ne pas que qui dans en sur sous avec pour par sans au aux "
    "ce cette ces il elle ils elles on nous vous je tu se sa son ses leur mon ma est sont était être a "
    "ont avoir plus très comme si y où",
    "ha": "da a ya ta na ba ne ce shi ita su mu ku ni kai ke wannan waɗannan wanda wadda don domin ga daga zuwa "
    "cikin kan an za ana suna yana tana mai masu ko amma kuma sai idan kamar duk wani wata wasu babu "
    "akwai ma dai har yadda inda",
    "hi": "का की के को में से पर ने और या है हैं था थी थे हो होता होती कि यह वह ये वे इस उस इन उन एक नहीं भी तो "
    "ही जो कर करने किया गया गई लिए साथ तक अपने अपनी मैं हम आप तुम वो बहुत कुछ क्या जब अगर लेकिन कोई रहा "
    "रही",
    "it": "il lo la i gli le un uno una e o ma non di del della dei delle a al alla da dal dalla in nel nella "
    "con su sul per tra fra che chi cui si è sono era erano essere ha hanno ho mi ti ci vi lui lei noi "
    "voi come più anche se questo questa",
    "nl": "de het een en of maar niet van in op aan met voor door uit over bij naar om te is zijn was waren "
    "wordt worden heeft hebben had ik je jij hij zij ze we wij u dat die dit deze er als dan ook nog wel "
    "geen wat wie zo al tot haar hun mijn",
    "pt": "o a os as um uma uns umas e ou mas não de do da dos das em no na nos nas por pelo pela para com sem "
    "sobre que se é são era foi ser está estão tem há eu tu ele ela nós eles elas você seu sua meu minha "
    "como mais muito já também quando",
    "ru": "и в во не на я он она оно они мы вы ты что это этот эта эти как а но или по из за от до для о об к "
    "ко с со у же бы ли то так там был была было были есть его её их мне меня нет да если уже только ещё "
    "чтобы когда все",
    "zh": "的 了 是 在 不 和 有 我 你 他 她 它 们 这 那 就 也 都 而 与 及 或 但 被 把 给 对 从 向 为 以 于 之 "
    "其 着 过 吗 呢 吧 啊 很 還 还 又 再 個 个 們 這 與 為 對 來 来 到 上 說 说 要 会",
}
