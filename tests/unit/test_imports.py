"""What `import curate` costs and loads, and that each heavy package has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "curate"
HEAVY = ["torch", "datasets", "faiss", "spacy", "ray", "sklearn", "pandas", "transformers"]
HOMES = {
    "accelerate": ["learn/"],
    "cleanlab": ["transforms/labels/"],
    "datasets": ["io/", "data/corpus.py"],
    "faiss": ["kernels/faiss.py"],
    "httpx2": ["kernels/llm/transport.py"],
    "jinja2": ["report/", "kernels/llm/prompts.py"],
    "mlflow": ["learn/writers.py"],
    "model2vec": ["kernels/encoders/"],
    "peft": ["learn/"],
    "ray": ["engines/ray.py"],
    "rich": ["cli/", "report/terminal.py", "report/fitted.py"],
    "sentence_transformers": ["kernels/encoders/"],
    "tensorboard": ["learn/writers.py"],
    "torch": ["learn/", "kernels/"],
    "transformers": ["learn/", "kernels/encoders/", "kernels/masked_lm.py", "kernels/translators/"],
    "typer": ["cli/"],
}
TRAINING = "curate.measure.cell", "curate.learn.bag"
CHILD = """
import importlib, resource, sys
[importlib.import_module(name) for name in sys.argv[1].split()]
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_utime + usage.ru_stime, *sorted(set(sys.argv[2:]) & set(sys.modules)))
"""


def import_in_child(*modules: str, heavy: Sequence[str] = HEAVY) -> tuple[float, list[str]]:
    """CPU seconds of a whole interpreter that imports some modules, and which heavy packages it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, " ".join(modules), *heavy], check=True, capture_output=True, text=True
    )
    seconds, *loaded = done.stdout.split()
    return float(seconds), loaded


def imported(path: Path) -> Iterator[str]:
    """Top-level packages that a file imports, by statement or by `require`, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name.partition(".")[0] for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Call(func=ast.Name(id="require" | "import_module"), args=[ast.Constant(value=str(module)), *_]):
                yield module.partition(".")[0]
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(module)), *_]):
                yield module.partition(".")[0]


def extras_asked_for(path: Path) -> Iterator[str]:
    """The extras that the `require` calls of a file name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
            yield from (
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "extra" and isinstance(keyword.value, ast.Constant)
            )


def test_import_curate_loads_nothing_heavy() -> None:
    assert import_in_child("curate")[1] == []


def test_a_process_that_trains_bag_loads_nothing_that_it_does_not_need() -> None:
    assert import_in_child(*TRAINING, heavy=[*HEAVY, "scipy.stats", "scipy.optimize"])[1] == []


def test_import_curate_takes_under_0_3_s_of_cpu() -> None:
    assert min(import_in_child("curate")[0] for _ in range(5)) < 0.3


def test_each_heavy_package_has_one_home() -> None:
    astray = [
        f"{where} imports {package}; its home is {', '.join(HOMES[package])}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for where in [path.relative_to(PACKAGE).as_posix()]
        for package in sorted(set(imported(path)) & set(HOMES))
        if not where.startswith(tuple(HOMES[package]))
    ]
    assert astray == []


def test_every_extra_that_an_error_names_can_be_installed() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {extra for path in PACKAGE.rglob("*.py") for extra in extras_asked_for(path)}
    assert asked <= set(project["optional-dependencies"])
