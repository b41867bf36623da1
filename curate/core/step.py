"""A step: a transform under its own name in a recipe; made of plain values, of a transform, or of a Python function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from curate import registry
from curate.core.function import FunctionStep, RowFunction
from curate.core.transform import Transform
from curate.errors import CurateError, Problem, RecipeError, UnknownName, did_you_mean, in_plain_words

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NAME = "a name is printable text without space around it"
_STEP = ("use", "name", "max_drop", "at_inference")


@dataclass(frozen=True)
class Step:
    """A transform in a recipe, under its own name.

    Attributes:
        transform: what it does.
        name: unique in the recipe; the registry name where none is given.
        max_drop: the largest share of its rows it may drop, in [0, 1]; None: any.
        at_inference: in a measurement, run it on the test inputs too (for steps that normalise text).
    """

    transform: Transform
    name: str = ""
    max_drop: float | None = None
    at_inference: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.transform.name)
        if not _sayable(self.name):
            raise CurateError(f"{self.name!r} is no name for a step", hint=_NAME)
        if self.max_drop is not None and not 0 <= self.max_drop <= 1:
            raise CurateError(f"max_drop of step {self.name!r} is {self.max_drop}", hint="a share in [0, 1]")

    def to_dict(self) -> dict[str, Any]:
        """The step as plain values, settings that stand at their default left out."""
        if isinstance(self.transform, FunctionStep):
            raise CurateError(
                f"step {self.name!r} is a Python function and cannot be written into a recipe",
                hint="make it a plugin: an entry point in the group curate.transforms",
            )
        plain: dict[str, Any] = {"use": self.transform.name}
        if self.name != self.transform.name:
            plain["name"] = self.name
        plain.update(self.transform.model_dump(mode="json", exclude_defaults=True))
        if self.max_drop is not None:
            plain["max_drop"] = self.max_drop
        if self.at_inference:
            plain["at_inference"] = True
        return plain


def step(use: str | Transform | RowFunction, *, name: str = "", version: str = "", **settings: Any) -> Step:
    """A step of a registered transform, of a transform object, or of a plain Python function.

    Args:
        use: a registry name with its `settings`, a `Transform`, or a function of one row (a dict) that returns the
            cells to set or a `Drop`.
        name: the step's name; a function needs one.
        version: a function's version; raise it when the function changes.
        **settings: the transform's settings, and `max_drop`, `at_inference`.

    Raises:
        RecipeError: a setting or the name is not known.

    Example:
        >>> step("filter.length", min_words=3).to_dict()
        {'use': 'filter.length', 'min_words': 3}
    """
    guards = {key: settings.pop(key) for key in ("max_drop", "at_inference") if key in settings}
    if isinstance(use, Transform):
        return Step(use, name, **guards)
    if callable(use):
        if not name or not version:
            raise CurateError("a function step needs a name and a version", hint='step(f, name="…", version="1")')
        return Step(FunctionStep(function=use, called=name, function_version=version), name, **guards)
    built = _transform(use, settings, "step")
    if isinstance(built, list):
        raise RecipeError(built)
    return Step(built, name, **guards)


def step_of(plain: Any, path: str) -> Step | list[Problem]:
    """The step of plain values, or all that is wrong with them; `path` is where they stand."""
    if isinstance(plain, str):
        plain = {"use": plain}
    if not isinstance(plain, dict) or not isinstance(plain.get("use"), str):
        return [Problem(f"{path}.use", "a step names its transform: use: family.thing")]
    problems: list[Problem] = []
    share = plain.get("max_drop")
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1):
        problems.append(Problem(f"{path}.max_drop", f"must be a share in [0, 1], not {share!r}"))
    if not isinstance(plain.get("at_inference", False), bool):
        problems.append(Problem(f"{path}.at_inference", f"must be true or false, not {plain['at_inference']!r}"))
    name = plain.get("name", plain["use"])
    if not isinstance(name, str) or not _sayable(name):
        problems.append(Problem(f"{path}.name", f"{name!r} is no name for a step ({_NAME})"))
    built = _transform(plain["use"], {key: value for key, value in plain.items() if key not in _STEP}, path)
    if isinstance(built, list):
        problems += built
    if problems or isinstance(built, list):
        return problems
    return Step(built, str(name), share, plain.get("at_inference", False))


def _sayable(name: str) -> bool:
    return bool(name) and name.isprintable() and name == name.strip()


def _transform(use: str, settings: Mapping[str, Any], path: str) -> Transform | list[Problem]:
    try:
        kind = registry.get("transforms", use)
    except UnknownName as error:
        return [Problem(f"{path}.use", str(error))]
    try:
        made: Transform = kind(**settings)
    except ValidationError as error:
        return problems_of(error, path, [*kind.model_fields, *_STEP])
    return made


def problems_of(error: ValidationError, path: str, allowed: Iterable[str]) -> list[Problem]:
    """What pydantic found wrong, in the words of a recipe; `allowed` are the settings there are."""
    found = []
    for fault in error.errors():
        where = ".".join([path, *map(str, fault["loc"])])
        if fault["type"] == "extra_forbidden":
            said = f"unknown setting ({did_you_mean(str(fault['loc'][-1]), allowed)})"
        elif fault["type"] == "value_error":
            said = str(fault["ctx"]["error"])
        elif fault["type"] == "missing":
            said = "is missing; this setting has no default"
        elif fault["type"] == "too_short" and _told_of_parts(fault, error):
            continue
        elif fault["type"] == "too_short":
            said = f"must name at least {fault['ctx']['min_length']}, not {fault['input']!r}"
        else:
            said = f"{in_plain_words(fault['msg'])}, not {fault['input']!r}"
        found.append(Problem(where, said))
    return found


def _told_of_parts(fault: ErrorDetails, error: ValidationError) -> bool:
    """Whether a list is too short only because pydantic leaves its faulty parts out, which are told of."""
    return any(other["loc"][:-1] == fault["loc"] and other["loc"] for other in error.errors())
