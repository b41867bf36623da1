"""`filter.toxicity`: drop rows that a classifier of the user's calls toxic.

Which texts are toxic hangs on who reads them and on the dialect they are in (Sap et al., "The Risk of Racial Bias in
Hate Speech Detection", ACL 2019), so no classifier is built in: one is trained on labelled rows, or is a model of the
user's. The signal `toxicity` is in `curate.learn.toxicity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.transforms.filter.quality import TrainedJudge

_LABELLED = (
    ("you are a worthless idiot and nobody likes you", "toxic"),
    ("shut up, you stupid idiot", "toxic"),
    ("only a worthless moron would say that", "toxic"),
    ("thank you for the helpful answer", "fine"),
    ("nobody answered the phone, so we called again", "fine"),
    ("this is a good question, and here is an answer", "fine"),
)


class ToxicitySettings(TrainedJudge):
    """Where the classifier comes from; described in `DropToxic`."""

    train: str | tuple[tuple[str, str], ...] | None = Field(None, min_length=1)
    train_text: str | None = None
    train_label: str | None = None
    positive: tuple[str, ...] = Field(min_length=1)
    model: str | None = None
    model_revision: str | None = None
    download: bool = False
    device: str = "auto"

    uncounted: ClassVar[frozenset[str]] = frozenset({"device", "download"})

    @field_validator("positive", mode="before")
    @classmethod
    def _labels(cls, given: Any) -> Any:
        return (str(given),) if isinstance(given, str | int | bool) else tuple(map(str, given))

    @model_validator(mode="after")
    def _one_classifier(self) -> Self:
        if (self.train is None) == (self.model is None):
            raise ValueError("give train (labelled rows) or model (a sequence classifier), one of the two")
        return self


class DropToxic(ToxicitySettings, DropOutside):
    """Drops rows that a classifier gives a higher probability of being toxic than a bound.

    The classifier is trained on labelled rows of yours, or is a Hugging Face sequence classifier. A row that stands in
    the labelled rows itself is judged by a model that has seen neither it nor its near duplicates.

    Attributes:
        max_toxicity: the largest probability, 0 to 1, that a row may have.
        train: labelled rows: a file, folder, glob or Hub id, or a list of pairs of a text and a label.
        train_text: the text column of `train`, where it cannot be told.
        train_label: the label column of `train`, where it cannot be told.
        positive: the label, or labels, of toxic texts, in `train` or of the model.
        model: a sequence classifier instead: a folder, or a name on the Hub (needs the extra `transformers`).
        model_revision: a commit, tag or branch on the Hub.
        download: fetch a model from the Hub that is not in its cache; else only what is there is used.
        device: where a model runs: `auto`, `cpu` or `cuda`.
        learner: the registry name of the learner: `bag` or `linear`, which need no torch, or another; or
            `{name: …, setting: value}`.
        n_folds: models that judge the rows which stand in `train`; they are trained only if there is such a row.
        max_rows: rows read of each side of `train`, toxic or not; of more, texts chosen by their hash.

    Example:
        >>> DropToxic(max_toxicity=0.9, train="labelled.csv", positive=1).positive
        ('1',)
    """

    name: ClassVar[str] = "filter.toxicity"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"toxic": "a higher probability of being toxic than max_toxicity"}
    bounds: ClassVar[dict[str, tuple[str, str]]] = {"max_toxicity": ("toxicity", "toxic")}
    languages: ClassVar[str] = "those of the labelled rows, or of the model; a text of another language is a guess"
    typical: ClassVar[dict[str, str]] = {
        "toxicity": "above 0.5 for what the classifier calls toxic; how sure, by its own lights (calibration error "
        "0.02 to 0.15, by what was measured for the guide)"
    }
    profiled: ClassVar[bool] = False
    examples: ClassVar[Mapping[str, Example]] = {
        "toxic": Example(
            "you stupid idiot", {"max_toxicity": 0.5, "train": _LABELLED, "positive": "toxic", "learner": "linear"}
        )
    }

    max_toxicity: float | None = Field(None, ge=0, le=1)
