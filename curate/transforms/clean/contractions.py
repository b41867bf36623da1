"""`clean.contractions`: English contractions written out, or written short; only where there is one reading.

`'s` is *is*, *has* or a possessive, `'d` is *had* or *would*: what follows decides, and where it does not, they stay
(`curate.kernels.contractions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels.contractions import contractions, expansions
from curate.kernels.replacing import replaced


class CleanContractions(RewriteText):
    """Writes English contractions out (`can't`: `cannot`), or writes their long forms short.

    Upper and lower case are kept. What may be read in two ways stays: possessives, `'d` and `'s` unless the next word
    decides, and `n't` before a subject (`don't you`), where the words would have to change places.

    Attributes:
        action: `expand`, or `contract` (only `not`, `am`, `are` and `is`; never where a stress or the end of a sentence
            could fall on them).

    Example:
        >>> CleanContractions().rewrite("I can't say it's been John's. He'd know. WON'T!")
        "I cannot say it has been John's. He'd know. WILL NOT!"
        >>> CleanContractions(action="contract").rewrite("I do not know what it is. It is a pity.")
        "I don't know what it is. It's a pity."
    """

    name: ClassVar[str] = "clean.contractions"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "contraction"
    reasons: ClassVar[Mapping[str, str]] = {"contraction": "English contractions, or forms that could be contracted"}
    examples: ClassVar[Mapping[str, Example]] = {"contraction": Example("I can't say that it's been John's idea.")}
    languages: ClassVar[str] = "English; texts of other languages are left alone as far as they share no such forms"

    action: Literal["expand", "contract"] = "expand"

    def suspects(self, column: pa.Array) -> pa.Array:
        if self.action == "expand":
            return pc.match_substring_regex(column, r"(?i)[a-z\x{17f}\x{212a}]['’](t|m|re|ve|ll|s|d)")
        return pc.match_substring_regex(
            column, r"(?i)not|i am |(you|we|they) are |(he|\x{17f}he|it|that|there) i[s\x{17f}] "
        )

    def rewrite(self, text: str) -> str:
        return replaced(text, list(expansions(text) if self.action == "expand" else contractions(text)))
