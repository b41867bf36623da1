"""Does every extra install and import from clean? A fresh environment for each, pip, then its modules imported.

Not a test of the default run: it downloads gigabytes. `make extras`, or `python tests/extras/check_extras.py NAME…`
for some. `--lowest` installs the lower bound of every direct dependency instead of the versions in constraints.txt.
Needs Python ≥ 3.11 only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
BASE_IMPORTS = [
    *["cleanlab", "datasets", "ftfy", "imblearn", "jinja2", "pandas", "py3langid", "pyarrow"],
    *["pydantic", "rich", "sklearn", "selectolax", "typer", "xxhash", "yaml", "zstandard", "curate", "curate.cli.main"],
]
IMPORTS = {
    "train": ["tokenizers", "torch"],
    "transformers": ["transformers", "accelerate", "peft", "sentence_transformers", "torchmetrics"],
    "ctranslate2": ["ctranslate2"],
    "static": ["model2vec"],
    "text": ["phonenumbers", "stdnum", "symspellpy", "trafilatura", "justext"],
    "lingua": ["lingua"],
    "faiss": ["faiss"],
    "nlp": ["spacy", "nlpaug.augmenter.char", "nlpaug.augmenter.word", "nltk"],
    "metrics": ["sacrebleu", "rouge_score.rouge_scorer", "nltk.translate.meteor_score"],
    "knowledge": ["networkx", "rdflib"],
    "ray": ["ray"],
    "llm": ["httpx2"],
    "ui": ["starlette.applications", "uvicorn"],
}
IMPORTS |= {
    "all": [module for modules in IMPORTS.values() for module in modules],
    "base": [],
    "dev": [
        "build",
        "fairlearn.metrics",
        "hypothesis",
        "importlinter",
        "mypy",
        "playwright",
        "polars",
        "pytest",
        "ruff",
        "xdist",
    ],
    "gpu": ["faiss"],
}
WITH_TORCH = {"train", "transformers", "dev", "all"}


@dataclass(frozen=True)
class Outcome:
    """What became of one extra: a fault, or none, with what it cost."""

    extra: str
    fault: str
    install_s: float
    megabytes: float
    torch: str


def requirements(extra: str) -> list[str]:
    """The direct requirements of an extra, those of the base install included, references to other extras resolved."""
    found = list(PROJECT["dependencies"])
    for line in PROJECT["optional-dependencies"].get(extra, []):
        inner = re.match(r"curate-data\[(.*)\]", line)
        found += [r for name in inner[1].split(",") for r in requirements(name)] if inner else [line]
    return sorted(set(found))


def constraints(extra: str, folder: Path, *, lowest: bool) -> Path:
    """The constraints file to install with."""
    if not lowest:
        return REPOSITORY / "constraints.txt"
    path = folder / f"lowest-{extra}.txt"
    path.write_text("\n".join(r.split(";")[0].replace(">=", "==") for r in requirements(extra)) + "\n")
    return path


def run(*command: str | Path) -> str:
    """Standard output of a command; its last lines as the error where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=tempfile.gettempdir())
    if done.returncode:
        raise RuntimeError("\n".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
    return done.stdout


def check(extra: str, folder: Path, *, lowest: bool) -> Outcome:
    """Install and import one extra in an environment of its own under `folder`."""
    home = folder / extra
    started = time.monotonic()
    venv.create(home, with_pip=True, clear=True)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    target = str(REPOSITORY) if extra == "base" else f"{REPOSITORY}[{extra}]"
    fault = torch = ""
    try:
        run(python, "-m", "pip", "install", "-q", "-c", constraints(extra, folder, lowest=lowest), target)
        run(python, "-m", "pip", "check")
        listed = run(python, "-m", "pip", "list", "--format=freeze")
        torch = next((line.partition("==")[2] for line in listed.splitlines() if line.startswith("torch==")), "")
        for module in BASE_IMPORTS + IMPORTS[extra]:
            run(python, "-c", f"import {module}")
        if torch and extra not in WITH_TORCH:
            fault = f"pulls torch {torch}"
    except RuntimeError as error:
        fault = str(error)
    seconds = time.monotonic() - started
    size = sum(path.lstat().st_size for path in home.rglob("*") if path.is_file() and not path.is_symlink())
    return Outcome(extra, fault, seconds, size / 1e6, torch)


def main() -> int:
    """Check the extras named on the command line, or all; 1 where one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extras", nargs="*", choices=[[], *IMPORTS], help="which (default: all)")
    parser.add_argument("--lowest", action="store_true", help="install the lower bounds of pyproject.toml")
    parser.add_argument("--keep", type=Path, help="make the environments here and keep them")
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        for extra in arguments.extras or IMPORTS:
            outcome = check(extra, arguments.keep or Path(scratch), lowest=arguments.lowest)
            failed |= bool(outcome.fault)
            print(
                f"{outcome.extra:13} {'FAILED' if outcome.fault else 'ok':7} {outcome.install_s:6.0f} s "
                f"{outcome.megabytes:7.0f} MB  torch {outcome.torch or '-'}  {outcome.fault}",
                flush=True,
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
