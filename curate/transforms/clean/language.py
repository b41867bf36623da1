"""`clean.language`: write the language of each text, and how sure that is, into two new columns.

Identification is that of `curate.kernels.language`; `filter.language` after it reads the columns as its signals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.language import Model, identify, model_identity


class TagLanguage(RowTransform):
    """Adds two columns: the language of the text as an ISO 639 code, and its score. The text is left as it is.

    A text without a letter has null in both. The score is the probability that the text is in that language or in
    another of its group (see `filter.language`); below 0.8, as for many texts of one or two words, take the language
    for a guess.

    Attributes:
        column: the name of the new column of languages.
        score_column: the name of the new column of scores; None for none.
        min_score: the least score for which a language is written, 0 to 1.
        model: `langid` (140 languages, fast) or `lingua` (75 languages, a hundred times slower, better on one or two
            words; needs the extra `lingua`).

    Example:
        >>> TagLanguage().column
        'language'
    """

    name: ClassVar[str] = "clean.language"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"language": "the language of the text, and how sure that is"}
    languages: ClassVar[str] = (
        "the 140 languages of the model; a text of any other is told as one of them, seldom surely"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "language": Example("Les enfants jouent dans le jardin pendant que leur mère prépare le repas.")
    }

    column: str = Field("language", min_length=1)
    score_column: str | None = Field("language_score", min_length=1)
    min_score: float = Field(0.0, ge=0, le=1)
    model: Model = "langid"

    @model_validator(mode="after")
    def _two_columns(self) -> Self:
        if self.column == self.score_column:
            raise ValueError(f"column and score_column are both {self.column!r}")
        return self

    def setup(self) -> None:
        identify(["a first text"], self.model)

    def revision(self) -> str:
        return model_identity(self.model)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        """The columns with the new ones.

        Raises:
            ColumnError: there is a column of that name.
        """
        new = [(self.column, pa.string())]
        if self.score_column is not None:
            new.append((self.score_column, pa.float64()))
        for name, kind in new:
            if name in schema.names:
                raise ColumnError(
                    f"{self.name} would write over the column {name!r}", hint="give another name with column"
                )
            schema = schema.append(pa.field(name, kind))
        return schema, roles

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        found = identify(batch.texts(), self.model)
        told = [(at, one) for at, one in enumerate(found) if one is not None]
        if not told:
            return Edits()
        ids = batch.row_ids[[at for at, _ in told]]
        codes = pa.array([code if score >= self.min_score else None for _, (code, score) in told], pa.string())
        edits = [Edits.set(self.column, ids, codes, "language")]
        if self.score_column is not None:
            scores = pa.array([score for _, (_, score) in told], pa.float64())
            edits.append(Edits.set(self.score_column, ids, scores, "language"))
        return Edits.concat(edits)
