"""Recipes: an ordered list of named steps, a seed and roles. YAML, JSON and Python are one and the same thing.

A recipe holds no code. All its faults are reported together, each with its path and the nearest name, before any work
starts.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from curate import registry
from curate.core.fingerprint import config
from curate.core.step import Step, problems_of, step, step_of
from curate.core.transform import Transform
from curate.data.digest import digest
from curate.data.roles import Roles
from curate.errors import CurateError, InputError, Problem, RecipeError, did_you_mean

if TYPE_CHECKING:
    from curate.core.curated import Curated
    from curate.data.corpus import Corpus

FORMAT = 1
MAX_QUARANTINE = 0.01
_TOP = ("version", "seed", "roles", "max_quarantine", "steps")


@dataclass(frozen=True)
class Recipe:
    """Ordered named steps with a seed and roles.

    Attributes:
        steps: the steps, in order.
        seed: keys every random draw.
        roles: roles that override the guessed ones.
        max_quarantine: the largest share of rows that may fail before a run stops, in [0, 1].

    Example:
        >>> recipe = Recipe.from_dict({"version": 1, "steps": [{"use": "clean.whitespace"}, {"use": "dedup.exact"}]})
        >>> [step.name for step in recipe.steps]
        ['clean.whitespace', 'dedup.exact']
    """

    steps: tuple[Step, ...] = ()
    seed: int = 0
    roles: Roles = field(default_factory=Roles)
    max_quarantine: float = MAX_QUARANTINE

    def __init__(
        self,
        steps: Iterable[Step | Transform | str | Mapping[str, Any]] = (),
        *,
        seed: int = 0,
        roles: Roles | Mapping[str, Any] | None = None,
        max_quarantine: float = MAX_QUARANTINE,
    ) -> None:
        if isinstance(steps, str):
            raise CurateError(f"the steps are the text {steps!r}", hint=f"give a list: Recipe([{steps!r}])")
        if not 0 <= max_quarantine <= 1:
            raise CurateError(f"max_quarantine is {max_quarantine}", hint="a share in [0, 1]")
        named, problems = _built(steps)
        if problems:
            raise RecipeError(problems)
        object.__setattr__(self, "steps", named)
        object.__setattr__(self, "seed", seed)
        object.__setattr__(self, "roles", roles if isinstance(roles, Roles) else Roles.model_validate(roles or {}))
        object.__setattr__(self, "max_quarantine", max_quarantine)
        problems = _duplicate_names([s.name for s in named])
        if problems:
            raise RecipeError(problems)

    @classmethod
    def from_dict(cls, given: Any) -> Recipe:
        """A recipe of plain values.

        Raises:
            RecipeError: all faults at once, each with its path.
        """
        problems, steps = _check_top(given), []
        for index, plain in enumerate(_listed(given)):
            built = step_of(plain, f"steps[{index}]")
            if isinstance(built, Step):
                steps.append(built)
            else:
                problems += built
        if not problems:
            problems += _duplicate_names([s.name for s in steps])
        if problems:
            raise RecipeError(problems)
        rest = {key: given[key] for key in ("seed", "roles", "max_quarantine") if given.get(key) is not None}
        return cls(steps, **rest)

    @classmethod
    def from_yaml(cls, text: str) -> Recipe:
        """A recipe of YAML (or JSON, which is YAML) text."""
        import yaml

        if text.lstrip().startswith("{"):
            with contextlib.suppress(ValueError):  # YAML 1.1 reads JSON's 1e-9 as text
                return cls.from_dict(json.loads(text))
        try:
            given = yaml.load(text, Loader=_strict_loader())  # a SafeLoader
        except yaml.YAMLError as error:
            place = getattr(error, "problem_mark", None)
            where = f"line {place.line + 1}, column {place.column + 1}" if place else "the text"
            raise RecipeError([Problem(where, f"not YAML: {getattr(error, 'problem', None) or error}")]) from error
        except ValueError as error:  # 2024-13-45 looks like a date and is none
            raise RecipeError([Problem("the text", f"a value that YAML cannot read: {error}")]) from error
        return cls.from_dict(given)

    @classmethod
    def load(cls, path: str | Path) -> Recipe:
        """The recipe of a file."""
        try:
            text = Path(path).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the recipe {path}: {getattr(error, 'strerror', None) or error}") from error
        return cls.from_yaml(text)

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain values; `from_dict` gives the same recipe back."""
        plain: dict[str, Any] = {"version": FORMAT, "seed": self.seed}
        roles = {role: value for role, value in self.roles.model_dump(mode="json").items() if value}
        if roles:
            plain["roles"] = roles
        if self.max_quarantine != MAX_QUARANTINE:
            plain["max_quarantine"] = self.max_quarantine
        plain["steps"] = [s.to_dict() for s in self.steps]
        return plain

    def to_yaml(self) -> str:
        """The recipe as YAML text."""
        import yaml

        return str(yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True))

    def to_json(self) -> str:
        """The recipe as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    @property
    def fingerprint(self) -> str:
        """Names the recipe: equal JSON, equal fingerprint."""
        steps = [[s.name, s.transform.name, s.transform.version, config(s.transform)] for s in self.steps]
        guards = [[s.max_drop, s.at_inference] for s in self.steps]
        return digest(
            "recipe", FORMAT, self.seed, self.roles.model_dump(mode="json"), steps, guards, self.max_quarantine
        )

    def run(
        self,
        corpus: Corpus,
        *,
        engine: str = "local",
        workers: int = 1,
        on_progress: Callable[[str, int, int], None] | None = None,
        **settings: Any,
    ) -> Curated:
        """Apply every step to the corpus.

        Args:
            corpus: the rows; their held-out splits pass through unchanged.
            engine: the registry name of an engine.
            workers: processes to use.
            on_progress: called with (step, rows done, rows in all).
            **settings: further settings of the engine, such as `store` or `batch_rows`.

        Returns:
            The new corpus with its lineage and counts.
        """
        from curate.data.corpus import Corpus

        made = registry.get("engines", engine)(workers=workers, on_progress=on_progress, **settings)
        curated: Curated = made.run(self, Corpus.expect(corpus))
        return curated


@cache
def _strict_loader() -> Any:
    """YAML's safe loader that takes no key twice: the last would win in silence."""
    import yaml

    class StrictLoader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if not isinstance(key.value, str):
                    raise yaml.MarkedYAMLError(problem="a key is a list or a mapping", problem_mark=key.start_mark)
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return StrictLoader


