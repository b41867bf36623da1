"""Optional packages: imported where they are used, and where one is missing, one kind of error.

Nothing is ever installed behind the user's back; the error names what needs the package and the exact pip line.
"""

from __future__ import annotations

import importlib
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
        package = module.split(".")[0]
        raise MissingExtra(f"{by} needs {package}", hint=f"pip install 'curate-data[{extra}]'") from error
