"""Back-translation: what comes back is judged, chosen and the same whatever the batches; a killed run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError
from curate.kernels.replacing import undone
from curate.kernels.rewritten import length_ratio, most_diverse, n_negations, overlap, words_of
from curate.transforms.augment.backtranslate import AugmentBacktranslate

TEXTS = [
    "What whisky is known by the company it keeps ?",
    "The children read many books in the old library.",
    "it is not a good film , and i know it",
    "How many cables support the main span of the Golden Gate Bridge ?",
    "What comedian created a punch-drunk pugilist named Cauliflower McPugg ?",
    "When did Mount St. Helen last have a major eruption ?",
    "The president spoke to the workers yesterday.\n\nThey were not happy with what he said.",
    "write to me@example.org about the house in the mountains",
    "",
    "42 + 1 = 43",
    "What is Mark McGwire s e-mail address ?",
]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path / "cache"))


def corpus(texts: list[str], **columns: Any) -> Corpus:
    table = pa.table({"text": pa.array(texts, pa.string()), **columns})
    return Corpus.from_table(table, Roles(text="text"))


def run(texts: list[str], seed: int = 0, **given: Any) -> Curated:
    return Recipe([step(AugmentBacktranslate(**given), name="back")], seed=seed, max_quarantine=0).run(corpus(texts))


def added(curated: Curated) -> list[tuple[str, str]]:
    """Text of the parent and of the row, of every added row."""
    old = {int(row): text for row, text in zip(range(len(TEXTS)), TEXTS, strict=True)}
    new = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.table()["text"].to_pylist(), strict=True))
    log = [event for event in curated.lineage().to_pylist() if event["kind"] == "add"]
    return [(old[event["parents"][0]], new[event["row_id"]]) for event in log]


def refused(curated: Curated) -> dict[str, int]:
    (count,) = curated.counts
    return dict(count.refused)


@pytest.mark.usefixtures("apertium")
def test_texts_come_back_otherwise_and_every_row_is_accounted_for() -> None:
    curated = run(TEXTS)
    pairs = dict(added(curated))
    assert pairs[TEXTS[1]] != TEXTS[1]
    assert "\n\n" in pairs[TEXTS[6]]
    assert len(pairs) + sum(refused(curated).values()) == len(TEXTS)
    assert refused(curated)["untranslated"] == 2
    assert set(refused(curated)) <= set(AugmentBacktranslate.refusals)
    for old, new in pairs.items():
        assert n_negations(old, "en") % 2 == n_negations(new, "en") % 2
        assert length_ratio(old, new) <= 2
        assert "me@example.org" in new or "me@example.org" not in old


@pytest.mark.usefixtures("apertium")
def test_an_added_row_can_be_undone() -> None:
    curated = run(TEXTS)
    new = dict(zip(curated.corpus.row_ids().tolist(), curated.corpus.table()["text"].to_pylist(), strict=True))
    for event in curated.lineage().to_pylist():
        changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
        assert undone(new[event["row_id"]], changes) == TEXTS[event["parents"][0]]


@pytest.mark.usefixtures("apertium")
@pytest.mark.parametrize("kept", [True, False])
def test_batches_and_what_is_kept_change_no_byte(kept: bool) -> None:
    """Texts after which the tagger of Apertium goes on otherwise are among them."""
    transform = AugmentBacktranslate(kept=kept, unknown="keep")
    whole = sorted(added(run(TEXTS, kept=False, unknown="keep")))
    for n_rows in (1, 4):
        got = Recipe([step(transform, name="back")], seed=0).run(corpus(TEXTS), batch_rows=n_rows)
        assert sorted(added(got)) == whole


@pytest.mark.usefixtures("apertium")
def test_unknown_words_are_refused_named_or_kept() -> None:
    texts = ["What contemptible scoundrel stole the blorg from my lunch ?"]
    assert refused(run(texts, unknown="refuse")) == {"unknown_words": 1}
    (count,) = run(texts, unknown="names").counts
    assert count.n_added == 1


@pytest.mark.usefixtures("apertium")
def test_bounds_on_shared_words_and_length_refuse_by_name() -> None:
    text = [TEXTS[1]]
    assert refused(run(text, max_overlap=0.0, min_overlap=0.0)) == {"too_close": 1}
    assert refused(run(text, min_overlap=1.0)) == {"too_far": 1}
    assert refused(run(["Which despicable scoundrel stole the cork from my lunch ?"], max_length_ratio=1.0)) == {
        "length_ratio": 1
    }
    assert refused(run(["A dog."])) in ({"unchanged": 1}, {})
    assert refused(run([TEXTS[1]], protect_pattern="old library")) == {}
    assert refused(run(["What is the name of the company?"], protect_pattern="What is")) in (
        {"protected": 1},
        {"unchanged": 1},
    )


@pytest.mark.usefixtures("apertium")
@settings(max_examples=5)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=12))
def test_no_text_breaks_it(texts: list[str]) -> None:
    (count,) = run(texts, kept=False, unknown="keep", negation=False, max_length_ratio=None, min_overlap=0).counts
    assert count.n_added + sum(count.refused.values()) == len(texts)


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"pivots": ["en"]}, "none of them that of the texts"),
        ({"pivots": ["es", "es"]}, "pivots are different languages"),
        ({"source": "is", "pivots": ["en"], "negation": True}, "the negations of 'is' are not known"),
        ({"backend": "apertum"}, "no translator is called 'apertum'"),
        ({"backend": "marian"}, "it needs the setting 'model'"),
        ({"options": {"beams": 3}}, "has no setting 'beams'"),
        ({"candidates": 2}, "apertium gives 1 translations"),
        ({"min_overlap": 0.9, "max_overlap": 0.1}, "min_overlap is above max_overlap"),
    ],
)
def test_settings_that_do_not_fit_are_told(given_settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        AugmentBacktranslate(**given_settings)


@pytest.mark.usefixtures("apertium")
def test_a_language_without_data_is_told_before_any_row() -> None:
    with pytest.raises(CurateError, match=r"apertium has no data for en to ja"):
        run(TEXTS, pivots=["ja"])


def test_options_are_pairs_and_survive_json() -> None:
    made = AugmentBacktranslate(backend="marian", model="m", options={"decode": "sample", "beams": 2})
    assert made.options == (("beams", 2), ("decode", "sample"))
    assert AugmentBacktranslate.model_validate_json(made.model_dump_json()) == made


@pytest.fixture(scope="module")
def models(tiny_translators: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("models")
    for number, name in enumerate(("en-es", "es-en", "en-de", "de-en")):
        tiny_translators.marian(folder / name, seed=number)
    return str(folder / "{source}-{target}")


LOOSE: dict[str, Any] = {
    "unknown": "keep",
    "negation": False,
    "max_length_ratio": None,
    "min_overlap": 0,
    "backend": "marian",
}


def test_of_several_pivots_and_draws_the_most_different_are_taken(models: str) -> None:
    texts = TEXTS[1:3]
    options = {"decode": "sample", "batch_rows": 8}
    given_settings = {**LOOSE, "model": models, "pivots": ["es", "de"], "candidates": 3, "options": options}
    many, few = run(texts, n=6, **given_settings), run(texts, n=2, **given_settings)
    new = [row["text"] for row in many.corpus.table().to_pylist() if row["text"] not in texts]
    assert len(set(new)) == 12
    chosen = [row["text"] for row in few.corpus.table().to_pylist() if row["text"] not in texts]
    assert len(chosen) == 4
    assert set(chosen) <= set(new)


def test_other_seeds_and_other_rows_draw_otherwise(models: str) -> None:
    given_settings = {**LOOSE, "model": models, "options": {"decode": "sample", "batch_rows": 8}}
    same = ["A dog runs over the green field."] * 2
    one, other = run(same, seed=1, **given_settings), run(same, seed=2, **given_settings)
    kept = run(same, seed=1, kept=False, **given_settings)
    texts, more, again = (
        [text for text in curated.corpus.table()["text"].to_pylist() if text != same[0]]
        for curated in (one, other, kept)
    )
    assert len(texts) + len(more) == len({*texts, *more}) > 1
    assert again == texts


KILLED = """
import sys
import pyarrow as pa
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.transforms.augment.backtranslate import AugmentBacktranslate

