"""Every kind of personal data there is, and finding them in a column: for each kind a mask of the texts that could hold
it (RE2, in C), and the exact search in those alone.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.pii import address, birth, email, finance, national, network, person, phone, secrets
from curate.kernels.pii.fold import fold, folded, places
from curate.kernels.pii.span import Detector, Span, merged

Kind = Literal[
    "secret",
    "url_credentials",
    "card",
    "iban",
    "national_id",
    "crypto_address",
    "date_of_birth",
    "email",
    "phone",
    "street_address",
    "ip",
    "mac",
    "person",
]
KINDS: dict[str, str] = {
    "secret": "a key, token or password",
    "url_credentials": "a name and password in a web address",
    "card": "a payment card number",
    "iban": "a bank account number",
    "national_id": "a national identity number",
    "crypto_address": "an address of a crypto-currency",
    "date_of_birth": "a date of birth",
    "email": "an e-mail address",
    "phone": "a phone number",
    "street_address": "a street address",
    "ip": "an IP address",
    "mac": "a MAC address",
    "person": "the name of a person",
}
"""What each kind is, the most sensitive first."""
PATTERNS: tuple[Kind, ...] = get_args(Kind)[:-1]
"""The kinds that need no model: all but names of people."""
REGIONS = ("US", "GB", "DE", "FR")
_NEEDS: dict[str, tuple[str, str]] = {
    "card": ("stdnum", "python-stdnum"),
    "iban": ("stdnum", "python-stdnum"),
    "crypto_address": ("stdnum", "python-stdnum"),
    "national_id": ("stdnum", "python-stdnum"),
    "phone": ("phonenumbers", "phonenumbers"),
}
"""The module that a kind needs, and the package that holds it."""


@cache
def installed() -> tuple[Kind, ...]:
    """The kinds that need no model and that can be found with the packages that are installed."""
    return tuple(kind for kind in PATTERNS if kind not in _NEEDS or importlib.util.find_spec(_NEEDS[kind][0]))


def versions(kinds: Sequence[str], model: str | None) -> list[str]:
    """The packages and the model that finding some kinds rests on, with their versions."""
    packages = sorted({_NEEDS[kind][1] for kind in kinds if kind in _NEEDS})
    said = [f"{package} {version(package)}" for package in packages]
    return [*said, person.model_version(model)] if "person" in kinds and model is not None else said


@cache
def detectors(
    kinds: tuple[Kind, ...] = PATTERNS,
    regions: tuple[str, ...] = REGIONS,
    private: bool = False,
    written: bool = False,
    model: str | None = None,
) -> tuple[Detector, ...]:
    """A detector for each kind.

    Args:
        kinds: names out of `KINDS`.
        regions: ISO 3166 codes of the countries whose national phone numbers count.
        private: IP addresses of private and documentation networks count.
        written: e-mail addresses written out in words count.
        model: of spaCy, for names of people that stand behind no title; None: none.

    Raises:
        MissingExtra: a package that a kind needs is not installed.
    """
    made: dict[str, Callable[[], Detector]] = {
        "secret": secrets.detector,
        "url_credentials": network.credentials,
        "card": finance.card,
        "iban": finance.iban,
        "national_id": national.detector,
        "crypto_address": finance.crypto,
        "date_of_birth": birth.detector,
        "email": lambda: email.detector(written),
        "phone": lambda: phone.detector(regions),
        "street_address": address.detector,
        "ip": lambda: network.ip(private),
        "mac": network.mac,
        "person": lambda: person.detector(model),
    }
    return tuple(made[kind]() for kind in KINDS if kind in kinds)


def suspects(texts: pa.Array, chosen: Sequence[Detector]) -> pa.Array:
    """A mask of the texts that hold something for an exact search."""
    plain = folded(texts)
    mask = pa.repeat(pa.scalar(False), len(texts))
    for detector in chosen:
        mask = pc.or_(mask, _mask(plain, detector))
    return mask


def _mask(plain: pa.Array, detector: Detector) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(plain, detector.suspects), False)


def find(texts: pa.Array, chosen: Sequence[Detector]) -> dict[int, tuple[Span, ...]]:
    """What stands in a column of strings: for each row that has any, its spans in order; they never overlap.

    Example:
        >>> find(pa.array(["mail a.b@example.org", "none", None]), detectors(("email",)))
        {0: (Span(start=5, end=20, kind='email', score=1.0),)}
    """
    plain = folded(texts)
    found: dict[int, list[Span]] = {}
    for detector in chosen:
        mask = _mask(plain, detector)
        rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
        for row, text in zip(rows, plain.filter(mask).to_pylist() if rows else (), strict=True):
            for start, end, score in detector.find(text):
                found.setdefault(row, []).append(Span(start, end, detector.kind, score))
    return {row: _placed(merged(found[row]), texts[row].as_py()) for row in sorted(found)}


def find_in(text: str, chosen: Sequence[Detector]) -> tuple[Span, ...]:
    """The same for one text, which may be any Python string."""
    plain = fold(text)
    spans = merged(Span(start, end, one.kind, score) for one in chosen for start, end, score in one.find(plain))
    return _placed(spans, text)


def _placed(spans: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """Spans of a folded text as they stand in the text itself."""
    at = places(text) if spans else None
    if at is None:
        return spans
    return tuple(span._replace(start=at[span.start], end=at[span.end - 1] + 1) for span in spans)
