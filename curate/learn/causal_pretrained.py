"""Causal language models of Hugging Face for the learner `causal`: loaded from a folder or the Hub, made trainable.

Nothing is fetched unless asked for (https://huggingface.co/docs/transformers/tasks/language_modeling).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from curate.errors import InputError
from curate.kernels.encoders.model_files import loadable
from curate.learn.pretrained import Source, configure, quiet, tokenizer_of
from curate.learn.strategies import TuningStrategy, layers, seeded
from curate.optional import require

if TYPE_CHECKING:
    from torch import nn

_UNBOUNDED = 1 << 20


@lru_cache(maxsize=4)
def most_tokens(source: Source) -> int:
    """How many tokens a model reads at once.

    Raises:
        InputError: it cannot be loaded.
    """
    transformers = require("transformers", extra="transformers", by=source.by)
    with quiet(), loadable(source.model, source.by):
        config = transformers.AutoConfig.from_pretrained(source.model, **source.options())
    positions = getattr(config, "max_position_embeddings", None)
    return int(min(tokenizer_of(source).model_max_length, positions or _UNBOUNDED))


def language_model(source: Source, strategy: TuningStrategy, dropout: float | None, seed: int) -> nn.Module:
    """A model with its head, in float32, in which what the strategy trains requires a gradient.

    Args:
        source: which.
        strategy: what of it learns.
        dropout: instead of every dropout of the model's own; None leaves them.
        seed: of weights that are drawn.

    Raises:
        CurateError: the strategy does not suit the model.
        InputError: it cannot be loaded, or is no causal language model.
    """
    import torch

    transformers = require("transformers", extra="transformers", by=source.by)
    with quiet(), loadable(source.model, source.by), seeded(seed, "model"):
        config = transformers.AutoConfig.from_pretrained(source.model, **source.options())
        configure(config, dropout)
        network, said = transformers.AutoModelForCausalLM.from_pretrained(
            source.model, config=config, dtype=torch.float32, output_loading_info=True, **source.options()
        )
    _check(network, sorted(said["missing_keys"]), source)
    return strategy.apply(network, seed)


def _check(network: nn.Module, missing: list[str], source: Source) -> None:
    """That it predicts what comes next: it brings its head along, and no token sees those after it."""
    import torch

    hint = "give a causal language model, such as one of the GPT, Llama or Qwen families"
    if missing:
        raise InputError(f"{source.by}: the files of {source.model!r} lack {missing[0]}", hint=hint)
    network.eval()
    with torch.inference_mode():
        scores = network(input_ids=torch.tensor([[1, 2, 3], [1, 2, 4]])).logits
    if not torch.equal(scores[0, 0], scores[1, 0]):
        raise InputError(f"{source.by}: {source.model!r} reads ahead, as an encoder does", hint=hint)


def depth_of(network: nn.Module) -> Callable[[str], int]:
    """How far below the top the layer of a parameter lies, by its name: the embeddings lowest, the last norm at 0.

    Example:
        >>> from curate.learn.gpt import Gpt, Shape
        >>> depth = depth_of(Gpt(Shape(n_tokens=9, context=4, dim=8, n_layers=2, n_heads=2), seed=0))
        >>> [depth(name) for name in ("embedding.weight", "blocks.0.up.bias", "blocks.1.up.bias", "norm.weight")]
        [3, 2, 1, 0]
    """
    prefix, found = layers(network)
    depths: dict[str, int] = {}
    passed = False
    for name, _ in network.named_parameters():
        inside = bool(prefix) and name.startswith(prefix)
        passed |= inside
        number = int(name[len(prefix) :].split(".", 1)[0]) if inside else len(found) if passed else -1
        depths[name] = len(found) - number
    return depths.__getitem__
