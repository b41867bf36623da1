"""The docstrings of the installed packages: real text, the same every time, of packages of very different size."""

from __future__ import annotations

from collections import Counter

import pytest

from curate.data.corpus import Corpus
from curate.errors import InputError
from curate.io.docstrings import docstrings


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return docstrings(max_rows=600, min_class_rows=20, max_classes=8, effort=0.3)


def test_the_text_is_a_docstring_and_the_label_its_package(corpus: Corpus) -> None:
    rows = corpus.table().to_pylist()
    assert str(corpus.roles) == "text=text, label=package"
    assert len(rows) == 600
    assert all(row["name"].split(".")[0] == row["package"] != "curate" for row in rows)
    assert 2 <= len({row["package"] for row in rows}) <= 8


def test_it_has_what_real_text_has(corpus: Corpus) -> None:
    texts = Counter(row["text"] for row in corpus.table().to_pylist())
    assert texts[None] > 0
    sizes = Counter(corpus.labels().to_pylist()).most_common()
    assert sizes[0][1] > 1.5 * sizes[-1][1]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(corpus: Corpus) -> None:
    settings = {"max_rows": 600, "min_class_rows": 20, "max_classes": 8, "effort": 0.3}
    assert docstrings(**settings).fingerprint == corpus.fingerprint
    assert docstrings(**settings, seed=1).fingerprint != corpus.fingerprint


def test_too_few_packages_is_one_clear_line() -> None:
    with pytest.raises(InputError, match=r"fewer than two of the installed packages have 10000000 docstrings"):
        docstrings(min_class_rows=10_000_000, effort=0.01)
