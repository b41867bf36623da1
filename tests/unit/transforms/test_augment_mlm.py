"""`augment.mlm`: gaps are filled with whole words, alike in any company, and nothing outside of them changes."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("transformers", reason="masked language models need transformers")

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import CurateError, InputError
from curate.kernels.draws import Draws
from curate.kernels.masked_lm import MaskedLanguageModel, loaded
from curate.kernels.protected import protected_spans
from curate.kernels.replacing import replaced, undone
from curate.kernels.spared_words import is_spared
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.mlm import AugmentMlm

TINY = runpy.run_path(str(Path(__file__).parents[1] / "kernels" / "tiny_masked_lm.py"))
TEXTS = ["A good old film, said the coach.", "film of the\r\nyear\u00a02019  <b>good</b>", "never a dull story", "x"]


@pytest.fixture(scope="module", params=["words", "bytes"])
def folder(request: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(TINY["build"](tmp_path_factory.mktemp(request.param), byte_level=request.param == "bytes"))


def model_in(folder: str) -> MaskedLanguageModel:
    return loaded(folder, None, "cpu", False)


def varied(augmenter: AugmentMlm, texts: Sequence[str], seed: int = 0) -> list[Variant | str]:
    return list(augmenter.variants(texts, [protected_spans(text) for text in texts], _draws(texts, seed)))


def _draws(texts: Sequence[str], seed: int) -> list[Draws]:
    return [Draws(hash_of(text) ^ seed) for text in texts]


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode("utf-8", "surrogatepass")[:7].ljust(8, b"a"), "little")


@pytest.mark.parametrize("action", ["replace", "insert"])
def test_a_text_is_varied_alike_alone_and_in_any_company(folder: str, action: Any) -> None:
    augmenter = AugmentMlm(model=folder, action=action, max_rate=0.6)
    texts = [
        f"the {a} {b} was {a} and the {b} said more than {a}"
        for a in "good old warm".split()
        for b in TINY["WORDS"][8:40]
    ]
    whole = varied(augmenter, texts)
    assert [varied(augmenter, [text])[0] for text in texts[:20]] == whole[:20]
    order = np.random.default_rng(0).permutation(len(texts)).tolist()
    turned = varied(augmenter, [texts[at] for at in order])
    assert [turned[order.index(at)] for at in range(len(texts))] == whole


def test_shares_are_the_same_to_the_last_bit_in_any_company(folder: str) -> None:
    model = model_in(folder)
    texts = [
        f"the {a} mask {b} was here {a}".replace("mask", "<mask>")
        for a in TINY["WORDS"][:9]
        for b in TINY["WORDS"][9:30]
    ]
    pieces = [text.split("<mask>") for text in texts]
    whole = model.filled(pieces, 64, 5)
    for at in range(0, len(pieces), 17):
        [[alone]] = model.filled([pieces[at]], 64, 5)
        [told] = whole[at]
        assert alone is not None
        assert told is not None
        assert alone.words == told.words
        assert alone.shares.tobytes() == told.shares.tobytes()


@settings(max_examples=50)
@given(
    texts=st.lists(st.text(max_size=80) | st.sampled_from(TEXTS), min_size=1, max_size=5),
    action=st.sampled_from(["replace", "insert"]),
)
def test_outside_the_edits_every_text_stays_and_the_edits_can_be_undone(
    folder: str, texts: list[str], action: Any
) -> None:
    augmenter = AugmentMlm(model=folder, action=action, max_rate=1.0)
    for text, said in zip(texts, varied(augmenter, texts), strict=True):
        if isinstance(said, str):
            continue
        new = replaced(text, said.replacements)
        changes = [(start, end, text[start:end], put) for start, end, put in said.replacements]
        assert undone(new, changes) == text
        for _, _, old, put in changes:
            assert put.strip().replace("'", "").replace("-", "").isalpha()
            assert put.strip().lower() != old.lower()
            assert not is_spared(put.strip(), "en")
            assert not old or not is_spared(old, "en")
            assert old.islower() == put.islower() or not old


def test_negations_function_words_names_numbers_and_what_is_protected_stay(folder: str) -> None:
    text = "It was not never Rome 2019 @film {film} couldn't the"
    assert varied(AugmentMlm(model=folder, max_rate=1.0), [text]) == ["unchanged"]


def test_case_is_kept_and_a_word_is_put_in_only_after_a_space(folder: str) -> None:
    [said] = varied(AugmentMlm(model=folder, max_rate=1.0), ["Film."])
    assert isinstance(said, Variant)
    assert said.replacements[0][2][0].isupper()
    assert varied(AugmentMlm(model=folder, max_rate=1.0, action="insert"), ["film", "(film"]) == ["unchanged"] * 2


def test_only_what_is_read_is_varied_and_a_long_text_takes_no_more(folder: str) -> None:
    text = "the good film was old and " * 3000
    [said] = varied(AugmentMlm(model=folder, max_rate=1.0, max_tokens=16), [text])
    assert isinstance(said, Variant)
    assert max(end for _, end, _ in said.replacements) < 120
    assert varied(AugmentMlm(model=folder), ["a" * 3000, "", "\x00", "数据 清洗"]) == ["unchanged"] * 4


def test_top_k_and_top_p_bound_what_is_drawn(folder: str) -> None:
    def drawn(**bounds: Any) -> set[str]:
        augmenter = AugmentMlm(model=folder, max_rate=0.1, **bounds)
        return {str(varied(augmenter, TEXTS[:1], seed)) for seed in range(20)}

    one, few, many = drawn(top_k=1), drawn(top_k=9, top_p=1e-6), drawn(top_k=20)
    assert one == few
    assert len(many) > len(one)


def test_a_row_is_added_with_its_changes(folder: str) -> None:
    corpus = Corpus.from_table(pa.table({"text": TEXTS}))
    made = Recipe([step("augment.mlm", model=folder, n=3, max_rate=0.5)]).run(corpus)
    added = [event for event in made.lineage().to_pylist() if event["kind"] == "add"]
    assert len(added) == made.counts[0].n_added > 3
    assert all(event["changes"] for event in added)


def test_a_model_without_a_head_or_a_mask_and_a_language_without_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no head for masked words"):
        loaded(str(TINY["build"](tmp_path / "body", head=False)), None, "cpu", False)
    with pytest.raises(CurateError, match="no folder"):
        AugmentMlm(model="owner/no-such-model").revision()
    with pytest.raises(ValueError, match="no function words are known of 'xx'"):
        AugmentMlm(model="m", language="xx")


def test_another_model_is_another_identity(tmp_path: Path) -> None:
    one, other = (str(TINY["build"](tmp_path / name, words)) for name, words in (("a", TINY["WORDS"]), ("b", ["film"])))
    assert AugmentMlm(model=one).revision() != AugmentMlm(model=other).revision()


def test_what_fills_a_gap_is_what_the_network_says_at_its_mask(folder: str) -> None:
    import torch

    model = model_in(folder)
    pieces = ["Film: the ", " old  story\n was ", " and ", ""]
    found = model.filled([pieces, ["no gap"]], 64, 4)
    tokens = model.tokenizer(str(model.tokenizer.mask_token).join(pieces), return_tensors="pt")
    with torch.inference_mode():
        scores = model.network(**tokens).logits[0]
    places = np.flatnonzero(tokens["input_ids"][0].numpy() == model.tokenizer.mask_token_id)
    assert (len(places), len(found[0]), found[1]) == (3, 3, [])
    for place, gap in zip(places.tolist(), found[0], strict=True):
        shares = torch.softmax(scores[place][torch.from_numpy(model.word_ids)].double(), 0).numpy()
        assert gap is not None
        expected = np.sort(shares)[::-1][:4]
        assert gap.shares == pytest.approx(expected, rel=0.01)
        assert [shares[model.words.index(word)] for word in gap.words] == pytest.approx(expected, rel=0.01)


def test_a_model_whose_files_have_changed_is_read_anew(folder: str, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "model")
    first = model_in(str(place))
    assert model_in(str(place)) is first
    (place / "note.txt").write_text("another file")
    assert model_in(str(place)) is not first
