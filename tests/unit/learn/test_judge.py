from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import CurateError
from curate.learn.bag import Bag
from curate.learn.judge import Judge
from curate.learn.learner import Learner
from curate.learn.linear import Linear
from curate.learn.perplexity import OwnPerplexity, Perplexity
from curate.learn.quality import Quality, Toxicity
from curate.learn.reference import sampled

GOOD = [f"the {noun} was seen in the {place} again" for noun in ("fox", "hen", "owl") for place in ("wood", "barn")]
BAD = [f"click {noun} to win {prize} now" for noun in ("here", "this", "below") for prize in ("cash", "a phone")]


def values(signal: Any, texts: list[str | None]) -> list[float | None]:
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}))
    found: list[float | None] = signal.compute(corpus, 0)["value"].to_pylist()
    return found


@pytest.mark.parametrize("learner", [Linear(), Bag()], ids=["linear", "bag"])
def test_a_text_of_the_reference_is_not_judged_by_heart(learner: Learner) -> None:
    """One text stands on the wrong side: a model that had read it would know; one of the other folds does not."""
    odd = "click here to win a big prize now"
    judge = Judge.of([*GOOD, odd], BAD, learner, 3)
    assert judge.probabilities([odd])[0] < 0.5
    assert judge.probabilities([odd.upper() + " "])[0] == judge.probabilities([odd])[0]


def test_what_it_says_does_not_hang_on_the_order_or_the_number_of_copies() -> None:
    asked = ["the owl was seen", "win cash", *GOOD, *BAD]
    first = Judge.of(GOOD, BAD, Linear(), 2).probabilities(asked)
    again = Judge.of(GOOD[::-1] * 3, BAD[::-1], Linear(), 2)
    np.testing.assert_array_equal(again.probabilities(asked), first)
    np.testing.assert_array_equal([again.probabilities([one])[0] for one in asked], first)


def test_both_sides_count_alike_however_many_rows_they_have() -> None:
    judge = Judge.of(GOOD, BAD[:1], Linear(), 2)
    assert judge.rows.class_weights() == pytest.approx([3.5, 3.5])
    assert 0.4 < judge.probabilities(["something else entirely"])[0] < 0.75


def test_the_source_may_be_a_list_or_a_file_and_its_content_is_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "good.txt"
    path.write_text("\n".join(GOOD), encoding="utf-8")
    by_file = Quality(like=str(path), unlike=BAD, learner="linear")
    by_list = Quality(like=GOOD, unlike=BAD, learner="linear")
    asked = ["the hen was seen in the barn", "win a phone", None, " "]
    assert values(by_file, asked) == values(by_list, asked)
    assert values(by_list, asked)[2:] == [None, None]
    before = by_file.revision()
    path.write_text("\n".join(GOOD[1:]), encoding="utf-8")
    assert Quality(like=str(path), unlike=BAD, learner="linear").revision() != before


def test_labelled_rows_in_a_file_with_names_or_numbers(tmp_path: Path) -> None:
    table = pa.table({"body": [*GOOD, *BAD, "no label"], "kind": [0] * 6 + [1] * 6 + [None]})
    pq.write_table(table, tmp_path / "labelled.parquet")
    settings = {"train": str(tmp_path / "labelled.parquet"), "train_label": "kind", "learner": "linear"}
    low, high = values(Toxicity(**settings, positive=1), ["the fox was seen", "click this to win"])
    assert low is not None
    assert high is not None
    assert low < 0.5 < high
    with pytest.raises(CurateError, match=r"no row of .* has the label 2"):
        values(Toxicity(**settings, positive=2), ["a"])


def test_a_side_without_a_text_is_one_line() -> None:
    with pytest.raises(CurateError, match="needs texts of both kinds"):
        values(Toxicity(train=(("a", "x"), ("b", "x")), positive="x", learner="linear"), ["a"])
    with pytest.raises(CurateError, match="there is no file or folder nowhere"):
        values(Quality(like="nowhere.txt", unlike=BAD), ["a"])


def test_the_learner_may_have_settings_and_must_learn_classes_of_texts() -> None:
    spec = {"name": "linear", "max_words": 1}
    given = {"like": GOOD, "unlike": BAD, "learner": spec}
    assert Quality(**given).revision() != Quality(**given | {"learner": "linear"}).revision()
    first, other = values(Quality(**given), ["the hen was seen", "win a phone"])
    assert first is not None
    assert other is not None
    assert first > 0.5 > other
    with pytest.raises(CurateError, match="the learner 'causal' learns no classes of texts"):
        values(Quality(**given | {"learner": "causal"}), ["a"])
    with pytest.raises(CurateError, match="it needs the setting 'model'"):
        values(Quality(**given | {"learner": "transformer"}), ["a"])


