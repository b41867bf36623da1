"""The signal `attack`: for each training row an attack on a model that never saw it, nor its near duplicates, nor a row
that was made from the same one.

`augment.attack` adds what it finds. The models are cross-fitted as those of `pred_probs` are, so a text that turns one
of them round is no accident of having been learnt by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.core.behind import with_kin
from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest, digest
from curate.data.rows import as_strings
from curate.errors import ColumnError, CurateError
from curate.kernels.classes import class_codes
from curate.kernels.intervals import wilson
from curate.kernels.other_words import WordSettings
from curate.kernels.protected import protected_spans
from curate.kernels.replacing import Span
from curate.learn.attack import Attack, Attempt, Target, attacked
from curate.learn.crossfit import models_of_the_rest
from curate.learn.examples import Examples
from curate.learn.folds import families
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec, learner_named
from curate.transforms.augment.spans import SpanLayout

_CHANGE = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("old", pa.string()), ("new", pa.string())])
ATTACKED = pa.struct(
    [("outcome", pa.string()), ("changes", pa.list_(_CHANGE)), ("score", pa.float64()), ("note", pa.string())]
)
"""What came of a row: the outcome (`curate.learn.attack.Outcome`), the strongest try, 1 - the probability of the label
after it, and what is to be told of all rows."""


class AttackSignal(Provider):
    """Attacks on cross-fitted models, of type `ATTACKED`; null for a row without a label or text, or not chosen.

    Attributes:
        learner: what is attacked: a registry name, or `{name: …, setting: value}`; it reads texts.
        n_folds: folds, at least 2.
        attack: how a search goes.
        words: what may stand for a word.
        fraction: the share of rows that are attacked, in [0, 1]; which is drawn for each by itself.
        column: the text column that is changed; None: the first.
        spans: columns that mark spans of it, which stay.
        protect_pattern: a regular expression whose matches stay.
    """

    name: ClassVar[str] = "attack"
    version: ClassVar[str] = "1"

    learner: LearnerSpec = "linear"
    n_folds: int = 5
    attack: Attack = Attack()
    words: WordSettings = WordSettings()
    fraction: float = 1.0
    column: str | None = None
    spans: tuple[str, ...] = ()
    protect_pattern: str | None = None

    def inputs(self, corpus: Corpus) -> list[str]:
        """The identity of the learner, what the words come from, and which rows are kin."""
        read = [digest(learner_named(self.learner).identity()), self.words.source().revision]
        kin = corpus.origin.ancestors if corpus.origin is not None else None
        return [*read, batches_digest(kin.schema, kin.to_batches())] if kin is not None and len(kin) else read

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        learner = self._learner(corpus)
        row_ids = corpus.row_ids()
        codes, names = class_codes(corpus.labels())
        order = np.argsort(row_ids)
        order = order[codes[order] >= 0]
        judged = corpus.take(order)
        rows = Examples(judged.texts(), codes[order], None, len(names))
        kin = with_kin(families(judged), row_ids[order], corpus.origin)
        targets = self._targets(judged, rows)
        drawn = StepRandom(seed, "attack").uniform(row_ids[order]) < self.fraction
        found: dict[int, Attempt] = {}
        for model, here in models_of_the_rest(learner, rows, kin, row_ids[order], self.n_folds, seed):
            chosen = [at for at in here.tolist() if drawn[at] and targets[at] is not None]
            wanted = [target for at in chosen if (target := targets[at]) is not None]

            def predict(texts: Sequence[str], model: object = model) -> NDArray[np.float64]:
                return model.predict(Examples.unlabelled(list(texts)))  # type: ignore[attr-defined, no-any-return]

            made = attacked(model, predict, wanted, self.words.source(), self.attack)
            found |= dict(zip(chosen, made, strict=True))
        said = self._values(found, targets, len(order))
        place = np.full(len(row_ids), -1)
        place[order] = np.arange(len(order))
        return pa.table({"row_id": row_ids, "value": said.take(pa.array(place, mask=place < 0))})

    def _learner(self, corpus: Corpus) -> Learner:
        for role in ("label", "text"):
            if role not in corpus.roles.present():
                raise ColumnError(f"attack needs a column with the role {role}", hint=f"name it with --{role}")
        learner = learner_named(self.learner)
        if learner.reads != {"text"} or "classification" not in learner.tasks:
            raise CurateError(
                f"an attack changes texts of classes, which the learner {learner.name!r} does not read",
                hint="learner: bag, linear, head or transformer",
            )
        return learner

    def _targets(self, judged: Corpus, rows: Examples) -> list[Target | None]:
        """What is attacked of each row; None where the column has no text."""
        table, columns = judged.table(), judged.roles.text
        column = self.column or columns[0]
        cells = [as_strings(table.column(name).combine_chunks()) for name in columns]
        mine = columns.index(column)
        guarded = self._guarded(table, cells[mine])
        found: list[Target | None] = []
        for at, texts in enumerate(zip(*cells, strict=True)):
            before = "".join(f"{text}\n" for text in texts[:mine] if text is not None)
            behind = "".join(f"\n{text}" for text in texts[mine + 1 :] if text is not None)
            own = texts[mine]
            found.append(None if own is None else Target(own, int(rows.targets[at]), guarded[at], before, behind))
        return found

    def _guarded(self, table: pa.Table, texts: Sequence[str | None]) -> list[list[Span]]:
        found = [protected_spans(text or "", self.protect_pattern) for text in texts]
        for column in self.spans:
            if column not in table.column_names:
                raise ColumnError(f"there is no column {column!r} that could mark spans")
            layout = SpanLayout.of(column, table.schema.field(column).type)
            for spans, cell in zip(found, table.column(column).to_pylist(), strict=True):
                spans += layout.spans(cell, column)
        return [sorted(spans) for spans in found]

    def _values(self, found: dict[int, Attempt], targets: Sequence[Target | None], n: int) -> pa.Array:
        note = told(list(found.values()), learner_named(self.learner).name)
        values: list[dict[str, Any] | None] = []
        for at in range(n):
            attempt, target = found.get(at), targets[at]
            if attempt is None or target is None:
                values.append(None)
                continue
            changes = [
                {"start": start, "end": end, "old": target.text[start:end], "new": new}
                for start, end, new in attempt.replacements
            ]
            score = 1.0 - attempt.probability
            values.append({"outcome": attempt.outcome, "changes": changes, "score": score, "note": note})
        return pa.array(values, ATTACKED)


def told(attempts: Sequence[Attempt], learner: str) -> str:
    """How many attacks turned the answer, with Wilson's 95 % interval, and what they asked; one sentence.

    Example:
        >>> told([Attempt("flipped", (), 0.2, 12), Attempt("not_flipped", (), 0.7, 30)], "bag")
        'Of 2 rows that bag answers rightly, 1 (50.0 %, 95 % interval 9.5 to 90.5) were turned; 21.0 queries a row.'
    """
    right = [attempt for attempt in attempts if attempt.outcome != "wrong_before"]
    turned = sum(attempt.outcome == "flipped" for attempt in right)
    low, high = wilson(turned, len(right))
    queries = np.mean([attempt.n_queries for attempt in right]) if right else 0.0
    share = 100 * turned / max(1, len(right))
    return (
        f"Of {len(right):,} rows that {learner} answers rightly, {turned:,} ({share:.1f} %, 95 % interval "
        f"{100 * low:.1f} to {100 * high:.1f}) were turned; {queries:.1f} queries a row."
    )
