"""The `causal` learner: a language model that learns to write the response to a prompt, or plain text.

A small GPT of our own trained from scratch, or a model of Hugging Face, fine-tuned. It is judged by how well it
predicts the texts of the test rows. Loss on the response only, as in Ouyang et al. 2022, InstructGPT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from curate.core.random import key
from curate.data.digest import digest
from curate.errors import CurateError
from curate.kernels.torch_device import plain_torch, torch_device
from curate.learn.causal_rows import Piece, cut
from curate.learn.causal_tokens import BY, Layout, LearntPairs, ModelTokens, learnt_pairs, prompt_template
from curate.learn.examples import Examples, Task
from curate.learn.learner import Learner
from curate.learn.pretrained import Source, tokenizer_of
from curate.learn.strategies import Full, TuningStrategy
from curate.learn.training import Training
from curate.learn.unread import refuse_unread, unread_by
from curate.optional import check

if TYPE_CHECKING:
    from curate.learn.causal_fitted import FittedCausal
    from curate.learn.causal_model import LanguageModel

_FEWEST_PLACES = 8  # of a window
_BUILT_IN = ("n_tokens", "dim", "n_layers", "n_heads")
_SHARED: dict[str, Any] = {"warmup_fraction": 0.05, "schedule": "cosine", "batch_rows": 8}
_FROM_SCRATCH = Training(**_SHARED, learning_rate=3e-3, betas=(0.9, 0.95), weight_decay=0.1, n_epochs=5, min_steps=200)
_RATES = {"full": 5e-5, "gradual": 5e-5, "lora": 5e-4, "adapters": 5e-4, "prompt": 1e-2, "prefix": 1e-2}


class Causal(Learner):
    r"""A language model trained to write: a small GPT from scratch without a download, or a Hugging Face model.

    Reads prompts (role text) and responses (role target), or plain text. Only the tokens of responses are learnt, each
    once per epoch. Judged by how well the responses of the test rows are predicted; it can also write its own.

    Args:
        model: a folder with a causal language model, or its name on the Hub; None for the built-in GPT.
        revision: a commit, tag or branch on the Hub.
        download: fetch from the Hub what is not in its cache.
        strategy: which weights of a model learn: `full`, `gradual`, `lora`, `adapters`, `prompt` or `prefix`, or a
            mapping with `name` and that strategy's parameters. The built-in GPT learns all of its own.
        template: how a prompt is written before its response; a row without a prompt has none.
        chat: write prompts as the model's tokenizer writes a user's turn instead.
        context: tokens of a window; a model that reads fewer has fewer. Longer rows are learnt in several windows.
        max_new_tokens: written at most for a prompt.
        n_tokens: the vocabulary of the built-in GPT, learnt of the training texts; 257 are the plain bytes.
        dim: width of the built-in GPT.
        n_layers: blocks of the built-in GPT.
        n_heads: heads of attention of the built-in GPT.
        dropout: of the built-in GPT, or instead of every dropout of a model; None: none, or the model's own.
        device: `auto` takes a GPU where torch finds one.
        training: how to train; `batch_rows` are windows per batch. What is not set suits a training from scratch, or
            with a model a fine-tune: then 3 epochs, and a learning rate of 0.00005 (`full`, `gradual`), 0.0005 (`lora`,
            `adapters`) or 0.01 (`prompt`, `prefix`).

    Example:
        >>> rows = Examples(["2 + 2 ="] * 8, np.array(["4"] * 8, dtype=object), None, task="generation")
        >>> tiny = Causal(n_tokens=257, context=16, dim=16, n_layers=1, n_heads=1, training={"min_steps": 40})
        >>> tiny.fit(rows, validation=None, seed=0).generate(["2 + 2 ="])
        ['4']
    """

    name: ClassVar[str] = "causal"
    version: ClassVar[str] = "1"
    deterministic: ClassVar[bool] = False
    package: ClassVar[str] = "torch"
    tasks: ClassVar[frozenset[Task]] = frozenset({"generation"})

    model: str | None = None
    revision: str | None = None
    download: bool = False
    strategy: TuningStrategy = Full()
    template: str = "{text}\n"
    chat: bool = False
    context: int = Field(default=256, ge=_FEWEST_PLACES)
    max_new_tokens: int = Field(default=64, ge=1)
    n_tokens: int = Field(default=4096, ge=257)
    dim: int = Field(default=128, ge=2)
    n_layers: int = Field(default=4, ge=1)
    n_heads: int = Field(default=4, ge=1)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    device: str = "auto"
    training: Training = Field(default=_FROM_SCRATCH, validate_default=True)

    _pairs: str | None = PrivateAttr(None)
    _windows_per_row: float | None = PrivateAttr(None)

    @field_validator("training", mode="before")
    @classmethod
    def _with_defaults(cls, given: Any, info: ValidationInfo) -> Any:
        """What suits a training from scratch, or a fine-tune, where nothing else is set."""
        scratch = info.data.get("model") is None
        if isinstance(given, Training):
            given = {} if given == _FROM_SCRATCH else {name: getattr(given, name) for name in given.model_fields_set}
        if not isinstance(given, dict):
            return given
        if scratch:
            return {**{name: getattr(_FROM_SCRATCH, name) for name in _FROM_SCRATCH.model_fields_set}, **given}
        strategy = info.data.get("strategy")
        return {**_SHARED, "learning_rate": _RATES[strategy.name] if strategy else 5e-5, **given}

    @field_validator("template")
    @classmethod
    def _readable(cls, given: str) -> str:
        prompt_template(given)
        return given

    @model_validator(mode="after")
    def _fits(self) -> Causal:
        if self.model is not None:
            refuse_unread(self, _BUILT_IN, f"{BY} with a model", "leave {it} out, or model: the sizes are the model's")
        if self.dim % (2 * self.n_heads):
            raise ValueError(f"dim is {self.dim}: not a multiple of 2 * n_heads, {2 * self.n_heads}")
        if self.chat and self.model is None:
            raise ValueError("chat is for a model whose tokenizer knows chats; the built-in GPT has a template")
        if self.model is None and not isinstance(self.strategy, Full):
            raise ValueError(f"strategy {self.strategy.name!r} is for a pretrained model; the built-in GPT learns all")
        refuse_unread(self.training, unread_by("generation"), BY)
        if not self.strategy.has_depth:
            refuse_unread(self.training, ["layer_decay"], f"strategy {self.strategy.name!r}")
        return self

    def check_installed(self) -> None:
        check("torch", extra="train", by=BY)
        check("tokenizers", extra="train", by=BY)
        if self.model is not None:
            check("transformers", extra="transformers", by=BY)
            check("peft", extra="transformers", by=BY)

    def identity(self) -> dict[str, Any]:
        """What the learner contributes to a fingerprint: also its model or vocabulary, and what sets steps."""
        own = self.model is None
        packages = ("torch", "tokenizers") if own else ("torch", "tokenizers", "transformers", "peft")
        return {
            **super().identity(),
            "config": self.model_dump(mode="json", exclude={"model", "revision", "download", "device"}),
            "package": " ".join(f"{name} {version(name)}" for name in packages),
            "model": digest(self._pairs) if own else self._source().digest,
            "windows_per_row": self._windows_per_row,
            "device": torch_device(self.device, BY).type,
        }

    def said(self) -> str:
        return "a small GPT from scratch" if self.model is None else self._source().said()

    def on_budget(self, n_rows: int) -> Causal:
        """This learner with exactly the steps it would take on `n_rows` rows such as those it was prepared for."""
        return self.model_copy(update={"training": self.training.on_budget(self._n_windows(n_rows))})

    def _n_windows(self, n_rows: int) -> int:
        """How many windows so many rows fill, by those that it was prepared for; unprepared, one each."""
        return max(1, round(n_rows * (self._windows_per_row or 1.0)))

    def prepared(self, texts: Sequence[str]) -> Causal:
        """This learner with a vocabulary of its own, and knowing how many windows a row fills."""
        made = self.model_copy()
        made._pairs = None if self.model is not None else learnt_pairs(texts, self.n_tokens)
        sizes = np.array([len(tokens) + 1 for tokens in made._vocabulary().encode(texts)], np.int64)
        context = made._context()
        filled = sizes.sum() / context if self.model is None else (-(-sizes // context)).sum()
        made._windows_per_row = float(filled) / max(1, len(sizes))
        return made

    def _source(self) -> Source:
        return Source.of(str(self.model), self.revision, download=self.download, by=BY)

    def layout(self) -> Layout:
        """How its rows become tokens."""
        return Layout(self._vocabulary(), self.template, self.chat)

    def _vocabulary(self) -> LearntPairs | ModelTokens:
        if self.model is None:
            return LearntPairs(self._pairs or learnt_pairs([], 257))
        return ModelTokens.of(tokenizer_of(self._source()))

    def _context(self) -> int:
        """The places of a window: those of the setting, or as many as the model reads."""
        if self.model is None:
            return self.context
        from curate.learn.causal_pretrained import most_tokens

        most, n_virtual = most_tokens(self._source()), self.strategy.n_virtual
        if most - n_virtual < _FEWEST_PLACES:
            raise CurateError(f"{BY}: {n_virtual} learnt tokens leave no room in {most} places", hint="fewer n_tokens")
        return min(self.context, most - n_virtual)

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> FittedCausal:
        """Train; see the class.

        Raises:
            CurateError: no training row has a weight above 0, or the strategy does not suit the model.
            InputError: the model cannot be loaded.
            MissingExtra: torch, tokenizers, transformers or peft is not installed.
        """
        train = self.taught(train)
        self.check_installed()
        if self._windows_per_row is None:
            texts = [text + target for text, target in zip(train.texts, train.targets, strict=True)]
            return self.prepared(texts).fit(train, validation=validation, seed=seed)
        from curate.learn.causal_fitted import FittedCausal
        from curate.learn.causal_model import LanguageProblem
        from curate.learn.causal_pretrained import depth_of
        from curate.learn.loop import train as run

        with plain_torch():
            model, layout = self.language_model(seed), self.layout()
            pieces, n_cut = pieces_of(train, layout, model.context)
            judging = None if validation is None else validation.take(_judging(validation))
            held_out = pieces_of(judging, layout, model.context)[0] if judging else []
            problem = LanguageProblem(model, pieces, held_out, self.training, depth_of(model.network), self.strategy)
            n_steps = self.training.n_steps(self._n_windows(len(train)))
            keys = [sorted((piece.key, piece.weight) for piece in part) for part in (pieces, held_out)]
            place = self.training.checkpoint(self.identity(), seed, keys)
            trained = run(problem, self.training, n_steps, seed, checkpoint=place)
            model.network.eval()
        return FittedCausal(model, layout, self.max_new_tokens, trained, n_cut)

    def language_model(self, seed: int) -> LanguageModel:
        """The network before training, on its device."""
        from curate.learn import causal_model, causal_pretrained
        from curate.learn.crew import own_device
        from curate.learn.gpt import Gpt, Shape

        device = own_device(self.device, BY)
        if self.model is None:
            n_tokens = len(LearntPairs(str(self._pairs)))
            shape = Shape(n_tokens, self.context, self.dim, self.n_layers, self.n_heads, self.dropout or 0.0)
            return causal_model.OwnModel(Gpt(shape, key(seed, "model")).to(device))
        network = causal_pretrained.language_model(self._source(), self.strategy, self.dropout, seed)
        return causal_model.HubModel(network.to(device), self._context())


def pieces_of(rows: Examples, layout: Layout, context: int) -> tuple[list[Piece], int]:
    """All rows cut into pieces, each named by its row's content, and how many prompts lost their beginning."""
    from curate.learn.batching import keys_of
    from curate.learn.loss import mean_one

    weights, keys = mean_one(rows.weights, len(rows)).tolist(), keys_of(rows).tolist()
    pieces, n_cut = [], 0
    for row, weight, name in zip(layout.rows(rows.texts, rows.targets, ended=True), weights, keys, strict=True):
        made, lost = cut(row, context)
        n_cut += lost
        pieces += [replace(piece, weight=weight, key=key(name, "piece", at)) for at, piece in enumerate(made)]
    return pieces, n_cut


def _judging(rows: Examples) -> NDArray[np.int64]:
    """The rows with a weight above 0."""
    return np.arange(len(rows)) if rows.weights is None else np.flatnonzero(rows.weights > 0)
