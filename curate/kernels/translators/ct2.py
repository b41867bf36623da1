"""`ctranslate2`: the models of `marian`, computed by CTranslate2 on CPUs, with weights of 32, 16 or 8 bits.

Klein et al. 2020, "The OpenNMT Neural Machine Translation Toolkit". A batch holds texts of one length: sums of integers
are exact, and no text is padded, so nothing in a batch depends on the texts beside it. A product of real numbers is
rounded otherwise for other numbers of rows, and rows leave a batch as they end, so with float32 a batch is one text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Literal

from curate.errors import CurateError, InputError
from curate.kernels.native import n_threads
from curate.kernels.translators.ct2_files import conversion
from curate.kernels.translators.seq2seq import Seq2Seq, most_said, token_rows
from curate.kernels.translators.seq2seq_files import digest_of, length_read, prepare, tokenizer_of
from curate.kernels.translators.translator import Pair, Translating, Translation
from curate.optional import require

_BY = "the translator 'ctranslate2'"
_TYPES = {"float32": "float32", "int16": "int16", "int8": "int8_float32"}  # as CTranslate2 calls them


class CTranslate2(Seq2Seq):
    """A sequence-to-sequence model, computed by CTranslate2: the likeliest translations, from beams.

    Its draws cannot be keyed, so there are none; nor does it ask what else a model's generation settings say. A folder
    that holds a converted model (`model.bin`) is taken as `model` too; any other is converted once and kept.

    Attributes:
        quantization: the type of the weights and of what they are multiplied with; `float32` is exact and slow.
        tokenizer: the folder of the tokenizer, where it does not stand beside the model.
        batch_rows: texts at once with `int8` and `int16`; with `float32` always 1.
    """

    name: ClassVar[str] = "ctranslate2"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = Seq2Seq.uncounted | {"tokenizer", "batch_rows"}

    quantization: Literal["float32", "int16", "int8"] = "int8"
    tokenizer: str | None = None

    def identity(self, pair: Pair) -> str:
        for package in ("ctranslate2", "transformers"):
            require(package, extra=package, by=_BY)
        model, tokenizer = self.named(pair), self._tokenizer(pair)
        digests = [
            digest_of(one, self.revision, _BY, download=self.download) for one in dict.fromkeys([model, tokenizer])
        ]
        return " ".join([*digests, *(f"{name} {version(name)}" for name in ("ctranslate2", "transformers"))])

    def ready(self, pair: Pair, folder: Path | None = None) -> Translating:
        package = require("ctranslate2", extra="ctranslate2", by=_BY)
        model, beside, kind = self.named(pair), self._tokenizer(pair), _TYPES[self.quantization]
        if kind not in package.get_supported_compute_types("cpu"):
            raise CurateError(
                f"{_BY}: this processor has no {self.quantization}", hint="options: {quantization: float32}"
            )
        tokenizer = tokenizer_of(beside, self.revision, _BY, download=self.download)
        prefix, first = prepare(tokenizer, pair, model, _BY)
        told = [length_read(one, self.revision, _BY, download=self.download) for one in dict.fromkeys([model, beside])]
        room = min(self.max_tokens, tokenizer.model_max_length, *(reads for reads in told if reads))
        kept = conversion(model, self.revision, _BY, download=self.download, quantization=kind, folder=folder)
        with kept as place, _readable(place):
            made = package.Translator(
                str(place), device="cpu", compute_type=kind, inter_threads=n_threads(), intra_threads=1
            )
        return _Loaded(self, tokenizer, made, prefix, first, room)

    def _tokenizer(self, pair: Pair) -> str:
        if self.tokenizer is None:
            return self.named(pair)
        return self.tokenizer.replace("{source}", pair.source).replace("{target}", pair.target)


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A model in memory, with what stands before a text, the first token that it says, and the tokens it reads."""

    settings: CTranslate2
    tokenizer: Any
    translator: Any
    prefix: str
    first: int | None
    room: int

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        self.settings.check_n(n, _BY)
        by_length: dict[int, list[int]] = {}
        rows = token_rows(self.tokenizer, self.prefix, texts)
        for at, row in enumerate(rows):
            if len(row) <= self.room:
                by_length.setdefault(len(row), []).append(at)
        found: list[list[Translation]] = [[] for _ in texts]
        with _computable():
            lengths = sorted(by_length, reverse=True)
            asked = [self._asked([rows[at] for at in by_length[length]], n) for length in lengths]
            for length, awaited in zip(lengths, asked, strict=True):
                for at, one in zip(by_length[length], awaited, strict=True):
                    found[at] = self._said(one.result().hypotheses)
        return found

    def _asked(self, rows: Sequence[list[int]], n: int) -> list[Any]:
        """What is to come for each row, all of one length."""
        first = None if self.first is None else [self.tokenizer.convert_ids_to_tokens([self.first])] * len(rows)
        awaited: list[Any] = self.translator.translate_batch(
            [self.tokenizer.convert_ids_to_tokens(row) for row in rows],
            target_prefix=first,
            max_batch_size=1 if self.settings.quantization == "float32" else self.settings.batch_rows,
            beam_size=self.settings.beams,
            num_hypotheses=n,
            max_input_length=0,
            min_decoding_length=0,
            max_decoding_length=most_said(len(rows[0]), self.room),
            asynchronous=True,
        )
        return awaited

    def _said(self, hypotheses: Sequence[Sequence[str]]) -> list[Translation]:
        ids = [self.tokenizer.convert_tokens_to_ids(list(tokens)) for tokens in hypotheses]
        plain = [[token for token in row if token != self.first] for row in ids]
        texts = self.tokenizer.batch_decode(plain, skip_special_tokens=True)
        return [Translation(" ".join(text.split())) for text in texts]


@contextmanager
def _readable(place: Path) -> Iterator[None]:
    """Turn what the package says of a folder that it cannot read into one clear line."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise InputError(
            f"{_BY}: {str(place)!r} cannot be loaded ({said[0][:160]})",
            hint="give a whole model that translates; a conversion that was kept is made anew once its folder is gone",
        ) from error


@contextmanager
def _computable() -> Iterator[None]:
    """Turn what the package says of a text that a model cannot read into one clear line."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise CurateError(
            f"{_BY}: a text cannot be translated ({str(error).splitlines()[0][:160]})",
            hint="give max_tokens: how many tokens the model reads",
        ) from error
