"""Repairs that come in several kinds: one pass a kind, each with its reason.

The base of the cleaning steps whose readers want to know which of several things was mended.
"""

from __future__ import annotations

from collections.abc import Callable

from curate.core.rewrite import RewriteText

Pass = tuple[str, Callable[[str], str]]


class RewriteInPasses(RewriteText):
    """Rewrites a text pass by pass; the reason of an edit is that of the first pass that changes the text."""

    def passes(self) -> tuple[Pass, ...]:
        """The passes that these settings ask for, in order, each with its reason."""
        raise NotImplementedError

    def rewrite(self, text: str) -> str:
        for _, change in self.passes():
            text = change(text)
        return text

    def why(self, text: str) -> str:
        return next((reason for reason, change in self.passes() if change(text) != text), self.reason)
