"""URLs in running text: where each begins and ends, and which domain it names.

Patterns after RFC 3986 and 3987; what people write around a URL (a full stop, brackets, quotes, Chinese without a
space) is not part of it. Every quantifier is bounded or possessive: linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

Bare = Literal["never", "with_path", "any"]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u31ff"
    "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
)
_REST = rf"[^\s<>\"`{{}}|\\^\x00-\x1f\u00ab\u00bb\u2018-\u201f\u2026\u3000-\u303f{_UNSPACED}]*+"
_TAIL = rf"(?:[:/?#]{_REST})?"
_LETTER = "a-z0-9\u00df-\u024f\u0370-\u0559\u0561-\u0588"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_HOST = (
    rf"(?:[{_LETTER}](?:[{_LETTER}_.-]{{0,252}}[{_LETTER}])?|(?![{_LETTER}])\w(?:[\w.-]{{0,252}}\w)?"
    r"|\[[0-9a-f:.]{2,45}\])"
)
_SCHEME = rf"(?<![{_LETTER}_.+-])(?:https?|ftps?|sftp|wss?|git|ssh|file|gopher|magnet|news|irc)://(?:[^\s/?#@<>]{{1,100}}@)?{_HOST}{_TAIL}"
_WWW = rf"(?<![{_LETTER}_@./-])www\.{_LABEL}(?:\.{_LABEL}){{1,9}}(?![{_LETTER}_@-]){_TAIL}"
_COMMON = "com|org|net|edu|gov|mil|int|info|biz|io|dev|app|wiki|blog|online|shop|site|xyz|onion"
_COUNTRY = (
    "ac|ad|ae|af|ag|al|am|ar|at|au|az|ba|bd|be|bf|bg|bh|bj|bn|bo|br|bw|by|bz|ca|cc|cd|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cy|"
    "cz|de|dj|dk|dm|do|dz|ec|ee|eg|es|et|eu|fi|fj|fm|fo|fr|ga|gd|ge|gf|gg|gh|gi|gl|gm|gn|gq|gr|gs|gt|gu|gy|hk|hn|hr|ht|"
    "hu|id|ie|il|im|in|iq|ir|is|it|je|jm|jo|jp|ke|kg|kh|ki|km|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|"
    "mg|mk|ml|mm|mn|mo|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|ng|ni|nl|no|np|nu|nz|om|pa|pe|pg|ph|pk|pl|pr|ps|pt|pw|py|qa|re|"
    "ro|rs|ru|rw|sa|sb|sc|sd|se|sg|sh|si|sk|sl|sm|sn|so|sr|st|su|sv|sy|sz|tc|td|tf|tg|th|tj|tk|tl|tm|tn|to|tr|tt|tv|tw|"
    "tz|ua|ug|uk|us|uy|uz|va|vc|ve|vg|vi|vn|vu|ws|ye|yt|za|zm|zw"
)
_NAMED = rf"(?<![{_LETTER}A-Z_@./~+-])(?:{_LABEL}\.){{1,8}}"
_PATH = rf"(?:{_COMMON}|{_COUNTRY})(?::[0-9]{{1,5}})?/{_REST}"
_ALONE = rf"(?:{_COMMON}|co\.uk|com\.[a-z]{{2}}|co\.[a-z]{{2}}|ac\.uk|de|fr|nl|ru|cn|jp|eu|ch|uk)"
_ALONE += rf"(?![{_LETTER}_@-]|\.[{_LETTER}]){_TAIL}"
_ENTITY = re.compile(r"&(?:#[0-9]{2,7}|#x[0-9a-f]{2,6}|quot|apos|lt|gt|nbsp|hellip|[lr][sd]quo);", re.IGNORECASE)
"""A sign as HTML writes it, which no URL holds; `&amp;` is the exception."""
_CLOSING = {")": "(", "]": "["}
_TRAILING = frozenset(".,;:!?'*_~\"\u2019\u201d\u060c\u061b\u061f\u0964")
SUSPECT: dict[Bare, str] = {
    "never": r"(?i)://|www\.",
    "with_path": r"(?i)://|www\.|\.[a-z]{2,6}(:\d{1,5})?/",
    "any": r"(?i)://|www\.|\pL\.[a-z]{2,6}|\d\.[a-z]{2,6}",
}
"""For RE2: what a text with a URL holds."""


@cache
def _pattern(bare: Bare) -> re.Pattern[str]:
    also = {"never": "", "with_path": f"|{_NAMED}{_PATH}", "any": f"|{_NAMED}(?:{_PATH}|{_ALONE})"}
    return re.compile(f"{_SCHEME}|{_WWW}{also[bare]}", re.IGNORECASE)


def spans(text: str, bare: Bare = "with_path") -> Iterator[tuple[int, int]]:
    """Where each URL begins and ends, in order.

    Args:
        text: any text.
        bare: which domains without scheme or `www.` count: none, those with a path (`example.org/a`), or any whose
            ending is a usual one; `Amazon.com` may be the name of a firm.

    Example:
        >>> text = "See (https://en.wikipedia.org/wiki/C_(letter)), www.example.org. Write to me@example.org"
        >>> [text[start:end] for start, end in spans(text)]
        ['https://en.wikipedia.org/wiki/C_(letter)', 'www.example.org']
    """
    for found in _pattern(bare).finditer(text):
        said = found.group()
        entity = _ENTITY.search(said) if "&" in said else None
        end = _trimmed(said[: entity.start()] if entity and entity.start() else said)
        yield found.start(), found.start() + end


def _trimmed(url: str) -> int:
    """The length of a URL without the punctuation behind it, and without closing brackets that it does not open."""
    surplus = {close: url.count(close) - url.count(opening) for close, opening in _CLOSING.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _CLOSING and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return end


def domain(url: str) -> str:
    """The domain a URL names: without scheme, user, port, path and `www.`, in lower case.

    Example:
        >>> domain("https://user@www.Example.org:8080/a?b"), domain("bücher.example/a")
        ('example.org', 'bücher.example')
    """
    host = re.split(r"[/?#]", url.partition("://")[2] or url, maxsplit=1)[0].rpartition("@")[2].lower()
    host = host if host.startswith("[") else host.partition(":")[0]
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host
