"""Encrypted Parquet: the modular encryption of the format (AES-GCM, schema and footer too), under a key of the user.

pyarrow draws fresh data keys for every file and asks a key service to wrap them; here that service is the user's key in
memory. What it does with it is written down in docs/guides/encrypted-output.md, so that any reader can do it again.
Format: https://parquet.apache.org/docs/file-format/data-pages/encryption/
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.data.store import Store
from curate.errors import CurateError, InputError
from curate.io.files import readable

MAGIC = b"PARE"
LENGTHS = (16, 24, 32)
MAKE_ONE = "make one with: openssl rand -hex 32"
_NONCE = _TAG = 32
_NAME = "curate"


class WrongKey(CurateError):
    """A key does not open what another one has closed."""


@dataclass(frozen=True)
class EncryptionKey:
    """A secret key; never shown, pickled, hashed or written.

    Example:
        >>> EncryptionKey.of_text("00112233445566778899aabbccddeeff")
        EncryptionKey(128 bits)
    """

    _bytes: bytes = field(repr=False, hash=False)
    _name: str = field(default="the key", repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self._bytes) not in LENGTHS:
            raise InputError(f"{self._name} is of {len(self._bytes)} bytes, not 16, 24 or 32", hint=MAKE_ONE)

    def __repr__(self) -> str:
        return f"EncryptionKey({8 * len(self._bytes)} bits)"

    def __reduce__(self) -> Any:
        raise TypeError("a key is not pickled")

    @classmethod
    def of_text(cls, text: str, name: str = "the key") -> EncryptionKey:
        """A key written in hexadecimal digits or base64.

        Raises:
            InputError: it is neither, or of another length than 16, 24 or 32 bytes.
        """
        for decode in (bytes.fromhex, _base64):
            try:
                found = decode("".join(text.split()))
            except ValueError:
                continue
            return cls(found, name)
        raise InputError(f"{name} is neither hexadecimal digits nor base64", hint=MAKE_ONE)

    @classmethod
    def of_file(cls, path: str | Path) -> EncryptionKey:
        """The key in a file.

        Raises:
            InputError: the file cannot be read or holds no key.
        """
        place = Path(path).expanduser()
        with readable(place):
            raw = place.read_bytes()
        try:
            return cls.of_text(raw.decode("ascii"), f"the key file {place}")
        except UnicodeDecodeError:
            raise InputError(f"the key file {place} is neither hexadecimal digits nor base64", hint=MAKE_ONE) from None

    def wrap(self, secret: bytes) -> bytes:
        """A short secret, closed: a nonce, the secret under a one-time pad of HMAC-SHA256, and a tag over both."""
        nonce = secrets.token_bytes(_NONCE)
        closed = nonce + _pad(secret, self._part(b"pad"), nonce)
        return closed + hmac.digest(self._part(b"tag"), closed, hashlib.sha256)

    def unwrap(self, closed: bytes) -> bytes:
        """The inverse of `wrap`.

        Raises:
            WrongKey: it was wrapped with another key, or is damaged.
        """
        body, tag = closed[:-_TAG], closed[-_TAG:]
        if not hmac.compare_digest(tag, hmac.digest(self._part(b"tag"), body, hashlib.sha256)):
            raise WrongKey("the key does not open it")
        return _pad(body[_NONCE:], self._part(b"pad"), body[:_NONCE])

    def _part(self, what: bytes) -> bytes:
        return hmac.digest(self._bytes, b"curate/1 " + what, hashlib.sha256)


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _pad(secret: bytes, key: bytes, nonce: bytes) -> bytes:
    blocks = [hmac.digest(key, nonce + bytes([at]), hashlib.sha256) for at in range(-(-len(secret) // 32))]
    return bytes(one ^ other for one, other in zip(secret, b"".join(blocks), strict=False))


def _service(key: EncryptionKey) -> Callable[[Any], Any]:
    """What makes pyarrow's key service of a key."""
    from pyarrow.parquet import encryption

    class InMemory(encryption.KmsClient):  # type: ignore[misc]  # pyarrow is not typed
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            return base64.b64encode(key.wrap(key_bytes))

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            try:
                return key.unwrap(base64.b64decode(wrapped_key, validate=True))
            except binascii.Error as error:
                raise WrongKey("what the key would open is damaged") from error

    return lambda configuration: InMemory()


def writing(key: EncryptionKey) -> Any:
    """Properties of pyarrow for one encrypted file: AES-256-GCM, one fresh data key, schema and statistics hidden."""
    from pyarrow.parquet import encryption

    configuration = encryption.EncryptionConfiguration(
        footer_key=_NAME,
        uniform_encryption=True,
        encryption_algorithm="AES_GCM_V1",
        double_wrapping=False,  # the key in between would have 128 bits, whatever the others have
        data_key_length_bits=256,
    )
    factory = encryption.CryptoFactory(_service(key))
    return factory.file_encryption_properties(encryption.KmsConnectionConfig(), configuration)


def reading(key: EncryptionKey) -> Any:
    """Pyarrow's decryption properties."""
    from pyarrow.parquet import encryption

    return encryption.CryptoFactory(_service(key)).file_decryption_properties(encryption.KmsConnectionConfig())


def is_encrypted(source: Any) -> bool:
    """Whether a file, open and seekable, is Parquet with an encrypted footer: its last bytes say so."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - len(MAGIC)))
    magic = source.read()
    source.seek(0)
    return bool(magic == MAGIC)


@contextmanager
def opened(source: Any, name: object, key: EncryptionKey | None) -> Iterator[Any]:
    """A Parquet file, encrypted or not, ready to be read.

    Args:
        source: the file, open and seekable.
        name: what it is called, for the errors.
        key: opens it where it is encrypted.

    Raises:
        InputError: it is encrypted and there is no key, the key does not open it, or it is damaged.
    """
    import pyarrow.parquet

    if not is_encrypted(source):
        with pyarrow.parquet.ParquetFile(source) as file:
            yield file
        return
    with unlocking(name, key) as properties, pyarrow.parquet.ParquetFile(source, **properties) as file:
        yield file


@contextmanager
def unlocking(name: object, key: EncryptionKey | None) -> Iterator[dict[str, Any]]:
    """What to say to pyarrow for an encrypted file; what goes wrong in the block becomes one clear line.

    Raises:
        InputError: there is no key, the key does not open the file, or the file is damaged.
    """
    if key is None:
        hint = "give its key: --key-file FILE, or key=EncryptionKey.of_file(FILE)"
        raise InputError(f"{name} is encrypted", hint=hint)
    try:
        yield {"decryption_properties": reading(key)}
    except WrongKey as error:
        raise InputError(f"{name}: {error}", hint="give the key that it was written with") from None
    except (OSError, pa.ArrowException) as error:
        if getattr(error, "errno", None) is not None:  # the disk's fault, not the file's
            raise
        raise InputError(
            f"{name} is damaged: a part of it cannot be decrypted", hint="make or fetch it again"
        ) from error


def private_store() -> Store:
    """A store that no other user can read and that is gone when the process ends: what is kept is not encrypted."""
    return Store(_private_folder().name, lasting=False)


@cache
def _private_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="curate-private-", ignore_cleanup_errors=True)
