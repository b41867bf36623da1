"""`curate doctor`: what is installed, what is missing and how to get it, and where finished work is kept."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

EXTRAS = {
    "train": "torch tokenizers",
    "transformers": "transformers accelerate peft sentence_transformers sentencepiece torchmetrics",
    "ctranslate2": "ctranslate2",
    "static": "model2vec",
    "text": "phonenumbers stdnum symspellpy trafilatura",
    "lingua": "lingua",
    "faiss": "faiss",
    "nlp": "spacy nlpaug nltk",
    "metrics": "sacrebleu rouge_score nltk",
    "monitor": "mlflow tensorboard",
    "knowledge": "networkx rdflib",
    "ray": "ray",
    "llm": "httpx2",
    "ui": "starlette uvicorn",
}
_NAMES = {
    "faiss": "faiss-cpu",
    "stdnum": "python-stdnum",
    "lingua": "lingua-language-detector",
    "mlflow": "mlflow-skinny",
    "sentence_transformers": "sentence-transformers",
}
_BASE = ("datasets", "pandas", "pyarrow", "scikit-learn", "cleanlab", "pydantic")


def doctor(cache: o.Cache = None, json: o.Json = None, quiet: o.Quiet = False) -> None:
    """Say what is installed, what is missing and where finished work is kept."""
    screen = Screen(json, quiet)
    found = examined(cache)
    screen.show(*_told(found))
    screen.json(found)


def examined(cache: Path | None = None) -> dict[str, Any]:
    """What there is on this machine, as plain values."""
    from curate.data.store import Store

    root = Store(cache).root
    return {
        "curate": metadata.version("curate-data"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "gpu": _gpu(),
        "packages": {name: metadata.version(name) for name in _BASE},
        "extras": {extra: _extra(extra, packages.split()) for extra, packages in EXTRAS.items()},
        "cache": {"folder": str(root), "bytes": _bytes(root), "writable": os.access(_nearest(root), os.W_OK)},
    }


def _extra(extra: str, modules: list[str]) -> dict[str, Any]:
    missing = [module for module in modules if find_spec(module) is None]
    versions = {name: _version(_NAMES.get(name, name)) for name in modules if name not in missing}
    return {
        "installed": not missing,
        "missing": missing,
        "versions": versions,
        "pip": f"pip install 'curate-data[{extra}]'",
    }


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "of another distribution"


def _gpu() -> str | None:
    """The name of the GPU that torch can use."""
    from curate.learn.hardware import gpu_name

    return gpu_name()


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _nearest(folder: Path) -> Path:
    return folder if folder.exists() else _nearest(folder.parent)


def _told(found: dict[str, Any]) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_row("curate", f"{found['curate']}, Python {found['python']}, {found['cpus']} cores")
    table.add_row("GPU", found["gpu"] or "none that torch can use")
    table.add_row("packages", Text(", ".join(f"{name} {version}" for name, version in found["packages"].items())))
    kept = found["cache"]
    size = f"{kept['bytes'] / 1e6:,.1f} MB" if kept["bytes"] else "empty"
    table.add_row("cache", Text(f"{kept['folder']} ({size}{'' if kept['writable'] else '; cannot be written'})"))
    yield table
    yield Text("\nextras", style="bold")
    extras = Table.grid(padding=(0, 2))
    for name, extra in found["extras"].items():
        versions = ", ".join(f"{package} {version}" for package, version in extra["versions"].items())
        extras.add_row(
            f"  {name}", Text(versions) if extra["installed"] else Text(f"missing: {extra['pip']}", style="dim")
        )
    yield extras
