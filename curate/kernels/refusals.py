"""What answers say that do not answer, and what prompts ask for that no text can give: phrases of several languages.

Every phrase is looked for by RE2, in linear time. A refusal is looked for where an answer begins: an apology with an
inability behind it in the same sentence, or an inability that needs no apology. Phrases were written from the answers
of models (Alpaca in English, its Chinese counterpart); `filter.answers` says what they find there.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Topic = Literal["refusal", "ai", "files", "links", "languages", "translation"]

OPENING = 300
"""Characters of an answer in which a refusal must stand."""

_WITHIN = r"[^.!?。！？।\n]*?"
_DO = (
    "help|assist|provide|fulfil|comply|answer|generate|create|write|complete|perform|access|browse|open|view|see|hear"
    "|display|draw|recommend|engage|discuss|support|offer|give|process|identify|determine|retrieve|find|predict|summari"
    "|translate|produce|make|tell|do (?:that|this|it)|set up|execute|fulfill|analy[sz]e|describe|select|edit"
)
_CAN = r"(?:can ?not|can['’]?t|could not|couldn['’]t|am (?:not able|unable) to|unable to|not able to)"

_NOT = r"(?: not|n['’]t)"
_GIVE = "(?:provide|specif|give|includ|mention|attach)"
_REFUSALS = {
    "en": (
        r"(?:(?:i ?['’]?(?:a?m)?|we(?: are|['’]re)?) )?(?:(?:very|really|so|truly|terribly) )?(?:sorry|afraid|"
        rf"unfortunately|regret(?:tably)?|apologi[sz]e){_WITHIN}\b(?:{_CAN}|can(?:not|['’]t)? only|do{_NOT} have|"
        rf"(?:that )?you (?:did{_NOT}|have{_NOT}|need to) {_GIVE}|is{_NOT} possible|must decline|beyond (?:my|the)|"
        r"not (?:appropriate|ethical)|will not|won['’]t)|sorry,? (?:but )?th(?:e|is) (?:task|request|question|input)"
        r"|i(?: (?:can ?not|can['’]?t|won['’]t|will not|am (?:unable|not able) to)|['’]m (?:unable|not able) to)"
        rf" (?:\w+ )?(?:{_DO})|i must (?:decline|refuse)|i refuse to"
        r"|it is not (?:appropriate|ethical|possible) for me to"
    ),
    "de": (
        rf"(?:es tut mir (?:sehr )?leid|tut mir leid|leider|entschuldigung|ich bedaure){_WITHIN}(?:kann ich|ich kann|"
        r"bin ich nicht|ich bin nicht|nicht möglich|keinen zugriff|haben sie (?:keine?n?|nicht))"
        r"|ich kann (?:ihnen |dir )?(?:dabei |das )?nicht helfen"
    ),
    "fr": (
        rf"(?:je suis (?:vraiment )?désolée?|désolée?|je regrette|malheureusement){_WITHIN}(?:ne (?:peux|suis|dispose|"
        r"serai)|n['’]ai pas|pas possible|impossible)|je ne (?:peux|suis) pas (?:en mesure de |capable d)"
    ),
    "es": (
        rf"(?:lo siento|lo lamento|disculpa|perdón|lamentablemente|desafortunadamente){_WITHIN}"
        r"no (?:puedo|tengo|es posible|soy capaz|me es posible|has |ha proporcionado)"
    ),
    "pt": (
        rf"(?:desculpe|desculpa|sinto muito|lamento|infelizmente){_WITHIN}"
        "não (?:posso|consigo|tenho|sou capaz|é possível)"
    ),
    "it": (rf"(?:mi dispiace|scusa|spiacente|purtroppo){_WITHIN}non (?:posso|riesco|ho |sono in grado|è possibile)"),
    "nl": rf"(?:het spijt me|sorry|helaas){_WITHIN}(?:kan ik|ik kan|niet in staat|niet mogelijk)",
    "pl": rf"(?:przepraszam|przykro mi|niestety){_WITHIN}nie (?:mogę|jestem w stanie|mam )",
    "ru": (
        rf"(?:извините|простите|к сожалению|прошу прощения|мне жаль){_WITHIN}(?:не могу|не в состоянии|не имею|"
        "невозможно)|я не могу (?:помочь|ответить|предоставить|выполнить)"
    ),
    "tr": rf"(?:üzgünüm|özür dilerim|maalesef){_WITHIN}(?:\wam(?:am|ıyorum)|\wem(?:em|iyorum)|mümkün değil)",
    "zh": (
        r"(?:您好|你好|喔不)?[，,！! ]*(?:(?:很|非常|我|真的?|十分)?(?:抱歉|对不起|不好意思|遗憾|對不起)"
        rf"{_WITHIN}(?:无法|不能|没有|未|不确定|不知道|不具备|不会|無法|沒有)"
        "|我(?:无法|不能|没有办法|無法)|由于(?:您|你)(?:没有|未|并未)|(?:您|你)(?:没有|并未|未)(?:给|提供|告诉|指定))"
    ),
    "ja": (
        r"(?:申し訳(?:ありません|ございません|ない)|すみません|残念ながら|ごめんなさい)[^!?！？\n]*?"
        "(?:できません|できない|出来ません|わかりません|かねます)"
    ),
    "ko": rf"(?:죄송|미안|유감){_WITHIN}(?:없습니다|없어요|못합니다|않습니다)",
    "ar": rf"(?:عذر|آسف|أعتذر|للأسف|معذرة){_WITHIN}(?:لا أستطيع|لا يمكنني|لا استطيع|لست قادر|ليس لدي)",
    "hi": rf"(?:क्षमा|माफ़|मुझे खेद|मुझे अफ़सोस|माफ){_WITHIN}(?:नहीं|असमर्थ)",
}
_IDIOM = (
    r"(?i)^[\s\"'“*]{0,4}i (?:can ?not|can['’]?t) (?:\w+ )?(?:tell you how|help (?:but|\w+ing)|see (?:why|how|any))\b"
)
_ZH_A = "(?:一?[个個名种種款]|一)?(?:大型|文字型?|文本|语言|虚拟|智能)? ?"
_DISCLAIMERS = (
    (
        r"\bas an? (?:large |text[- ]based |virtual )?(?:ai|a\.i\.|artificial intelligence)(?:[- ](?:based|powered))?"
        r"(?: language)?(?: model| assistant| chatbot| system| program)?(?:[,.]| i\b| i['’]| developed| trained)"
        r"|\bas an? (?:large )?language model\b|\b(?:i am|i['’]m) (?:just |only |merely )?an? (?:large )?(?:ai|"
        r"language model|artificial intelligence)\b|\bthe (?:gpt|language) model (?:cannot|can['’]t|is not)\b"
        r"|\btrained by openai\b|\bmy (?:knowledge cut-?off|training data|last (?:knowledge )?update)\b"
        r"|\bi (?:do not|don['’]t) (?:have|possess) (?:any )?(?:personal (?:opinions|preferences|experiences|feelings|"
        r"beliefs)|(?:direct )?access to (?:real[- ]time|current|the internet|external|up[- ]to[- ]date))"
    ),
    r"\bals (?:eine? )?(?:ki|künstliche intelligenz|(?:ki-)?sprachmodell)\b(?:[ ,-])",
    (
        r"\ben tant qu(?:['’]|e )(?:ia|intelligence artificielle|modèle (?:de langage|linguistique)|assistante? "
        r"(?:ia|virtuel))"
    ),
    (
        r"\bcomo (?:un |um |una |uma )?(?:ia|inteligencia artificial|inteligência artificial|modelo de (?:lenguaje|"
        r"linguagem))\b"
    ),
    r"\bcome (?:un |una )?(?:ia|intelligenza artificiale|modello (?:linguistico|di linguaggio))\b",
    r"как (?:языковая модель|искусственный интеллект|ии\b)|(?:yapay zeka|dil) modeli olarak",
    rf"(?:作为|作為){_ZH_A}(?:ai|人工智能|人工智慧|语言模型|語言模型|(?:聊天)?机器人)",
    rf"我(?:只)?是{_ZH_A}(?:ai\b|ai[助机语模]|人工智能|人工智慧|语言模型|(?:聊天)?机器人)",
    r"(?:ai|人工知能|言語モデル)(?:アシスタント|言語モデル|モデル)?として",
    r"(?:ai|인공지능|언어 모델)(?: 모델| 어시스턴트)?(?:로서|으로서)",
    r"كنموذج لغوي|بصفتي نموذج|بصفتي ذكاء|كذكاء اصطناعي|(?:एआई|कृत्रिम बुद्धिमत्ता|भाषा मॉडल) के रूप में",
)
_PICTURE = "image|picture|photo|photograph|screenshot|painting"
_MEDIA = f"{_PICTURE}|video|audio|sound|song|recording|figure|diagram|map|drawing|flag|file|document|attachment"
_PUT_HERE = r"(?:an? |the |insert |include |attach(?:ed)? |upload(?:ed)? )*"
_TODAY = (
    r"\b(?:what (?:is|['’]s) (?:the )?(?:current|today['’]s) (?:date|time|day|weather|temperature|news))\b"
    r"|\bwhat (?:day|time|date) is (?:it|today)\b|\btoday['’]s (?:weather|news|headlines|date|stock price)"
)
_BEYOND = (
    rf"[<\[]{_PUT_HERE}(?:{_PICTURE})s?(?: ?(?:of|file|here|attached|link|url|#?\d+)\b[^>\]\n]*)?[>\]]",
    rf"\[(?:{_PUT_HERE}(?:{_MEDIA})(?: (?:of|file|here)\b[^\]\n]*)?|(?:{_MEDIA}) file)\]|\((?:\w+ )?image\)",
    rf"\({_PUT_HERE}(?:{_MEDIA}) (?:of|here|attached)\b[^)\n]*\)|<img\b|!\[[^\]\n]*\]\(",
    rf"\b(?:attached|uploaded|enclosed) (?:{_PICTURE}|file|document|video|audio|pdf|spreadsheet|article)\b",
    r"\b(?:image|picture|photo|screenshot|video|audio)s? (?:attached|uploaded|(?:shown )?(?:above|below))\b",
    (
        r"\b(?:what|which|describe|identify|classify|caption|label|recogni[sz]e|detect|count)\b[^.?!\n]{0,40}"
        rf"\b(?:this|the (?:given|following|attached|provided|above)) (?:{_PICTURE}|video)\b"
    ),
    r"\b(?:given|following|provided|attached) (?:image|picture|photo(?:graph)?|screenshot)s?\b",
    r"https?://\S+\.(?:jpe?g|png|gif|webp|bmp|svg|mp[34]|wav|pdf)\b",
    r"(?:这张|该|给定的?|附上的|上传的|下面的|以下)(?:图片|照片|图像|截图|视频|音频)|附件中|解释这幅",
)
_ABOUT_FILES = (
    r"(?i)\b(?:function|code|program|script|algorithm|html|tags?|css|markdown|command|url|regex)\b|代码|函数|程序"
)
_ABOUT_LINKS = r"(?i)\b(?:urls?|domains?|(?:hyper)?links?|websites?|web (?:site|page)s?|webpages?)\b|网址|链接|网站"
_ABOUT_REFUSAL = (
    r"(?i)\b(?:apolog|refus|declin|reject|sorry|excus|turn(?:ing)? down|regret|negative (?:reply|response)|entschuldig"
    r"|excuse|désol|disculp|desculp|scus)|道歉|拒绝|抱歉|对不起|извин|отказ|謝罪|断り|사과|거절|اعتذار|माफ़ी"
)
_ABOUT_LANGUAGES = (
    r"(?i)translat|translit|\b(?:languages?|romani[sz]e|english|chinese|mandarin|japanese|korean|arabic|russian|hindi|"
    r"greek|hebrew|thai|french|german|spanish|ukrainian|urdu|persian|bengali|tamil|kanji|pinyin|alphabet|script)\b"
    r"|翻译|翻譯|译成|译为|英文|英语|中文|汉语|日语|日文|韩语|法语|俄语|语言|拼音|字母|单词|英語|日本語|中国語|訳"
    r"|번역|영어|한국어|перевед|перевод|англий|язык|слово|ترجم|الإنجليزية|अनुवाद|अंग्रेज़ी|แปล|อังกฤษ|μετάφρ|תרגם"
)
_ABOUT_TRANSLATION = (
    r"(?i)translat|翻译|翻譯|译成|译为|翻成|訳し|訳す|和訳|英訳|번역|перевед|перевод|ترجم|अनुवाद|แปล|μετάφρ|תרגם"
    r"|übersetz|tradu[ciz]|traduis|traduire|vertaal|przetłumacz|\bçevir|\bdịch\b|terjemah|fassara"
)
_ABOUT_AI = (
    r"(?i)\b(?:ai|artificial intelligence|chatbots?|language models?|gpt(?:-\d)?)\b|人工智能|聊天机器人|语言模型"
)
_ONLY_LINK = r"^\s*(?:(?:link|url|source|article|website|input|video)s?\s*[:：]\s*)?<?https?://\S+>?\s*$"


_TOPICS: dict[Topic, str] = {
    "refusal": _ABOUT_REFUSAL,
    "ai": _ABOUT_AI,
    "files": _ABOUT_FILES,
    "links": _ABOUT_LINKS,
    "languages": _ABOUT_LANGUAGES,
    "translation": _ABOUT_TRANSLATION,
}


@cache
def _refusal() -> str:
    return r"(?i)^[\s\"'“*]{0,4}(?:" + "|".join(_REFUSALS.values()) + ")"


def refuses(answers: pa.Array) -> pa.Array:
    """Which answers begin with a refusal; null where there is no answer. *I can't tell you how glad I am* is none.

    Example:
        >>> refuses(pa.array(["I'm sorry, but I can't help with that.", "I'm sorry I was late."])).to_pylist()
        [True, False]
    """
    opening = pc.utf8_slice_codeunits(answers, 0, OPENING)
    return pc.and_not(pc.match_substring_regex(opening, _refusal()), pc.match_substring_regex(opening, _IDIOM))


def disclaims(answers: pa.Array) -> pa.Array:
    """Which answers say that a language model gives them; null where there is no answer.

    Example:
        >>> disclaims(
        ...     pa.array(["As an AI language model, I have no feelings.", "He works as an AI engineer."])
        ... ).to_pylist()
        [True, False]
    """
    return pc.match_substring_regex(answers, "(?i)" + "|".join(_DISCLAIMERS))


def beyond_text(prompts: pa.Array) -> pa.Array:
    r"""Which prompts refer to an image, a recording, an attachment, or to the present day without asking for a
    translation; null where there is no prompt.

    Example:
        >>> beyond_text(pa.array(["Describe this picture.\n[image]", "How do I take a picture?"])).to_pylist()
        [True, False]
    """
    today = pc.and_not(pc.match_substring_regex(prompts, "(?i)" + _TODAY), about(prompts, "translation"))
    return pc.or_(pc.match_substring_regex(prompts, "(?i)" + "|".join(_BEYOND)), today)


def only_link(cells: pa.Array) -> pa.Array:
    """Which cells hold a link and nothing else; null where the cell is."""
    return pc.match_substring_regex(cells, "(?i)" + _ONLY_LINK)


def about(prompts: pa.Array, what: Topic) -> pa.Array:
    """Which prompts are about the very thing that the answer seems to be faulty for; null where there is no prompt.

    Example:
        >>> about(pa.array(["Write an apology to a customer.", "Name a fruit."]), "refusal").to_pylist()
        [True, False]
    """
    return pc.match_substring_regex(prompts, _TOPICS[what])


def beyond_latin(texts: pa.Array) -> pa.Array:
    """Which texts hold a letter that is not Latin; null where there is no text.

    Example:
        >>> beyond_latin(pa.array(["déjà vu, 3 µm", "слово"])).to_pylist()
        [False, True]
    """
    return pc.match_substring_regex(texts, r"[\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Lo}]")
