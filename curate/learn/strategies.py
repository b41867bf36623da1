"""Fine-tuning strategies: which weights of a pretrained model a training changes, and which it adds.

The setting `strategy` of the learners `transformer` and `causal`: a name, or `{name: lora, rank: 16}`. LoRA, prompt and
prefix tuning are those of peft (https://huggingface.co/docs/peft). Imports no torch until a strategy is applied.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, Field

from curate.core.random import key
from curate.errors import CurateError
from curate.optional import require

if TYPE_CHECKING:
    from torch import nn

_TASK = "FEATURE_EXTRACTION"
_REFUSALS = (RuntimeError, TypeError, ValueError, AttributeError, IndexError, NotImplementedError)


class _Strategy(BaseModel, frozen=True, extra="forbid"):
    """What a strategy says of itself; this one trains every weight."""

    rate: ClassVar[float] = 1e-4
    """The learning rate that it has where none is set."""
    head_rate: ClassVar[float] = 1.0
    """The learning rate of the new head, times that of what else learns, where none is set."""
    frozen_body: ClassVar[bool] = False
    """Whether nothing of the model but the new head learns."""
    has_depth: ClassVar[bool] = True
    """Whether what learns lies in layers, which `layer_decay` can tell apart."""

    @property
    def n_virtual(self) -> int:
        """The tokens that it puts before a text; they take room of the model's positions."""
        return 0

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        """The model with what is added, and `requires_grad` only on what learns; changed in place.

        Raises:
            CurateError: the model has no place for it.
            MissingExtra: peft is not installed.
        """
        return body

    def unfreeze(self, network: nn.Module, levels: Callable[[], Mapping[str, int]], share_done: float) -> None:
        """Set what of a network learns when a share of the steps is done; only `gradual` ever changes it.

        Args:
            network: whose parameters they are.
            levels: gives the level of each parameter by its name: 0 the embeddings, the highest the head.
            share_done: in [0, 1).
        """


class Full(_Strategy):
    """Every weight learns."""

    head_rate: ClassVar[float] = 30.0
    name: Literal["full"] = "full"


class Head(_Strategy):
    """Only the new linear layer learns; the model below is in evaluation mode."""

    rate: ClassVar[float] = 1e-2
    frozen_body: ClassVar[bool] = True
    has_depth: ClassVar[bool] = False
    name: Literal["head"] = "head"

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        return body.requires_grad_(False)


class Gradual(_Strategy):
    """Gradual unfreezing (Howard & Ruder 2018, ULMFiT): first the head learns, then layer after layer from the top.

    Attributes:
        all_after: the share of the steps after which every weight learns, in (0, 1].
    """

    head_rate: ClassVar[float] = 30.0
    name: Literal["gradual"] = "gradual"
    all_after: float = Field(default=0.5, gt=0, le=1)

    def unfreeze(self, network: nn.Module, levels: Callable[[], Mapping[str, int]], share_done: float) -> None:
        """See the base."""
        known = levels()
        lowest = self.lowest(share_done, max(known.values()))
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(known[name] >= lowest)

    def lowest(self, share_done: float, top: int) -> int:
        """The lowest level that learns when a share of the steps is done; `top` is the head, 0 the embeddings.

        Example:
            >>> [Gradual(all_after=0.5).lowest(share, 4) for share in (0.0, 0.2, 0.5)]
            [4, 3, 0]
        """
        return max(0, math.ceil(top * (1 - share_done / self.all_after) - 1e-9))


