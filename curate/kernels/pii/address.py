"""Street addresses in the forms of a few countries, found where they are plain to see: a number and the word for a
street. Towns and postal codes count only where they follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from curate.kernels.pii.span import Detector, Found

_NAME = r"[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ][\w'’.-]{0,24}"
_NO_NAME = r"(?!(?:The|An?|In|On|At|Of|And) )"
_ENGLISH = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Terr|Way|Parkway"
    "|Pkwy|Highway|Hwy|Circle|Cir|Crescent|Cres|Close|Grove|Gardens|Mews|Trail|Trl|Cove|Creek|Parade|Esplanade"
)
_FRENCH = "rue|avenue|boulevard|chemin|impasse|quai|allée"
_ENDINGS = (
    r"straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gracht|plein|vägen|gatan|vej|gade|gata|katu|ntie|utca"
)
_SOUTHERN = r"C/|Calle|Avenida|Avda\.?|Plaza|Paseo|Rua|Travessa|Via|Viale|Piazza|Corso|Largo|Ulica|ul\."
_UNIT = r"(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\.?\s?[A-Za-z0-9-]{1,8})?"
_TOWN_NAME = r"(?:(?:St|Ste|Mt|Ft)\.|[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ][\w'’-]{0,24})"
_TOWN = rf"(?:,?\s{{1,2}}{_TOWN_NAME}(?:\s{_TOWN_NAME}){{0,2}})"
_US = rf"(?:{_TOWN}?,?\s{{1,2}}[A-Z]{{2}},?\s{{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?)?"
_MONEY = "£$€¥₹"
_COUNTED = re.compile(rf"[0-9] [A-Z]\w*[^\W\ds]s (?:{_ENGLISH})\.?")
"""A digit before a plural belongs to the name, as in `5 Ways Road`, unless a town follows."""
_TOWN_BEHIND = re.compile(r",\s[A-Z]")
_FORMS = (
    (
        rf"[0-9]{{1,6}}[A-Za-z]?,? {_NO_NAME}(?:(?:[NSEW]|NE|NW|SE|SW)\.? )?"
        rf"(?:(?:{_NAME}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}"
        rf"(?:{_ENGLISH})\b\.?{_UNIT}{_US}"
    ),
    rf"[Pp]\.?\s?[Oo]\.?\s?[Bb]ox\s[0-9]{{1,6}}{_US}",
    (
        rf"[A-ZÄÖÜ][A-Za-zÀ-ɏ-]{{1,30}}(?:{_ENDINGS})"
        rf"\s[0-9]{{1,4}}(?![0-9])(?:\s?[a-z]\b)?(?:,?\s[0-9]{{4,5}}(?:\s[A-Z]{{2}})?{_TOWN})?"
    ),
    (
        rf"[0-9]{{1,5}}(?:\s?(?:bis|ter))?,?\s(?i:{_FRENCH})"
        rf"\s(?:(?:de|du|des|la|le|les)\s|[ld]['’]){{0,3}}{_NAME}(?:\s{_NAME}){{0,3}}(?:,?\s[0-9]{{5}}{_TOWN})?"
    ),
    (
        rf"(?:{_SOUTHERN})\s?"
        rf"(?:(?:de|del|la|las|los|da|do|dos|della|dei)\s){{0,2}}{_NAME}(?:\s{_NAME}){{0,4}},?\s(?:n[º°.]\s?)?[0-9]{{1,4}}\b"
    ),
)


def detector() -> Detector:
    """The detector of street addresses.

    Example:
        >>> text = "lives at 221 Baker Street, not in 3 big places; Berliner Straße 5, Hauptstraße 12a"
        >>> [text[start:end] for start, end, _ in detector().find(text)]
        ['221 Baker Street', 'Hauptstraße 12a']
    """
    suspects = (
        rf"[0-9][A-Za-z]?,? [A-ZÀ-ÖØ-ÞŁŚŻČŠŽ0-9][^\n]* (?:{_ENGLISH})\b|[0-9](?:\s?(?:bis|ter))?,?\s(?i:{_FRENCH})\s"
        rf"|[Pp]\.?\s?[Oo]\.?\s?[Bb]ox\s[0-9]|(?:{_ENDINGS})\s[0-9]|(?:{_SOUTHERN})[^0-9]*[0-9]"
    )
    return Detector("street_address", suspects, _find)


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.{_MONEY}])(?<![0-9],)(?<![{_MONEY}]\s)(?:{'|'.join(_FORMS)})")


def _find(text: str) -> Iterator[Found]:
    for found in _compiled().finditer(text):
        if _COUNTED.fullmatch(found[0]) and not _TOWN_BEHIND.match(text, found.end()):
            continue
        yield found.start(), found.end(), 0.5
