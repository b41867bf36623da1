"""Codes of languages: one form for each, and which count as one when a language is kept.

ISO 639-1 codes where there are any, else ISO 639-3. The groups are macrolanguages of ISO 639-3 (SIL,
https://iso639-3.sil.org/code_tables/macrolanguage_mappings/data): standards of one language that no model tells apart
in a short text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "ar": ("ary", "arz"),
    "az": ("azj", "azb"),
    "fa": ("pes", "prs"),
    "ku": ("kmr", "ckb", "sdh"),
    "lv": ("lvs", "ltg"),
    "ms": ("id", "zsm"),
    "no": ("nb", "nn"),
    "sh": ("bs", "hr", "sr", "cnr"),
    "sw": ("swh", "swc"),
    "uz": ("uzn", "uzs"),
    "zh": ("cmn", "yue", "wuu"),
}
"""Codes that count as one: each macrolanguage with its members."""

_MACRO = {member: macro for macro, members in GROUPS.items() for member in members}

_TWO_OF_THREE = dict(
    pair.split(":")
    for pair in """
    afr:af amh:am arg:an ara:ar arb:ar asm:as aze:az bak:ba bel:be bul:bg ben:bn bre:br bos:bs cat:ca ces:cs cym:cy
    dan:da deu:de dzo:dz ell:el eng:en epo:eo spa:es est:et eus:eu fas:fa fin:fi fao:fo fra:fr fry:fy gle:ga gla:gd
    glg:gl guj:gu hau:ha heb:he hin:hi hrv:hr hat:ht hun:hu hye:hy ind:id ibo:ig isl:is ita:it jpn:ja jav:jv kat:ka
    kaz:kk khm:km kan:kn kor:ko kur:ku kir:ky lat:la ltz:lb lug:lg lin:ln lao:lo lit:lt lav:lv mlg:mg mri:mi mkd:mk
    mal:ml mon:mn mar:mr msa:ms mlt:mt mya:my nob:nb nep:ne nld:nl nno:nn nor:no oci:oc orm:om ori:or pan:pa pol:pl
    pus:ps por:pt que:qu ron:ro rus:ru kin:rw san:sa sme:se hbs:sh sin:si slk:sk slv:sl sna:sn som:so sqi:sq srp:sr
    sot:st swe:sv swa:sw tam:ta tel:te tgk:tg tha:th tuk:tk tgl:tl tsn:tn tur:tr tso:ts tat:tt uig:ug ukr:uk urd:ur
    uzb:uz vie:vi vol:vo wln:wa xho:xh yor:yo zho:zh zul:zu
    """.split()
)
_THREE_ONLY = frozenset(
    """
    ace ary arz azb azj bcl ckb cmn cnr crh ext fuv gcf gcr gom grc gug guw hbo kab kik kmr lij ltg lvs nso pcm pes prs
    sdh swc swh uzn uzs vec wuu yue zsm
    """.split()
)
KNOWN = frozenset(_TWO_OF_THREE.values()) | _THREE_ONLY
"""Every code that a model here may tell, and the macrolanguages."""

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")


def code_of(tag: str) -> str | None:
    """The code of a language tag, without script and region; None where there is no such language.

    Example:
        >>> code_of("en-GB"), code_of("deu_Latn"), code_of("English")
        ('en', 'de', None)
    """
    found = _TAG.fullmatch(tag.strip())
    if found is None:
        return None
    code = found.group(1).lower()
    code = _TWO_OF_THREE.get(code, code)
    return code if code in KNOWN else None


def base(code: str) -> str:
    """The code of the group that a code counts as: its macrolanguage, else itself.

    Example:
        >>> base("hr") == base("sr"), base("nb"), base("fr")
        (True, 'no', 'fr')
    """
    return _MACRO.get(code, code)
