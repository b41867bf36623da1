"""The small training, as a module: tests import it, and run it as a program; and tiny pretrained models."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

SMALL = Path(__file__).with_name("small_training.py")
TINY = Path(__file__).with_name("tiny_models.py")


@pytest.fixture(scope="session")
def small() -> ModuleType:
    """`small_training.py`, with its `Small` and `TRAINING`."""
    pytest.importorskip("torch", reason="the training loop needs torch")
    return _module(SMALL)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The folder of a tiny pretrained model of a kind; see `tiny_models.py`."""
    pytest.importorskip("transformers", reason="pretrained models need transformers")
    return cache(lambda kind: str(_module(TINY).build(kind, tmp_path_factory.mktemp(kind))))


def _module(file: Path) -> ModuleType:
    if file.stem not in sys.modules:
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[file.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[file.stem])
    return sys.modules[file.stem]
