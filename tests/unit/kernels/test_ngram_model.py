from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path
from time import process_time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from curate.kernels.buffers import text_bytes
from curate.kernels.ngram_model import NgramModel

TOY = ["abracadabra", "cada vez", "bra bra", "naïve", ""]


class Plain:
    """The formula of the file by the letter, in exact fractions: the reference."""

    def __init__(self, texts: list[str], order: int) -> None:
        self.order = order
        self.counts: Counter[tuple[bytes, int]] = Counter()
        for text in texts:
            data = b"\n" + text.encode()
            for at in range(1, len(data)):
                for size in range(min(order - 1, at) + 1):
                    self.counts[data[at - size : at], data[at]] += 1

    def probability(self, context: bytes, byte: int) -> Fraction:
        context = context[max(0, len(context) - self.order + 1) :]
        lower = self.probability(context[1:], byte) if context else Fraction(1, 256)
        after = [n for (before, _), n in self.counts.items() if before == context]
        if not after:
            return lower
        return (self.counts[context, byte] + len(after) * lower) / (sum(after) + len(after))


def logs(model: NgramModel, text: bytes) -> list[float]:
    data = np.frombuffer(text, np.uint8)
    return (model.log_probabilities(data, np.array([0, len(text)])) * 2.0**-24).tolist()


@pytest.mark.parametrize("order", [1, 2, 3, 5, 7])
def test_every_probability_is_that_of_the_formula(order: int) -> None:
    model, plain = NgramModel.fit(TOY, order), Plain(TOY, order)
    for text in ("abra", "cadabra", "xyz", "naïve bra", "\x00", "a" * 20):
        data = b"\n" + text.encode()
        wanted = [math.log(plain.probability(data[:at], data[at])) for at in range(1, len(data))]
        assert logs(model, data[1:]) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("context", [b"", b"a", b"ab", b"abra", b"never seen", b"\xc3"])
def test_the_probabilities_of_all_bytes_sum_to_one(context: bytes) -> None:
    model = NgramModel.fit(TOY, 5)
    total = sum(math.exp(logs(model, context + bytes([byte]))[-1]) for byte in range(256))
    assert total == pytest.approx(1, abs=1e-5)


def test_perplexity_is_per_character_whatever_the_script() -> None:
    model = NgramModel.fit([])
    told = model.perplexities(pa.array(["abc", "数据", "é"]))
    assert told.tolist() == pytest.approx([256, 256**3, 256**2], rel=1e-4)


def test_empty_and_null_texts_have_none() -> None:
    assert np.isnan(NgramModel.fit(["a"]).perplexities(pa.array(["", None], pa.string()))).all()
    assert NgramModel.fit(["a"]).perplexities(pa.array([], pa.string())).shape == (0,)


@settings(max_examples=60)
@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=8), seed=st.integers(0, 99))
def test_a_text_has_one_value_whatever_stands_beside_it(texts: list[str | None], seed: int) -> None:
    model = NgramModel.fit(TOY, 4)
    whole = model.perplexities(pa.array(texts, pa.string()))
    alone = [model.perplexities(pa.array([text], pa.string()))[0] for text in texts]
    np.testing.assert_array_equal(whole, np.array(alone, np.float64))
    mixed = np.random.default_rng(seed).permutation(TOY).tolist()
    np.testing.assert_array_equal(NgramModel.fit(mixed, 4).perplexities(pa.array(texts, pa.string())), whole)


def test_a_long_text_is_scored_in_blocks_that_do_not_show() -> None:
    model = NgramModel.fit(TOY, 5)
    piece = "abracadabra naïve " * 20_000
    data, offsets = text_bytes(pa.array([piece]))
    again = model.log_probabilities(data[: 2**17], np.array([0, 2**17]))
    assert model.log_probabilities(data, offsets)[: 2**17].tolist() == again.tolist()
    assert model.log_probabilities(data, offsets).size == len(piece.encode())


def test_the_bound_on_ngrams_holds_and_leaves_a_model() -> None:
    texts = [f"{number * 7919} {number}" for number in range(2000)]
    model = NgramModel.fit(texts, 6, max_ngrams=500)
    assert int((model.seen.keys > 0).sum()) <= 500 + 256**2
    total = sum(math.exp(logs(model, b"79" + bytes([byte]))[-1]) for byte in range(256))
    assert total == pytest.approx(1, abs=1e-5)


def test_a_megabyte_of_anything_is_scored_in_seconds() -> None:
    model = NgramModel.fit(TOY)
    began = process_time()
    model.perplexities(pa.array(["a" * 2**20, "\x00" * 2**20, "ab " * 2**18]))
    assert process_time() - began < 10


def test_other_languages_shuffled_characters_and_mojibake_surprise_more(data_dir: Path) -> None:
    with gzip.open(data_dir / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as file:
        reviews = [json.loads(line)["text"][:1000] for line, _ in zip(file, range(1200), strict=False)]
    model = NgramModel.fit(reviews[:1000])
    good, random = reviews[1000:], np.random.default_rng(0)
    shuffled = ["".join(random.permutation(list(text))) for text in good]
    folder = data_dir / "lingua_lid_sentences" / "dev300"
    foreign = [
        line
        for path in sorted(folder.glob("*.txt"))
        if path.stem != "en"
        for line in path.read_text(encoding="utf-8").splitlines()[:3]
    ]
    russian = (folder / "ru.txt").read_text(encoding="utf-8").splitlines()
    broken = [line.encode().decode("latin-1") for line in russian]
    usual = model.perplexities(pa.array(good))
    for debris in (shuffled, foreign, broken):
        odd = model.perplexities(pa.array(debris))
        assert roc_auc_score([0] * len(usual) + [1] * len(odd), np.concatenate([usual, odd])) > 0.99
