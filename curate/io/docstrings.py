"""The docstrings of the installed packages as a corpus: real text that every installation has, so the demo needs no
download. The text is the docstring, the label the top-level package.

It is as real text is: inherited docstrings are exact and near duplicates, modules without a docstring are rows without
a text, and large packages outweigh small ones. Nothing is imported: files are parsed (Python's `ast`).
"""

from __future__ import annotations

import ast
import hashlib
import math
import warnings
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.lineage import quarantine_row, quarantine_table
from curate.data.roles import Roles
from curate.data.rows import TableRows, append_ids
from curate.errors import InputError

SCHEMA = pa.schema([("text", pa.string()), ("package", pa.string()), ("name", pa.string())])
OWN = "curate"
Row = tuple[str, str, str | None]
"""Package, dotted name, docstring."""


def docstrings(
    *, max_rows: int = 4000, min_class_rows: int = 80, max_classes: int = 16, effort: float = 3.0, seed: int = 0
) -> Corpus:
    """A corpus of docstrings, the same for the same packages and seed.

    Args:
        max_rows: how many rows at most.
        min_class_rows: packages with fewer are left out.
        max_classes: the packages with the most rows are kept.
        effort: of a package with n files, `effort` times the square root of n are read: large packages give more rows
            than small ones, but not all there are.
        seed: keys which files are read, and which rows are kept.

    Returns:
        A corpus with the columns text, package (the label) and name (the dotted name of what is documented).

    Raises:
        InputError: fewer than two packages have docstrings enough.

    Example:
        >>> corpus = docstrings(max_rows=300, max_classes=3, effort=0.5)
        >>> str(corpus.roles), len(corpus)
        ('text=text, label=package', 300)
    """
    bad: list[dict[str, Any]] = []
    read = [_rows(package, files, effort, seed, bad) for package, files in sorted(_packages().items())]
    large = sorted((rows for rows in read if len(rows) >= min_class_rows), key=len, reverse=True)[:max_classes]
    if len(large) < 2:
        raise InputError(
            f"fewer than two of the installed packages have {min_class_rows} docstrings",
            hint="pip install curate-data brings packages that do",
        )
    rows = sorted(_first((row for rows in large for row in rows), max_rows, seed), key=_place)
    package, name, text = zip(*rows, strict=True)
    table = append_ids(pa.table([text, package, name], schema=SCHEMA))
    roles = Roles(text="text", label="package")
    return Corpus.from_rows(TableRows(table), roles, name="docstrings", quarantine=quarantine_table(bad))


def _packages() -> dict[str, dict[str, Distribution]]:
    """The Python files of each top-level package, as their distribution names them; the first found counts."""
    found: dict[str, dict[str, Distribution]] = {}
    for distribution in distributions():
        for file in distribution.files or ():
            package = file.parts[0].removesuffix(".py")
            if file.suffix == ".py" and package.isidentifier() and package != OWN:
                found.setdefault(package, {}).setdefault(file.as_posix(), distribution)
    return found


def _rows(
    package: str, files: dict[str, Distribution], effort: float, seed: int, bad: list[dict[str, Any]]
) -> list[Row]:
    """The rows of some whole files, drawn by name; a file that cannot be read or parsed goes to `bad`."""
    rows: list[Row] = []
    for file in sorted(files, key=lambda file: _draw(seed, file))[: math.ceil(effort * math.sqrt(len(files)))]:
        try:
            rows += _documented(package, file, Path(str(files[file].locate_file(file))).read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            cause = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'cannot be parsed'}"
            bad.append(quarantine_row(cause, raw=None, file=file, line=getattr(error, "lineno", None)))
    return rows


def _documented(package: str, file: str, source: bytes) -> Iterator[Row]:
    """The module, with or without a docstring, and every class and function with one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        module = ast.parse(source)
    name = ".".join(PurePosixPath(file).with_suffix("").parts).removesuffix(".__init__")
    yield package, name, ast.get_docstring(module)
    yield from _inside(package, name, module)


def _inside(package: str, name: str, node: ast.AST) -> Iterator[Row]:
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{name}.{child.name}"
            if (text := ast.get_docstring(child)) is not None:
                yield package, inner, text
        yield from _inside(package, inner, child)


def _first(rows: Iterator[Row], n: int, seed: int) -> list[Row]:
    """`n` rows in an order drawn by their own content."""
    return sorted(rows, key=lambda row: (_draw(seed, row[1]), _place(row)))[:n]


def _place(row: Row) -> tuple[str, str, str]:
    return row[0], row[1], row[2] or ""


def _draw(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).digest()
