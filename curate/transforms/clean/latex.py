r"""`clean.latex`: LaTeX remnants to plain text, math kept, dropped or replaced.

What counts as LaTeX is told by `curate.kernels.latex`. Prices (`$5 and $6`), Windows paths (`C:\new`) and escaped
quotes (`don\'t`) look like LaTeX and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.kernels import latex
from curate.kernels.cutting import cut
from curate.transforms.clean.passes import Pass, RewriteInPasses


class CleanLatex(RewriteInPasses):
    r"""Unwraps LaTeX commands, takes out citations, labels and comment lines, and composes accents.

    A text is touched only where it holds something that is LaTeX beyond doubt: a known command with its argument, a
    formula, an accent in braces or inside a word. Then the ambiguous is taken for LaTeX too: `\'e`, `\%`, `~`, ` `` `.
    Verbatim environments and unknown commands stay to the letter.

    Attributes:
        math: formulas are kept as they are (`keep`), taken out (`drop`), or replaced by the placeholder (`replace`).
        placeholder: what stands for a formula.
        assume: take every text for LaTeX, also where nothing proves it.

    Example:
        >>> CleanLatex().rewrite(r"\textbf{Erd\H{o}s} showed~\cite{erdos} that 50\% of $x^2$ \ldots")
        'Erdős showed that 50% of $x^2$ ...'
        >>> CleanLatex(math="drop").rewrite(r"$5 and $6 for $\alpha_1$ in C:\new")
        '$5 and $6 for in C:\\new'
    """

    name: ClassVar[str] = "clean.latex"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "latex_command"
    reasons: ClassVar[Mapping[str, str]] = {
        "latex_math": "LaTeX formulas",
        "latex_command": "LaTeX commands, accents, citations or comments",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "latex_math": Example(r"the angle $\alpha_1$ is small", settings={"math": "replace"}),
        "latex_command": Example(r"\emph{G\"odel} proved it~\cite{goedel}."),
    }

    math: Literal["keep", "drop", "replace"] = "keep"
    placeholder: str = "[MATH]"
    assume: bool = False

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, r"[\\$~%{}`']" if self.assume else latex.CERTAIN)

    def rewrite(self, text: str) -> str:
        return super().rewrite(text) if self.assume or _certain().search(text) else text

    def passes(self) -> tuple[Pass, ...]:
        math: tuple[Pass, ...] = () if self.math == "keep" else (("latex_math", self._without_math),)
        return (*math, ("latex_command", latex.plain))

    def _without_math(self, text: str) -> str:
        spans = latex.math_spans(text, certain=True)
        if self.math == "drop":
            return cut(text, spans)
        parts, at = [], 0
        for start, end in spans:
            parts += [text[at:start], self.placeholder]
            at = end
        return "".join([*parts, text[at:]])


@cache
def _certain() -> re.Pattern[str]:
    return re.compile(latex.CERTAIN)