def _check_top(given: Any) -> list[Problem]:
    if not isinstance(given, dict):
        return [Problem("recipe", f"must be a mapping with version and steps, not {type(given).__name__}")]
    problems = [Problem(str(key), f"unknown key ({did_you_mean(str(key), _TOP)})") for key in given if key not in _TOP]
    if given.get("version") != FORMAT:
        missing = f"is missing; a recipe begins with the line `version: {FORMAT}`"
        problems.append(
            Problem("version", f"must be {FORMAT}, not {given['version']!r}" if "version" in given else missing)
        )
    if not isinstance(given.get("steps", []), list):
        problems.append(Problem("steps", "must be a list"))
    seed = given.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool):
        problems.append(Problem("seed", f"must be a whole number, not {seed!r}"))
    share = given.get("max_quarantine", MAX_QUARANTINE)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        problems.append(Problem("max_quarantine", f"must be a share in [0, 1], not {share!r}"))
    roles = given.get("roles") or {}
    if not isinstance(roles, dict):
        return [*problems, Problem("roles", f"must be a mapping of roles to columns, not {roles!r}")]
    try:
        Roles.model_validate(roles)
    except ValidationError as error:
        problems += problems_of(error, "roles", Roles.model_fields)
    return problems


def _listed(given: Any) -> list[Any]:
    steps = given.get("steps") if isinstance(given, dict) else None
    return steps if isinstance(steps, list) else []


def _built(steps: Iterable[Step | Transform | str | Mapping[str, Any]]) -> tuple[tuple[Step, ...], list[Problem]]:
    """The steps, of whatever they were given as, and all that is wrong with those given as plain values."""
    named: list[Step] = []
    problems: list[Problem] = []
    for index, given in enumerate(steps):
        if isinstance(given, Mapping):
            made = step_of(dict(given), f"steps[{index}]")
            problems += made if isinstance(made, list) else []
            named += [made] if isinstance(made, Step) else []
        else:
            named.append(given if isinstance(given, Step) else step(given))
    return tuple(named), problems


def _duplicate_names(names: Sequence[str]) -> list[Problem]:
    return [
        Problem(f"steps[{index}].name", f"two steps are called {name!r}; give one a name of its own")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