def test_moving_a_bound_keeps_the_signal() -> None:
    corpus = Corpus.from_table(pa.table({"text": ["the owl was seen in the barn", "click now to win cash"]}))
    given = {"like": GOOD, "unlike": BAD, "learner": "linear"}
    for bound, rows in ((0.0, 2), (0.5, 1), (1.0, 0)):
        assert len(Recipe([step("filter.quality", min_quality=bound, **given)]).run(corpus).corpus) == rows


def test_a_sample_hangs_on_the_texts_and_keeps_to_its_bounds() -> None:
    texts = [f"text number {number}" for number in range(100)]
    made = sampled(Corpus.from_table(pa.table({"text": texts})), 300)
    assert sum(map(len, made)) <= 300
    assert len(made) > 10
    assert made == sampled(Corpus.from_table(pa.table({"text": texts[::-1]})), 300)
    assert len(sampled(Corpus.from_table(pa.table({"text": texts})), 10**6, 7)) == 7


def test_own_perplexity_never_judges_a_text_by_itself() -> None:
    texts = [f"{animal} {verb} in the {place}" for animal in ("a fox", "a hen", "an owl", "a cat")
             for verb in ("sat", "ran", "sang", "hid") for place in ("wood", "barn", "yard", "field")]  # fmt: skip
    odd = "qx#7!zz~pk"
    told = values(OwnPerplexity(), [*texts, odd, odd, None, ""])
    assert told[-2:] == [None, None]
    assert told[-3] == told[-4]
    usual = [one for one in told[: len(texts)] if one is not None]
    assert told[-3] is not None
    assert told[-3] > 20 * max(usual)


def test_perplexity_under_a_reference() -> None:
    low, high, none = values(Perplexity(reference=GOOD, order=4), ["the fox was seen", "数据清洗", None])
    assert low is not None
    assert high is not None
    assert 1 <= low < high
    assert none is None


@pytest.mark.slow
def test_toxicity_on_rows_it_has_not_seen(data_dir: Path) -> None:
    with open(data_dir / "surge_toxicity_profanity" / "toxicity_en.csv", encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["is_toxic"]) for row in csv.DictReader(file)]
    order = np.random.default_rng(0).permutation(len(rows)).tolist()
    train, test = ([rows[at] for at in part] for part in (order[:500], order[500:]))
    told = values(Toxicity(train=tuple(train), positive="Toxic"), [text for text, _ in test])
    assert roc_auc_score([label == "Toxic" for _, label in test], told) > 0.9


def test_a_sequence_classifier_from_a_folder(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    torch = pytest.importorskip("torch")
    words = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "fine", "idiot"])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    ).save_pretrained(tmp_path)
    torch.manual_seed(0)
    transformers.BertForSequenceClassification(
        transformers.BertConfig(vocab_size=6, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                                intermediate_size=8, max_position_embeddings=16, id2label={0: "fine", 1: "toxic"},
                                label2id={"fine": 0, "toxic": 1})
    ).save_pretrained(tmp_path)  # fmt: skip
    signal = Toxicity(model=str(tmp_path), positive="toxic", device="cpu")
    told = values(signal, ["fine", "idiot " * 100, None, "fine"])
    assert told[2] is None
    assert told[0] == told[3]
    assert all(one is None or 0 <= one <= 1 for one in told)
    (other,) = values(Toxicity(model=str(tmp_path), positive="fine", device="cpu"), ["fine"])
    assert told[0] is not None
    assert other is not None
    assert told[0] + other == pytest.approx(1, abs=1e-3)
    with pytest.raises(CurateError, match="the model has no label 'nasty'"):
        values(Toxicity(model=str(tmp_path), positive="nasty", device="cpu"), ["a"])
    before = signal.revision()
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}))
    assert signal.revision() != before


def test_no_model_is_fetched_from_the_hub_unasked() -> None:
    pytest.importorskip("transformers")
    signal = Toxicity(model="curate-tests/no-such-model", model_revision="0" * 40, positive="toxic")
    with pytest.raises(CurateError, match="no folder and not in the cache of the Hub"):
        values(signal, ["a"])
