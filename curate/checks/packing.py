"""`packing`: what rows cost a model of a given context: padding, sequences when packed, and what is cut off.

Only where a tokenizer is named: `curate audit SOURCE --tokenizer T --max-tokens N`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import ROWS, Check, CheckContext, Finding, Skip
from curate.data.roles import Roles, is_text
from curate.data.rows import Ids
from curate.kernels.packing import (
    best_fit_decreasing,
    end_to_end,
    padded_in_random_batches,
    padded_in_sorted_batches,
    share_of_padding,
)
from curate.kernels.tokenizer import tokenizer
from curate.report.display import number, percent

N_BINS = 40
QUANTILES = {"shortest": 0.0, "median": 0.5, "upper_5_percent": 0.95, "longest": 1.0}
I64 = NDArray[np.int64]


class Packing(Check):
    """What rows cost a model of a given context: texts too long for it, the share of padding, and how many sequences
    the rows fill when they are packed.

    A row is its text, and its target where that is text too. Tokens are those of the tokenizer, without special ones.

    Attributes:
        tokenizer: a `tokenizer.json`, a folder with one, or a model on the Hub.
        max_tokens: the context of the model: the most tokens of a sequence.
        tokens_per_row: what a template or marks of beginning and end add to each row.
        batch_rows: rows in a batch, for the share of padding.
        too_long: bounds on the share of rows that are longer than the context: any is `low`, above 1 % `medium`, above
            10 % `high`. House figures.
    """

    name: ClassVar[str] = "packing"
    version: ClassVar[str] = "1"

    tokenizer: str | None = None
    max_tokens: int = Field(2048, ge=1)
    tokens_per_row: int = Field(0, ge=0)
    batch_rows: int = Field(8, ge=1)
    too_long: Bounds = Bounds(low=0, medium=0.01, high=0.10)

    def look(self, context: CheckContext) -> list[Finding]:
        if self.tokenizer is None:
            raise Skip("no tokenizer is named; give --tokenizer and --max-tokens")
        ids, lengths = self._lengths(context, self.tokenizer)
        given = lengths > 0
        ids, lengths = ids[given], lengths[given] + self.tokens_per_row
        if not len(lengths):
            raise Skip("no row has a token")
        long = lengths > self.max_tokens
        share = float(long.mean())
        ways = _ways(np.minimum(lengths, self.max_tokens), self.max_tokens, self.batch_rows)
        packed = next(way for way in ways if way["way"].startswith("packed"))
        title = f"Packed, the rows fill {number(packed['n_sequences'])} sequences of {number(self.max_tokens)} tokens"
        if long.any():
            title = f"Longer than {number(self.max_tokens)} tokens: {of_rows(int(long.sum()), len(lengths))}"
        cut = int((lengths[long] - self.max_tokens).sum())
        evidence = {
            "n_tokens": int(lengths.sum()),
            "tokens_cut_off": cut,
            "tokens_cut_off_fraction": cut / int(lengths.sum()),
            "padding_if_packed": percent(packed["padding_fraction"]),
            **{f"{name} row": int(np.quantile(lengths, at, method="inverted_cdf")) for name, at in QUANTILES.items()},
            "ways": ways,
            "histogram": _histogram(lengths, self.max_tokens),
        }
        plan, remedy = self._remedy(context) if long.any() else (None, None)
        severity = self.too_long.severity(share)
        rows = _rows(ids[long], lengths[long])
        return [Finding(self.name, title, severity, share, self.too_long.low, rows, evidence, remedy, plan)]

    def _lengths(self, context: CheckContext, name: str) -> tuple[Ids, I64]:
        """The id and the tokens of each row, in order of id."""
        roles = context.corpus.roles
        more = _text_target(context.corpus.schema, roles)
        signal = context.signal("n_tokens", tokenizer=name)
        lengths = np.asarray(signal.values.fill_null(0)).astype(np.int64)
        if more is not None:
            place = np.argsort(signal.row_ids, kind="stable")
            for batch in context.corpus.batches():
                at = place[np.searchsorted(signal.row_ids[place], batch.row_ids)]
                lengths[at] += tokenizer(name, self.name).counts(batch.texts(more))
        return signal.row_ids, lengths

    def _remedy(self, context: CheckContext) -> tuple[Any, Any]:
        """Split the texts that are too long, where a row is one text."""
        roles = context.corpus.roles
        if len(roles.text) > 1 or _text_target(context.corpus.schema, roles) or self.tokens_per_row >= self.max_tokens:
            return None, None
        size = self.max_tokens - self.tokens_per_row
        return propose(context, "split.text", max_size=size, unit="token", tokenizer=self.tokenizer)


def _text_target(schema: pa.Schema, roles: Roles) -> str | None:
    """The target column, where it holds text that is not among the texts already."""
    name = roles.target
    return name if name is not None and name not in roles.text and is_text(schema.field(name).type) else None


def _ways(lengths: I64, capacity: int, batch_rows: int) -> list[dict[str, Any]]:
    """What rows that fit become: for each way the number of sequences and the share of padding in them."""
    used, n = int(lengths.sum()), len(lengths)
    packed, (joined, cut) = best_fit_decreasing(lengths, capacity), end_to_end(lengths, capacity)
    batch = f"batches of {batch_rows}"
    held = {
        f"each row padded to {number(capacity)}": (n, n * capacity),
        f"padded to the longest of random {batch}": (n, padded_in_random_batches(lengths, batch_rows)),
        f"padded to the longest of {batch} of like length": (n, padded_in_sorted_batches(lengths, batch_rows)),
        "packed whole (best fit decreasing)": (packed, packed * capacity),
        f"end to end, {number(cut)} rows cut in two or more": (joined, joined * capacity),
    }
    return [
        {"way": way, "n_sequences": n_sequences, "padding_fraction": share_of_padding(used, tokens)}
        for way, (n_sequences, tokens) in held.items()
    ]


def _rows(ids: Ids, lengths: I64) -> pa.Table:
    """The rows that are too long, the longest first."""
    order = np.lexsort((ids, -lengths))
    n = len(order)
    columns = {
        "row_id": ids[order],
        "reason": pa.repeat("too_long", n),
        "score": pa.array(np.ones(n), pa.float32()),
        "ref": pa.nulls(n, pa.uint64()),
        "split": pa.repeat("train", n),
        "ref_split": pa.nulls(n, pa.string()),
        "detail": pa.array([f"{number(int(length))} tokens" for length in lengths[order]], pa.string()),
    }
    return pa.table(columns, schema=ROWS)


def _histogram(lengths: I64, capacity: int) -> dict[str, Any]:
    """Counts in bins of equal width in log length, with whole edges."""
    least, top = int(lengths.min()), int(lengths.max()) + 1
    edges = np.unique(np.geomspace(least, max(top, least + 1), N_BINS + 1).round())
    counts, _ = np.histogram(lengths, edges)
    marks = {"median": int(np.median(lengths)), "max_tokens": capacity}
    marks = {name: at for name, at in marks.items() if edges[0] <= at <= edges[-1]}
    return {"edges": edges.tolist(), "counts": counts.tolist(), "marks": marks, "axis": "tokens (log scale)"}
