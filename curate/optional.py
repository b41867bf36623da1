"""Optional packages: imported where they are used, and where one is missing, one kind of error.

Nothing is ever installed behind the user's back; the error names what needs the package and the exact pip line.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from curate.errors import MissingExtra


def require(module: str, *, extra: str, by: str) -> ModuleType:
    """Import `module`, which the extra `extra` installs, for the part of curate called `by`.

    Raises:
        MissingExtra: the package is not installed.

    Example:
        >>> require("json", extra="train", by="the example").__name__
        'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or module.split(".")[0] != error.name.split(".")[0]:
            raise
        raise _missing(module, extra, by) from error


def check(module: str, *, extra: str, by: str) -> None:
    """Raise where `require` would, without importing anything: to say so before any work.

    Raises:
        MissingExtra: the package is not installed.

    Example:
        >>> check("json", extra="train", by="the example")
    """
    if not installed(module):
        raise _missing(module, extra, by)


def installed(module: str) -> bool:
    """Whether the package of `module` is there; imports nothing.

    Example:
        >>> installed("json"), installed("no_such_package.part")
        (True, False)
    """
    return importlib.util.find_spec(module.split(".")[0]) is not None


def _missing(module: str, extra: str, by: str) -> MissingExtra:
    return MissingExtra(f"{by} needs {module.split('.')[0]}", hint=f"pip install 'curate-data[{extra}]'")
