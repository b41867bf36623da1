"""`augment.nlpaug`: draws by row, global generators put back, and what nlpaug breaks is refused and counted."""

from __future__ import annotations

import random
import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import CurateError
from curate.kernels.nlpaug_state import load_augmenter

TEXTS = ["the quick brown fox jumps over the lazy dog", "there is no place like home and that is a fact"] * 3
SHOWN = """
from tests.unit.transforms.test_augment_nlpaug import TEXTS, added
print(added(TEXTS, augmenter="SpellingAug", n=3))
"""


def added(texts: list[str], **settings: Any) -> list[str]:
    made = Recipe([step("augment.nlpaug", **settings)], seed=1).run(Corpus.from_table(pa.table({"text": texts})))
    return made.corpus.texts()[len(texts) :]


@pytest.mark.parametrize("name", ["KeyboardAug", "RandomWordAug", "SpellingAug", "OcrAug", "SplitAug"])
def test_the_same_seed_gives_the_same_rows_whatever_others_draw(name: str) -> None:
    first = added(TEXTS, augmenter=name, n=2)
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002 - what nlpaug draws from
    assert added(TEXTS, augmenter=name, n=2) == first
    assert len(set(first)) > len(TEXTS)


def test_nobody_elses_draws_change() -> None:
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    added(TEXTS, augmenter="RandomWordAug")
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_the_order_of_sets_does_not_matter() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SHOWN],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_settings_reach_nlpaug() -> None:
    (text,) = added(
        ["one two three four"], augmenter="RandomWordAug", settings={"action": "delete", "aug_min": 3, "aug_p": 1.0}
    )
    assert len(text.split()) < 4


def test_an_address_that_nlpaug_would_break_is_not_broken() -> None:
    rows = Corpus.from_table(pa.table({"text": ["write to a@b.com at once please, will you"] * 5}))
    made = Recipe([step("augment.nlpaug", augmenter="RandomWordAug", settings={"action": "swap"})]).run(rows)
    assert made.counts[0].refused == {"protected": 5}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"augmenter": "KeybordAug"}, "did you mean 'KeyboardAug'"),
        ({"augmenter": "KeyboardAug", "settings": {"lang": "xx"}}, "nlpaug's KeyboardAug does not work here"),
        (
            {"augmenter": "SynonymAug", "settings": {"aug_src": "ppdb", "model_path": "/nowhere"}},
            "nlpaug's SynonymAug does not work here",
        ),
    ],
)
def test_what_does_not_work_is_said_in_one_line(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(CurateError) as caught:
        added(["a text"], **settings)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "instead"), [("SynonymAug", "augment.synonym"), ("AntonymAug", "augment.antonym")])
def test_data_of_nltk_is_not_downloaded(
    name: str, instead: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    nltk = pytest.importorskip("nltk")
    download = nltk.download
    monkeypatch.setattr(nltk.data, "path", [])
    unread = nltk.corpus.util.LazyCorpusLoader("wordnet", nltk.corpus.reader.WordNetCorpusReader, None)
    monkeypatch.setattr(import_module("nlpaug.model.word_dict.wordnet"), "wordnet", unread)
    with pytest.raises(CurateError, match="nltk's data 'wordnet'") as caught:
        load_augmenter(name, {})
    assert caught.value.hint == f"python -m nltk.downloader wordnet, or take {instead}"
    assert capfd.readouterr() == ("", "")
    assert nltk.download is download


def test_what_nlpaug_raises_on_some_texts_is_counted_and_told() -> None:
    """A number among the words to put in: nlpaug chokes wherever it draws it."""
    settings = {"action": "substitute", "target_words": [*["film"] * 30, 5], "aug_max": 1}
    rows = Corpus.from_table(pa.table({"text": [f"{text} {at}" for at in range(40) for text in TEXTS]}))
    made = Recipe([step("augment.nlpaug", augmenter="RandomWordAug", settings=settings)], seed=1).run(rows)
    (count,) = made.counts
    assert 0 < count.refused["failed"] < len(rows)
    assert count.n_added + sum(count.refused.values()) == len(rows)
    (note,) = count.notes
    assert note.startswith("nlpaug's RandomWordAug raised ")
    assert not made.quarantine.num_rows
