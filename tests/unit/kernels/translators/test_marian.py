"""Models of transformers: of each text the same whatever stands beside it, drawn by its own seed; faults are told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from curate.errors import CurateError, InputError
from curate.kernels.translators.marian import Marian
from curate.kernels.translators.translator import Pair, translator_named

THERE = Pair("en", "es")


@pytest.fixture(scope="module")
def folder(tiny_translators: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("translators")
    tiny_translators.marian(place / "en-es")
    tiny_translators.m2m(place / "many")
    return place


@pytest.fixture(scope="module")
def texts(tiny_translators: SimpleNamespace) -> list[str]:
    short = list(dict.fromkeys(tiny_translators.SENTENCES))
    return [*short, "a\u00a0dog 数据 \U0001f600 \x00", " ".join(short[:2]), "dog"]


@pytest.mark.parametrize("options", [{"beams": 3}, {"beams": 3, "batch_rows": 3}, {"decode": "sample", "top_k": 9}])
def test_a_translation_does_not_depend_on_the_texts_beside_it(
    folder: Path, texts: list[str], options: dict[str, object]
) -> None:
    made = Marian(model=str(folder / "{source}-{target}"), **{"batch_rows": 4, **options})  # type: ignore[arg-type]
    ready = made.ready(THERE)
    seeds = [3 * at for at in range(len(texts))]
    whole = ready.translate(texts, 2, seeds)
    assert all(len(own) == 2 and own[0] != own[1] for own in whole)
    assert len({own[0].text for own in whole}) > len(texts) // 2
    assert [ready.translate([text], 2, [seed])[0] for text, seed in zip(texts, seeds, strict=True)] == whole
    assert ready.translate(texts[::-1], 2, seeds[::-1]) == whole[::-1]
    assert made.ready(THERE).translate(texts, 2, seeds) == whole


def test_beams_know_no_seed_and_draws_go_by_theirs(folder: Path, texts: list[str]) -> None:
    beam = Marian(model=str(folder / "en-es"), beams=1, batch_rows=4).ready(THERE)
    assert beam.translate(texts, 1, [0] * len(texts)) == beam.translate(texts, 1, [5] * len(texts))
    drawn = Marian(model=str(folder / "en-es"), decode="sample", batch_rows=4).ready(THERE)
    first, other = (drawn.translate(texts, 1, [seed] * len(texts)) for seed in (1, 2))
    assert sum(a != b for a, b in zip(first, other, strict=True)) > len(texts) // 2


def test_greedy_says_what_the_plain_loop_of_transformers_says(folder: Path, texts: list[str]) -> None:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder / "en-es")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder / "en-es").eval()
    mine = Marian(model=str(folder / "en-es"), beams=1, batch_rows=4).ready(THERE)
    for text in texts[:4]:
        rows = tokenizer(text, return_tensors="pt")
        length = max(8, 1 << (rows["input_ids"].shape[1] - 1).bit_length())
        with torch.inference_mode():
            most = min(127, 2 * length + 16)
            out = model.generate(**rows, num_beams=1, do_sample=False, max_new_tokens=most, max_length=None)
        plain = tokenizer.batch_decode(out, skip_special_tokens=True)[0]
        assert mine.translate([text], 1, [0])[0][0].text == " ".join(plain.split())


def test_a_text_longer_than_the_model_reads_is_not_translated_by_half(folder: Path) -> None:
    ready = Marian(model=str(folder / "en-es"), beams=1, batch_rows=2).ready(THERE)
    long, short = ready.translate(["dog " * 500, "dog"], 1, [0, 0])
    assert long == []
    assert len(short) == 1


def test_a_model_of_many_languages_is_told_the_pair(folder: Path) -> None:
    made = Marian(model=str(folder / "many"), beams=1, batch_rows=2)
    spanish, german = (made.ready(Pair("eng", code)) for code in ("es", "deu"))
    text = "A dog runs over the green field."
    assert spanish.translate([text], 1, [0]) != german.translate([text], 1, [0])
    with pytest.raises(CurateError, match="does not know the language 'tlh'"):
        made.ready(Pair("en", "tlh"))


def test_what_cannot_be_loaded_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no folder"):
        Marian(model=str(tmp_path / "gone")).identity(THERE)
    for name in ("someone/opus-mt-{source}-{target}", "opus-mt-{source}-{target}", "no such name"):
        with pytest.raises(InputError, match=r"no copy of a model of that name is on this machine.*download: true"):
            Marian(model=name).identity(THERE)
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "config.json").write_text('{"model_type": "marian"}')
    with pytest.raises(InputError, match="cannot be loaded"):
        Marian(model=str(tmp_path / "half")).ready(THERE)
    with pytest.raises(CurateError, match="3 translations of a text from 2 beams"):
        Marian(model=str(folder / "en-es"), beams=2).ready(THERE).translate(["dog"], 3, [0])


def test_its_identity_is_the_digest_of_its_files(folder: Path) -> None:
    made = Marian(model=str(folder / "{source}-{target}"))
    before = made.identity(THERE)
    (folder / "en-es" / "note.txt").write_text("another file")
    assert made.identity(THERE) != before
    (folder / "en-es" / "note.txt").unlink()
    assert made.identity(THERE) == before


def test_a_model_that_reads_an_odd_number_of_tokens_reads_texts_of_that_length(folder: Path) -> None:
    made = Marian(model=str(folder / "en-es"), beams=1, batch_rows=2, max_tokens=13)
    ready = made.ready(THERE)
    assert [len(own) for own in ready.translate(["dog " * n for n in range(1, 9)], 1, [0] * 8)].count(1) > 1


def test_its_identity_names_what_computes(folder: Path) -> None:
    import torch

    assert f"torch {torch.__version__}" in Marian(model=str(folder / "en-es"), device="cpu").identity(THERE)
    assert Marian(model=str(folder / "en-es"), device="cpu").identity(THERE).endswith(" cpu")


def test_settings_that_do_not_fit_are_told() -> None:
    with pytest.raises(CurateError, match="'marian': it needs the setting 'model'"):
        translator_named("marian")
    with pytest.raises(CurateError, match=r"'apertium' has no setting 'beams'.*its settings: folder, max_s"):
        translator_named("apertium", beams=3)
    with pytest.raises(CurateError, match=r"no translator is called 'apertum'.*did you mean 'apertium'"):
        translator_named("apertum")
    with pytest.raises(CurateError, match=r"only \{source\} and \{target\}"):
        translator_named("marian", model="opus-{lang}")
