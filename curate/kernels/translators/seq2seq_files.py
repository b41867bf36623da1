"""The files of a translation model: a folder, or a name on the Hub; nothing is fetched unless that is allowed."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from curate.errors import CurateError, InputError
from curate.kernels.encoders.model_files import loadable, model_revision
from curate.kernels.language_codes import code_of
from curate.kernels.torch_device import torch_device
from curate.kernels.translators.translator import Pair
from curate.optional import require

_LANGUAGE = re.compile(r"[a-z]{2,3}_[A-Z][a-z]{3}|[a-z]{2}_[A-Z]{2}")


@lru_cache(maxsize=64)
def commit_of(model: str, revision: str | None, download: bool, by: str) -> str:
    """The commit of a model on the Hub: of the copy on this machine, or of the newest where it may be fetched.

    Raises:
        InputError: there is no copy, and none may be fetched; or there is no such model.
    """
    if download or model.startswith((".", "~", "/")) or model.count("/") > 1:
        return model_revision(model, revision, by)
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(model, "config.json", revision=revision)
    except HFValidationError:  # no name that the Hub could have
        cached = None
    if isinstance(cached, str):
        return Path(cached).parent.name
    raise InputError(
        f"{by}: {model!r} is no folder, and no copy of a model of that name is on this machine",
        hint="give the path of a model's folder, or let it be fetched with download: true",
    )


def identity_of(model: str, revision: str | None, device: str, by: str, *, download: bool) -> str:
    """The digest or commit of a model, and what computes with it: packages and the kind of device.

    Raises:
        InputError: there is no such model.
        MissingExtra: transformers is not installed.
    """
    for package in ("transformers", "torch"):
        require(package, extra="transformers", by=by)
    packages = [f"{name} {version(name)}" for name in ("transformers", "torch")]
    return " ".join([digest_of(model, revision, by, download=download), *packages, torch_device(device, by).type])


def digest_of(model: str, revision: str | None, by: str, *, download: bool) -> str:
    """The digest of a folder, or the commit of a model on the Hub.

    Raises:
        InputError: there is no such model.
    """
    return model_revision(model, None, by) if Path(model).is_dir() else commit_of(model, revision, download, by)


def loaded(model: str, revision: str | None, by: str, *, download: bool, dtype: str, device: Any) -> tuple[Any, Any]:
    """The tokenizer and the model.

    Raises:
        InputError: it cannot be loaded, or is no model that translates.
        MissingExtra: a package is not installed.
    """
    package = require("transformers", extra="transformers", by=by)
    torch = require("torch", extra="transformers", by=by)
    tokenizer = tokenizer_of(model, revision, by, download=download)
    options = _where(model, revision, by, download)
    shown = package.utils.logging.is_progress_bar_enabled()
    package.utils.logging.disable_progress_bar()
    try:
        with loadable(model, by):
            made = package.AutoModelForSeq2SeqLM.from_pretrained(model, dtype=getattr(torch, dtype), **options)
    finally:
        if shown:
            package.utils.logging.enable_progress_bar()
    return tokenizer, made.to(device).eval()


def tokenizer_of(model: str, revision: str | None, by: str, *, download: bool) -> Any:
    """The tokenizer alone.

    Raises:
        InputError: it cannot be loaded.
        MissingExtra: a package is not installed.
    """
    package = require("transformers", extra="transformers", by=by)
    require("sentencepiece", extra="transformers", by=by)
    options = _where(model, revision, by, download)
    with loadable(model, by), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        try:
            return package.AutoTokenizer.from_pretrained(model, **options)
        except (TypeError, AssertionError) as error:  # what MarianTokenizer says of files that are missing
            raise ValueError("a file of its tokenizer is missing") from error


def length_read(model: str, revision: str | None, by: str, *, download: bool) -> int | None:
    """How many tokens a model reads, as its configuration tells; None where it tells nothing.

    Raises:
        InputError: there is no such model.
        MissingExtra: transformers is not installed.
    """
    if Path(model).is_dir() and not (Path(model) / "config.json").is_file():
        return None
    package = require("transformers", extra="transformers", by=by)
    with loadable(model, by):
        told, _ = package.PreTrainedConfig.get_config_dict(model, **_where(model, revision, by, download))
    reads: int | None = told.get("max_position_embeddings")
    return reads


def _where(model: str, revision: str | None, by: str, download: bool) -> dict[str, Any]:
    """What tells transformers which copy of a model is meant."""
    if Path(model).is_dir():
        return {}
    return {"revision": commit_of(model, revision, download, by), "local_files_only": not download}


def prepare(tokenizer: Any, pair: Pair, model: str, by: str) -> tuple[str, int | None]:
    """Tell the tokenizer of a model of many languages the pair: what stands before a text, and the first token said.

    Returns:
        A prefix (`>>fra<< `, of Marian models with several targets), and the token of the target language (M2M-100,
        NLLB, mBART); empty and None for a model of one pair.

    Raises:
        CurateError: the model does not know a language, or knows it in several scripts and none is said.
    """
    many = getattr(tokenizer, "supported_language_codes", None)
    if many:
        codes = {tag[2:-2]: tag for tag in many}
        return f"{codes[_known(pair.target, codes, model, by)]} ", None
    tags = dict(getattr(tokenizer, "lang_code_to_id", None) or {})
    if not tags:
        tags = {token: at for token, at in tokenizer.get_vocab().items() if _LANGUAGE.fullmatch(token)}
    if not tags:
        return "", None
    tokenizer.src_lang = _known(pair.source, tags, model, by)
    return "", int(tags[_known(pair.target, tags, model, by)])


def _known(code: str, tags: dict[str, Any], model: str, by: str) -> str:
    if code in tags:
        return code
    found = sorted(tag for tag in tags if code_of(tag) is not None and code_of(tag) == code_of(code))
    if len(found) == 1:
        return found[0]
    if found:
        raise CurateError(f"{by}: {model!r} writes {code!r} in several ways", hint=f"one of {', '.join(found)}")
    raise CurateError(f"{by}: {model!r} does not know the language {code!r}", hint="another pivot, or another model")
