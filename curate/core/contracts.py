"""The promises of a transform, checked: what the author of a plugin runs in their tests.

`check_transform` tries a transform on an awkward corpus, cut and ordered in every way an engine may cut and order it,
and raises `ContractBroken` with one clear line for the first promise that does not hold. The promises are those of
`curate.core.transform`.
"""

from __future__ import annotations

import json
import pickle
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import registry
from curate.core.curated import Curated
from curate.core.examples import example_corpus
from curate.core.function import FunctionStep
from curate.core.recipe import Recipe
from curate.core.signals import RowSignal, Signal
from curate.core.step import Step
from curate.core.transform import ROLE_NAMES, DatasetTransform, RowTransform, Transform
from curate.core.trial import ContractBroken, Trial, require, same
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.data.store import Store
from curate.errors import AccountingError

__all__ = ["ContractBroken", "check_transform", "example_corpus"]

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_BATCH_ROWS = (1, 7, 1000)


def check_transform(
    transform: Transform,
    corpus: Corpus | None = None,
    *,
    seed: int = 0,
    signals: Mapping[str, Signal] | None = None,
    workers: Sequence[int] = (),
) -> None:
    """Check every promise of a transform.

    Args:
        transform: with the settings to try it with.
        corpus: what to try it on, with the roles it needs; `example_corpus()` where none is given.
        seed: keys the random draws.
        signals: signals that no provider is registered for, by name; the others it needs are computed.
        workers: also run it on the local engine with each of these numbers of processes, which takes seconds.

    Raises:
        ContractBroken: a promise is broken.

    Example:
        >>> check_transform(registry.get("transforms", "filter.length")(min_words=2))
    """
    corpus = example_corpus() if corpus is None else corpus
    _check_declared(transform)
    _check_settings(transform)
    _check_examples(transform)
    trial = Trial(transform, seed, _signals(transform, corpus, seed, signals or {}))
    whole = _tried(trial, corpus, "the whole corpus")
    for what, rows, n_rows in _other_ways(corpus):
        require(same(whole, _tried(trial, rows, what, n_rows)), transform, f"gives other edits for {what}")
    for what, rows in _edges(transform, corpus):
        _tried(trial, rows, what)
    if workers:
        _check_engine(transform, corpus, seed, workers)
    _check_settings(transform)


def _check_declared(transform: Transform) -> None:
    for name, kind in (("name", str), ("version", str), ("reasons", Mapping), ("needs", frozenset)):
        value = getattr(transform, name, None)
        if not isinstance(value, kind):
            raise ContractBroken(f"{type(transform).__name__}.{name} must be a {kind.__name__}, not {value!r}")
    function = isinstance(transform, FunctionStep)
    require(function or _NAME.fullmatch(transform.name), transform, "is no name of the form family.thing")
    require(transform.version, transform, "has an empty version")
    require(isinstance(transform, RowTransform | DatasetTransform), transform, "is no RowTransform or DatasetTransform")
    require(function or transform.reasons, transform, "declares no reasons")
    told = all(code and isinstance(said, str) and said for code, said in transform.reasons.items())
    require(told, transform, "has a reason without a meaning")
    fields = set(type(transform).model_fields)
    require(set(transform.uncounted) <= fields, transform, "names uncounted settings that it does not have")


def _check_settings(transform: Transform) -> None:
    """Settings are JSON and back and have a schema; the object can be hashed and travels to a worker."""
    try:
        hash(transform)
        require(pickle.loads(pickle.dumps(transform)) == transform, transform, "is another after pickling")
        if isinstance(transform, FunctionStep):
            return
        json.dumps(type(transform).model_json_schema())
        said = transform.model_dump_json()
        back = type(transform).model_validate_json(said)
        require(back == transform, transform, f"is another after a round trip of its settings through JSON: {said}")
    except (TypeError, ValueError, AttributeError, pickle.PicklingError) as error:
        raise ContractBroken(f"{transform.name} cannot be hashed, pickled or written as JSON: {error}") from error


def _check_examples(transform: Transform) -> None:
    """Every example is one: a row of it gets the reason it stands for."""
    for reason, example in transform.examples.items():
        require(reason in transform.reasons, transform, f"has an example of {reason}, which it does not declare")
        curated = Recipe([Step(type(transform)(**example.settings))], max_quarantine=1).run(example.corpus())
        seen = set(curated.lineage().column("reason").to_pylist())
        told = ", ".join(sorted(map(str, seen))) or "nothing"
        require(reason in seen, transform, f"has an example of {reason} that shows {told}")


