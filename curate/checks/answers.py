"""`answers`: prompts whose answer teaches a model nothing, or to refuse, to parrot, to make things up, to break off."""

from __future__ import annotations

from typing import ClassVar

from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.data.roles import is_text


class Answers(Check):
    """Answers that are empty, refuse, repeat the prompt, break off, or tell of what the model cannot have seen.

    Attributes:
        share: bounds on the share of such rows. Of 5,305 rows of Alpaca that a judge rated 4.5 of 5 or better 0.8 % are
            such, so the first bound above `low` is 1 %; above 5 % they shape how a model answers. House figures.
    """

    name: ClassVar[str] = "answers"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "target"})

    share: Bounds = Bounds(low=0, medium=0.01, high=0.05)

    def look(self, context: CheckContext) -> list[Finding]:
        roles, schema = context.corpus.roles, context.corpus.schema
        if roles.target is None or not is_text(schema.field(roles.target).type):
            raise Skip(f"the target {roles.target!r} holds numbers, no answers")
        if set(roles.text) <= {roles.target}:
            raise Skip(f"no column beside {roles.target!r} holds a prompt; name it with --text")
        plan, remedy = propose(context, "filter.answers")
        rows, n_rows = edited_rows(plan), len(context.corpus)
        if not len(rows):
            title = "No answer is empty, a refusal, an echo or broken off"
            return [Finding(self.name, title, "none", 0.0, self.share.low)]
        share = len(rows) / n_rows
        title = f"Answers not worth learning: {of_rows(len(rows), n_rows)}"
        evidence = {"reasons": plan.reasons()}
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]
