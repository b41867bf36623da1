from __future__ import annotations

import html
import re
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.langid_batch import BatchIdentifier
from curate.kernels.language import foreign_fractions, grouped, identify, parts_of
from curate.kernels.language_codes import GROUPS, KNOWN, base, code_of

UNKNOWN_TO_LANGID = {"mi", "tn", "ts"}


def sentences(data_dir: Path, language: str, n_rows: int) -> list[str]:
    path = data_dir / "lingua_lid_sentences" / "dev300" / f"{language}.txt"
    return path.read_text(encoding="utf-8").splitlines()[:n_rows]


def test_sentences_of_72_languages(data_dir: Path) -> None:
    right, surely_wrong, n = 0, 0, 0
    for path in sorted((data_dir / "lingua_lid_sentences" / "dev300").glob("*.txt")):
        if path.stem in UNKNOWN_TO_LANGID:
            continue
        for told in identify(sentences(data_dir, path.stem, 10)):
            assert told is not None
            same = base(told[0]) == base(path.stem)
            right, surely_wrong, n = right + same, surely_wrong + (not same and told[1] >= 0.8), n + 1
    assert right / n > 0.98
    assert surely_wrong / n < 0.004


@pytest.mark.parametrize(("name", "code"), [("hau_NG", "ha"), ("cmn_hans", "zh"), ("cmn_hant", "zh"), ("arb", "ar"),
                                        ("hin", "hi"), ("tha", "th"), ("jpn", "ja")])  # fmt: skip
def test_no_paragraph_of_these_languages_is_surely_another(data_dir: Path, name: str, code: str) -> None:
    page = (data_dir / "udhr" / f"{name}.html").read_text(encoding="utf-8")
    paragraphs = [html.unescape(found) for found in re.findall(r"<p>([^<]*)</p>", page)]
    told = [one for one in identify(paragraphs) if one is not None]
    assert len(told) > 20
    assert not [one for one in told if base(one[0]) != code and one[1] >= 0.8]


@pytest.mark.slow
def test_lingua_is_better_on_single_words(data_dir: Path) -> None:
    pytest.importorskip("lingua")
    languages = ("de", "fr", "es", "it", "nl", "pl", "fi", "hu")
    words = [(one, line.split()[-1]) for one in languages for line in sentences(data_dir, one, 25)]
    right = {
        model: sum(
            told is not None and told[0] == one
            for told, (one, _) in zip(identify([word for _, word in words], model), words, strict=True)
        )
        for model in ("langid", "lingua")
    }
    assert right["lingua"] > right["langid"]


def test_arabic_in_presentation_forms_is_arabic() -> None:
    (told,) = identify(["ﺇﺫﺍ ﻧﻄﻖ ﺍﻟﺰﻋﻴﻢ ﻓﻼ ﺗﺠﺒﻪ ﻓﺨﻴﺮ ﻣﻦ ﺇﺟﺎﺑﺘﻪ"])
    assert told is not None
    assert told[0] == "ar"


@pytest.mark.parametrize("text", ["", " ", "123", "https://example.org/page", "@user #tag 12", "me@example.org", "👍"])
def test_where_no_prose_is_there_is_no_language(text: str) -> None:
    assert identify([text, None]) == [None, None]


def test_members_of_a_group_are_taken_together() -> None:
    assert grouped([("sl", 0.4), ("bs", 0.3), ("hr", 0.2), ("sr", 0.1)]) == ("bs", 0.6)
    assert grouped([("zxx", 0.9), ("en", 0.1)]) is None
    assert grouped([]) is None


def test_codes_in_any_form_are_one() -> None:
    forms = ("zh", "zho", "cmn", "zh-Hant", "zh_TW", "cmn_Hans")
    assert {base(str(code_of(tag))) for tag in forms} == {"zh"}
    assert [code_of(tag) for tag in ("english", "e", "", "xx", "12", "en us")] == [None] * 6
    assert all(base(member) == macro for macro, members in GROUPS.items() for member in members)
    assert set(GROUPS) <= KNOWN


def test_every_language_that_the_models_tell_is_known() -> None:
    langid = pytest.importorskip("py3langid.langid")
    told = set(langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE).labels) - {"zxx"}
    lingua = pytest.importorskip("lingua")
    told |= {one.iso_code_639_1.name.lower() for one in lingua.Language.all()}
    assert told <= KNOWN


def test_a_text_of_two_languages_has_a_foreign_part(data_dir: Path) -> None:
    german, polish = sentences(data_dir, "de", 6), sentences(data_dir, "pl", 2)
    assert foreign_fractions([" ".join(german)]) == [0]
    (mixed,) = foreign_fractions([" ".join([*german[:4], *polish])])
    letters = [sum(map(len, part)) for part in (german[:4], polish)]
    assert mixed == pytest.approx(letters[1] / sum(letters), abs=0.15)
    assert foreign_fractions(["1 2 3", None]) == [None, None]


@settings(max_examples=60)
@given(text=st.text(max_size=300))
def test_any_text_is_told_or_not_and_never_raises(text: str) -> None:
    (told,) = identify([text])
    assert told is None or (told[0] in KNOWN and 0 <= told[1] <= 1)
    (share,) = foreign_fractions([text])
    assert share is None or 0 <= share < 1
    assert "".join("".join(parts_of(text)).split()) in ("", "".join(text.split()))


def test_a_batch_is_told_as_the_package_tells_each_text(data_dir: Path) -> None:
    langid = pytest.importorskip("py3langid.langid")
    package = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    batch = BatchIdentifier.of(package)
    texts = ["", "x", "OK THEN", "a" * 5000, *sentences(data_dir, "en", 40), *sentences(data_dir, "hr", 40)]
    texts += [line[:12] for one in ("ta", "zh", "fr") for line in sentences(data_dir, one, 20)]
    probabilities = batch.probabilities(texts)
    for text, row in zip(texts, probabilities, strict=True):
        wanted = dict(package.rank(text))
        told: dict[str, float] = {}
        for code, value in zip(batch.codes, row.tolist(), strict=True):
            told[code] = told.get(code, 0.0) + value
        assert told == pytest.approx(wanted, abs=1e-4)
    alone = [batch.told([text])[0] for text in texts]
    assert batch.told(texts) == alone
    assert batch.told(texts[::-1]) == alone[::-1]


def test_a_lone_surrogate_is_read_over() -> None:
    (told,) = identify(["This is an English sentence\ud800 and another one."])
    assert told is not None
    assert told[0] == "en"


@pytest.mark.parametrize("unit", ["a", "@", "a@", "http", "a.", ". ", " ", "\n", "。", "1", "#a", "ﷺ"])
def test_a_megabyte_of_anything_is_read_in_a_second(unit: str) -> None:
    text = unit * (2**20 // len(unit.encode()))
    began = process_time()
    identify([text])
    foreign_fractions([text])
    assert process_time() - began < 4
