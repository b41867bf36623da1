"""Filters of text statistics: what their signals say, which rows go, and that no script is lost to them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import registry
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.errors import CurateError, InputError
from curate.kernels.text_statistics import text_counts
from curate.transforms.filter.flagged_words import DropByFlaggedWords, FlaggedWordFraction
from curate.transforms.filter.length import DropByLength
from curate.transforms.filter.stop_words import StopWordFraction

SHARES = {
    "filter.alphanumeric": "alphanumeric_fraction",
    "filter.character_repetition": "repeated_character_fraction",
    "filter.digits": "digit_fraction",
    "filter.special_characters": "special_character_fraction",
    "filter.stop_words": "stop_word_fraction",
    "filter.uppercase": "uppercase_fraction",
    "filter.word_repetition": "repeated_word_fraction",
}
NUMBERS = ["compression_ratio", "lix", "max_line_length", "mean_line_length", "mean_word_length", "reading_ease"]
ALL = [*SHARES.values(), *NUMBERS, "distinct_word_fraction", "lexical_diversity"]


def values(signal: str, texts: list[str | None], **given: Any) -> list[Any]:
    """What a signal says of texts."""
    rows = pa.record_batch({"text": pa.array(texts, pa.string())})
    provider = registry.get("signals", signal)(**given)
    provider.setup()
    found: list[Any] = provider.values(
        Batch(rows, np.arange(len(texts), dtype=np.uint64), Roles(text="text"))
    ).to_pylist()
    return found


def dropped(name: str, texts: list[str | None], **given: Any) -> dict[int, str]:
    """The reason of each row that goes."""
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}), Roles(text="text"))
    curated = Recipe([Step(registry.get("transforms", name)(**given))]).run(corpus)
    return {event["row_id"]: event["reason"] for event in curated.lineage().to_pylist()}


@pytest.mark.parametrize(
    ("signal", "text", "expected"),
    [
        ("alphanumeric_fraction", "ab 1 --", 3 / 7),
        ("alphanumeric_fraction", "हिन्दी।", 6 / 7),
        ("digit_fraction", "a1٣३", 3 / 4),
        ("special_character_fraction", "“数据”!", 3 / 5),
        ("uppercase_fraction", "ABc 数", 2 / 4),
        ("uppercase_fraction", "ЖЖж!", 2 / 3),
        ("mean_word_length", "ab, abcde", 4.0),
        ("mean_line_length", "abc\n\n \na\r\n", 2.0),
        ("max_line_length", "abc\n\n     \na\r\n", 3),
        ("stop_word_fraction", "The cat, and THE dog.", 3 / 5),
        ("distinct_word_fraction", "To be or not to be!", 4 / 6),
        ("lix", "Many readers understood everything. Fine!", 5 / 2 + 100 * 3 / 5),
        ("reading_ease", "The cat sat on it. It ran.", 206.835 - 1.015 * 7 / 2 - 84.6),
    ],
)
def test_signals_by_hand(signal: str, text: str, expected: float) -> None:
    assert values(signal, [text]) == [pytest.approx(expected)]


@pytest.mark.parametrize("signal", ALL)
def test_no_text_has_no_value_and_what_has_none_stays(signal: str) -> None:
    assert values(signal, [None, "", "\n"])[:2] == [None, None]
    assert values(signal, []) == []


@pytest.mark.parametrize(("name", "signal"), SHARES.items())
def test_rows_without_a_value_stay(name: str, signal: str) -> None:
    assert dropped(name, [None, ""], min_fraction=0.5, max_fraction=0.6) == {}


@settings(max_examples=60)
@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=200), st.text("aB 1.数", max_size=200)), max_size=6))
def test_shares_are_shares_and_no_row_depends_on_another(texts: list[str | None]) -> None:
    for signal in ALL:
        together = values(signal, texts)
        assert together == [values(signal, [text])[0] for text in texts]
        if signal.endswith("_fraction") or signal == "lexical_diversity":
            assert all(value is None or 0 <= value <= 1 for value in together)


def chinese(data_dir: Path) -> list[str | None]:
    with (data_dir / "chinese_reviews" / "waimai_10k.csv").open(encoding="utf-8", newline="") as lines:
        return [row["review"] for row in csv.DictReader(lines)]


def hausa(data_dir: Path) -> list[str | None]:
    lines = (data_dir / "hausa_yoruba_noisy_topics" / "hausa_train_clean.tsv").read_text("utf-8").splitlines()
    return [line.split("\t")[0] for line in lines[1:]]


def test_rules_on_words_leave_chinese_alone(data_dir: Path) -> None:
    texts = chinese(data_dir)
    odd = [text for text, value in zip(texts, values("mean_word_length", texts), strict=True) if value is not None]
    counts = text_counts(pa.array(odd, pa.string()))
    assert (2 * counts.unspaced < counts.words - counts.unspaced).all()
    assert len(odd) < 0.002 * len(texts)
    assert sum(value is not None for value in values("lix", texts)) < 0.002 * len(texts)


def test_published_bounds_lose_next_to_no_hausa(data_dir: Path) -> None:
    texts = hausa(data_dir)
    assert len(dropped("filter.word_length", texts, min_mean=3, max_mean=10)) < 0.002 * len(texts)
    assert dropped("filter.character_repetition", texts, max_fraction=0.5) == {}
    assert dropped("filter.word_repetition", texts, max_fraction=0.5) == {}
    assert dropped("filter.special_characters", texts, max_fraction=0.25) == {}


@pytest.mark.parametrize(
    ("language", "page"), [("hi", "hin"), ("ar", "arb"), ("zh", "cmn_hans"), ("ru", "rus"), ("ha", "hau_NG")]
)
def test_the_lists_of_stop_words_know_their_language(data_dir: Path, language: str, page: str) -> None:
    text = (data_dir / "udhr" / f"{page}.html").read_text("utf-8")
    own, other = (values("stop_word_fraction", [text], language=code)[0] for code in (language, "nl"))
    assert own > 0.1 > 4 * other


def test_a_list_a_file_and_the_words_of_a_language_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# a list\nthe\n\ntwo words \n#hash\n", "utf-8")
    texts: list[str | None] = ["The two words of it", "#hash", "nothing"]
    expected = values("stop_word_fraction", texts, words=("the", "two words", "hash"))
    assert values("stop_word_fraction", texts, words=str(path)) == [*expected[:1], 0.0, 0.0]
    before = StopWordFraction(words=str(path)).revision()
    path.write_text("the\nhash\n", "utf-8")
    assert StopWordFraction(words=str(path)).revision() != before
    assert StopWordFraction(words=("the", "hash")).revision() == StopWordFraction(words=str(path)).revision()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"", b"$$$\n"])
def test_a_list_that_says_nothing_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"word list") as error:
        dropped("filter.flagged_words", ["text"], words=str(path))
    assert error.value.hint is not None
    assert "\n" not in str(error.value)


def test_flagged_words_of_real_lists_are_found_in_real_texts(data_dir: Path) -> None:
    lines = (data_dir / "sst2" / "train.tsv").read_text("utf-8").splitlines()
    texts: list[str | None] = [line.split("\t")[0] for line in lines[:3000]]
    words = str(data_dir / "profanity_lists" / "en.txt")
    listed = [word for word in Path(words).read_text("utf-8").splitlines() if word.isascii() and word.isalpha()]
    plain = {
        at for at, text in enumerate(texts) if text and set(text.lower().split()) & {word.lower() for word in listed}
    }
    gone = dropped("filter.flagged_words", texts, words=words)
    assert plain
    assert plain <= set(gone)
    assert values(FlaggedWordFraction.name, ["CLASSY Scunthorpe"], words=words) == [0.0]


def test_diversity_does_not_depend_on_length_and_the_plain_share_does(data_dir: Path) -> None:
    text = (data_dir / "udhr" / "eng.html").read_text("utf-8")
    once, thrice = values("lexical_diversity", [text, text * 3])
    assert once == pytest.approx(thrice, abs=0.01)
    short, long = values("distinct_word_fraction", [text, text * 3])
    assert short > 2.5 * long
    assert values("lexical_diversity", ["too short"]) == [None]


def test_texts_that_repeat_themselves_compress_and_short_ones_say_nothing() -> None:
    sentence = "It rained all day, and nobody came to see the play we had rehearsed for months; so we went home early."
    plain, again, short, large = values("compression_ratio", [sentence, sentence * 5, "short", sentence * 500])
    assert plain > 0.6 > 0.25 > again > large
    assert short is None


def test_harder_texts_look_harder(data_dir: Path) -> None:
    law = (data_dir / "udhr" / "eng.html").read_text("utf-8")
    story = "The dog ran to the red barn. He saw a cat. The cat sat on a mat. They had fun all day."
    ease, lix = values("reading_ease", [law, story]), values("lix", [law, story])
    assert ease[0] < 60 < 100 < ease[1]
    assert lix[0] > 40 > 20 > lix[1]
    russian = "Все люди рождаются свободными и равными в своём достоинстве и правах."
    assert values("reading_ease", [russian]) == [None]
    assert values("lix", [russian])[0] > 40


def tokens(folder: Path) -> str:
    library = pytest.importorskip("tokenizers")
    made = library.Tokenizer(library.models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    made.pre_tokenizer = library.pre_tokenizers.Whitespace()
    made.save(str(folder / "tokenizer.json"))
    return str(folder)


def test_tokens_of_a_tokenizer(tmp_path: Path) -> None:
    texts: list[str | None] = ["a b, c", "a", "", None]
    given = {"tokenizer": tokens(tmp_path), "min_tokens": 1, "max_tokens": 3}
    assert dropped("filter.length", texts, **given) == {0: "too_many_tokens", 2: "too_few_tokens", 3: "too_few_tokens"}


def test_tokens_without_a_tokenizer_are_refused_and_a_column_of_them_is_enough() -> None:
    with pytest.raises(CurateError, match="without a tokenizer"):
        dropped("filter.length", ["a"], min_tokens=1)
    table = pa.table({"text": ["a", "b"], "n_tokens": [1, 9]})
    curated = Recipe([Step(DropByLength(max_tokens=5))]).run(Corpus.from_table(table, Roles(text="text")))
    assert curated.corpus.row_ids().tolist() == [0]


def test_a_signal_knows_only_its_own_settings(tmp_path: Path) -> None:
    both = DropByLength(min_words=1, max_tokens=5, tokenizer="t").signals()
    assert both == {"n_tokens": {"tokenizer": "t"}, "n_words": {}}
    asked = registry.get("transforms", "filter.lexical_diversity")(
        min_distinct=0.1, min_diversity=0.1, window=9
    ).signals()
    assert asked == {"distinct_word_fraction": {}, "lexical_diversity": {"window": 9}}


def test_sentences_are_those_of_the_steps_that_cut_them() -> None:
    texts: list[str | None] = ["Dr. Who came. Really?", "今天好。明天见", None, "one\n\ntwo"]
    assert values("n_sentences", texts) == [2, 2, 0, 2]
    assert dropped("filter.length", texts, min_sentences=1, max_sentences=1) == {
        0: "too_many_sentences",
        1: "too_many_sentences",
        2: "too_few_sentences",
        3: "too_many_sentences",
    }


def test_reasons_tell_low_from_high() -> None:
    texts: list[str | None] = ["quiet", "LOUD", "Both"]
    assert dropped("filter.uppercase", texts, min_fraction=0.1, max_fraction=0.5) == {
        0: "too_few_capitals",
        1: "too_many_capitals",
    }
    assert json.loads(DropByFlaggedWords(words=["a"]).model_dump_json())["max_fraction"] == 0
