"""`class_names`: classes whose names mean the same, with the map that would make them one."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from curate.checks.classes import read_classes
from curate.checks.remedy import of_rows, plural, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.data.roles import is_text
from curate.kernels.names import same_names

SHOWN = 3


class ClassNames(Check):
    """Classes under several names: `Sports` and `sports `, `Business` and `Bussiness`. A model learns them as different
    ones, and a rare spelling costs a row its class.

    Attributes:
        min_similarity: how alike two names must be, 0 to 1, beyond equal normal forms. At 0.85 none of the 77 names of
            BANKING77 and the 151 of CLINC150 is taken for another.
        max_share: by similarity a class is proposed to join one of which it has at most this share of the rows: slips
            are rare, classes are not.
        share: bounds on the share of rows under such a name. House figures.
    """

    name: ClassVar[str] = "class_names"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"label"})

    min_similarity: float = Field(0.85, gt=0, le=1)
    max_share: float = Field(0.1, gt=0, le=1)
    share: Bounds = Bounds(low=0, medium=0.01)

    def look(self, context: CheckContext) -> list[Finding]:
        corpus = context.corpus
        if corpus.class_names() is None and not is_text(corpus.schema.field(str(corpus.roles.label)).type):
            raise Skip("the labels are numbers without names")
        counts = read_classes(corpus).counts()
        found = same_names(counts, normal_form=True, min_similarity=self.min_similarity, max_share=self.max_share)
        merge = {name: target for name, (target, _) in sorted(found.items()) if counts[name]}
        if not merge:
            title = f"No two of {plural(len(counts), 'class')} have one name"
            return [Finding(self.name, title, "none", 0.0, self.share.low)]
        plan, remedy = propose(context, "labels.merge_names", merge=merge, normal_form=False)
        rows, n_rows = edited_rows(plan), len(corpus)
        share = len(rows) / n_rows
        pairs = [f"{name!r} = {target!r}" for name, target in merge.items()]
        more = f" and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
        title = f"Classes that mean the same: {', '.join(pairs[:SHOWN])}{more}; {of_rows(len(rows), n_rows)}"
        evidence = {"classes": {name: counts[name] for name in (*merge.values(), *merge)}}
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]
