from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from curate import registry
from curate.audit import CheckResult, audit
from curate.core.check import Check
from curate.data.corpus import Corpus


@pytest.fixture
def result() -> Callable[..., CheckResult]:
    """The result of one check on a table given as columns; `test` gives a held-out split."""

    def look(check: str | Check, test: dict[str, Any] | None = None, **columns: Any) -> CheckResult:
        corpus = Corpus.from_table(pa.table(columns))
        if test is not None:
            corpus = corpus.with_held_out(test=Corpus.from_table(pa.table(test)))
        made = registry.get("checks", check)() if isinstance(check, str) else check
        (found,) = audit(corpus, checks=[made]).results
        assert found.status != "crashed", found.reason
        return found

    return look
