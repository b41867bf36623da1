"""What may be shown of personal data: its kind, its shape and at most its end. Reports, lineage and messages show this.

A text without personal data is shown as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.pii.find import detectors, find, find_in, installed
from curate.kernels.pii.span import Detector, Span

_ENDS = {"card": 4, "iban": 4, "phone": 2, "crypto_address": 4}
"""How many of its last letters and digits a kind shows."""
_SIGN = re.compile(r"[^\W_]")
_ENTITY = r"&(?:#|[A-Za-z]{2})"
_TAG = r"</?[A-Za-z][^<>@]{0,300}>"
_Read = tuple[str, tuple[Span, ...]]
"""A text in some form, and what stands there."""
_STARS = "********"
_LONGEST = 40


def masked(kind: str, value: str) -> str:
    """The masked form of a value.

    Example:
        >>> (
        ...     masked("email", "jane@example.org"),
        ...     masked("card", "4111 1111 1111 1111"),
        ...     masked("secret", "hunter2-Tr0ub"),
        ... )
        ('j***@e***.org', '**** **** **** 1111', '********')
    """
    if kind == "email" and value.count("@") == 1:
        mailbox, domain = value.split("@")
        return f"{mailbox[:1]}***@{domain[:1]}***.{domain.rsplit('.', 1)[-1]}"
    if kind in ("secret", "url_credentials") or len(value) > _LONGEST:
        return _STARS
    shown = _ENDS.get(kind, 0)
    cut = [found.start() for found in _SIGN.finditer(value)]
    if not shown or len(cut) < 2 * shown:
        return _SIGN.sub("*", value)
    return _SIGN.sub("*", value[: cut[-shown]]) + value[cut[-shown] :]


def replaced(text: str, spans: Sequence[Span], form: Callable[[str, str], str]) -> str:
    """A text with the form of each span (of its kind and value) in its place."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], form(span.kind, text[span.start : span.end])]
        at = span.end
    return "".join([*parts, text[at:]])


def mask_text(text: str, chosen: Sequence[Detector] | None = None) -> str:
    """A text with every piece of personal data masked; one that hides any in entities or markup of HTML is shown
    without them.

    Args:
        text: any text.
        chosen: what to look for; every kind that the installed packages can find unless given.

    Example:
        >>> mask_text("ask jane@example.org")
        'ask j***@e***.org'
    """
    chosen = detectors(installed()) if chosen is None else chosen
    spans, read = find_in(text, chosen), _unescaped(text)
    behind = find_in(read, chosen) if read != text else ()
    if _betrays((read, behind), (text, spans)):
        text, spans = read, behind
    text = replaced(text, spans, masked)
    bare = _untagged(text)
    behind = find_in(bare, chosen) if bare != text else ()
    return replaced(bare, behind, masked) if behind else text


def mask_texts(texts: pa.Array, chosen: Sequence[Detector] | None = None) -> pa.Array:
    """The same for a column of strings; nulls stay null."""
    chosen = detectors(installed()) if chosen is None else chosen
    told: dict[int, _Read] = {row: (texts[row].as_py(), spans) for row, spans in find(texts, chosen).items()}
    for row, read in _behind(texts, _ENTITY, _unescaped, chosen).items():
        if _betrays(read, told.get(row, ("", ()))):
            told[row] = read
    texts = _with(texts, told)
    return _with(texts, _behind(texts, _TAG, _untagged, chosen))


def _with(texts: pa.Array, told: Mapping[int, _Read]) -> pa.Array:
    """A column with some rows as they are read, masked."""
    if not told:
        return texts
    cells = texts.to_pylist()
    for row, (text, spans) in told.items():
        cells[row] = replaced(text, spans, masked)
    return pa.array(cells, texts.type)


def _unescaped(text: str) -> str:
    return html.unescape(html.unescape(text))


def _untagged(text: str) -> str:
    return re.sub(_TAG, "", text)


def _betrays(read: _Read, plain: _Read) -> bool:
    """Whether a reading of a text tells a value that the text does not, and hides none that it tells."""
    (shown, behind), (text, spans) = read, plain
    seen = {text[span.start : span.end] for span in spans}
    return len(behind) >= len(spans) and any(shown[span.start : span.end] not in seen for span in behind)


def _behind(texts: pa.Array, pattern: str, form: Callable[[str], str], chosen: Sequence[Detector]) -> dict[int, _Read]:
    """The rows that match a pattern and hold any in another form, with that form and what stands there."""
    mask = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
    forms = [form(text) for text in texts.filter(mask).to_pylist()]
    found = find(pa.array(forms, texts.type), chosen)
    return {rows[at]: (forms[at], spans) for at, spans in found.items()}


def concealed(texts: pa.Array, chosen: Sequence[Detector]) -> pa.Array:
    """What a lineage may keep of a column of strings: masked; one that hides any in entities of HTML is left out.

    Example:
        >>> concealed(
        ...     pa.array(["jane@example.org", "jane&#64;example.org", "a &amp; b"]), detectors(("email",))
        ... ).to_pylist()
        ['j***@e***.org', None, 'a &amp; b']
    """
    hidden = _behind(texts, _ENTITY, _unescaped, chosen)
    if hidden:
        texts = pa.array([None if row in hidden else text for row, text in enumerate(texts.to_pylist())], texts.type)
    return mask_texts(texts, chosen)


def mask_values(value: Any, chosen: Sequence[Detector] | None = None) -> Any:
    """Plain values (mappings, lists and what is in them) with every string in them masked, keys too.

    Example:
        >>> mask_values({"n": 2, "said": ["jane@example.org"]})
        {'n': 2, 'said': ['j***@e***.org']}
    """
    if isinstance(value, str):
        return mask_text(value, chosen)
    if isinstance(value, dict):
        return _mask_mapping(value, chosen)
    if isinstance(value, list | tuple):
        return type(value)(mask_values(one, chosen) for one in value)
    return value


def _mask_mapping(given: dict[Any, Any], chosen: Sequence[Detector] | None) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in given.items():
        name = mask_values(key, chosen)
        while name in made:  # two keys may have one masked form
            name += "*"
        made[name] = mask_values(value, chosen)
    return made
