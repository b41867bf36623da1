"""`augment.date`: other dates of the calendar in the same format, the days between two dates of a text as before.

For tasks whose label does not hang on the day. `curate.kernels.dates` reads and writes the formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.dates import dates, shifted
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.transforms.augment.augmenter import EditAugmenter


class AugmentDate(EditAugmenter):
    """Moves the dates of a row's texts, all by the same number of days, and writes them as they were.

    `5. März 2024` becomes `17. Juni 2024`, `03/05/24` is left alone. Where any date has a day of the week beside it,
    all move by whole weeks. Where day and month could change places (`03/04/2024`), the new date has both readings,
    unless `day_first` says which one holds; the days between two such dates may then differ, and one with a day of the
    week beside it stays. A date without a year stays within a year. A text with days that share a month (`25 to 27
    March 2024`, `March 25 and 27`) keeps all its dates.

    Attributes:
        max_days: how many days a date moves at most, to either side, from 1 to 36500; below 7 none moves in a text that
            has a day of the week beside a date.
        day_first: whether `03/04/2024` is the third of April; null: it may be either.

    Example:
        >>> AugmentDate(max_days=30).day_first is None
        True
    """

    name: ClassVar[str] = "augment.date"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"date": "dates of the calendar moved by some days"}
    joint: ClassVar[bool] = True
    languages: ClassVar[str] = (
        "dates in numbers: any; names of months: English, German, French and Spanish; 2024年3月5日: Chinese, Japanese "
        "and Korean"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "date": Example("It opened on March 5th, 2024 and closed on 2024-06-30.")
    }

    max_days: int = Field(365, ge=1, le=36500)
    day_first: bool | None = None

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found = dates(text, day_first=self.day_first)
        unit = 7 if any(one.by_week for one in found) else 1
        most = self.max_days // unit
        if not found or not most or any(one.in_range for one in found):
            return []
        n_units = draws.below(2 * most) - most
        n_units += n_units >= 0
        made = [(one.start, one.end, shifted(one, n_units * unit, self.max_days)) for one in found]
        return [(start, end, new) for start, end, new in made if new is not None]
