"""Which model a name stands for: a folder by the digest of its files, a name on the Hub by its commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import xxhash

from curate.errors import InputError

_COMMIT = re.compile(r"[0-9a-f]{40}")


def model_revision(model: str, revision: str | None, by: str) -> str:
    """The digest of a local folder, or the commit of a model on the Hub; asks the Hub only where it must.

    Raises:
        InputError: there is no such folder, nor such a model on the Hub or in its cache.
    """
    folder = Path(model)
    if folder.is_dir():
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        stamps = tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
        return _digest(folder, stamps)
    if revision is not None and _COMMIT.fullmatch(revision):
        return revision
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise InputError(f"{by}: there is no folder {model!r}", hint="give the path of a model's folder")
    from huggingface_hub import HfApi, try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError, HTTPError, OfflineModeIsEnabled

    try:
        return str(HfApi().model_info(model, revision=revision).sha)
    except (HTTPError, HFValidationError, OfflineModeIsEnabled, OSError) as error:
        named = model.count("/") == 1 and not isinstance(error, HFValidationError)
        cached = try_to_load_from_cache(model, "config.json", revision=revision) if named else None
        if isinstance(cached, str):
            return Path(cached).parent.name
        raise InputError(
            f"{by}: {model!r} is no folder, and no model of that name can be had from the Hub"
            f" ({str(error).splitlines()[0][:120]})",
            hint="give the path of a model's folder, or a name such as owner/model",
        ) from error


@contextmanager
def loadable(model: str, by: str) -> Iterator[None]:
    """Turn what a library says of a model that it cannot load into one clear line."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        said = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise InputError(
            f"{by}: {model!r} cannot be loaded ({said[0][:160]})",
            hint="give the whole folder of a model of this kind, or fetch it again",
        ) from error


@lru_cache(maxsize=16)
def _digest(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> str:
    """Of the names and bytes of all files; read again only where a size or a time of change is another."""
    state = xxhash.xxh3_128()
    for path, _, _ in stamps:
        state.update(str(Path(path).relative_to(folder)).encode("utf-8", "surrogateescape"))
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
    return state.hexdigest()
