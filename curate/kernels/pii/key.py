"""The key of pseudonyms: the user's, read from an environment variable or a file when it is needed, kept nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from curate.errors import InputError
from curate.kernels.pii.pseudonym import MIN_KEY_BYTES

_HINT = "make one: python -c 'import secrets; print(secrets.token_hex(32))'"


def read_key(variable: str | None, file: str | None) -> bytes:
    """The key in an environment variable, else in a file; white space around it does not count.

    Raises:
        InputError: there is none, or it is so short that it could be guessed. The message never holds the key.
    """
    if variable is not None:
        where, key = f"the environment variable {variable}", os.environ.get(variable, "").encode()
    else:
        where = f"the file {file}"
        try:
            key = Path(str(file)).expanduser().read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {where}, which holds the key: {error.strerror}", hint=_HINT) from error
    key = key.strip()
    if len(key) < MIN_KEY_BYTES:
        said = f"{where} holds no key" if not key else f"the key in {where} has fewer than {MIN_KEY_BYTES} bytes"
        raise InputError(said, hint=_HINT)
    return key
