"""`augment.constrain`: of the rows that steps have added, drop those that fail a constraint, each for its own reason.

It stands behind augmenters of any kind. What a row was made from, by which step and why, the engine knows (signal
`made_from`); whether a label was kept, a cross-fitted model says that saw neither the row nor its parent
(`pred_probs`); whether it is too near a held-out row, `leaked_from`. How the judging goes: `verdicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from curate import registry
from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform, by_row_id
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.encoders.encoder import EncoderSpec
from curate.kernels.hashing import hash_texts_128
from curate.kernels.language import Model
from curate.kernels.text import normaliser
from curate.transforms.augment.bounds import TextBounds, text_reasons
from curate.transforms.augment.verdicts import Bounds, Verdicts

Duplicates = Literal["off", "exact", "normal", "near"]


class ConstrainAdded(DatasetTransform):
    """Drops added rows that repeat a row, stray too far from their parent or have likely lost their label. A row that
    no step added is never dropped. So rows that a step changed in place (`in_place: true`) are not judged: to drop one
    would lose the row that was given.

    Its notes say of each step that added rows how many stay, and estimate how many labels it turned: the share of its
    rows for which the judge prefers another class than the label, less the same share of their parents.

    Of a row that was added before it was written to a file only the id tells that it was added; what it was made from
    is not known. It is judged by what needs no parent: repeats, held-out rows, perplexity, label.

    Attributes:
        steps: judge only rows that these steps added; all added rows where none is named. Name the augmenters where
            other steps add rows too: the copies of `rebalance.oversample` are repeats by intent, the chunks of
            `split.text` are shorter by intent.
        duplicates: what repeats a row: `exact`, the same text byte for byte; `normal`, ignoring case, white space and
            Unicode form; `near`, that or nearly the same words as a row that it is no kin of; `off`.
        min_near: for `near`, the Jaccard similarity of two sets of words from which they are so, in (0, 1].
        held_out: drop added rows that have a twin in a held-out split, by themselves or by what they were made from:
            `exact`, `near`, `ngram` or `semantic` as in `dedup.leakage`; `auto`, exact where there is such a split and
            nothing where there is none; `off`.
        split: the held-out split, or `all`.
        min_change: words put in, taken out or replaced, at least, as a share of the longer text's words, in [0, 1].
        max_change: at most.
        min_length_ratio: words by the parent's words, at least.
        max_length_ratio: at most.
        min_overlap: different words in both by different words in either, at least, in [0, 1].
        max_overlap: at most.
        language: drop a row in another language than its parent, where both are told with a score of 0.8 or more.
        language_model: `langid`, or `lingua` (`filter.language` tells of them).
        min_similarity: the cosine to the parent's vector, at least, in (0, 1]. No bound suits all encoders.
        encoder: for `min_similarity`: `lsa`, learnt on the texts themselves, `hashed`, `sentence`, `static`, or one of
            a plugin; or a mapping with `name` and settings of that encoder.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        model_revision: of a model on the Hub: a commit, tag or branch.
        device: where a model runs: `auto`, `cpu` or `cuda`.
        max_perplexity: characters that a model of `reference` chose among, as it were, at most.
        max_perplexity_ratio: the same by the parent's perplexity, at most; not asked where the parent's row is gone.
        reference: for the perplexity, the texts that are as texts should be: a file, folder, glob or Hub id.
        judge: the learner that says whether labels were kept, by name or `{name: …, setting: value}`; null: nobody. It
            learns only from rows that no step added.
        n_folds: folds of the judge, at least 2.
        min_label_probability: a label counts as turned where the judge gives it a smaller probability, in [0, 1]; 0
            drops none and still tells the flip rate …
        min_label_margin: … and another class one that is larger by at least this, in [0, 1].

    Example:
        >>> sorted(ConstrainAdded(judge=None, held_out="off").needed()), ConstrainAdded().held_out
        (['made_from', 'text'], 'auto')
    """

    name: ClassVar[str] = "augment.constrain"
    version: ClassVar[str] = "2"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "repeats_parent": "the text is the parent's, which is the ref",
        "repeats_row": "the text is that of another row that stays, which is the ref",
        "near_row": "nearly the words of a row of other kin that stays, the ref; score is how similar",
        "near_held_out": "it or what it was made from has a twin in a held-out split; score is how similar",
        "changed_too_little": "fewer words changed than min_change; score is the share",
        "changed_too_much": "more words changed than max_change; score is the share",
        "length_changed": "the number of words by the parent's is outside its bounds",
        "overlap": "the share of words in common with the parent is outside its bounds; score is the share",
        "other_language": "another language than the parent's; score is how sure",
        "unlike_parent": "the cosine to the parent is below min_similarity; score is 1 - the cosine",
        "surprising": "the perplexity, or its ratio to the parent's, is above its bound",
        "label_turned": "the judge finds another class likelier than the label; score is 1 - the label's probability",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "made_from"})
    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})
    without: ClassVar[Mapping[str, str]] = {"label": "set judge: null, and no label is judged"}
    languages: ClassVar[str] = "any; another language is told among the 140 of the model"

    steps: tuple[str, ...] = ()
    duplicates: Duplicates = "normal"
    min_near: float = Field(0.9, gt=0, le=1)
    held_out: Literal["auto", "off", "exact", "near", "ngram", "semantic"] = "auto"
    split: str = "test"
    min_change: float | None = Field(None, ge=0, le=1)
    max_change: float | None = Field(None, ge=0, le=1)
    min_length_ratio: float | None = Field(None, ge=0)
    max_length_ratio: float | None = Field(None, gt=0)
    min_overlap: float | None = Field(None, ge=0, le=1)
    max_overlap: float | None = Field(None, ge=0, le=1)
    language: bool = True
    language_model: Model = "langid"
    min_similarity: float | None = Field(None, gt=0, le=1)
    encoder: EncoderSpec = "lsa"
    model: str | None = None
    model_revision: str | None = None
    device: str = "auto"
    max_perplexity: float | None = Field(None, gt=0)
    max_perplexity_ratio: float | None = Field(None, gt=0)
    reference: str | tuple[str, ...] | None = None
    judge: str | dict[str, Any] | None = "linear"
    n_folds: int = Field(5, ge=2, le=50)
    min_label_probability: float = Field(0.1, ge=0, le=1)
    min_label_margin: float = Field(0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _bounds_meet(self) -> Self:
        for name in ("change", "length_ratio", "overlap"):
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{name} is {low:g}, above max_{name}, {high:g}")
        if self._asks_perplexity and self.reference is None:
            raise ValueError("a bound on the perplexity needs reference: texts that are as texts should be")
        return self

    @property
    def _asks_perplexity(self) -> bool:
        return self.max_perplexity is not None or self.max_perplexity_ratio is not None

    def needed(self) -> frozenset[str]:
        more: set[str] = set()
        if self.held_out != "off":
            more.add("leaked_from")
        if self.min_similarity is not None:
            more.add("parent_similarity")
        if self._asks_perplexity:
            more.add("perplexity")
        if self.judge is not None:
            more |= {"label", "pred_probs"} | registry.get("signals", "pred_probs")(**self._judge_settings()).needed()
        return self.needs | more

    def _leak_settings(self) -> dict[str, Any]:
        if self.held_out == "auto":
            return {"split": self.split, "match": "exact", "required": False}
        return {"split": self.split, "match": self.held_out}

    def _judge_settings(self) -> dict[str, Any]:
        return {"learner": self.judge, "n_folds": self.n_folds, "learn_from_added": False}

    def signals(self) -> dict[str, dict[str, Any]]:
        encoder = {"encoder": self.encoder, "model": self.model, "revision": self.model_revision, "device": self.device}
        given: dict[str, dict[str, Any]] = {
            "made_from": {},
            "leaked_from": self._leak_settings(),
            "parent_similarity": encoder,
            "perplexity": {"reference": self.reference},
            "pred_probs": self._judge_settings(),
        }
        return {name: settings for name, settings in given.items() if name in self.needed()}

    def summarize(self, batch: Batch) -> pa.Table:
        self._refuse_copied(batch)
        texts, behind = batch.texts(), batch.signals["made_from"]
        derived = behind.is_valid().to_numpy(zero_copy_only=False)
        step, parent, text = (behind.field(name) for name in ("step", "parent", "text"))
        parents = [told if own else None for told, own in zip(text.to_pylist(), derived.tolist(), strict=True)]
        reasons, scores = text_reasons(texts, parents, self._text_bounds())
        hashes, same = self._forms(texts, parents)
        columns = {
            "row_id": pa.array(batch.row_ids),
            "added": pa.array(derived),
            "step": step,
            "made_for": behind.field("reason"),
            "parent": parent,
            "high": pa.array(hashes[:, 0]),
            "low": pa.array(hashes[:, 1]),
            "blank": pa.array([text is None or not text.strip() for text in texts], pa.bool_()),
            "repeats_parent": pa.array(same, pa.bool_()),
            "reason": pa.array(reasons, pa.string()),
            "score": pa.array(scores, pa.float64()),
        }
        if self.duplicates == "near":
            columns["text"] = pa.array(texts, pa.large_string())
        if self.judge is not None:
            columns["label"] = batch.labels()
        columns |= {name: values for name, values in batch.signals.items() if name != "made_from"}
        return pa.table(columns)

    def _refuse_copied(self, batch: Batch) -> None:
        """An added row has its parent's cells: a column that stands for a signal would say nothing of it."""
        for name in sorted(self.signals()):
            if name in batch.rows.schema.names:
                raise ColumnError(
                    f"the rows have a column {name!r}, in which added rows have what was said of their parents",
                    hint=f"rename the column: {name} is then computed for each row",
                )

    def _text_bounds(self) -> TextBounds:
        return TextBounds(
            (self.min_change, self.max_change),
            (self.min_length_ratio, self.max_length_ratio),
            (self.min_overlap, self.max_overlap),
            self.language_model if self.language else None,
        )

    def _forms(self, texts: list[str | None], parents: list[str | None]) -> tuple[Any, list[bool]]:
        """A hash of the form in which texts are compared, and whether each has that of its parent."""
        form = (lambda text: text) if self.duplicates == "exact" else normaliser()
        own = [None if text is None else form(text) for text in texts]
        same = [
            self.duplicates != "off" and parent is not None and mine == form(parent)
            for mine, parent in zip(own, parents, strict=True)
        ]
        return hash_texts_128(own), same

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        bounds = Bounds(
            self.min_similarity,
            self.max_perplexity,
            self.max_perplexity_ratio,
            self.min_label_probability,
            self.min_label_margin,
        )
        verdicts = Verdicts.of(by_row_id(summary), self.steps)
        verdicts.by_parent()
        verdicts.by_signals(bounds)
        if self.duplicates != "off":
            verdicts.by_repeats()
        if self.duplicates == "near":
            verdicts.by_near(self.min_near)
        judge = self.judge if self.judge is None or isinstance(self.judge, str) else str(self.judge.get("name"))
        return verdicts.edits(judge, self.n_folds)
