"""Fingerprints name what counts and nothing else; signals are found by row id; a row's life can be told."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate import registry
from curate.core.fingerprint import config, corpus_fingerprint, step_fingerprint
from curate.core.recipe import Recipe
from curate.core.signals import Signal
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import UnknownName
from curate.transforms.clean.whitespace import CleanWhitespace


class OnDevice(RowTransform):
    """Has a setting that does not count."""

    name: ClassVar[str] = "test.device"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})
    device: str = "cpu"
    bound: float = 0.5


class Revised(CleanWhitespace):
    """Loads something whose revision counts."""

    def revision(self) -> str:
        return "r2"


class Newer(CleanWhitespace):
    """The same settings give other edits."""

    version: ClassVar[str] = "99"


def test_what_counts_for_a_step() -> None:
    plain = CleanWhitespace()
    names = {
        step_fingerprint("a", "s", plain, 0),
        step_fingerprint("b", "s", plain, 0),
        step_fingerprint("a", "t", plain, 0),
        step_fingerprint("a", "s", plain, 1),
        step_fingerprint("a", "s", CleanWhitespace(keep_lines=False), 0),
        step_fingerprint("a", "s", Revised(), 0),
        step_fingerprint("a", "s", Newer(), 0),
        step_fingerprint("a", "s", plain, 0, [["pred_probs", "2"]]),
    }
    assert len(names) == 8


def test_what_does_not_count_is_declared() -> None:
    assert config(OnDevice(device="cuda")) == {"bound": 0.5}
    assert step_fingerprint("a", "s", OnDevice(device="cuda"), 0) == step_fingerprint("a", "s", OnDevice(), 0)


def test_the_roles_count_for_a_corpus_and_its_name_does_not() -> None:
    table = pa.table({"a": ["x"], "b": ["y"]})
    one = Corpus.from_table(table, Roles(text="a"), name="one")
    assert corpus_fingerprint(one) == corpus_fingerprint(Corpus.from_table(table, Roles(text="a"), name="two"))
    assert corpus_fingerprint(one) != corpus_fingerprint(one.with_roles(Roles(text="b")))


def test_a_signal_is_found_by_row_id_and_null_for_strangers() -> None:
    values = pa.array([[0.1, 0.9], None, [0.5, 0.5]])
    signal = Signal.of(pa.table({"row_id": pa.array([9, 2, 5], pa.uint64()), "value": values}))
    assert signal.at(np.array([5, 9, 77, 2, 0], np.uint64)).to_pylist() == [[0.5, 0.5], [0.1, 0.9], None, None, None]
    empty = Signal.of(pa.table({"row_id": pa.array([], pa.uint64()), "value": pa.array([], pa.float64())}))
    assert empty.at(np.array([1], np.uint64)).to_pylist() == [None]
    assert len(signal.at(np.array([], np.uint64))) == 0


def test_the_life_of_a_row_begins_with_its_parents() -> None:
    table = pa.table({"text": ["a  b", "c", "d"], "label": ["x", "y", "y"]})
    curated = Recipe(["clean.whitespace", "rebalance.oversample"]).run(Corpus.from_table(table))
    (child,) = [int(row) for row in curated.corpus.row_ids() if row > 2]
    assert [(event["row_id"], event["kind"]) for event in curated.explain(child)] == [(0, "set"), (child, "add")]
    assert [event["kind"] for event in curated.explain(0)] == ["set"]
    assert curated.explain(1) == curated.explain(99) == []


def test_names_are_known_without_importing_what_they_name() -> None:
    assert "clean.unicode" in registry.names("transforms")
    assert registry.names("transforms") == sorted(registry.names("transforms"))
    assert registry.get("transforms", "clean.whitespace") is CleanWhitespace
    assert registry.summary("transforms", "clean.whitespace").startswith("Collapses runs")


@pytest.mark.parametrize("kind", ["transforms", "checks", "learners", "engines", "signals"])
def test_every_built_in_name_leads_somewhere(kind: str) -> None:
    for name in registry.names(kind):
        found = registry.get(kind, name)
        assert getattr(found, "name", name) == name
        assert registry.summary(kind, name)


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no transform is called 'clean.htm' \(did you mean 'clean.html'\?\)"):
        registry.get("transforms", "clean.htm")
    with pytest.raises(UnknownName, match="allowed: 'local'"):
        registry.get("engines", "warp")
