"""CTranslate2: what `marian` says, of each text the same whatever stands beside it; conversions are kept whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError, InputError, MissingExtra
from curate.kernels.translators.ct2 import CTranslate2
from curate.kernels.translators.ct2_files import conversion
from curate.kernels.translators.marian import Marian
from curate.kernels.translators.translator import Pair, translator_named

pytest.importorskip("ctranslate2", reason="needs the extra ctranslate2")

THERE = Pair("en", "es")
BY = "the test"


@pytest.fixture(scope="module")
def folder(tiny_translators: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("translators")
    tiny_translators.marian(place / "en-es", ends=5.0)
    tiny_translators.marian(place / "es-en", seed=1)
    tiny_translators.marian(place / "wide", width=64, layers=2, heads=4)
    tiny_translators.m2m(place / "many")
    return place


@pytest.fixture(scope="module")
def texts(tiny_translators: SimpleNamespace) -> list[str]:
    short = list(dict.fromkeys(tiny_translators.SENTENCES))
    ends = [" ".join(text.split()[2:]) for text in short]
    mixed = [f"{text.split()[0]} {end}" for text in short for end in ends]
    return [*short, "a\u00a0dog 数据 \U0001f600 \x00 \ud800", " ".join(short[:2]), "dog", *mixed]


def best(made: Marian | CTranslate2, texts: list[str], pair: Pair = THERE) -> list[str]:
    return [own[0].text for own in made.ready(pair).translate(texts, 1, [0] * len(texts))]


@pytest.mark.parametrize(("beams", "least"), [(1, 1.0), (3, 0.9)])
def test_it_says_what_marian_says(folder: Path, texts: list[str], beams: int, least: float) -> None:
    """Beams end by another rule, so a few differ; a sentence that the limit cuts may have one token more."""
    theirs = best(Marian(model=str(folder / "en-es"), beams=beams), texts)
    mine = best(CTranslate2(model=str(folder / "en-es"), beams=beams, quantization="float32"), texts)
    same = [a.startswith(b) and len(a) - len(b) < 10 for a, b in zip(mine, theirs, strict=True)]
    assert sum(same) >= least * len(texts)
    assert sum(a == b for a, b in zip(mine, theirs, strict=True)) > 5
    assert len(set(theirs)) > len(texts) // 3


def test_a_model_of_many_languages_says_what_marian_says(folder: Path, texts: list[str]) -> None:
    said = {}
    for code in ("es", "deu"):
        pair = Pair("eng", code)
        said[code] = best(CTranslate2(model=str(folder / "many"), beams=1, quantization="float32"), texts, pair)
        assert said[code] == best(Marian(model=str(folder / "many"), beams=1), texts, pair)
    assert said["es"] != said["deu"]
    with pytest.raises(CurateError, match="does not know the language 'tlh'"):
        CTranslate2(model=str(folder / "many")).ready(Pair("en", "tlh"))


@pytest.mark.parametrize("quantization", ["float32", "int16", "int8"])
@pytest.mark.parametrize("beams", [1, 3])
def test_a_translation_does_not_depend_on_the_texts_beside_it(
    folder: Path, texts: list[str], quantization: str, beams: int
) -> None:
    kept, n = folder / "kept", min(beams, 2)
    options = {"model": str(folder / "wide"), "beams": beams, "quantization": quantization}
    ready = translator_named("ctranslate2", **options).ready(THERE, kept)
    seeds = list(range(len(texts)))
    whole = ready.translate(texts, n, seeds)
    assert all(len(own) == n for own in whole)
    assert ready.translate(texts[::-1], n, seeds)[::-1] == whole
    assert [ready.translate([text], n, [9])[0] for text in texts[:12]] == whole[:12]
    other = translator_named("ctranslate2", **options, batch_rows=3).ready(THERE, kept)
    assert other.translate([*texts[20:], *texts[:20]], n, seeds) == [*whole[20:], *whole[:20]]


def test_a_text_longer_than_the_model_reads_is_not_translated_by_half(folder: Path) -> None:
    ready = CTranslate2(model=str(folder / "en-es"), beams=1).ready(THERE)
    long, short = ready.translate(["dog " * 500, "dog"], 1, [0, 0])
    assert (long, len(short)) == ([], 1)
    assert ready.translate([], 1, []) == []


def test_a_model_is_converted_once_for_each_quantization(folder: Path, tmp_path: Path) -> None:
    def kept() -> dict[str, int]:
        found = (tmp_path / "ctranslate2").iterdir()
        return {path.name: (path / "model.bin").stat().st_mtime_ns for path in found}

    CTranslate2(model=str(folder / "en-es")).ready(THERE, tmp_path)
    first = kept()
    CTranslate2(model=str(folder / "{source}-{target}"), beams=2).ready(THERE, tmp_path)
    assert len(first) == 1
    assert kept() == first
    CTranslate2(model=str(folder / "en-es"), quantization="int16").ready(THERE, tmp_path)
    CTranslate2(model=str(folder / "es-en")).ready(Pair("es", "en"), tmp_path)
    assert len(kept()) == 3
    assert kept().items() > first.items()


def test_without_a_folder_nothing_is_left(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ready = CTranslate2(model=str(folder / "en-es")).ready(THERE)
    assert list(tmp_path.iterdir()) == []
    assert ready.translate(["dog"], 1, [0])[0]


def test_what_a_killed_conversion_leaves_is_not_taken_for_a_model(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from curate.kernels.translators.ct2 import CTranslate2;"
        "from curate.kernels.translators.translator import Pair;"
        "CTranslate2(model=sys.argv[1]).ready(Pair('en', 'es'), Path(sys.argv[2]))"
    )
    run = subprocess.Popen([sys.executable, "-c", script, str(folder / "en-es"), str(tmp_path)])
    place = tmp_path / "ctranslate2"
    left: list[Path] = []
    while run.poll() is None and not left:
        left = list(place.glob(".new-*"))
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    (half,) = place.iterdir()
    assert half == left[0]
    (half / "whole").mkdir(exist_ok=True)
    (half / "whole" / "model.bin").write_bytes(b"half")
    said = CTranslate2(model=str(folder / "en-es")).ready(THERE, tmp_path).translate(["dog"], 1, [0])
    assert said == CTranslate2(model=str(folder / "en-es")).ready(THERE).translate(["dog"], 1, [0])
    assert half.exists()  # it could be another process at work
    os.utime(half, (0, time.time() - 2 * 86_400))
    CTranslate2(model=str(folder / "en-es"), quantization="int16").ready(THERE, tmp_path)
    assert not half.exists()


def test_a_folder_that_is_converted_is_taken_as_it_is(folder: Path, texts: list[str], tmp_path: Path) -> None:
    model = str(folder / "en-es")
    given = {"download": False, "quantization": "int8_float32", "folder": None}
    with conversion(model, None, BY, **given) as made:  # type: ignore[arg-type]
        shutil.copytree(made, tmp_path / "bare")
    bare = CTranslate2(model=str(tmp_path / "bare"), tokenizer=str(folder / "{source}-{target}"))
    assert best(bare, texts) == best(CTranslate2(model=model), texts)
    assert bare.identity(THERE) != CTranslate2(model=model).identity(THERE)
    with pytest.raises(InputError, match="cannot be loaded"):
        CTranslate2(model=str(tmp_path / "bare")).ready(THERE)
    shutil.copytree(folder / "en-es", tmp_path / "tokenizer", ignore=shutil.ignore_patterns("config.json"))
    bare = CTranslate2(model=str(tmp_path / "bare"), tokenizer=str(tmp_path / "tokenizer"))
    with pytest.raises(CurateError, match=r"a text cannot be translated.*max_tokens"):
        bare.ready(THERE).translate(["dog " * 40], 1, [0])
    (tmp_path / "bare" / "model.bin").write_bytes(b"half a model")
    with pytest.raises(InputError, match="bare' cannot be loaded"):
        bare.ready(THERE)


def test_what_cannot_be_converted_is_one_line(folder: Path, tmp_path: Path) -> None:
    from transformers import BlenderbotSmallConfig, BlenderbotSmallForConditionalGeneration

    shutil.copytree(folder / "en-es", tmp_path / "other")
    config = BlenderbotSmallConfig(vocab_size=90, d_model=16, encoder_layers=1, decoder_layers=1)
    BlenderbotSmallForConditionalGeneration(config).save_pretrained(tmp_path / "other")
    made = CTranslate2(model=str(tmp_path / "other"))
    with pytest.raises(
        InputError, match=r"cannot convert '.*other' \(No conversion is registered.*Marian, M2M"
    ) as told:
        made.ready(THERE, tmp_path / "kept")
    assert "\n" not in str(told.value)
    assert list((tmp_path / "kept" / "ctranslate2").iterdir()) == []
    with pytest.raises(InputError, match="there is no folder"):
        CTranslate2(model=str(tmp_path / "gone")).identity(THERE)
    with pytest.raises(CurateError, match="3 translations of a text from 2 beams"):
        CTranslate2(model=str(folder / "en-es"), beams=2).ready(THERE).translate(["dog"], 3, [0])
    with pytest.raises(CurateError, match="'ctranslate2' has no setting 'decode'"):
        translator_named("ctranslate2", model="x", decode="sample")


def test_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    for ask in (CTranslate2(model=str(folder / "en-es")).identity, CTranslate2(model=str(folder / "en-es")).ready):
        with pytest.raises(MissingExtra, match=r"'ctranslate2' needs ctranslate2.*curate-data\[ctranslate2\]"):
            ask(THERE)


def test_its_identity_names_the_model_and_the_package(folder: Path) -> None:
    said = CTranslate2(model=str(folder / "en-es")).identity(THERE)
    assert f"ctranslate2 {version('ctranslate2')}" in said
    assert said != CTranslate2(model=str(folder / "es-en")).identity(THERE)


@pytest.mark.parametrize("quantization", ["float32", "int8"])
def test_texts_go_there_and_back(
    folder: Path, texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quantization: str
) -> None:
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path))
    rows = Corpus.from_table(pa.table({"text": texts[:7]}), Roles(text="text"))
    recipe = Recipe(
        [
            step(
                "augment.backtranslate",
                backend="ctranslate2",
                model=str(folder / "{source}-{target}"),
                options={"quantization": quantization, "beams": 2},
                candidates=2,
                min_overlap=0,
                max_length_ratio=None,
            )
        ],
        seed=0,
    )
    whole = recipe.run(rows).corpus.table()
    assert len(whole) > len(texts[:7])
    assert len(list((tmp_path / "translations" / "ctranslate2").iterdir())) == 2
    assert recipe.run(rows, batch_rows=2).corpus.table() == whole