texts = [f"The {what} of {name} reads {n} books in the old library." for n in range(2, 40)
         for what in ("teacher", "doctor", "friend", "mother") for name in ("Anna", "Peter", "Mary")]
corpus = Corpus.from_table(pa.table({"text": texts}), Roles(text="text"))
made = Recipe([step(AugmentBacktranslate(), name="back")], seed=0).run(corpus, batch_rows=30)
with open(sys.argv[1], "w") as file:
    file.write(repr(made.corpus.table()["text"].to_pylist()))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("apertium")
def test_a_killed_run_leaves_a_sound_cache_and_gives_the_same_bytes_afterwards(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(KILLED)

    def start(cache: str, out: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "CURATE_CACHE": str(tmp_path / cache)}
        return subprocess.Popen([sys.executable, str(script), str(tmp_path / out)], env=env, start_new_session=True)

    assert start("whole", "whole.txt").wait(300) == 0
    broken = start("killed", "killed.txt")
    kept = tmp_path / "killed" / "translations" / "translations.sqlite"
    while broken.poll() is None and not (kept.exists() and kept.stat().st_size > 20_000):
        time.sleep(0.01)
    os.killpg(broken.pid, signal.SIGKILL)
    broken.wait()
    assert kept.stat().st_size > 20_000
    assert not (tmp_path / "killed.txt").exists()
    assert start("killed", "again.txt").wait(300) == 0
    assert (tmp_path / "again.txt").read_bytes() == (tmp_path / "whole.txt").read_bytes()


def test_the_words_of_a_rewritten_text() -> None:
    assert [n_negations(text, "en") for text in ("do n't", "don't", "cannot", "Not now, no!", "nothing is knotty")] == [
        1, 1, 1, 2, 1,
    ]  # fmt: skip
    assert [n_negations("No, gracias; nada sin él", "es"), n_negations("Je n’ai rien", "fr")] == [3, 2]
    assert words_of("It’s ÉTÉ, isn't it?") == ["it’s", "été", "isn't", "it"]
    assert overlap([], []) == 1
    assert length_ratio("", "abc") == 3
    assert most_diverse([], 3) == []
    assert most_diverse(["a b", "a b c", "x y", "x z"], 3, first=1) == [1, 2, 3]
