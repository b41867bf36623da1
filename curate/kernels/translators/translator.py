"""What a translator is: texts of one language in, texts of another out. Plugins add theirs as `curate.translators`.

`augment.backtranslate` asks for one by its registry name. Its settings and its `identity` make the key of what is kept
on disk (`cache`), so that a kept translation is never that of another model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from pydantic import BaseModel, ValidationError

from curate import registry
from curate.errors import CurateError, in_plain_words


class Pair(NamedTuple):
    """From which language to which, as ISO 639 codes or as a model writes them (`eng_Latn`)."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} to {self.target}"


class Translation(NamedTuple):
    """One translation of a text.

    Attributes:
        text: what it says, without any mark.
        unknown: the words in it that the translator did not know and left as they were; empty where none says so.
    """

    text: str
    unknown: tuple[str, ...] = ()


class Translating(Protocol):
    """A translator that is ready: loaded, and sure of its pair."""

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        """Of each text up to n translations, the best first; none where it cannot be translated.

        A translation depends on its text, n and its seed, never on the texts beside it. A text is one line without
        spaces at its ends; each has a letter.
        """
        ...


class Translator(BaseModel, frozen=True, extra="forbid"):
    """What every translator declares; its fields are its settings.

    Attributes:
        name: the registry name.
        version: raised whenever the same settings give other translations.
        uncounted: settings that do not change the translations.
        by_sentence: whether it reads sentences; else whole lines.
        n_at_once: texts that are translated before what was done is kept.
        keeps: whether it keeps what it was told by itself, in the folder that `ready` is given.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    uncounted: ClassVar[frozenset[str]] = frozenset()
    by_sentence: ClassVar[bool] = False
    n_at_once: ClassVar[int] = 10_000
    keeps: ClassVar[bool] = False

    @property
    def draws(self) -> bool:
        """Whether it samples: then a seed plays a part."""
        return False

    @property
    def most(self) -> int | None:
        """How many translations of one text it can give; None where there is no bound."""
        return 1

    def identity(self, pair: Pair) -> str:
        """What it loads that no setting pins down: the commit or the digest of a model."""
        raise NotImplementedError

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        """Load what the pair needs.

        Args:
            pair: from which language to which.
            folder: where whatever is kept lies; None: nothing is kept.

        Raises:
            CurateError: there is nothing for this pair; the hint says how to get it.
        """
        raise NotImplementedError


def translator_named(name: str, **settings: Any) -> Translator:
    """The translator of a registry name; settings that are None are left out.

    Raises:
        UnknownName: no translator has that name.
        CurateError: a setting does not fit.

    Example:
        >>> translator_named("apertium").name
        'apertium'
    """
    kind: type[Translator] = registry.get("translators", name)
    given = {key: value for key, value in settings.items() if value is not None}
    unknown = [key for key in given if key not in kind.model_fields]
    if unknown:
        known = ", ".join(sorted(kind.model_fields)) or "none"
        raise CurateError(f"the translator {name!r} has no setting {unknown[0]!r}", hint=f"its settings: {known}")
    try:
        return kind(**given)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"]))
        said = (
            f"it needs the setting {field!r}"
            if fault["type"] == "missing"
            else f"{field}: {in_plain_words(fault['msg'])}"
        )
        raise CurateError(f"the translator {name!r}: {said}", hint="see the guide on back-translation") from error
