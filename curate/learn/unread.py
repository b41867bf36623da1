"""Settings that would change nothing where they are set: refused in one line instead of passed over.

A learner's constructor refuses what its other settings rule out, `Learner.taught` what the task of the rows rules out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from curate.errors import CurateError
from curate.learn.examples import Task

_OF_LOSSES = ("label_smoothing", "class_weights", "focal_gamma", "logit_adjustment")
_READ_BY: Mapping[Task, tuple[str, ...]] = {
    "classification": _OF_LOSSES,
    "multilabel": ("label_smoothing", "focal_gamma"),
    "regression": (),
    "generation": ("label_smoothing",),
}
_HINT = "leave {it} out; the guide on training says which setting applies where"


def unread_by(task: Task) -> tuple[str, ...]:
    """The settings of a loss that mean nothing for a task.

    Example:
        >>> unread_by("multilabel")
        ('class_weights', 'logit_adjustment')
    """
    return tuple(name for name in _OF_LOSSES if name not in _READ_BY[task])


def refuse_unread(settings: BaseModel, unread: Collection[str], by: str, hint: str = _HINT) -> None:
    """Let settings pass in which nothing that is not read differs from its default.

    Args:
        settings: a learner or its `training`.
        unread: names of settings; those that `settings` does not have are passed over.
        by: who does not read them.
        hint: what to type instead; `{it}` stands for the names.

    Raises:
        CurateError: with the names of those that are set.

    Example:
        >>> from curate.learn.training import Training
        >>> refuse_unread(Training(focal_gamma=2), unread_by("regression"), "a learner of numbers")
        Traceback (most recent call last):
        curate.errors.CurateError: a learner of numbers does not read focal_gamma (leave focal_gamma out; ...
    """
    fields = type(settings).model_fields
    told = [name for name in unread if name in fields and getattr(settings, name) != fields[name].default]
    if told:
        names = " and ".join(told)
        raise CurateError(f"{by} does not read {names}", hint=hint.format(it=names))
