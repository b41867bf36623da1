"""`filter.quality`: keep rows that are like one reference and unlike another, by a classifier trained on both.

As GPT-3's corpus was chosen (Brown et al. 2020, appendix A). The classifier is one of curate's learners; the signal
`quality` is in `curate.learn.quality`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from curate.core.bounds import DropOutside
from curate.core.example import Example

_LIKE = (
    "The river rises in the hills and flows for forty miles before it reaches the sea.",
    "In the second chapter the author explains why the treaty was never signed.",
    "Water expands when it freezes, which is why pipes burst in a cold winter.",
    "The museum was founded by a merchant who had collected maps all his life.",
)
_UNLIKE = (
    "BUY NOW!!! best price click here free free free",
    "login | register | cart (0) | checkout | help",
    "click here click here to WIN a free phone now!!!",
    "home > shop > sale | add to cart | free delivery",
)


class TrainedJudge(BaseModel, frozen=True, extra="forbid"):
    """How a judge of texts is trained; described in `DropByQuality`."""

    learner: str | dict[str, Any] = "bag"
    n_folds: int = Field(3, ge=2, le=20)
    max_rows: int = Field(20_000, ge=1)


class LikenessSettings(TrainedJudge):
    """The two sources; described in `DropByQuality`."""

    like: str | tuple[str, ...] = Field(min_length=1)
    unlike: str | tuple[str, ...] = Field(min_length=1)
    like_text: str | None = None
    unlike_text: str | None = None


class DropByQuality(LikenessSettings, DropOutside):
    """Drops rows that are too little like the texts of one source, or too much like those of another.

    A classifier learns to tell the two sources apart, both counting alike however many rows they have, and the signal
    is the probability it gives to the first one. A row that stands in one of the sources itself is judged by a model
    that has seen neither it nor its near duplicates. What the classifier learns is whatever tells the sources apart:
    where they differ in topic, length or language, so will what is kept.

    Attributes:
        min_quality: the smallest probability, 0 to 1, that a row may have of coming from `like`.
        like: texts as they should be: a file, folder, glob or Hub id, or a list of texts.
        unlike: texts as they should not be, given in the same way.
        like_text: the text column of `like`, where it cannot be told.
        unlike_text: the text column of `unlike`.
        learner: the registry name of the learner: `bag` or `linear`, which need no torch, or another; or
            `{name: …, setting: value}`.
        n_folds: models that judge the rows which stand in the sources; they are trained only if there is such a row.
        max_rows: rows read of each source; of a larger one, texts chosen by their hash.

    Example:
        >>> DropByQuality(min_quality=0.5, like="good.txt", unlike="bad.txt").signals()["quality"]["learner"]
        'bag'
    """

    name: ClassVar[str] = "filter.quality"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"low_quality": "a lower probability of coming from like than min_quality"}
    bounds: ClassVar[dict[str, tuple[str, str]]] = {"min_quality": ("quality", "low_quality")}
    languages: ClassVar[str] = "those of the two sources; a text of another language is a guess"
    typical: ClassVar[dict[str, str]] = {
        "quality": "above 0.5 for what is like the one source, below for what is like the other; it says how "
        "sure (calibration error 0.04 to 0.1, by what was measured for the guide)"
    }
    profiled: ClassVar[bool] = False
    examples: ClassVar[Mapping[str, Example]] = {
        "low_quality": Example(
            "free phone!!! click here now", {"min_quality": 0.5, "like": _LIKE, "unlike": _UNLIKE, "learner": "linear"}
        )
    }

    min_quality: float | None = Field(None, ge=0, le=1)
