from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from curate.audit import CheckResult

Look = Callable[..., CheckResult]
GERMAN = "Die Kinder spielen im Garten, während ihre Mutter das Essen für den Abend kocht."


def sentences(data_dir: Path, language: str, n_rows: int) -> list[str]:
    path = data_dir / "lingua_lid_sentences" / "dev300" / f"{language}.txt"
    return path.read_text(encoding="utf-8").splitlines()[:n_rows]


def test_a_few_german_rows_among_english_ones_are_rare(result: Look, data_dir: Path) -> None:
    texts = [*sentences(data_dir, "en", 100), GERMAN, GERMAN + " Danach gehen alle schlafen."]
    (finding,) = result("language", text=texts).findings
    assert finding.rows.sort_by("row_id").select(["row_id", "reason", "detail"]).to_pylist() == [
        {"row_id": 100, "reason": "other_language", "detail": "de"},
        {"row_id": 101, "reason": "other_language", "detail": "de"},
    ]
    assert finding.title == "Texts in 1 language that is rare here: 2 of 102 rows (2 %)"
    assert finding.severity == "medium"
    assert finding.remedy is not None
    assert (finding.remedy["use"], finding.remedy["keep"]) == ("filter.language", ["en"])
    assert finding.evidence["languages"]["de"] == 2


def test_as_few_rows_as_are_told_wrongly_are_shown_and_no_finding(result: Look, data_dir: Path) -> None:
    texts = [f"{number}: {text}" for number in range(11) for text in sentences(data_dir, "en", 100)]
    (finding,) = result("language", text=[*texts, GERMAN]).findings
    assert (finding.severity, finding.rows.num_rows) == ("none", 1)


def test_no_language_of_an_even_mixture_is_rare(result: Look, data_dir: Path) -> None:
    texts = [text for one in ("en", "de", "hr", "sr", "zh", "ar", "hi") for text in sentences(data_dir, one, 30)]
    (finding,) = result("language", text=texts).findings
    assert (finding.severity, finding.remedy) == ("none", None)
    assert sum(finding.evidence["languages"].values()) + finding.evidence["uncertain_rows"] == len(texts)


def test_texts_too_short_to_tell_are_no_finding(result: Look) -> None:
    assert result("language", text=["ok", "1", None, "2 + 2"]).status in ("skipped", "ok")


def test_columns_that_only_share_their_names_with_the_signals_are_told(result: Look) -> None:
    for name, cells in (("language", ["French", "French"]), ("language_score", ["high", "low"])):
        told = result("language", text=[GERMAN, GERMAN], **{name: cells})
        assert told.status == "skipped"
        assert f"the column {name!r} holds" in told.reason