class Lora(_Strategy):
    """Low-rank changes of matrices (Hu et al. 2021, LoRA).

    Attributes:
        rank: of a change.
        alpha: a change is multiplied with alpha / rank.
        dropout: of what goes into it, in [0, 1).
        targets: parts of the names of the matrices; None for every matrix of the layers.
    """

    rate: ClassVar[float] = 1e-3
    head_rate: ClassVar[float] = 3.0
    name: Literal["lora"] = "lora"
    rank: int = Field(default=8, ge=1)
    alpha: float = Field(default=16.0, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: tuple[str, ...] | None = None

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        targets = "all-linear" if self.targets is None else list(self.targets)
        options = {"r": self.rank, "lora_alpha": self.alpha, "lora_dropout": self.dropout, "target_modules": targets}
        return _peft("LoraConfig", body, seed, options)


class Adapters(_Strategy):
    """Bottleneck adapters behind the sublayers.

    Attributes:
        size: of the bottleneck.
        placement: `houlsby` behind attention and feed-forward, `pfeiffer` behind feed-forward only.
    """

    rate: ClassVar[float] = 1e-3
    head_rate: ClassVar[float] = 3.0
    name: Literal["adapters"] = "adapters"
    size: int = Field(default=64, ge=1)
    placement: Literal["houlsby", "pfeiffer"] = "houlsby"

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        import torch

        from curate.learn.adapters import add_adapters

        body.requires_grad_(False)
        generator = torch.Generator().manual_seed(key(seed, "strategy", self.name) % 2**63)
        width: int = body.config.hidden_size  # type: ignore[union-attr,assignment]
        both = self.placement == "houlsby"
        found = [add_adapters(layer, width, self.size, generator, both=both) for layer in layers(body)[1]]
        if not found or min(found) < 1 + both:
            raise CurateError(
                f"strategy 'adapters': no place behind the sublayers of {type(body).__name__}", hint="strategy: lora"
            )
        return body


class _Virtual(_Strategy):
    """Strategies that put learnt tokens before every text; the model itself stays as it is.

    Attributes:
        n_tokens: how many.
    """

    rate: ClassVar[float] = 1e-2
    has_depth: ClassVar[bool] = False
    n_tokens: int = Field(default=20, ge=1)

    @property
    def n_virtual(self) -> int:
        return self.n_tokens

    def _added(self, kind: str, body: nn.Module, seed: int, **options: Any) -> nn.Module:
        """The body with what peft adds, once it has been seen that it is heard."""
        config: Any = body.config
        shape = {"token_dim": config.hidden_size, "num_layers": config.num_hidden_layers}
        shape |= {"num_attention_heads": config.num_attention_heads, "num_virtual_tokens": self.n_tokens}
        if kind == "PrefixTuningConfig" and getattr(config, "num_key_value_heads", None):
            heads = config.num_key_value_heads
            shape |= {"token_dim": heads * _head_width(config), "num_attention_heads": heads}
        added = _peft(kind, body, seed, {**shape, **options})
        if not _heard(added):
            raise CurateError(
                f"strategy {self.name!r} does not work with {type(body).__name__} of this transformers",  # type: ignore[attr-defined]
                hint="strategy: lora, adapters or full work with every model",
            )
        return added


class Prompt(_Virtual):
    """Prompt tuning (Lester et al. 2021): learnt vectors before the tokens, at first those of words drawn at random."""

    name: Literal["prompt"] = "prompt"

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        return self._added("PromptTuningConfig", body, seed, prompt_tuning_init="SAMPLE_VOCAB")


class Prefix(_Virtual):
    """Prefix tuning (Li & Liang 2021): learnt keys and values before those of the tokens, in each layer."""

    name: Literal["prefix"] = "prefix"

    def apply(self, body: nn.Module, seed: int) -> nn.Module:
        return self._added("PrefixTuningConfig", body, seed)


def named(given: Any) -> Any:
    """A name of a strategy as a mapping with `name`."""
    return {"name": given} if isinstance(given, str) else given


Strategy = Annotated[
    Annotated[Full | Head | Gradual | Lora | Adapters | Prompt | Prefix, Field(discriminator="name")],
    BeforeValidator(named),
]
"""A name, or a mapping with `name` and the parameters of that strategy."""

TuningStrategy = Annotated[
    Annotated[Full | Gradual | Lora | Adapters | Prompt | Prefix, Field(discriminator="name")],
    BeforeValidator(named),
]
"""Those for a model that keeps its own head, and has no new one that could learn alone."""


def layers(body: nn.Module) -> tuple[str, list[nn.Module]]:
    """The layers of a model and how their names begin: its outermost list of modules; ("", []) where there is none."""
    from torch import nn

    for name, module in body.named_modules():
        if isinstance(module, nn.ModuleList):
            return f"{name}.", list(module)
    return "", []


@contextmanager
def seeded(seed: int, what: str) -> Iterator[None]:
    """Torch's randomness set by a seed and a purpose, and afterwards as it was."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, what) % 2**63)
        yield


def _head_width(config: Any) -> int:
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def _peft(kind: str, body: nn.Module, seed: int, options: dict[str, Any]) -> nn.Module:
    """The body in a model of peft, whose new weights depend on the seed alone."""
    peft = require("peft", extra="transformers", by="the setting 'strategy'")
    try:
        with seeded(seed, "strategy"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names that go out of use, and what peft sets right by itself
            return peft.get_peft_model(body, getattr(peft, kind)(task_type=_TASK, **options))  # type: ignore[no-any-return]
    except ValueError as error:
        raise CurateError(
            f"peft cannot change {type(body).__name__}: {str(error).splitlines()[0][:160]}",
            hint="strategy: {name: lora, targets: [part of a matrix's name]}",
        ) from error


def _heard(body: nn.Module) -> bool:
    """Whether what was added reaches what the model says of a text: some models refuse it, some pass it over."""
    import torch

    body.eval()
    ids = torch.tensor([[1, 2], [2, 0]])
    try:
        states = body(input_ids=ids, attention_mask=torch.tensor([[1, 1], [1, 0]]))[0]
        states[:, -2:].square().sum().backward()
    except _REFUSALS:
        return False
    gradients = [parameter.grad for parameter in body.parameters() if parameter.requires_grad]
    body.zero_grad(set_to_none=True)
    return all(gradient is not None and bool(gradient.any()) for gradient in gradients)
