"""The setting `language` of augmenters that know words of one: a code of a language there is, in its plain form."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from curate.kernels.language_codes import code_of


def _code(tag: str) -> str:
    code = code_of(tag)
    if code is None:
        raise ValueError(f"{tag!r} is no code of a language there is, such as en")
    return code


Language = Annotated[str, AfterValidator(_code)]
"""The code of a language, `en` for `eng` and `en-GB`."""
