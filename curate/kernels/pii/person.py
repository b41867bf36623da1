"""Names of people: behind a title or an introduction, and by a spaCy model where the user names one that is installed.
Nothing is ever downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from curate.errors import InputError
from curate.kernels.pii.span import Detector, Found
from curate.optional import require

_NAMES = frozenset({"PERSON", "PER"})
_PART = 100_000
"""A longer text is read in parts of so many characters: the memory of a model grows with the text."""
_NAME = r"[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ][\w'’-]{1,24}"
_TITLE = r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sr|Sra|Mme|Mlle|Hr|Fr)\b\.?|Miss|Herr|Frau|Señora?|Madame|Monsieur|Signora?"
_SAID = r"(?i:my name is|my name's|je m'appelle|mein name ist|ich heiße|me llamo|mi chiamo|meu nome é)"
_BEHIND = re.compile(rf"\b(?:(?:{_TITLE})|{_SAID})\s({_NAME}(?:\s(?:[A-Z]\.\s|van\s|von\s|de\s|der\s)?{_NAME}){{0,2}})")


def detector(model: str | None = None) -> Detector:
    """The detector of names.

    Args:
        model: the name of an installed spaCy model, or its folder; None: only names behind a title or introduction.

    Raises:
        MissingExtra: spaCy is needed and not installed.
        InputError: the model is not.

    Example:
        >>> text = "My name is Jane Doe, ask Dr. Roe about Smith"
        >>> [text[start:end] for start, end, _ in detector().find(text)]
        ['Jane Doe', 'Roe']
    """
    if model is None:
        return Detector("person", rf"{_TITLE}|{_SAID}", _behind)
    nlp = _loaded(model)

    def find(text: str) -> Iterator[Found]:
        yield from _behind(text)
        for start in range(0, len(text), _PART):
            for entity in nlp(text[start : start + _PART]).ents:
                if entity.label_ in _NAMES:
                    yield start + entity.start_char, start + entity.end_char, 0.5

    return Detector("person", r"\pL", find)


def model_version(model: str) -> str:
    """The name and version of a model, and of spaCy."""
    told = _loaded(model).meta
    return f"{told.get('name')} {told.get('version')} by spacy {told.get('spacy_version')}"


def _behind(text: str) -> Iterator[Found]:
    for found in _BEHIND.finditer(text):
        yield found.start(1), found.end(1), 0.6


@cache
def _loaded(model: str) -> Any:
    spacy = require("spacy", extra="nlp", by="finding names")
    try:
        return spacy.load(model, exclude=["lemmatizer", "textcat"])
    except OSError as error:
        hint = f"python -m spacy download {model}, or name another with model:"
        raise InputError(f"the spaCy model {model!r} is not installed", hint=hint) from error
