from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import ColumnError
from curate.transforms.filter.language import DropByLanguage

ENGLISH = "The children are playing in the garden while their mother is cooking."
GERMAN = "Die Kinder spielen im Garten, während ihre Mutter das Essen kocht."
SERBIAN = "Deca se igraju u dvorištu dok njihova majka sprema ručak za celu porodicu."
CROATIAN = "Djeca se igraju u dvorištu dok njihova majka priprema ručak za cijelu obitelj."


def left(texts: list[str | None], **settings: Any) -> list[str | None]:
    corpus = Corpus.from_table(pa.table({"text": pa.array(texts, pa.string())}))
    found: list[str | None] = (
        Recipe([step("filter.language", **settings)]).run(corpus).corpus.table()["text"].to_pylist()
    )
    return found


def test_only_what_is_surely_another_language_goes() -> None:
    texts = [ENGLISH, GERMAN, "ok", "", None, "12:30", "👍"]
    assert left(texts, keep=["en"]) == [ENGLISH, "ok", "", None, "12:30", "👍"]
    assert left(texts, drop="de") == [ENGLISH, "ok", "", None, "12:30", "👍"]
    assert left(texts, keep=["en"], uncertain="drop") == [ENGLISH, None]


def test_standards_of_one_language_count_as_one() -> None:
    for code in ("hr", "sr", "bs", "sh", "hrv"):
        assert left([SERBIAN, CROATIAN, GERMAN], keep=[code]) == [SERBIAN, CROATIAN]
    assert left([SERBIAN, CROATIAN, GERMAN], drop="sr") == [GERMAN]


def test_a_text_of_two_languages_goes_only_when_asked() -> None:
    mixed = f"{ENGLISH}\n{GERMAN}\n{ENGLISH}"
    assert left([mixed, ENGLISH], keep=["en"]) == [mixed, ENGLISH]
    assert left([mixed, ENGLISH], keep=["en"], max_foreign_fraction=0.1) == [ENGLISH]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "give keep, drop or max_foreign_fraction"),
        ({"keep": ["en"], "drop": ["de"]}, "not both"),
        ({"keep": "English"}, "'English' is no ISO 639 code"),
        ({"keep": ["emg"]}, "no ISO 639 code"),
        ({"drop": ["de"], "uncertain": "drop"}, "goes with keep"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DropByLanguage(**settings)


def test_a_column_of_the_users_takes_the_place_of_the_signal() -> None:
    table = {"text": [ENGLISH, ENGLISH], "language": ["eng_Latn", "de-AT"], "language_score": [1.0, 1.0]}
    made = Recipe([step("filter.language", keep=["en"])]).run(Corpus.from_table(pa.table(table)))
    assert made.corpus.table()["language"].to_pylist() == ["eng_Latn"]


def test_a_column_of_names_is_no_signal_and_nothing_is_dropped_by_it() -> None:
    corpus = Corpus.from_table(pa.table({"text": [ENGLISH], "language": ["English"]}))
    with pytest.raises(ColumnError, match="holds 'English', which is no ISO 639 code"):
        Recipe([step("filter.language", keep=["en"])]).run(corpus)


def test_the_tag_is_two_new_columns_that_the_filter_then_reads() -> None:
    corpus = Corpus.from_table(pa.table({"text": [ENGLISH, GERMAN, "1", None]}))
    tagged = Recipe([step("clean.language")]).run(corpus).corpus.table()
    assert tagged["language"].to_pylist() == ["en", "de", None, None]
    assert [score is not None and score > 0.9 for score in tagged["language_score"].to_pylist()] == [True] * 2 + [
        False
    ] * 2
    both = Recipe([step("clean.language"), step("filter.language", keep=["en"])]).run(corpus).corpus.table()
    assert both["text"].to_pylist() == [ENGLISH, "1", None]


def test_a_column_is_never_written_over() -> None:
    corpus = Corpus.from_table(pa.table({"text": [ENGLISH], "language": ["Klingon"]}))
    with pytest.raises(ColumnError, match="would write over the column 'language'"):
        Recipe([step("clean.language")]).run(corpus)
    made = Recipe([step("clean.language", column="lang", score_column=None)]).run(corpus).corpus.table()
    assert made.column_names == ["text", "language", "lang"]


def test_no_row_of_chinese_hausa_arabic_or_hindi_is_lost_to_its_own_language(data_dir: Path) -> None:
    reviews = (data_dir / "chinese_reviews" / "waimai_10k.csv").read_text(encoding="utf-8").splitlines()[1:400]
    assert len(left(list(reviews), keep=["zh"])) >= 397
    for code in ("ar", "hi"):
        path = data_dir / "lingua_lid_sentences" / "dev300" / f"{code}.txt"
        texts: list[str | None] = list(path.read_text(encoding="utf-8").splitlines()[:200])
        assert left(texts, keep=[code]) == texts
