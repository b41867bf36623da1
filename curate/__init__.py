"""curate improves a training set and proves that it did.

The public names, each loaded when it is first asked for (PEP 562), so that `import curate` is quick and loads nothing
heavy. A verb may share its name with the subpackage it lives in (`audit`, `measure`): see `_Package`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curate.audit import Audit, audit
    from curate.core.check import Check, Finding, Skip
    from curate.core.contracts import check_transform, example_corpus
    from curate.core.curated import Curated
    from curate.core.function import Drop
    from curate.core.recipe import Recipe
    from curate.core.rewrite import RewriteText
    from curate.core.step import Step, step
    from curate.core.transform import DatasetTransform, RowTransform, Transform
    from curate.core.undo import undo
    from curate.data.corpus import Corpus
    from curate.data.edits import Edits
    from curate.data.merge import merge
    from curate.data.roles import Roles
    from curate.data.rows import Batch
    from curate.data.store import Store
    from curate.errors import CurateError
    from curate.io import load, push_to_hub, save, save_curated
    from curate.io.dedup_index import DedupIndex
    from curate.io.encryption import EncryptionKey
    from curate.measure.certify import Certificate, certify
    from curate.measure.forecast import Plan
    from curate.measure.measure import measure, plan
    from curate.measure.result import Effect, Measurement

    __version__: str

_HOMES = {
    "audit": "Audit audit",
    "core.check": "Check Finding Skip",
    "core.contracts": "check_transform example_corpus",
    "core.curated": "Curated",
    "core.function": "Drop",
    "core.recipe": "Recipe",
    "core.rewrite": "RewriteText",
    "core.step": "Step step",
    "core.transform": "DatasetTransform RowTransform Transform",
    "core.undo": "undo",
    "data.corpus": "Corpus",
    "data.edits": "Edits",
    "data.merge": "merge",
    "data.roles": "Roles",
    "data.rows": "Batch",
    "data.store": "Store",
    "errors": "CurateError",
    "io": "load push_to_hub save save_curated",
    "io.dedup_index": "DedupIndex",
    "io.encryption": "EncryptionKey",
    "measure": "Certificate Effect Measurement Plan certify measure plan",
}
_HOME = {name: f"curate.{home}" for home, names in _HOMES.items() for name in names.split()}

__all__ = [  # noqa: RUF022  # verbs first, then what they work on, then what plugins are made of
    "load",
    "merge",
    "audit",
    "measure",
    "plan",
    "certify",
    "undo",
    "save",
    "save_curated",
    "push_to_hub",
    "Recipe",
    "Step",
    "step",
    "Drop",
    "Corpus",
    "Roles",
    "Store",
    "DedupIndex",
    "EncryptionKey",
    "Audit",
    "Curated",
    "Effect",
    "Measurement",
    "Plan",
    "Certificate",
    "CurateError",
    "Batch",
    "Edits",
    "Transform",
    "RowTransform",
    "DatasetTransform",
    "RewriteText",
    "Check",
    "Finding",
    "Skip",
    "check_transform",
    "example_corpus",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("curate-data")
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'curate' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package, with verbs that stay verbs: importing the subpackage `curate.audit` would put the module in the
    place of the function. `curate.audit` is always the function; from the subpackage one imports by its full name,
    `from curate.audit.schema import json_schema`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
