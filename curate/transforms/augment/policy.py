"""`augment.policy`: variants by a weighted mix of augmenters, so many of each row, or as many as its class needs.

Which augmenter writes which variant of which row hangs on the row's id alone; where one has nothing to offer for a row
the next takes its place. Of a class each row has a variant before any has two (signal `variants_wanted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    model_validator,
)

from curate import registry
from curate.core.random import StepRandom
from curate.core.step import problems_of
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.errors import UnknownName
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Draft, edits_of
from curate.transforms.augment.wanted import Wanted

_OWN = ("augment.constrain", "augment.policy")
_DECIDED = ("n", "fraction", "in_place")


class Mixed(BaseModel, frozen=True, extra="allow"):
    """An augmenter in a mix: `use`, its `weight`, and its own settings beside them.

    Attributes:
        use: the registry name.
        weight: how often it is drawn, by the sum of the weights; above 0.
    """

    use: str
    weight: float = Field(1.0, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _mapped(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise ValueError(f"an augmenter of a mix is written {{use: {given}}}")
        return given

    def built(self) -> Augmenter:
        """The augmenter.

        Raises:
            ValueError: there is none of that name, a setting is wrong, or it chooses rows by itself.
        """
        given = dict(self.model_extra or {})
        for name in _DECIDED:
            if name in given:
                raise ValueError(f"{self.use}: {name} is for the policy to decide, and no setting of one augmenter")
        try:
            kind = registry.get("transforms", self.use)
            made = kind(**given)
        except UnknownName as error:
            raise ValueError(str(error)) from error
        except ValidationError as error:
            faults = problems_of(error, self.use, [name for name in kind.model_fields if name not in _DECIDED])
            raise ValueError("; ".join(map(str, faults))) from error
        if not isinstance(made, Augmenter) or type(made).chosen is not Augmenter.chosen:
            raise ValueError(f"{self.use} is no augmenter of single rows; give it a step of its own")
        return made


class AugmentByPolicy(Wanted, RowTransform):
    """Adds variants of rows by a mix of augmenters; the reason of each added row is the augmenter that wrote it.

    Without a target each row has `n` variants. With one, classes get as many as bring them to it, spread evenly over
    their rows; a class that is larger already gets none, nor does a row with a null label.

    Attributes:
        augmenters: the mix: `{use: augment.typo, weight: 2, max_rate: 0.1}`, each with its own settings. Where the one
            that is drawn has nothing new for a row, the others are tried in the order of further draws.
        n: variants of each row, where classes have no target.
        fraction: the share of rows that get variants, where classes have no target, in [0, 1].
        to_fraction: bring each class to this share of the largest class's rows, in (0, 1].
        per_class: bring each class to so many rows, or each class that is named to its own number: `{spam: 500}`.
        max_per_row: variants of one row at most, where classes have a target.

    Example:
        >>> AugmentByPolicy(augmenters=[{"use": "augment.aeda", "weight": 2}], n=3).augmenters[0].weight
        2.0
    """

    name: ClassVar[str] = "augment.policy"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "variant": "a variant by an augmenter of a plugin",
        **{
            name: f"a variant by {name}"
            for name in registry.names("transforms")
            if name.startswith("augment.") and name not in _OWN
        },
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text"})
    languages: ClassVar[str] = "those of its augmenters"

    augmenters: tuple[Mixed, ...]
    n: int = Field(1, ge=1, le=1000)
    fraction: float = Field(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if not self.augmenters:
            raise ValueError("augmenters names none; a mix has at least 1")
        given = self.model_fields_set
        both = sorted({"to_fraction", "per_class"} & given) if self.by_class else []
        if len(both) == 2 and self.to_fraction is not None and self.per_class is not None:
            raise ValueError("give to_fraction or per_class, not both")
        for name in ("n", "fraction"):
            if self.by_class and getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(
                    f"{name} goes without a target: {' and '.join(both)} says how many rows there shall be"
                )
        if self.max_per_row is not None and not self.by_class:
            raise ValueError("max_per_row goes with to_fraction or per_class; without them n says how many")
        self._check_signals()
        return self

    def _check_signals(self) -> None:
        known: dict[str, dict[str, Any]] = {}
        for one in self._mix:
            for name, settings in one.signals().items():
                if known.setdefault(name, settings) != settings:
                    raise ValueError(f"two augmenters want the signal {name} with different settings; use two steps")

    @cached_property
    def _mix(self) -> tuple[Augmenter, ...]:
        return tuple(one.built() for one in self.augmenters)

    def __getstate__(self) -> dict[Any, Any]:
        """Without the augmenters, which a worker makes anew."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: value for name, value in state["__dict__"].items() if name != "_mix"}}

    def needed(self) -> frozenset[str]:
        own = {"label", "variants_wanted"} if self.by_class else set()
        return self.needs.union(own, *(one.needed() for one in self._mix))

    def signals(self) -> dict[str, dict[str, Any]]:
        found = {name: given for one in self._mix for name, given in one.signals().items()}
        if self.by_class:
            found["variants_wanted"] = {name: getattr(self, name) for name in Wanted.model_fields}
        return found

    def revision(self) -> str:
        parts = [f"{one.name} {one.version} {one.revision()}".strip() for one in self._mix]
        return "; ".join(parts)

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        for one in self._mix:
            schema, roles = one.output(schema, roles)
        return schema, roles

    def setup(self) -> None:
        for one in self._mix:
            one.setup()

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        drafts = [
            Draft(place, int(batch.row_ids[place]), copy)
            for place, n in enumerate(self._numbers(batch, random).tolist())
            for copy in range(n)
        ]
        order = self._order(drafts, random)
        done = drafts
        for turn in range(len(self._mix)):
            done = self._turn(batch, done, _open(done), order[:, turn], random)
        edits = edits_of(batch, done, random, in_place=False, default_reason="variant")
        notes = [note for one in self._mix for note in one.troubles(edits.refused)]
        return replace(edits, notes=tuple(notes)) if notes else edits

    def _numbers(self, batch: Batch, random: StepRandom) -> NDArray[np.int64]:
        """How many variants each row of a batch gets."""
        if self.by_class:
            wanted = batch.signals["variants_wanted"].cast(pa.int64()).fill_null(0)
            return np.asarray(wanted.to_numpy(zero_copy_only=False), dtype=np.int64)
        return np.where(random.uniform(batch.row_ids) < self.fraction, self.n, 0)

    def _order(self, drafts: Sequence[Draft], random: StepRandom) -> NDArray[np.int64]:
        """For each draft the augmenters in the order in which they are asked, shape (n_drafts, n_augmenters).

        Drawn by weight without putting back (Efraimidis & Spirakis 2006).
        """
        weights, n = [one.weight for one in self.augmenters], len(self._mix)
        parents, copies = [draft.parent for draft in drafts], [draft.copy for draft in drafts]
        ids = random.derive(np.array(parents, np.uint64), np.array(copies, np.uint64))
        keys = [np.log1p(-random.uniform(ids, draw=1 + at)) / weights[at] for at in range(n)]
        return np.argsort(-np.stack(keys, axis=1), axis=1, kind="stable")

    def _turn(
        self, batch: Batch, drafts: list[Draft], open_: Sequence[int], asked: NDArray[np.int64], random: StepRandom
    ) -> list[Draft]:
        """The drafts, those at `open_` written anew by the augmenter that each is to ask."""
        made = list(drafts)
        for number, places in groupby(sorted(open_, key=lambda at: (asked[at], at)), key=lambda at: int(asked[at])):
            mine = {at: Draft(drafts[at].place, drafts[at].parent, drafts[at].copy) for at in places}
            augmenter = self._mix[number]
            augmenter.fill(batch, list(mine.values()), StepRandom(random.seed, f"{random.step}/{number}"))
            for at, draft in mine.items():
                draft.reason = augmenter.name if augmenter.name in self.reasons else "variant"
                made[at] = draft
        return made


def _open(drafts: Sequence[Draft]) -> list[int]:
    """The drafts that say nothing yet, or the same as an earlier one of their parent."""
    seen: set[tuple[Any, ...]] = set()
    found = []
    for at, draft in enumerate(drafts):
        told = (draft.parent, *draft.texts())
        if not draft.changes or told in seen:
            found.append(at)
        seen.add(told)
    return found
