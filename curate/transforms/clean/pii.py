"""`clean.pii`: personal data and secrets out of texts: redacted, masked or put behind pseudonyms; or told in a column.

It is private: neither its own lineage nor that of any other step of the same run keeps what it finds. Detectors and
forms are those of `curate.kernels.pii`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

import numpy as np
import pyarrow as pa
from pydantic import PlainSerializer, field_validator, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.rewrite import RewriteText
from curate.data.edits import Edits
from curate.data.roles import Roles, is_text, text_columns
from curate.data.rows import Batch
from curate.errors import ColumnError, did_you_mean
from curate.kernels.pii.find import KINDS, PATTERNS, REGIONS, Kind, detectors, find, find_in, suspects, versions
from curate.kernels.pii.key import read_key
from curate.kernels.pii.mask import concealed, masked
from curate.kernels.pii.pseudonym import key_id, pseudonym
from curate.kernels.pii.span import Detector, Span

Action = Literal["redact", "mask", "pseudonymise", "keep"]
TAG = pa.list_(pa.struct([("column", pa.string()), ("kind", pa.string()), ("start", pa.int32()), ("end", pa.int32())]))


class CleanPii(RewriteText):
    """Takes personal data and secrets out of texts: each piece is redacted, masked, or replaced by a pseudonym.

    A row's reason is the most sensitive kind found in the cell. Held-out splits pass through a run unchanged, so clean
    them as a source of their own before you publish them. Run it once: a pseudonym behind a word that says what it is
    (`call 598-992-4709`) would be found again and get another.

    Attributes:
        kinds: what to look for; everything but `person` unless given.
        action: what to do with it: `redact` writes the kind (`[EMAIL]`), `mask` keeps the shape and at most the end
            (`j***@e***.org`), `pseudonymise` puts another value of the same kind in its place, the same for equal
            values in all rows and runs with the same key, `keep` leaves it and only tells in the column `tag`.
        actions: for single kinds another action: `{card: mask}`.
        tag: a new column that lists the column, kind, start and end of each piece as this step leaves it, and no value.
            A later step that changes the text does not move them: put this one last, behind all other repairs.
        columns: the columns to clean; those with the role text unless given.
        regions: the countries (ISO 3166) whose national phone numbers count; `+…` numbers count from anywhere.
        private_addresses: IP addresses of private, loopback and documentation networks count too.
        written_out: e-mail addresses written out (`name at example dot org`) count too.
        model: the spaCy model for `person` (`en_core_web_sm`; an installed one, or a folder); without one, names
            are found behind titles and introductions alone.
        key_env: the environment variable that holds the key of pseudonyms, at least 16 bytes. The key itself stands in
            no recipe, log, lineage or fingerprint.
        key_file: a file that holds the key instead.

    Example:
        >>> CleanPii(kinds=("email", "ip")).rewrite("jane@example.org from 81.2.69.142")
        '[EMAIL] from [IP]'
    """

    name: ClassVar[str] = "clean.pii"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "secret"
    reasons: ClassVar[Mapping[str, str]] = KINDS
    private: ClassVar[bool] = True
    uncounted: ClassVar[frozenset[str]] = frozenset({"key_env", "key_file"})
    languages: ClassVar[str] = "any; words that say what a number is are known in a dozen languages"
    examples: ClassVar[Mapping[str, Example]] = {
        "secret": Example("Set AWS_KEY to AKIAIOSFODNN7EXAMPLE and restart."),
        "url_credentials": Example("git clone https://joe:not-a-real-one@git.example.org/repo"),
        "card": Example("Charge it to 4111 1111 1111 1111, please."),
        "iban": Example("Transfer to GB82 WEST 1234 5698 7654 32.", settings={"action": "mask"}),
        "national_id": Example("Her SSN is 536-90-4399."),
        "crypto_address": Example("Donate: 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        "date_of_birth": Example("Date of birth: 3 March 1980, seen on 4 May 2020."),
        "email": Example("Write to jane.doe@example.org.", settings={"action": "mask"}),
        "phone": Example("Call me at 415-555-0132 or +44 20 7946 0958."),
        "street_address": Example("We meet at 221 Baker Street."),
        "ip": Example("Login from 8.8.4.4 failed; 192.168.0.1 is fine."),
        "mac": Example("The printer is 3c:22:fb:00:00:01."),
        "person": Example("My name is Jane Doe.", settings={"kinds": ("person",)}),
    }

    kinds: tuple[Kind, ...] = PATTERNS
    action: Action = "redact"
    actions: Annotated[tuple[tuple[Kind, Action], ...], PlainSerializer(dict)] = ()
    tag: str | None = None
    columns: tuple[str, ...] | None = None
    regions: tuple[str, ...] = REGIONS
    private_addresses: bool = False
    written_out: bool = False
    model: str | None = None
    key_env: str | None = None
    key_file: str | None = None

    @field_validator("actions", mode="before")
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        for kind, action in given.items():
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is no kind of personal data ({did_you_mean(str(kind), KINDS)})")
            if action not in get_args(Action):
                raise ValueError(f"{kind}: {action!r} is no action ({did_you_mean(str(action), get_args(Action))})")
        return tuple(sorted(given.items()))

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.kinds:
            raise ValueError(f"kinds is empty; allowed: {', '.join(KINDS)}")
        done = {self._action(kind) for kind in self.kinds}
        if done == {"keep"} and self.tag is None:
            raise ValueError("action keep changes nothing; name a column with tag, or look with `curate audit`")
        if "pseudonymise" in done and (self.key_env is None) == (self.key_file is None):
            raise ValueError("pseudonymise needs a key: name one of key_env and key_file")
        return self

    def _action(self, kind: str) -> Action:
        return dict(self.actions).get(kind, self.action)  # type: ignore[call-overload, no-any-return]

    @property
    def _detectors(self) -> tuple[Detector, ...]:
        return detectors(self.kinds, self.regions, self.private_addresses, self.written_out, self.model)

    def setup(self) -> None:
        _ = self._detectors

    def revision(self) -> str:
        self.setup()
        said = versions(self.kinds, self.model)
        if any(self._action(kind) == "pseudonymise" for kind in self.kinds):
            said.append(f"key {key_id(read_key(self.key_env, self.key_file))}")
        return ", ".join(said)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        for name in self.columns or ():
            if name not in schema.names:
                raise ColumnError(f"there is no column {name!r} to clean", hint=did_you_mean(name, schema.names))
            if not is_text(schema.field(name).type):
                raise ColumnError(f"the column {name!r} holds {schema.field(name).type}, not text")
        if self.tag is None:
            return schema, roles
        if self.tag in schema.names:
            raise ColumnError(f"there is a column {self.tag!r} already", hint="give tag another name")
        return schema.append(pa.field(self.tag, TAG)), roles

    def suspects(self, column: pa.Array) -> pa.Array:
        return suspects(column, self._detectors)

    def rewrite(self, text: str) -> str:
        return self._replaced(text, find_in(text, self._detectors))[0]

    def why(self, text: str) -> str:
        return _worst(find_in(text, self._detectors))

    def conceal(self, texts: pa.Array) -> pa.Array:
        return concealed(texts, self._detectors)

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        told: dict[int, list[dict[str, Any]]] = {}
        reasons: dict[int, str] = {}
        edits = []
        for name in text_columns(batch.roles, batch.rows.schema) if self.columns is None else self.columns:
            edits.append(self._plan_cells(batch, name, told, reasons))
        if self.tag is not None and told:
            rows = sorted(told)
            values = pa.array([told[row] for row in rows], TAG)
            edits.append(Edits.set(self.tag, batch.row_ids[rows], values, [reasons[row] for row in rows]))
        return Edits.concat(edits)

    def _plan_cells(
        self, batch: Batch, name: str, told: dict[int, list[dict[str, Any]]], reasons: dict[int, str]
    ) -> Edits:
        """The edits of one column; what was found goes to `told`, row by row, and why to `reasons`."""
        column = batch.column(name)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            column = column.cast(pa.large_string())
        found = find(column, self._detectors)
        rows, values = [], []
        for row, spans in found.items():
            text = column[row].as_py()
            new, now = self._replaced(text, spans)
            told.setdefault(row, []).extend({"column": name, **place} for place in now)
            reasons[row] = min(_worst(spans), reasons.get(row, "person"), key=list(KINDS).index)
            if new != text:
                rows.append(row)
                values.append(new)
        if not rows:
            return Edits()
        kind = batch.rows.schema.field(name).type
        why = [_worst(found[row]) for row in rows]
        return Edits.set(name, batch.row_ids[np.array(rows)], pa.array(values, column.type).cast(kind), why)

    def _replaced(self, text: str, spans: Sequence[Span]) -> tuple[str, list[dict[str, Any]]]:
        """The text with each span dealt with, and where what stands for each is now."""
        parts: list[str] = []
        now: list[dict[str, Any]] = []
        at = length = 0
        for span, form in zip(spans, self._forms(text, spans), strict=True):
            start = length + span.start - at
            parts += [text[at : span.start], form]
            now.append({"kind": span.kind, "start": start, "end": start + len(form)})
            at, length = span.end, start + len(form)
        return "".join([*parts, text[at:]]), now

    def _forms(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        """What is put in the place of each span."""
        by_kind = {one.kind: one for one in self._detectors}
        key: bytes | None = None
        for span in spans:
            value, action = text[span.start : span.end], self._action(span.kind)
            if action == "redact":
                yield f"[{span.kind.upper()}]"
            elif action == "mask":
                yield masked(span.kind, value)
            elif action == "keep":
                yield value
            else:
                key = key or read_key(self.key_env, self.key_file)
                yield pseudonym(span.kind, value, key, by_kind[span.kind])


def _worst(spans: Sequence[Span]) -> str:
    """The most sensitive kind of some spans."""
    return min((span.kind for span in spans), key=list(KINDS).index)
