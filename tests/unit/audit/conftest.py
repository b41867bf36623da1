from __future__ import annotations

import pyarrow as pa
import pytest

from curate.audit import Audit, audit
from curate.data.corpus import Corpus


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Sixty rows with some of everything that is wrong, and a test split with two leaks."""
    texts = [f"{('good', 'bad')[i % 2]} film number {i}" for i in range(54)]
    texts += [
        "<p>good &amp; cheap</p>",
        "bad doesnâ€™t",
        "Good film number 0",
        "bad  film number 1",
        None,
        "good " * 400,
    ]
    labels = [("plus", "minus")[i % 2] for i in range(60)]
    test = Corpus.from_table(
        pa.table({"text": ["good film number 2", "new", "bad film number 3"], "label": ["plus"] * 3})
    )
    return Corpus.from_table(pa.table({"text": texts, "label": labels}), name="films").with_held_out(test=test)


@pytest.fixture(scope="session")
def seen(corpus: Corpus) -> Audit:
    return audit(corpus)
