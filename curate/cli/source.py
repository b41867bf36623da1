"""From the options of a command to a corpus: the cache, the source with its roles, the sealed test rows, the recipe."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.cli.options import listed
from curate.cli.screen import Bar, Screen

_NAME = re.compile(r"\w[\w.-]*")

if TYPE_CHECKING:
    from curate.core.recipe import Recipe
    from curate.data.corpus import Corpus
    from curate.data.roles import Roles
    from curate.data.store import Store
    from curate.io.encryption import EncryptionKey


def key_of(file: Path | None) -> EncryptionKey | None:
    """The key in a file, where one is named."""
    from curate.io.encryption import EncryptionKey

    return None if file is None else EncryptionKey.of_file(file)


@contextmanager
def cache(folder: Path | None, no_cache: bool, *keys: EncryptionKey | None, kept: str = "work is") -> Iterator[Store]:
    """Where finished work is kept: the folder given, the user's cache, or one that is gone at the end.

    Whoever interrupts the command is told by a note on the interrupt what is `kept`, where it is.

    What is kept there is not encrypted; so where there is a key it is always a folder of its own, which only this user
    can read and which is gone at the end.
    """
    from curate.data.store import Store
    from curate.errors import CurateError

    private = any(key is not None for key in keys)
    if private and folder is not None:
        raise CurateError(
            f"--cache {folder} would keep rows that are not encrypted", hint="leave it out: a folder in TMPDIR serves"
        )
    if not no_cache and not private:
        try:
            yield Store(folder)
        except KeyboardInterrupt as stop:
            stop.add_note(f"finished {kept} kept, and the same command goes on from there")
            raise
        return
    if folder is not None:
        raise CurateError("--cache and --no-cache exclude each other", hint="leave one out")
    with tempfile.TemporaryDirectory(prefix="curate-", ignore_cleanup_errors=True) as work:
        yield Store(work, lasting=False)


@dataclass(frozen=True)
class Reading:
    """How to read a source, as the options say."""

    text: Sequence[str] | None = None
    label: str | None = None
    group: Sequence[str] | None = None
    split: str | None = None
    config: str | None = None
    revision: str | None = None
    columns: str | None = None
    format: str | None = None
    max_quarantine: float | None = None
    held_out: Sequence[str] | None = None
    merge: Sequence[str] | None = None
    target: str | None = None
    key: EncryptionKey | None = None
    features: str | None = None

    @property
    def others(self) -> list[str]:
        """The sources beside the first and the test rows."""
        return [*by_name(self.held_out, "--held-out").values(), *by_name(self.merge, "--merge").values()]

    @property
    def roles(self) -> dict[str, Any]:
        """The roles that were named."""
        named: dict[str, Any] = {"text": self.text, "label": self.label, "target": self.target, "group": self.group}
        named["features"] = listed(self.features)
        return {role: value for role, value in named.items() if value}

    def settings(self, store: Store, bar: Bar, name: str) -> dict[str, Any]:
        """The arguments of `load` but for source and roles."""
        return {
            "config": self.config,
            "revision": self.revision,
            "columns": listed(self.columns),
            "format": self.format,
            "max_quarantine": 0.01 if self.max_quarantine is None else self.max_quarantine,
            "store": store,
            "key": self.key,
            "on_progress": lambda n_rows: bar(f"reading {name}", n_rows),
        }


def open_source(
    source: str,
    reading: Reading,
    store: Store,
    screen: Screen,
    bar: Bar,
    *,
    test: str | None = None,
    recipe: Recipe | None = None,
) -> Corpus:
    """The corpus of a source, with what is merged into it and its sealed rows; says what was read and which column is
    what.
    """
    from curate.data.merge import merge
    from curate.io.header import header_warning
    from curate.io.loading import load

    named = {**({} if recipe is None else _given(recipe.roles)), **reading.roles}
    corpus = load(source, split=reading.split, **named, **reading.settings(store, bar, source))
    if reading.columns is None and (odd := header_warning(source, corpus.column_names)) is not None:
        screen.note(f"warning: {source}: {odd}")
    if reading.merge:
        more = by_name(reading.merge, "--merge", taken=[Path(source).stem])
        parts = {name: load(part, **named, **reading.settings(store, bar, part)) for name, part in more.items()}
        corpus = merge({Path(source).stem: corpus, **parts})
    if test is not None:
        corpus = corpus.with_held_out(test=sealed(test, corpus, reading, store, bar))
    for name, place in by_name(reading.held_out, "--held-out", taken=["train", "all", *corpus.held_out]).items():
        corpus = corpus.with_held_out(**{name: _held_out(place, corpus, reading, store, bar)})
    screen.note(_read(corpus, named))
    for split, part in {"": corpus, **corpus.held_out}.items():
        if part.quarantine.num_rows:
            screen.note(_unread(part, split))
    return corpus


def sealed(source: str, corpus: Corpus, reading: Reading, store: Store, bar: Bar) -> Corpus:
    """Rows that no step sees, read like the corpus and with its roles; of a source with splits its test rows.

    Raises:
        ColumnError: they lack the column of the text.
    """
    from curate.errors import ColumnError, did_you_mean
    from curate.io.loading import keep_columns, load

    found = load(source, **reading.settings(store, bar, source))
    found = found.held_out.get("test", found)
    for name in corpus.roles.text:
        if name not in found.column_names:
            hint = did_you_mean(name, found.column_names)
            raise ColumnError(
                f"the test rows {source} have no column {name!r}, the text of the training rows", hint=hint
            )
    return found.with_roles(keep_columns(corpus.roles, found.column_names))


def by_name(given: Sequence[str] | None, option: str, *, taken: Sequence[str] = ()) -> dict[str, str]:
    """What stands in `NAME=SOURCE`, by name.

    Raises:
        CurateError: there is no name, or it cannot be one, or it is taken.

    Example:
        >>> by_name(["gsm8k=bench/gsm8k.jsonl"], "--held-out")
        {'gsm8k': 'bench/gsm8k.jsonl'}
    """
    from curate.errors import CurateError

    found: dict[str, str] = {}
    for text in given or ():
        name, equals, source = text.partition("=")
        if not equals or not source or not _NAME.fullmatch(name):
            raise CurateError(f"{option} {text!r} is not NAME=SOURCE", hint=f"such as {option} gsm8k=gsm8k.jsonl")
        if name in found or name in taken:
            raise CurateError(f"{option} {text!r}: there is a {name!r} already", hint="choose another name")
        found[name] = source
    return found


def _held_out(source: str, corpus: Corpus, reading: Reading, store: Store, bar: Bar) -> Corpus:
    """A further sealed split; its columns may be others than those of the training rows, and are then guessed."""
    from curate.errors import ColumnError
    from curate.io.loading import load

    found = load(source, **reading.settings(store, bar, source))
    found = found.held_out.get("test", found)
    if set(corpus.roles.text) <= set(found.column_names):
        found = found.with_roles(found.roles.changed({"text": corpus.roles.text}))
    if not found.roles.text:
        columns = ", ".join(found.column_names)
        raise ColumnError(f"no column of {source} is known for its text; it has {columns}", hint="rename it to text")
    return found


def _given(roles: Roles) -> dict[str, Any]:
    return {role: value for role, value in roles if value}


def _read(corpus: Corpus, named: Mapping[str, Any]) -> str:
    """One line: how many rows, which splits beside them, which column is what and who says so."""
    guessed = corpus.roles.present() - set(named)
    said = f"{corpus.name}: {len(corpus):,} rows"
    if corpus.held_out:
        said += " beside " + ", ".join(f"{name} ({len(part):,})" for name, part in corpus.held_out.items())
    said += f"; {corpus.roles}" if corpus.roles.present() else "; no column has a role"
    if guessed or not corpus.roles.present():
        return f"{said} (guessed; --text and --label say otherwise)" if guessed else f"{said}: name one with --text"
    return said


def _unread(corpus: Corpus, split: str) -> str:
    first = corpus.quarantine.slice(0, 1).to_pylist()[0]
    where = f"{first['file']} line {first['line']}" if first["file"] else f"row {first['line']}"
    n, of = corpus.quarantine.num_rows, f" of {split}" if split else ""
    rows = "1 row" if n == 1 else f"{n:,} rows"
    return f"{rows}{of} cannot be read and {'stays' if n == 1 else 'stay'} out; {where}: {first['cause']}"


def open_recipe(path: Path, reading: Reading, seed: int | None) -> Recipe:
    """The recipe of a file, with what the options say put in its place."""
    from curate.core.recipe import Recipe

    recipe = Recipe.load(path)
    if reading.max_quarantine is not None:
        recipe = replace(recipe, max_quarantine=reading.max_quarantine)
    if seed is not None:
        recipe = replace(recipe, seed=seed)
    return replace(recipe, roles=recipe.roles.changed(reading.roles))
