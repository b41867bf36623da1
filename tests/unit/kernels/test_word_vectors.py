"""Word vectors from a file: the forms they come in, the nearest words, and what a source makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curate.errors import InputError
from curate.kernels.encoders.lsa import Lsa
from curate.kernels.synonyms_embedding import EmbeddingSource
from curate.kernels.word_vectors import WordVectors, read_vectors

WORDS = ["film", "movie", "films", "tax", "taxes", "the", "Paris", 'quo"te', "well-made"]


def lines(vectors: np.ndarray, end: str = "") -> str:
    rows = (" ".join([word, *(f"{x:.6f}" for x in row)]) for word, row in zip(WORDS, vectors, strict=True))
    return "".join(f"{row}{end}\n" for row in rows)


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((len(WORDS), 5)).astype(np.float32)


@pytest.mark.parametrize("header", ["", f"{len(WORDS)} 5\n"])
@pytest.mark.parametrize("end", ["", " "])
def test_glove_word2vec_and_fasttext_say_the_same(tmp_path: Path, vectors: np.ndarray, header: str, end: str) -> None:
    place = tmp_path / "words.vec"
    place.write_text(header + lines(vectors, end) + "too short 1\n", encoding="utf-8")
    read = read_vectors(str(place), 100)
    assert read.words == ["film", "movie", "films", "tax", "taxes", "the", "well-made"]
    expected = vectors[[WORDS.index(word) for word in read.words]]
    assert np.allclose(read.vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


def test_the_revision_tells_files_apart_and_the_commonest_words_are_kept(tmp_path: Path, vectors: np.ndarray) -> None:
    place = tmp_path / "glove.txt"
    place.write_text(lines(vectors), encoding="utf-8")
    one = read_vectors(str(place), 2)
    assert one.words == ["film", "movie"]
    place.write_text(lines(vectors + 1), encoding="utf-8")
    assert read_vectors(str(place), 2).revision != one.revision


def test_a_model2vec_model_gives_the_vectors_of_its_whole_words(tmp_path: Path) -> None:
    package = pytest.importorskip("model2vec")
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokens = ["[PAD]", "[UNK]", "film", "movie", "tax", "##ing"]
    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(tokens)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.eye(6, dtype=np.float32) + 0.1
    package.StaticModel(vectors, made).save_pretrained(tmp_path)
    assert read_vectors(str(tmp_path), 10).words == ["film", "movie", "tax"]


@pytest.mark.parametrize("content", ["", "\n", "no numbers here\n", "\x00\x01\x02"])
def test_what_is_no_file_of_vectors_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    place = tmp_path / "x.txt"
    place.write_text(content)
    with pytest.raises(InputError) as caught:
        read_vectors(str(place), 10)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="there are no word vectors"):
        read_vectors(str(tmp_path / "none.txt"), 10)


def test_the_nearest_words_are_those_of_every_pair() -> None:
    random = np.random.default_rng(0)
    rows = random.standard_normal((600, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    words = [f"w{at}" for at in range(600)]
    read = WordVectors(words, rows, "")
    alike = np.round(rows @ rows.T, 5)
    for at in (0, 255, 256, 599):
        others = sorted((-float(alike[at, other]), other) for other in range(600) if other != at)[:7]
        assert [word for word, _ in read.nearest(f"w{at}", 7)] == [words[other] for _, other in others]
    assert read.nearest("none", 7) == []


def test_neighbours_of_real_words_keep_the_ending_and_are_no_function_words(data_dir: Path) -> None:
    """Word vectors made here: LSA of the words of TREC in their questions."""
    texts = [
        line.split(" ", 1)[1]
        for line in (data_dir / "trec_raw" / "train_5500.label").read_text("latin-1").lower().splitlines()
    ]
    words = sorted({word for text in texts for word in text.split() if word.isalpha()})
    latent = Lsa(n_dimensions=64, characters=(2, 3)).fit(texts).encode(words)
    read = WordVectors(words, latent / np.maximum(np.linalg.norm(latent, axis=1, keepdims=True), 1e-9), "lsa")
    source = EmbeddingSource(read, 0.5, 5)
    assert source.options("the", "", "") == source.options("not", "", "") == ()
    found = {word: [other for other, _ in source.options(word, "", "")] for word in words[::20]}
    assert sum(map(bool, found.values())) > 20
    for word, others in found.items():
        assert len(others) <= 5
        assert word not in others
        assert "the" not in others
        assert all(other.endswith("ing") == word.endswith("ing") for other in others if len(other) > 5 < len(word))
    assert all(0.5 <= score <= 1 for word in words[:50] for _, score in source.options(word, "", ""))
