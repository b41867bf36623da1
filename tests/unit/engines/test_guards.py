"""What must hold before a run, and what stops one: each with a line that says what to type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, CurateError, GuardExceeded, QuarantineExceeded, RecipeError

TEXTS = ["one", "two words", "three words here", "and four words now", ""] * 20
CALLS: list[int] = []


def corpus(**columns: list[Any]) -> Corpus:
    return Corpus.from_table(pa.table({"text": TEXTS, **columns}))


class NeedsMore(RowTransform):
    """Needs what nobody has."""

    name: ClassVar[str] = "test.needs"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"x": "x"}
    needs: ClassVar[frozenset[str]] = frozenset({"text", "group", "nobodys"})


def test_everything_that_steps_need_and_nothing_supplies_is_told_at_once() -> None:
    recipe = Recipe(["rebalance.oversample", "clean.unicode", Step(NeedsMore())])
    with pytest.raises(RecipeError) as caught:
        recipe.run(corpus())
    missing = "but no column has it; the columns are text"
    nowhere = "which nothing supplies, nor is there such a column; the columns are text"
    assert [str(problem) for problem in caught.value.problems] == [
        f"steps[0]: rebalance.oversample needs the role label, {missing}; name one with roles: {{label: …}} or --label",
        f"steps[2]: test.needs needs the role group, {missing}; name one with roles: {{group: …}} or --group",
        f"steps[2]: test.needs needs the signal nobodys, {nowhere}",
    ]


def test_a_column_of_the_name_supplies_the_signal() -> None:
    class_ = type("Own", (NeedsMore,), {"needs": frozenset({"text", "perplexity"}), "__module__": __name__})
    seen = []

    def plan(self: Any, batch: Any, random: Any) -> Any:
        seen.append(batch.signals["perplexity"].to_pylist())
        from curate.data.edits import Edits

        return Edits()

    class_.plan = plan
    Recipe([Step(class_())]).run(corpus(perplexity=list(range(100))))
    assert seen == [list(range(100))]


def test_roles_of_the_recipe_override_those_guessed_and_must_name_columns() -> None:
    rows = corpus(other=["x"] * 100)
    curated = Recipe([step("filter.missing")], roles={"text": "other"}).run(rows)
    assert len(curated.corpus) == 100
    assert curated.corpus.roles == Roles(text="other")
    with pytest.raises(ColumnError, match=r"no column 'oter' for the role text \(did you mean 'other'\?\)"):
        Recipe([], roles={"text": "oter"}).run(rows)


def test_max_drop_names_step_share_reasons_and_option() -> None:
    bounds = {"min_words": 2, "max_words": 3}
    assert len(Recipe([step("filter.length", max_drop=0.6, **bounds)]).run(corpus()).corpus) == 40
    with pytest.raises(GuardExceeded) as caught:
        Recipe([step("filter.length", name="short", max_drop=0.5, **bounds)]).run(corpus())
    assert str(caught.value) == (
        "step 'short' drops 60 of 100 rows (60.0%), more than its max_drop of 50.0%; reasons: too_few_words 40, "
        "too_many_words 20 (raise max_drop of 'short' if this is meant, else change its settings)"
    )


def test_max_drop_of_nothing_means_nothing() -> None:
    assert len(Recipe([step("filter.length", max_drop=0.0, max_words=9)]).run(corpus()).corpus) == 100
    with pytest.raises(GuardExceeded, match="drops 20 of 100"):
        Recipe([step("filter.length", max_drop=0.0, min_words=1)]).run(corpus())


def test_a_step_behind_one_that_dropped_too_much_is_not_started() -> None:
    CALLS.clear()
    recipe = Recipe(
        [step("filter.length", min_words=3, max_drop=0.1), "dedup.exact", step(count, name="c", version="1")]
    )
    with pytest.raises(GuardExceeded):
        recipe.run(corpus())
    assert not CALLS


def count(row: Mapping[str, Any]) -> Mapping[str, Any]:
    CALLS.append(1)
    return {}


def fail_on(*bad: int) -> Any:
    def function(row: Mapping[str, Any]) -> Mapping[str, Any]:
        CALLS.append(1)
        if row["n"] in bad:
            raise ValueError(f"cannot read {row['text']}\nand more")
        return {"text": row["text"].upper()}

    return function


@pytest.mark.parametrize("n_rows", [1, 7, 1000])
def test_one_failing_row_costs_one_row(n_rows: int) -> None:
    rows = corpus(n=list(range(100)))
    recipe = Recipe([step(fail_on(41), name="mine", version="1"), "clean.whitespace"])
    curated = recipe.run(rows, batch_rows=n_rows)
    assert len(curated.corpus) == 99
    assert 41 not in curated.corpus.row_ids()
    assert curated.corpus.texts()[:2] == ["ONE", "TWO WORDS"]
    assert curated.quarantine.to_pylist() == [
        {
            "row_id": 41,
            "file": None,
            "line": None,
            "step": "mine",
            "cause": "ValueError: cannot read two words",
            "raw": '{"text": "two words", "n": 41}',
        }
    ]
    counts = [(c.step, c.n_in, c.n_out, c.n_quarantined) for c in curated.counts]
    assert counts == [("mine", 100, 99, 1), ("clean.whitespace", 99, 99, 0)]


def test_max_quarantine_is_a_share_of_the_rows_that_went_in() -> None:
    rows = corpus(n=list(range(100)))
    recipe = [step(fail_on(0, 1), name="mine", version="1"), step("filter.length", min_words=4), "dedup.exact"]
    assert Recipe(recipe, max_quarantine=0.02).run(rows).quarantine.num_rows == 2
    with pytest.raises(QuarantineExceeded) as caught:
        Recipe(recipe).run(rows)
    assert str(caught.value) == (
        "2 of 100 rows failed so far, more than max_quarantine 1.0% allows; step 'mine', row 0: ValueError: cannot "
        "read one (1 rows); ValueError: cannot read two words (1 rows) "
        "(mend the rows or the step, or raise max_quarantine)"
    )


def test_a_step_that_always_fails_stops_soon() -> None:
    CALLS.clear()
    n = 40_000
    rows = Corpus.from_table(pa.table({"text": ["x"] * n, "n": [0] * n}))
    with pytest.raises(QuarantineExceeded, match=r"more than max_quarantine 1.0% allows"):
        Recipe([step(fail_on(0), name="mine", version="1")]).run(rows)
    assert len(CALLS) < 3000


def test_a_dataset_step_sets_failing_rows_aside_too() -> None:
    from curate.transforms.dedup.exact import DropExactDuplicates

    class Fussy(DropExactDuplicates):
        """Cannot sum up one row."""

        def summarize(self, batch: Any) -> pa.Table:
            if 3 in batch.row_ids:
                raise ValueError("no summary")
            return super().summarize(batch)

    curated = Recipe([Step(Fussy())]).run(corpus())
    assert curated.quarantine.column("row_id").to_pylist() == [3]
    assert curated.corpus.row_ids().tolist() == sorted([0, 1, 2, 8, *range(4, 100, 5)])
    (count_,) = curated.counts
    count_.check()
    assert count_.n_quarantined == 1
    assert 3 not in curated.corpus.row_ids()


def test_a_fault_of_what_was_given_is_no_failing_row() -> None:
    def refuse(row: Mapping[str, Any]) -> Mapping[str, Any]:
        raise CurateError("no key for the service", hint="set KEY")

    with pytest.raises(CurateError, match="no key for the service"):
        Recipe([step(refuse, name="mine", version="1")]).run(corpus())
