"""`debris`: what is in the texts and is no text: markup, characters broken by a wrong encoding, untidy white space."""

from __future__ import annotations

from typing import ClassVar

from curate.checks.remedy import need_texts, of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows


class Debris(Check):
    """Markup, broken characters and untidy white space inside texts: a model wastes words on them, or learns to tell
    sources apart.

    Attributes:
        html: bounds on the share of texts with tags or entities of HTML.
        unicode: bounds on the share of texts with mojibake. Of both any is `low`; above 1 % is a habit of the source
            and no accident; above 20 % it stands in so many texts that it is part of the language the model learns.
            House figures.
        control: the same for characters that nobody sees: controls, zero width, soft hyphens, direction marks.
        whitespace: bounds on the share of texts with runs of white space; harmless to most models, so never above
            `low`.
    """

    name: ClassVar[str] = "debris"
    version: ClassVar[str] = "2"

    html: Bounds = Bounds(low=0, medium=0.01, high=0.20)
    unicode: Bounds = Bounds(low=0, medium=0.01, high=0.20)
    control: Bounds = Bounds(low=0, medium=0.01, high=0.20)
    whitespace: Bounds = Bounds(low=0)

    def look(self, context: CheckContext) -> list[Finding]:
        need_texts(context)
        return [
            self._would_change(context, "clean.html", self.html, "HTML tags or entities", "No text holds markup"),
            self._would_change(
                context,
                "clean.unicode",
                self.unicode,
                "Broken characters",
                "No text holds broken characters",
            ),
            self._would_change(
                context,
                "clean.control",
                self.control,
                "Invisible characters",
                "No text holds invisible characters",
            ),
            self._would_change(
                context,
                "clean.whitespace",
                self.whitespace,
                "Untidy white space",
                "No text holds untidy white space",
            ),
        ]

    def _would_change(self, context: CheckContext, use: str, bounds: Bounds, what: str, clean: str) -> Finding:
        plan, remedy = propose(context, use)
        rows, n_rows = edited_rows(plan), len(context.corpus)
        if not len(rows):
            return Finding(self.name, clean, "none", 0.0, bounds.low)
        share = len(rows) / n_rows
        cells = {column: len(table) for column, table in sorted(plan.sets.items())}
        evidence = {"changed_cells": cells} if len(cells) > 1 else {}
        title = f"{what}: {of_rows(len(rows), n_rows, 'text')}"
        return Finding(self.name, title, bounds.severity(share), share, bounds.low, rows, evidence, remedy, plan)
