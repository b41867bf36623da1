from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from curate.audit import audit
from curate.core.check import Check, CheckContext, Finding, Skip
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import UnknownName


class Crashing(Check):
    """Divides by nothing."""

    name: ClassVar[str] = "crashing"
    version: ClassVar[str] = "1"

    def look(self, context: CheckContext) -> list[Finding]:
        raise ZeroDivisionError("division by zero\nin the second line")


class Broken(Check):
    """Breaks one promise of a check."""

    name: ClassVar[str] = "broken"
    version: ClassVar[str] = "1"

    how: str = "nothing"

    def look(self, context: CheckContext) -> list[Finding]:
        if self.how == "nothing":
            return []
        if self.how == "name":
            return [Finding("other", "title", "none")]
        if self.how == "rows":
            return [Finding(self.name, "title", "low", rows=pa.table({"row_id": [1]}))]
        return [Finding(self.name, "title", "low", evidence={"when": object()})]


class Idle(Check):
    """Has nothing to look at."""

    name: ClassVar[str] = "idle"
    version: ClassVar[str] = "1"

    def look(self, context: CheckContext) -> list[Finding]:
        raise Skip("it is not the day for it")


def test_a_check_that_crashes_is_said_and_the_others_go_on(corpus: Corpus) -> None:
    seen = audit(corpus, checks=[Crashing(), "missing"])
    assert [(result.check.name, result.status) for result in seen.results] == [
        ("crashing", "crashed"),
        ("missing", "finding"),
    ]
    assert [result.reason for result in seen.crashed] == ["ZeroDivisionError: division by zero"]
    assert seen.entries[0].status == "crashed"
    assert seen.to_dict()["findings"][0] == {
        "check": "crashing",
        "status": "crashed",
        "severity": "none",
        "title": "ZeroDivisionError: division by zero",
        "value": None,
        "bound": None,
        "n_rows": 0,
        "evidence": {},
        "remedy": None,
    }
    assert seen.report().headline == "1 check crashed (crashing), so this is no clean bill"


@pytest.mark.parametrize(
    ("how", "said"),
    [("nothing", "gave no finding"), ("name", "'other'"), ("rows", "have the columns"), ("evidence", "not JSON")],
)
def test_a_check_that_breaks_its_promise_crashes(how: str, said: str, corpus: Corpus) -> None:
    (result,) = audit(corpus, checks=[Broken(how=how)]).results
    assert result.status == "crashed"
    assert said in result.reason


def test_a_check_may_skip(corpus: Corpus) -> None:
    seen = audit(corpus, checks=[Idle()])
    assert (seen.worst, [result.reason for result in seen.skipped]) == ("none", ["it is not the day for it"])
    assert seen.report().headline == "Nothing was looked at: no check could be run"


def test_an_unknown_check_is_an_error_before_any_work(corpus: Corpus) -> None:
    with pytest.raises(UnknownName, match="did you mean 'missing'"):
        audit(corpus, checks=["duplicates", "mising"])


def test_an_interrupt_is_no_crash(corpus: Corpus) -> None:
    class Interrupted(Crashing):
        """Is stopped by the user."""

        def look(self, context: CheckContext) -> list[Finding]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(corpus, checks=[Interrupted()])


def test_progress_names_what_runs(corpus: Corpus) -> None:
    said: list[tuple[str, int, int]] = []
    audit(corpus, checks=["missing", "debris"], on_progress=lambda *step: said.append(step))
    assert {name for name, *_ in said} == {"missing", "filter.missing", "debris", *(f"clean.{x}" for x in HOUSE)}
    assert all(0 <= done <= of for _, done, of in said)


HOUSE = ("control", "html", "unicode", "whitespace")


def test_signals_are_kept_in_the_store_and_nothing_else_stays(corpus: Corpus, tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = audit(corpus, store=store)
    assert not list(tmp_path.glob(".scratch-*"))
    kept = sorted(path.name for path in tmp_path.glob("*/*"))
    assert kept
    assert audit(corpus, store=store).to_json() == first.to_json()
    assert sorted(path.name for path in tmp_path.glob("*/*")) == kept


def test_a_finding_keeps_all_rows_but_only_some_new_texts(corpus: Corpus) -> None:
    many = Corpus.from_table(pa.table({"text": [f"a  {i}" for i in range(1000)]}))
    finding = audit(many, checks=["debris"]).findings[0]
    assert len(finding.rows) == 1000
    assert finding.plan is not None
    assert finding.plan.n_rows == 200


def test_rows_a_transform_fails_on_are_counted(tmp_path: Path) -> None:
    from curate.audit.context import AuditContext
    from curate.core.transform import RowTransform
    from curate.data.edits import Edits

    class Picky(RowTransform):
        """Fails on one text."""

        name: ClassVar[str] = "test.picky"
        version: ClassVar[str] = "1"
        reasons: ClassVar[dict[str, str]] = {}

        def plan(self, batch: Any, random: Any) -> Edits:
            if "new" in (text for text in batch.texts()):
                raise ValueError("no news")
            return Edits()

    rows = Corpus.from_table(pa.table({"text": ["old", "new", "old"]}))
    with AuditContext(rows, seed=0, store=Store(tmp_path)) as context:
        context.plan(Picky())
        assert context.failed == {"test.picky": {1: "ValueError: no news"}}
