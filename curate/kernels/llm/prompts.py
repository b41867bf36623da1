"""Prompts: templates in files, filled in with what a row says. A recipe may bring its own; it can run no code.

A template is Jinja (https://jinja.palletsprojects.com) with a block `user` and, where the model is to be told something
before, a block `system`. It runs in Jinja's sandbox, and a name it does not know is an error before anything is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from curate.errors import InputError, did_you_mean


class Prompt:
    """A template, ready to be filled in.

    Args:
        text: the template.
        allowed: the names it may use.
        where: what it is called in an error.

    Raises:
        InputError: it is no template, has no block `user`, or uses another name.

    Example:
        >>> prompt = Prompt("{% block user %}Say {{ text }} again.{% endblock %}", ["text"], "the example")
        >>> prompt.render(text="hello")
        ('', 'Say hello again.')
    """

    def __init__(self, text: str, allowed: Iterable[str], where: str) -> None:
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self.digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        self._where = where
        try:
            unknown = sorted(meta.find_undeclared_variables(environment.parse(text)) - set(allowed))
            self._template = environment.from_string(text)
        except TemplateSyntaxError as error:
            raise InputError(f"{where} is no template: line {error.lineno}: {error.message}") from error
        if unknown:
            raise InputError(f"{where} uses {unknown[0]!r}, which there is not", hint=did_you_mean(unknown[0], allowed))
        if "user" not in self._template.blocks:
            raise InputError(f"{where} has no block `user`", hint="write {% block user %}…{% endblock %}")

    def render(self, **values: Any) -> tuple[str, str]:
        """What the model is told before (empty: nothing) and what it is asked.

        Raises:
            InputError: the template cannot be filled in.
        """
        return self._block("system", values), self._block("user", values)

    def _block(self, name: str, values: dict[str, Any]) -> str:
        block = self._template.blocks.get(name)
        if block is None:
            return ""
        try:
            return "".join(block(self._template.new_context(values))).strip()
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise InputError(f"{self._where} cannot be filled in: {error}") from error


def prompt_of(path: Path, allowed: Iterable[str]) -> Prompt:
    """The template in a file.

    Raises:
        InputError: the file cannot be read, or is no such template.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the prompt {path}: {error}") from error
    return Prompt(text, allowed, str(path))
