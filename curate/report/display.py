"""How single values read: text made safe to show and cut to length, numbers, fractions, row ids.

Every renderer passes every string of the model through `clean`, so that control characters, unpaired surrogates and
bidirectional overrides are seen instead of obeyed (Unicode TR 36, "Unicode Security Considerations").
"""

from __future__ import annotations

import math
import re
from numbers import Integral, Real

from curate.report.model import Cell, ColumnKind, Interval

NOTHING = "–"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = {" ": "·", "\n": "↵\n", "\t": "⇥\t", "\xa0": "⍽"}
_HIDDEN = re.compile("[ \n\t\xa0\xad\u200b-\u200f\u2028\u2029\u2060\ufeff]")


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def clean(text: str) -> str:
    r"""`text` with its line ends as `\n` and everything that a page or a terminal might obey made visible.

    Example:
        >>> clean("a\x00b\x1b[31m\ud800\r\n")
        'a␀b␛[31m⟨U+D800⟩\n'
    """
    return _CONTROL.sub(_picture, text.replace("\r\n", "\n"))


def reveal(text: str) -> str:
    """Clean `text` with its blanks and zero-width characters made visible: for what an edit took or put.

    Example:
        >>> reveal("a b\u200b")
        'a·b⟨U+200B⟩'
    """

    def show(match: re.Match[str]) -> str:
        return _INVISIBLE.get(match.group()) or f"⟨U+{ord(match.group()):04X}⟩"

    return _HIDDEN.sub(show, clean(text))


def shorten(text: str, limit: int) -> str:
    """Clean `text`, cut to `limit` characters with the number of those left out.

    Example:
        >>> shorten("abcdefghij" * 100, 10)
        'abcdefghij… 990 more characters'
    """
    if len(text) <= limit:
        return clean(text)
    return f"{clean(text[:limit])}… {len(text) - limit:,} more characters"


def number(value: float) -> str:
    """A number as people read it: whole ones in full with thousands parted, others to four significant digits.

    Example:
        >>> number(12000), number(0.123456), number(-3.0), number(float("nan"))
        ('12,000', '0.1235', '-3', '–')
    """
    if isinstance(value, Integral):
        return f"{int(value):,}"
    value = float(value)
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e15:
        digits = max(0, 3 - math.floor(math.log10(abs(value))))
        text = f"{value:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.3g}"


def percent(fraction: float) -> str:
    """A fraction in per cent; what is not nothing never reads as 0.

    Example:
        >>> percent(0.0341), percent(0.5), percent(0.00001), percent(1.0)
        ('3.4 %', '50 %', '< 0.1 %', '100 %')
    """
    value = float(fraction) * 100
    if not math.isfinite(value):
        return number(value)
    if 0 < abs(value) < 0.1:
        return "< 0.1 %" if value > 0 else "> -0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    return f"{value:,.1f}".removesuffix(".0") + " %"


def signed(value: float, decimals: int = 2) -> str:
    """An effect with its sign and so many decimals.

    Example:
        >>> signed(1.234), signed(-0.5), signed(0.001), signed(0.00123, 4), signed(-12345.6, 0)
        ('+1.23', '−0.50', '0.00', '+0.0012', '−12,346')
    """
    if not math.isfinite(value):
        return number(value)
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return ("+" if value > 0 else "−") + text


def interval(part: Interval, decimals: int = 2) -> str:
    """An effect with its interval.

    Example:
        >>> interval(Interval(1.84, 1.12, 2.56)), interval(Interval(-0.5))
        ('+1.84 [+1.12, +2.56]', '−0.50')
    """
    if part.low is None or part.high is None:
        return signed(part.value, decimals)
    return f"{signed(part.value, decimals)} [{signed(part.low, decimals)}, {signed(part.high, decimals)}]"


def blocks(value: float, largest: float, width: int) -> str:
    """A bar of block characters, `value` of `largest` in `width`; anything above 0 can be seen.

    Example:
        >>> blocks(3, 4, 8), blocks(1, 1000, 8), blocks(0, 4, 8)
        ('██████', '▏', '')
    """
    share = value / largest if largest > 0 and math.isfinite(value) else 0.0
    return "█" * round(width * share) or ("▏" if share > 0 else "")


def cell(value: Cell, kind: ColumnKind, limit: int) -> str:
    """One table cell, as its column's kind says; text is cut at `limit` characters.

    Example:
        >>> cell(0.25, "percent", 80), cell(2**63 + 1, "id", 80), cell(None, "text", 80)
        ('25 %', '9223372036854775809', '–')
    """
    if value is None:
        return NOTHING
    if isinstance(value, Real) and not isinstance(value, bool) and kind in ("number", "percent"):
        return percent(float(value)) if kind == "percent" else number(value)
    return shorten(str(value), limit)