def _signals(transform: Transform, corpus: Corpus, seed: int, given: Mapping[str, Signal]) -> dict[str, Signal]:
    found = {}
    for name, settings in transform.signals().items():
        require(
            name in transform.needed() - ROLE_NAMES, transform, f"asks for the signal {name}, which it does not need"
        )
        if name in given:
            found[name] = given[name]
            continue
        provider = registry.get("signals", name)(**settings)
        if isinstance(provider, RowSignal):
            _check_row_signal(provider, corpus, transform)
        found[name] = Signal.of(provider.compute(corpus, seed))
    return found


def _check_row_signal(provider: RowSignal, corpus: Corpus, transform: Transform) -> None:
    """One value of its kind for each row, the same whatever stands beside the row."""
    whole: pa.Table | None = None
    provider.setup()
    for _, rows, n_rows in [("", corpus, max(_BATCH_ROWS)), *_other_ways(corpus)]:
        parts = [
            pa.table({"row_id": batch.row_ids, "value": _values(provider, batch)}) for batch in rows.batches(n_rows)
        ]
        told = pa.concat_tables(parts).sort_by("row_id").combine_chunks()
        require(told.schema.field("value").type == provider.kind, transform, f"reads {provider.name}, not of its kind")
        whole = told if whole is None else whole
        require(told.equals(whole), transform, f"reads {provider.name}, which depends on the rows beside a row")


def _values(provider: RowSignal, batch: Batch) -> pa.Array:
    values = provider.values(batch)
    if len(values) != len(batch):
        raise ContractBroken(f"the signal {provider.name} gives {len(values)} values for {len(batch)} rows")
    return values


def _other_ways(corpus: Corpus) -> Iterator[tuple[str, Corpus, int]]:
    """The same rows again: in batches of every size and in other orders."""
    yield "the same rows, planned a second time", corpus, max(_BATCH_ROWS)
    for size in _BATCH_ROWS:
        yield f"batches of {size} rows", corpus, size
    yield "the rows in reverse order", corpus.take(np.arange(len(corpus))[::-1]), 7
    mixed = np.random.Generator(np.random.PCG64(1)).permutation(len(corpus))
    yield "the rows in another order", corpus.take(mixed), max(_BATCH_ROWS)


def _edges(transform: Transform, corpus: Corpus) -> Iterator[tuple[str, Corpus]]:
    """Corpora at the edge: no row, one row, equal rows, only nulls, one class, only the roles that are needed."""
    yield "no rows", corpus.take([])
    yield "one row", corpus.take([0])
    yield "ten equal rows", _equal_rows(corpus, ())
    for role in ("text", "label", "weight"):
        columns = [column for column, its in corpus.roles.columns().items() if its == role]
        if columns:
            yield f"nothing but null in the role {role}", _equal_rows(corpus, columns)
    if corpus.roles.label is not None:
        label = corpus.table().column(corpus.roles.label)
        first = pc.fill_null(pc.equal(label, label.drop_null()[0]), False)
        yield "one class only", corpus.take(np.flatnonzero(first.to_numpy()))
    needed = Roles(**{role: value for role, value in corpus.roles if role in transform.needed()})
    yield "only the roles it needs", corpus.with_roles(needed)


def _equal_rows(corpus: Corpus, nulls: Sequence[str]) -> Corpus:
    """Ten rows that equal the first one, with null in the columns `nulls`."""
    table = corpus.table().take(pa.array([0] * 10, pa.int64()))
    for name in nulls:
        at = table.schema.get_field_index(name)
        kind = table.schema.field(at)
        table = table.set_column(at, kind, pa.nulls(len(table), kind.type))
    return Corpus.from_table(table, corpus.roles)


def _tried(trial: Trial, corpus: Corpus, what: str, n_rows: int = 1000) -> Edits:
    try:
        return trial.edits(corpus, n_rows)
    except (ContractBroken, AccountingError) as error:
        raise ContractBroken(f"{error} (given {what})") from error
    except Exception as error:  # whatever a plugin raises, its author must hear of it
        said = f"{trial.transform.name} raises {type(error).__name__}: " + str(error).split("\n")[0]
        raise ContractBroken(f"{said} (given {what})") from error


def _check_engine(transform: Transform, corpus: Corpus, seed: int, workers: Sequence[int]) -> None:
    """The same rows and lineage from memory, from a store, and from every number of processes."""
    recipe = Recipe([Step(transform)], seed=seed, max_quarantine=0)
    alone = recipe.run(corpus)
    for n in workers:
        with tempfile.TemporaryDirectory() as folder:
            made = recipe.run(corpus, workers=n, store=Store(folder), chunk_rows=max(1, len(corpus) // 3))
            require(_rows(made) == _rows(alone), transform, f"gives other rows or lineage with {n} workers")


def _rows(curated: Curated) -> tuple[pa.Table, pa.Table]:
    return curated.corpus.table(with_ids=True), curated.lineage()
