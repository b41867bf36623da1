"""Learners by name and settings: `bag`, or `{name: head, encoder: static, model: PATH}`.

One way to say it for `measure`, for steps and checks that need a learner, and for the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from curate import registry
from curate.errors import CurateError, did_you_mean, in_plain_words
from curate.learn.learner import Learner

LearnerSpec = str | dict[str, Any]
"""A registry name, or `{name: …, setting: value, …}`."""


def learner_named(given: LearnerSpec | Learner) -> Learner:
    """The learner that is meant.

    Args:
        given: a registry name, a mapping with `name` and settings of that learner, or a learner, which is returned.

    Raises:
        UnknownName: no learner has the name.
        CurateError: a setting is unknown or has a value that is not allowed; all of them in one line.

    Example:
        >>> learner_named({"name": "linear", "max_words": 1}).max_words
        1
    """
    if isinstance(given, Learner):
        return given
    settings: Mapping[str, Any] = {"name": given} if isinstance(given, str) else given
    name = settings.get("name")
    if not isinstance(name, str):
        raise CurateError(f"a learner without a name: {dict(settings)}", hint="learner: {name: bag, setting: value}")
    kind: type[Learner] = registry.get("learners", name)
    try:
        return kind.model_validate({key: value for key, value in settings.items() if key != "name"})
    except ValidationError as error:
        said, hint = _faults(error, kind)
        raise CurateError(f"learner {name!r}: {said}", hint=hint) from None


def _faults(error: ValidationError, kind: type[Learner]) -> tuple[str, str]:
    faults, hints = [], []
    for fault in error.errors():
        where = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            faults.append(f"there is no setting {where!r}")
            hints.append(_nearest_setting(fault["loc"], kind))
        elif fault["type"] == "missing":
            faults.append(f"it needs the setting {where!r}")
        elif fault["type"] == "union_tag_invalid":
            tag, tags = fault["ctx"]["tag"], re.findall(r"'([^']+)'", fault["ctx"]["expected_tags"])
            faults.append(f"there is no {where} {tag!r}")
            hints.append(did_you_mean(tag, tags))
        else:
            faults.append(f"{where} is {fault['input']!r}: it {in_plain_words(fault['msg'])}")
    return "; ".join(faults), "; ".join(hints) or f"curate show {kind.name} tells its settings"


def _nearest_setting(path: tuple[int | str, ...], kind: type[BaseModel]) -> str:
    """What was meant by a setting that does not exist; `path` leads to it through settings that hold others."""
    outer, *rest = map(str, path)
    if rest:
        inner = getattr(kind.model_fields[outer].annotation, "model_fields", None)
        return f"curate show {getattr(kind, 'name', '')} tells them" if inner is None else did_you_mean(rest[0], inner)
    head, dot, setting = outer.partition(".")
    if dot and head in kind.model_fields:
        return f"write '{head}={{{setting}: VALUE}}'"
    return did_you_mean(outer, kind.model_fields)
