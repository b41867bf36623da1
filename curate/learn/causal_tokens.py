"""Texts to tokens for language models: bytes and pairs learnt of the training texts, or the tokenizer of a model.

Byte-level pairs: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", over bytes as in
GPT-2, with the package `tokenizers`. Any text can be written, and what is written can be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from curate.errors import InputError
from curate.kernels.prompt_template import Template, template_of
from curate.learn.causal_rows import Row
from curate.optional import require

N_BYTES = 256
BY = "the learner 'causal'"
_LONGEST = 32  # bytes of a token: no long run of one character becomes one

Tokens = NDArray[np.int64]


def prompt_template(text: str) -> Template:
    """A template with the one field `{text}`; raises ValueError where it is none, or lacks the field."""
    made = template_of(text, ("text",))
    if made.fields != ("text",):
        raise ValueError("the template has no field {text}")
    return made


class Vocabulary(Protocol):
    """What turns texts into tokens and back."""

    start: int
    end: int

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, without start and end."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of some tokens."""
        ...


def learnt_pairs(texts: Sequence[str], n_tokens: int) -> str:
    """A byte-level vocabulary learnt of texts, as JSON: the same whatever their order.

    Args:
        texts: what to learn of; none at all give the plain bytes.
        n_tokens: at most so many; 257 are the bytes and the end.

    Raises:
        MissingExtra: the package `tokenizers` is not installed.
    """
    package = require("tokenizers", extra="train", by=BY)
    made = package.Tokenizer(package.models.BPE())
    made.pre_tokenizer = package.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = package.decoders.ByteLevel()
    trainer = package.trainers.BpeTrainer(
        vocab_size=n_tokens - 1,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=sorted(package.pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=_LONGEST,
    )
    made.train_from_iterator(sorted(map(plain, texts)), trainer)
    return str(made.to_str())


def plain(text: str) -> str:
    """The text as UTF-8 can hold it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


class LearntPairs:
    """The vocabulary of `learnt_pairs`; start and end of a text are one token that no text can spell.

    Example:
        >>> tokens = LearntPairs(learnt_pairs(["low lower lowest"] * 9, 300))
        >>> tokens.decode(tokens.encode(["lowest"])[0].tolist())
        'lowest'
    """

    def __init__(self, json: str) -> None:
        self._made = _loaded(json)
        self.end = self.start = self._made.get_vocab_size()

    def __len__(self) -> int:
        return self.end + 1

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        found = self._made.encode_batch_fast([plain(text) for text in texts], add_special_tokens=False)
        return [np.array(one.ids, np.int64) for one in found]

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self._made.decode([token for token in tokens if token != self.end]))


@lru_cache(maxsize=4)
def _loaded(json: str) -> Any:
    return require("tokenizers", extra="train", by=BY).Tokenizer.from_str(json)


@dataclass(frozen=True, eq=False)
class ModelTokens:
    """The tokenizer that a Hugging Face model brings along.

    Attributes:
        made: of `transformers`.
        start: what the first token of a text is predicted from: the beginning, else the end of a text.
        end: what the model writes when it is done.
    """

    made: Any
    start: int
    end: int

    @classmethod
    def of(cls, made: Any) -> ModelTokens:
        """Raises InputError where the tokenizer marks neither the beginning nor the end of a text."""
        marks = [mark for mark in (made.bos_token_id, made.eos_token_id) if mark is not None]
        if not marks:
            raise InputError(
                f"{BY}: the tokenizer of {made.name_or_path!r} has no token for the beginning or end of a text",
                hint="give a model whose tokenizer has a bos_token or an eos_token",
            )
        return cls(made, marks[0], marks[-1])

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        if not len(texts):
            return []
        options = {"add_special_tokens": False, "return_attention_mask": False, "verbose": False}
        return [np.array(ids, np.int64) for ids in self.made([plain(text) for text in texts], **options)["input_ids"]]

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self.made.decode(list(tokens), skip_special_tokens=True))

    def chat(self, text: str) -> str:
        """The text as a user's turn in the model's own way of writing chats, with the answer to come."""
        turn = [{"role": "user", "content": plain(text)}]
        return str(self.made.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))


@dataclass(frozen=True, eq=False)
class Layout:
    """How a row becomes tokens: start, prompt, response, end. A row without a prompt is plain text: it has no template.

    Attributes:
        vocabulary: the tokens.
        template: how a prompt is written.
        chat: write it in the model's own way of writing chats instead.

    Example:
        >>> layout = Layout(LearntPairs(learnt_pairs([], 257)), "Q: {text} A:", chat=False)
        >>> [(len(row.tokens), row.first) for row in layout.rows(["Why?", ""], ["So.", "So."], ended=True)]
        [(15, 11), (5, 1)]
    """

    vocabulary: LearntPairs | ModelTokens
    template: str
    chat: bool

    def rows(self, texts: Sequence[str], targets: Iterable[str], *, ended: bool) -> list[Row]:
        """The tokens of each row; `ended`: with the end, which is learnt and not scored."""
        end = np.array([self.vocabulary.end] if ended else [], np.int64)
        pairs = zip(self.prompts(texts), self.vocabulary.encode(list(targets)), strict=True)
        return [Row(np.concatenate([prompt, response, end]), len(prompt)) for prompt, response in pairs]

    def prompts(self, texts: Sequence[str]) -> list[Tokens]:
        """What stands before each response: the start, once, and the prompt."""
        start = np.array([self.vocabulary.start], np.int64)
        found = self.vocabulary.encode([self._prompt(text) for text in texts])
        return [
            tokens if len(tokens) and tokens[0] == start[0] else np.concatenate([start, tokens]) for tokens in found
        ]

    def _prompt(self, text: str) -> str:
        if not text:
            return ""
        if self.chat and isinstance(self.vocabulary, ModelTokens):
            return self.vocabulary.chat(text)
        return prompt_template(self.template).render({"text": text})
