"""Keys, tokens and passwords: the forms that vendors publish so that leaked ones can be found, private keys (RFC 7468),
JSON web tokens (RFC 7519), and what stands behind `password=` where it looks random.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from curate.kernels.pii.span import Detector, Found

_W = "[A-Za-z0-9_-]"
TOKENS: dict[str, str] = {
    "anthropic": rf"sk-ant-[a-z]+[0-9]{{2}}-{_W}{{32,}}",
    "aws": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    "age": r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    "atlassian": rf"ATATT3{_W}{{60,}}",
    "azure_storage": r"AccountKey=[A-Za-z0-9+/]{86}==",
    "databricks": r"dapi[a-f0-9]{32}",
    "digitalocean": r"do[opr]_v1_[a-f0-9]{64}",
    "github": r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",
    "gitlab": rf"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas|imt)-{_W}{{20,}}",
    "google": rf"AIza{_W}{{35}}|GOCSPX-{_W}{{28}}|ya29\.{_W}{{20,}}",
    "huggingface": r"hf_[A-Za-z0-9]{30,40}|api_org_[A-Za-z0-9]{34}",
    "json_web_token": rf"eyJ{_W}{{8,}}\.eyJ{_W}{{8,}}\.{_W}*",
    "linear": r"lin_api_[A-Za-z0-9]{40}",
    "mailgun": r"key-[0-9a-f]{32}",
    "npm": r"npm_[A-Za-z0-9]{36}",
    "openai": rf"sk-(?:proj-|svcacct-|admin-)?{_W}{{20,}}",
    "pypi": rf"pypi-{_W}{{50,}}",
    "sendgrid": rf"SG\.{_W}{{22}}\.{_W}{{43}}",
    "shopify": r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    "slack": rf"xox[abeoprs]-[A-Za-z0-9-]{{10,}}|xapp-[0-9]-{_W}{{10,}}",
    "slack_webhook": r"hooks\.slack\.com/services/T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/[A-Za-z0-9]{16,32}",
    "square": rf"sq0(?:atp|csp)-{_W}{{22,43}}",
    "stripe": r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{32,}",
    "telegram": rf"[0-9]{{8,10}}:AA{_W}{{33}}",
    "twilio": r"(?:AC|SK)[0-9a-f]{32}",
    "vault": rf"hvs\.{_W}{{24,}}",
}
_STARTS = (
    r"sk-[A-Za-z0-9]|AKIA|ASIA|ABIA|ACCA|AGE-SECRET|ATATT3|AccountKey=|dapi[a-f0-9]{4}|do[opr]_v1_|gh[pousr]_|github_pat_"
    r"|gl[a-z]{2,5}-|AIza|GOCSPX-|ya29\.|hf_[A-Za-z0-9]{4}|api_org_|eyJ|lin_api_|key-[0-9a-f]{4}|npm_[A-Za-z0-9]{4}"
    r"|pypi-|SG\.|shp(?:at|ca|pa|ss)_|xox[abeoprs]-|xapp-|hooks\.slack|sq0(?:atp|csp)-|[srp]k_(?:live|test)_|whsec_|:AA"
    r"|AC[0-9a-f]{8}|SK[0-9a-f]{8}|hvs\.|PRIVATE KEY"
)
"""How they begin, for the quick look: an RE2 pattern."""
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|passwort|contraseña|mot de passe|密码|密碼|パスワード|secret|api[_\s-]?key|apikey"
    r"|access[_\s-]?key|auth[_\s-]?key|(?:access|auth|api|bearer|refresh)[_\s-]?token|token|credential"
)
_TAIL = r"(?:[_\s-]?(?:key|id|access[_\s-]?key))?"
_SAID = re.compile(
    rf"(?:{_NAMES}){_TAIL}[\"'`]{{0,2}}\s{{0,3}}(?P<by>:=|=>|=|:|：|\bis\b)\s{{0,3}}(?P<quote>[\"'`]{{1,2}})?"
    r"(?P<value>(?(quote)[^\s\"'`<>,;][^\s\"'`<>]{7,}|[^\s\"'`<>,;，。]{8,}))",
    re.IGNORECASE,
)
"""A value in quotes goes up to the next one; any other up to a space or a comma."""
_BEARER = re.compile(
    r"\b(?:authorization[\"']?\s?[:=]\s?[\"']?[a-z]{4,9}|bearer)\s([A-Za-z0-9+/=._~-]{16,})", re.IGNORECASE
)
"""What stands behind the scheme in the header of a request (RFC 6750, RFC 7617)."""
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s\\]*")
_PLAIN = re.compile(r"[\[\](){}<>$%*|\\]|https?:|\.{3}|^(?:[0-9-]+|[a-z_.-]+|[A-Z_.-]+)$")
_MIN_BITS = 2.75
_TRIED = 200
"""So many characters of a value tell whether it looks random; all of it goes."""


def detector() -> Detector:
    """The detector of keys, tokens and passwords.

    Example:
        >>> text = "id AKIAIOSFODNN7EXAMPLE, password: hunter2-Tr0ub, password: please"
        >>> [text[start:end] for start, end, _ in detector().find(text)]
        ['AKIAIOSFODNN7EXAMPLE', 'hunter2-Tr0ub']
    """
    return Detector(
        "secret",
        rf"{_STARTS}|(?i:{_NAMES}){_TAIL}[\"'`]{{0,2}}\s{{0,3}}(?:[:=：]|(?i:is)\b)|(?i:bearer|authorization)",
        _find,
    )


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(TOKENS.values())})(?![A-Za-z0-9_-])")


def _find(text: str) -> Iterator[Found]:
    yield from _keys(text)
    for found in _tokens().finditer(text):
        if not found[0].startswith("sk-") or any(map(str.isdigit, found[0])):
            yield found.start(), found.end(), 1.0
    for found in _BEARER.finditer(text):
        if _random(found[1]):
            yield *found.span(1), 1.0
    for found in _SAID.finditer(text):
        start, end = found.span("value")
        if found["quote"] is None:
            end -= text[end - 1] in (".:!?" if found["by"].lower() == "is" else ".:")  # the end of a sentence
        if _random(text[start : min(end, start + _TRIED)]):
            yield start, end, 0.7


def _keys(text: str) -> Iterator[Found]:
    """Private keys from their first line to their last; one that is cut off ends where its letters end."""
    at, closed = 0, True
    while (begin := _BEGIN.search(text, at)) is not None:
        at = text.find("-----END", begin.end()) if closed else -1
        closed = at >= 0
        if closed:
            at = text.find("-----", at + 8)
            at = len(text) if at < 0 else at + 5
        else:
            body = _BASE64.match(text, begin.end())
            at = begin.end() if body is None else body.end()
        yield begin.start(), at, 1.0


def _random(value: str) -> bool:
    """Whether a value looks like a password and not like a word or a place for one.

    Example:
        >>> _random("hunter2-Tr0ub"), _random("${PASSWORD}"), _random("required")
        (True, False, False)
    """
    if len(value) < 8 or _PLAIN.search(value):
        return False
    shares = [n / len(value) for n in Counter(value).values()]
    digit = any(map(str.isdigit, value))
    return digit and -sum(share * math.log2(share) for share in shares) >= _MIN_BITS
