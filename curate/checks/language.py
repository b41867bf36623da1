"""`language`: the languages of the corpus, and the rows in a language that is rare here.

A language is told by the text alone (`curate.kernels.language`), and only where that is sure; the groups of
`filter.language` count as one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.checks.remedy import of_rows, plural, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.data.rows import Ids
from curate.errors import ColumnError
from curate.kernels.language import SURE
from curate.kernels.language_codes import base, code_of

_MOST_TOLD = 20


class RareLanguages(Check):
    """Rows in a language that few other rows are in: a model learns too little of it, and the rest is often debris of
    whoever collected the texts.

    Attributes:
        min_score: the score from which a language counts as told.
        rare: a language is rare where it has fewer rows than this share of the most frequent one's. With 0.05 no
            language of an evenly mixed corpus is rare. House figure.
        share: bounds on the share of rows in rare languages: above 0.1 % `low`, above 1 % `medium`, above 5 % `high`.
            House figures; of texts in one language 0.1 % are told wrongly (single sentences, the default model).
    """

    name: ClassVar[str] = "language"
    version: ClassVar[str] = "1"

    min_score: float = Field(SURE, ge=0, le=1)
    rare: float = Field(0.05, gt=0, lt=1)
    share: Bounds = Bounds(low=0.001, medium=0.01, high=0.05)

    def look(self, context: CheckContext) -> list[Finding]:
        ids, codes = self._told(context)
        counts = Counter(codes)
        counts.pop("", None)
        if not counts:
            raise Skip(f"of no text the language is sure: none has a score of {self.min_score:g}")
        most = max(counts.values())
        rare = sorted(code for code, n in counts.items() if n < self.rare * most)
        evidence = {"languages": _ordered(counts), "uncertain_rows": codes.count("")}
        common = [code for code, _ in counts.most_common() if code not in rare]
        if not rare:
            title = f"No language is rare here: {', '.join(common[:5])}{' and others' if len(common) > 5 else ''}"
            return [Finding(self.name, title, "none", 0.0, self.share.low, evidence=evidence)]
        plan, remedy = propose(context, "filter.language", keep=sorted(common), min_score=self.min_score)
        n_rows = len(context.corpus)
        rows = _with_codes(edited_rows(plan), ids, codes)
        share = len(rows) / n_rows
        which = f"{plural(len(rare), 'language')} that {'is' if len(rare) == 1 else 'are'} rare here"
        title = f"Texts in {which}: {of_rows(len(rows), n_rows)}"
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]

    def _told(self, context: CheckContext) -> tuple[Ids, list[str]]:
        """The ids of all rows in order of id, and the group each is surely in; empty where none is told.

        Raises:
            Skip: a column of the user's stands for one of the signals and holds something else.
        """
        try:
            language, score = context.signal("language"), context.signal("language_score")
        except ColumnError as error:
            raise Skip(str(error)) from error
        tags = language.values.to_pylist()
        scores = score.at(language.row_ids).to_pylist()
        strange = next((tag for tag in tags if tag is not None and code_of(str(tag)) is None), None)
        if strange is not None:
            raise Skip(f"the column 'language' holds {strange!r}, which is no ISO 639 code")
        sure = ((tag, at) for tag, at in zip(tags, scores, strict=True))
        codes = [
            base(str(code_of(str(tag)))) if tag and at is not None and at >= self.min_score else "" for tag, at in sure
        ]
        return language.row_ids, codes


def _ordered(counts: Counter[str]) -> dict[str, Any]:
    """Rows of each language, the most frequent first, the smallest taken together."""
    order = sorted(counts, key=lambda code: (-counts[code], code))
    told = {code: counts[code] for code in order[:_MOST_TOLD]}
    return told | ({"others": sum(counts[code] for code in order[_MOST_TOLD:])} if len(order) > _MOST_TOLD else {})


def _with_codes(rows: pa.Table, ids: Ids, codes: list[str]) -> pa.Table:
    """The rows with the language of each."""
    at = np.searchsorted(ids, rows.column("row_id").to_numpy())
    detail = pa.array([codes[place] for place in at.tolist()], pa.string())
    return rows.set_column(rows.column_names.index("detail"), "detail", detail)
