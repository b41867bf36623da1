"""The transform `clean.casefold`: an example of a plugin, found by curate through its entry point.

Case folding as defined by the Unicode Standard, section 3.13, "Default Case Folding".
"""

from __future__ import annotations

import re
from typing import ClassVar

from curate.core.rewrite import RewriteText

_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")


class CaseFold(RewriteText):
    """Folds the case of the text: `Straße` and `STRASSE` both become `strasse`.

    Attributes:
        keep_acronyms: leave words of two and more capitals A–Z as they are.

    Example:
        >>> CaseFold().rewrite("Straße to NATO")
        'strasse to nato'
        >>> CaseFold(keep_acronyms=True).rewrite("Straße to NATO")
        'strasse to NATO'
    """

    name: ClassVar[str] = "clean.casefold"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "case_folded"
    reasons: ClassVar[dict[str, str]] = {"case_folded": "upper and lower case were folded into one"}

    keep_acronyms: bool = False

    def rewrite(self, text: str) -> str:
        """The text with its case folded."""
        if not self.keep_acronyms:
            return text.casefold()
        words = _ACRONYM.findall(text)
        parts = [part.casefold() for part in _ACRONYM.split(text)]
        return "".join(part + word for part, word in zip(parts, [*words, ""], strict=True))
