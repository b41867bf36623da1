"""Tokenizers: counted without special tokens, truncation and padding; what cannot be loaded is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import InputError
from curate.kernels.tokenizer import tokenizer

tokenizers = pytest.importorskip("tokenizers")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A small byte-level tokenizer, saved with truncation, padding and special tokens as models save theirs."""
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(["the cat sat on the mat", "the dog ran"] * 50, vocab_size=300, special_tokens=["[CLS]"])
    made.enable_truncation(3)
    made.enable_padding(length=8)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_texts_are_counted_whole(model: Path) -> None:
    loaded = tokenizer(str(model), "test")
    assert loaded.counts(["the cat", None, "", "the cat sat on the mat the dog ran"]).tolist() == [2, 0, 0, 9]
    assert loaded.starts("the cat sat").tolist() == [0, 3, 7]
    assert loaded.starts("👩").tolist() == [0, 0, 0, 0], "a character of several tokens"
    assert tokenizer(str(model / "tokenizer.json"), "test") is loaded
    assert len(loaded.revision) == 32


def test_what_is_no_tokenizer_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    for name, said in ((tmp_path, "no tokenizer can be had"), (tmp_path / "none.json", "there is no")):
        with pytest.raises(InputError, match=said) as caught:
            tokenizer(str(name), "split.text")
        assert "\n" not in str(caught.value)
