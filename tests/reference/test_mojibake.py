"""`clean.unicode` on ftfy's own cases: all that can be mended are mended, and what is no mojibake stays.

The quick look (`suspects`) leaves out only what ftfy would leave alone: tried on mojibake made on purpose.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.transforms.clean.unicode import CleanUnicode

LIKE_FTFY = {"uncurl_quotes": True, "fix_character_width": True}
ENCODINGS = ["latin-1", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1257"]
SOURCE = "é à ü ñ ’ “ ” — … ß ø Å Ж д א ع 中 文 か 한 😀 ½ £ € ç ã ê Ó Í a b c . ! 1".split()


def cases(data_dir: Path, name: str) -> list[dict[str, str]]:
    return json.loads((data_dir / "ftfy_mojibake" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "n_cases"), [("language-names", 20), ("synthetic", 30), ("negative", 31)])
def test_every_case_comes_out_as_ftfy_wants_it(data_dir: Path, name: str, n_cases: int) -> None:
    clean = CleanUnicode(**LIKE_FTFY)
    wrong = [case["label"] for case in cases(data_dir, name) if clean.rewrite(case["original"]) != case["fixed"]]
    assert not wrong
    assert len(cases(data_dir, name)) == n_cases


def test_what_is_no_mojibake_stays_to_the_letter(data_dir: Path) -> None:
    """30 of the 31; the other holds U+0085, an ellipsis of Windows, and comes out as ftfy wants it."""
    clean = CleanUnicode()
    negative = cases(data_dir, "negative")
    other = [case for case in negative if clean.rewrite(case["original"]) != case["original"]]
    assert [("\x85" in case["original"], clean.rewrite(case["original"]) == case["fixed"]) for case in other] == [
        (True, True)
    ]


def test_the_quick_look_sees_every_text_that_would_change(data_dir: Path) -> None:
    texts = [case["original"] for name in ("language-names", "synthetic") for case in cases(data_dir, name)]
    draw = np.random.Generator(np.random.PCG64(3))
    for _ in range(1500):
        good = "".join([*draw.choice(SOURCE, size=draw.integers(1, 6)), " " * draw.integers(0, 2), draw.choice(SOURCE)])
        texts += [good.encode().decode(ENCODINGS[draw.integers(len(ENCODINGS))], "replace"), good]
    for settings in ({}, {"normalization": None}, LIKE_FTFY):
        clean = CleanUnicode(**settings)
        seen = clean.suspects(pa.array(texts)).to_pylist()
        missed = [
            text for text, suspect in zip(texts, seen, strict=True) if not suspect and clean.rewrite(text) != text
        ]
        assert not missed


def test_chinese_needs_no_second_look(data_dir: Path) -> None:
    texts = (data_dir / "chinese_reviews" / "waimai_10k.csv").read_text(encoding="utf-8").splitlines()
    n_suspect = sum(CleanUnicode().suspects(pa.array(texts)).to_pylist())
    assert n_suspect < 0.01 * len(texts)
