"""A Hugging Face sequence classifier (https://huggingface.co/docs/transformers): texts in, probabilities of labels out.

Behind the signal `toxicity` where the user names a model. Nothing is fetched from the Hub unless asked for. Texts are
classified one by one, so that a probability does not depend on the rows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import InputError, did_you_mean
from curate.kernels.encoders.model_files import loadable, model_revision
from curate.kernels.torch_device import plain_torch, torch_device
from curate.optional import require

_BY = "the signal 'toxicity'"
_MOST_TOKENS = 512
_MOST_WINDOWS = 64  # of a text; the rest of a longer one is not read


def classifier_identity(model: str, revision: str | None) -> str:
    """The digest or commit of a model, and the version of the library that runs it."""
    require("transformers", extra="transformers", by=_BY)
    return f"{model_revision(model, revision, _BY)} transformers {version('transformers')}"


@lru_cache(maxsize=2)
def loaded(model: str, revision: str | None, device: str, download: bool) -> SequenceClassifier:
    """The model in memory.

    Raises:
        InputError: it cannot be loaded, or would have to be fetched and `download` is False.
        MissingExtra: transformers is not installed.
    """
    package = require("transformers", extra="transformers", by=_BY)
    local = Path(model).is_dir()
    if not local and not download:
        _in_cache(model, revision)
    options: dict[str, Any] = {"local_files_only": local or not download}
    if not local:
        options["revision"] = revision
    with loadable(model, _BY):
        tokenizer = package.AutoTokenizer.from_pretrained(model, **options)
        network = package.AutoModelForSequenceClassification.from_pretrained(model, **options)
    return SequenceClassifier(tokenizer, network.to(torch_device(device, _BY)).eval())


def _in_cache(model: str, revision: str | None) -> None:
    from huggingface_hub import try_to_load_from_cache

    if not isinstance(try_to_load_from_cache(model, "config.json", revision=revision), str):
        raise InputError(
            f"{_BY}: {model!r} is no folder and not in the cache of the Hub",
            hint="download: true fetches it; or give the path of a model's folder",
        )


@dataclass(frozen=True, eq=False)
class SequenceClassifier:
    """A tokenizer and a network with named labels."""

    tokenizer: Any
    network: Any

    def probabilities(self, texts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float64]:
        """The probability that a text has one of the labels, shape (n,).

        Of a text that is longer than the model reads, that of the window with the highest one, of the first 64. A
        model of several labels at once says of each how likely it is; the likeliest counts.

        Raises:
            InputError: the model has no such label.
        """
        import torch

        names = {name: at for at, name in self.network.config.id2label.items()}
        missing = next((label for label in labels if label not in names), None)
        if missing is not None:
            raise InputError(f"{_BY}: the model has no label {missing!r}", hint=did_you_mean(missing, sorted(names)))
        at = [names[label] for label in labels]
        several = self.network.config.problem_type == "multi_label_classification"
        made = np.zeros(len(texts))
        with torch.inference_mode(), plain_torch():
            for row, text in enumerate(texts):
                scores = torch.cat([self.network(**window).logits.double() for window in self._windows(text)])
                told = torch.sigmoid(scores)[:, at].amax(1) if several else torch.softmax(scores, 1)[:, at].sum(1)
                made[row] = float(told.max())
        return made

    def _windows(self, text: str) -> list[dict[str, Any]]:
        most = min(
            self.tokenizer.model_max_length, getattr(self.network.config, "max_position_embeddings", _MOST_TOKENS)
        )
        most = min(most, _MOST_TOKENS)
        encoded = self.tokenizer(
            text,
            truncation=True,
            max_length=most,
            return_overflowing_tokens=bool(self.tokenizer.is_fast),
            return_tensors=None,
        )
        names = [name for name in self.tokenizer.model_input_names if name in encoded]
        many = bool(encoded["input_ids"]) and isinstance(encoded["input_ids"][0], list)
        n_windows = len(encoded["input_ids"]) if many else 1
        return [self._tensors(encoded, names, at if many else None) for at in range(min(n_windows, _MOST_WINDOWS))]

    def _tensors(self, encoded: Any, names: Sequence[str], at: int | None) -> dict[str, Any]:
        import torch

        device = self.network.device
        return {
            name: torch.tensor([encoded[name] if at is None else encoded[name][at]], device=device) for name in names
        }
