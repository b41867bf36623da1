r"""Templates for prompts: named fields and optional parts put into one text, and read out of it again.

`{name}` is a field, `[[…]]` a part that is left out where its field is empty, `{{`, `}}` are braces. No code, so a
template may come from a stranger's recipe. Used by `convert.*`, together with `kernels.dialogue`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

_TOKEN = re.compile(r"\[\[|\]\]|\{\{|\}\}|\{([a-z]*)\}|[{}]")

Piece = tuple[str, str]  # a field's name, or nothing, and the text that follows it
Part = tuple[bool, tuple[Piece, ...]]  # whether it may be left out, and what it is made of


@dataclass(frozen=True)
class Template:
    r"""A template, taken apart.

    Attributes:
        fields: the fields, in order.
        parts: the optional parts and what stands between them.

    Example:
        >>> template = template_of("{instruction}[[\n\nInput:\n{input}]]", ("instruction", "input"))
        >>> template.render({"instruction": "Add.", "input": "1 2"})
        'Add.\n\nInput:\n1 2'
        >>> template.parse("Add.\n\nInput:\n1 2"), template.parse("Rest.")
        ({'instruction': 'Add.', 'input': '1 2'}, {'instruction': 'Rest.', 'input': ''})
    """

    fields: tuple[str, ...]
    parts: tuple[Part, ...]

    def render(self, values: Mapping[str, str]) -> str:
        """The text with the fields put in; an optional part is left out where its field is empty."""
        said = []
        for optional, pieces in self.parts:
            if not optional or any(values[name] for name, _ in pieces if name):
                said += [values[name] + text if name else text for name, text in pieces]
        return "".join(said)

    def parse(self, text: str) -> dict[str, str] | None:
        """The fields that give this text; None where it does not follow the template.

        With as many optional parts as it can have; a field ends where the text behind it is first met.
        """
        for pieces in self.readings():
            values = _read(pieces, text)
            if values is not None:
                values = {name: values.get(name, "") for name in self.fields}
                if self.render(values) == text:
                    return values
        return None

    def readings(self) -> Iterator[list[Piece]]:
        """What a text may be made of, with all optional parts first, then with fewer."""
        choices = [(True, False) if optional else (True,) for optional, _ in self.parts]
        for taken in product(*choices):
            yield [piece for wanted, (_, pieces) in zip(taken, self.parts, strict=True) if wanted for piece in pieces]


def _read(pieces: list[Piece], text: str) -> dict[str, str] | None:
    values: dict[str, str] = {}
    pieces = _merged(pieces)
    at = 0
    for number, (name, literal) in enumerate(pieces):
        if number == len(pieces) - 1:
            end = len(text) - len(literal)
            if not text.endswith(literal) or end < at:
                return None
        else:
            end = text.find(literal, at) if name else at
        if end < at or not text.startswith(literal, end) or (not name and end != at):
            return None
        if name:
            values[name] = text[at:end]
        at = end + len(literal)
    return values


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Pieces whose texts without a field are joined to the text before them."""
    found: list[Piece] = []
    for name, text in pieces:
        if not name and found:
            found[-1] = (found[-1][0], found[-1][1] + text)
        else:
            found.append((name, text))
    return found


@lru_cache(maxsize=64)
def template_of(text: str, allowed: tuple[str, ...]) -> Template:
    """Take a template apart.

    Args:
        text: the template.
        allowed: the fields it may have.

    Raises:
        ValueError: a field has another name, stands twice or right behind another, a brace or `[[` is not closed, or an
            optional part has not one field; says which.

    Example:
        >>> template_of("Q: {instruction} A:", ("instruction",)).fields
        ('instruction',)
    """
    parts: list[tuple[bool, list[Piece]]] = [(False, [("", "")])]
    at = 0
    for found in [*_TOKEN.finditer(text), None]:
        literal = text[at : found.start() if found else len(text)]
        if found is not None and found[0] in ("{{", "}}"):
            literal += found[0][0]
        _extend(parts, literal)
        if found is None:
            break
        at = found.end()
        _take(parts, found, allowed)
    if parts[-1][0]:
        raise ValueError("[[ is not closed by ]]")
    made = tuple((optional, tuple(pieces)) for optional, pieces in parts)
    template = Template(tuple(name for _, pieces in made for name, _ in pieces if name), made)
    _check(template)
    return template


def _extend(parts: list[tuple[bool, list[Piece]]], literal: str) -> None:
    name, text = parts[-1][1][-1]
    parts[-1][1][-1] = (name, text + literal)


def _take(parts: list[tuple[bool, list[Piece]]], found: re.Match[str], allowed: tuple[str, ...]) -> None:
    token = found[0]
    if token in ("[[", "]]"):
        if parts[-1][0] == (token == "[["):
            raise ValueError(f"{token} stands {'inside of another [[' if token == '[[' else 'without a [[ before it'}")
        parts.append((token == "[[", [("", "")]))
    elif token in ("{", "}"):
        raise ValueError(f"a single {token} stands alone; write it twice where it is meant as text")
    elif token not in ("{{", "}}"):
        if found[1] not in allowed:
            raise ValueError(f"there is no field {token}; allowed: {', '.join(f'{{{name}}}' for name in allowed)}")
        parts[-1][1].append((found[1], ""))


def _check(template: Template) -> None:
    """What could not be read again without a doubt is no template."""
    if len(set(template.fields)) < len(template.fields):
        raise ValueError("a field stands twice")
    if any(optional and sum(bool(name) for name, _ in pieces) != 1 for optional, pieces in template.parts):
        raise ValueError("an optional part [[…]] needs exactly one field")
    for pieces in map(_merged, template.readings()):
        if any(name and not text for name, text in pieces[:-1]):
            raise ValueError("two fields may stand side by side, with nothing between them")
