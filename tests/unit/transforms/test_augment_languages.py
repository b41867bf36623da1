"""Which augmenters work for German, Spanish, French and Chinese: the table of the guide, made anew on real texts.

Each step runs on 40 real texts of each language; the cell says what share of them got a variant: `yes` (half or more),
`some`, or `–` (none); `refused` stands where the step refuses its settings, before any row. When an augmenter learns a
language, this test shows the line that belongs in the guide.
"""

from __future__ import annotations

import csv
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import CurateError

GUIDE = Path(__file__).parents[3] / "docs/guides/augmentation-languages.md"
LANGUAGES = {"de": "german", "es": "spanish", "fr": "french", "zh": ""}
N_ROWS = 40
LAYOUTS = {"de": "de", "es": "es", "fr": "fr", "zh": "en"}
OWN = {
    "de": {"auch": "ebenso", "und": "sowie", "ist": "war"},
    "es": {"que": "cual", "muy": "bien", "es": "era"},
    "fr": {"les": "des", "est": "était", "et": "puis"},
    "zh": {"好吃": "美味", "不错": "很好", "送": "运"},
}
TRIED: dict[str, dict[str, Any]] = {
    "augment.aeda": {},
    "augment.case": {},
    "augment.crop": {"unit": "word"},
    "augment.date": {},
    "augment.diacritics": {},
    "augment.eda": {"operations": ["swap", "delete"]},
    "augment.homoglyph": {},
    "augment.keyboard": {"layout": "{layout}"},
    "augment.number": {},
    "augment.ocr": {},
    "augment.shuffle": {},
    "augment.spacing": {},
    "augment.typo": {},
    "augment.contraction": {},
    "augment.negation": {"flip": {"a": "b", "b": "a"}},
}
NEEDS_OWN = {
    "augment.counterfactual": {"attribute": "pairs"},
    "augment.synonym": {"language": "{language}"},
}


@cache
def texts(language: str, folder: Path) -> list[str]:
    """Reviews in Chinese, tweets in the others."""
    if language == "zh":
        with (folder / "chinese_reviews/waimai_10k.csv").open(encoding="utf-8") as file:
            found = [row["review"] for row in csv.DictReader(file)]
    else:
        name = f"umsab_tweets_8lang/{LANGUAGES[language]}_train_text.txt"
        found = (folder / name).read_text("utf-8").split("\n")
    return [text for text in found if len(text) > 20][:N_ROWS]


def share(name: str, settings: dict[str, Any], language: str, folder: Path) -> float:
    """The share of texts that get a variant."""
    told = {
        key: value.format(language=language, layout=LAYOUTS[language]) if isinstance(value, str) else value
        for key, value in settings.items()
    }
    rows = Corpus.from_table(pa.table({"text": texts(language, folder), "label": ["a"] * N_ROWS}))
    made = Recipe([step(name, **told)], max_quarantine=0).run(rows)
    return (len(made.corpus) - N_ROWS) / N_ROWS


def cell(name: str, settings: dict[str, Any], language: str, folder: Path) -> str:
    try:
        found = share(name, settings, language, folder)
    except CurateError:
        return "refused"
    return "yes" if found >= 0.5 else "some" if found else "–"


def line(name: str, folder: Path, own: Path) -> str:
    """The line of the guide's table for one step."""
    settings = {**TRIED, **NEEDS_OWN}[name]
    cells = []
    for language in LANGUAGES:
        given = dict(settings)
        if name == "augment.counterfactual":
            given.update(pairs=OWN[language], language=language)
        elif name == "augment.synonym":
            given.update(table=str(table_of(language, own)))
        cells.append(cell(name, given, language, folder))
    said = "; ".join(f"`{key}: {value}`" for key, value in settings.items() if key != "flip")
    needs = {"augment.counterfactual": "; own `pairs`", "augment.synonym": "; own `table`"}.get(name, "")
    said = said.replace("{layout}", "de`, `es`, `fr`, `en").replace("language: {language}", "language")
    return f"| `{name}` | {said}{needs} | {' | '.join(cells)} |"


def table_of(language: str, folder: Path) -> Path:
    path = folder / f"{language}.csv"
    path.write_text("".join(f"{one},{other}\n" for one, other in OWN[language].items()), "utf-8")
    return path


@pytest.mark.parametrize("name", sorted({**TRIED, **NEEDS_OWN}))
def test_the_guide_says_what_happens(name: str, data_dir: Path, tmp_path: Path) -> None:
    expected = line(name, data_dir, tmp_path)
    assert expected in GUIDE.read_text("utf-8").split("\n"), f"the guide lacks this line:\n{expected}"


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("augment.counterfactual", {"language": "zh"}, "gender is swapped in en only and not in zh"),
        ("augment.keyboard", {"layout": "zh"}, "layout"),
        ("augment.negation", {"flip": {"a": "b"}, "language": "de"}, "language"),
    ],
)
def test_a_language_without_resources_is_refused_in_one_line(name: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(CurateError) as caught:
        Recipe([step(name, **settings)])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(shutil.which("apertium") is None, reason="apertium is not installed")
def test_a_pair_of_languages_that_is_not_installed_is_named() -> None:
    rows = Corpus.from_table(pa.table({"text": ["Das ist ein Satz."]}))
    with pytest.raises(CurateError, match="apertium has no data for de to zh"):
        Recipe([step("augment.backtranslate", source="de", pivots=["zh"])]).run(rows)
