"""`clean.urls`: URLs taken out, replaced by a placeholder, or shortened to their domain.

What counts as a URL is told by `curate.kernels.urls`; e-mail addresses are the affair of `clean.pii`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels import urls
from curate.kernels.cutting import cut

_BRACKETS = {"(": ")", "[": "]", "<": ">"}


class CleanUrls(RewriteText):
    """Replaces URLs; full stops, brackets and words around them stay, and so do e-mail addresses.

    In Chinese, Japanese, Korean and Thai a URL ends where such letters begin, even in its path.

    Attributes:
        action: `replace` by the placeholder, `remove`, or keep only the `domain`.
        placeholder: what stands for a URL; must hold none itself.
        bare: which domains without scheme or `www.` are URLs: `never`, `with_path` (`example.org/a`), or `any` with a
            usual ending, though `Amazon.com` may be the name of a firm.

    Example:
        >>> CleanUrls().rewrite("Read https://example.org/a?b=1, or ask me@example.org.")
        'Read [URL], or ask me@example.org.'
        >>> CleanUrls(action="domain").rewrite("Read (https://www.example.org/a).")
        'Read (example.org).'
    """

    name: ClassVar[str] = "clean.urls"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "url"
    reasons: ClassVar[Mapping[str, str]] = {"url": "URLs"}
    examples: ClassVar[Mapping[str, Example]] = {
        "url": Example("Read https://example.org/a?b=1, or ask me@example.org.")
    }

    action: Literal["replace", "remove", "domain"] = "replace"
    placeholder: str = Field(default="[URL]", pattern=r"^[^/:.]*$")
    bare: urls.Bare = "with_path"

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, urls.SUSPECT[self.bare])

    def rewrite(self, text: str) -> str:
        found = list(urls.spans(text, self.bare))
        if not found:
            return text
        if self.action == "remove":
            return cut(text, (_with_brackets(text, span) for span in found))
        parts, at = [], 0
        for start, end in found:
            said = self.placeholder if self.action == "replace" else urls.domain(text[start:end])
            parts += [text[at:start], said]
            at = end
        return "".join([*parts, text[at:]])


def _with_brackets(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span with the brackets that hold nothing else."""
    start, end = span
    before = text[start - 1] if start else ""
    if before in _BRACKETS and text[end : end + 1] == _BRACKETS[before]:
        return start - 1, end + 1
    return span
