"""BERTScore (Zhang et al. 2020): how near the words that were written come to those that should have been, by a model.

The arithmetic is torchmetrics' (https://github.com/Lightning-AI/torchmetrics): the last layer of the model that is
named, no rescaling, no idf. Rows are scored one by one and without padding, so a score does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.encoders.model_files import loadable
from curate.kernels.torch_device import plain_torch
from curate.learn.metrics.base import Floats, SumsMetric, mean_of, with_ones
from curate.learn.metrics.overlap import pairs
from curate.learn.outputs import Outputs
from curate.optional import require

EXTRA = "transformers"
PREFIX = "bert_score:"
MOST_TOKENS = 512


def bert_score(model: str) -> SumsMetric:
    """The mean F1 of BERTScore by a model, called `bert_score:<model>`.

    Args:
        model: the folder of a Hugging Face encoder, or its name on the Hub where it is in the cache; nothing is
            fetched.
    """
    return SumsMetric(
        PREFIX + model,
        "higher",
        _rows(model),
        mean_of,
        mean=True,
        tasks=("generation",),
        reads_texts=True,
        packages=(("torchmetrics", EXTRA), ("transformers", EXTRA)),
    )


def _rows(model: str) -> Callable[[Outputs, NDArray[Any]], Floats]:
    def rows(outputs: Outputs, targets: NDArray[Any]) -> Floats:
        import torch

        score = require("torchmetrics.functional.text.bert", extra=EXTRA, by=_by(model)).bert_score
        tokenizer, network = _loaded(model)
        most = min(MOST_TOKENS, getattr(network.config, "max_position_embeddings", MOST_TOKENS))
        found = []
        with torch.inference_mode(), plain_torch():
            for texts in pairs(outputs, targets):
                written, wanted = (
                    dict(tokenizer(text, truncation=True, max_length=most, return_tensors="pt")) for text in texts
                )
                said = score(_ids(written), _ids(wanted), model=network, user_tokenizer=tokenizer, device="cpu")
                found.append(float(said["f1"]))
        return with_ones(np.array(found))

    return rows


def _ids(encoded: dict[str, Any]) -> dict[str, Any]:
    return {name: encoded[name] for name in ("input_ids", "attention_mask")}


def _by(model: str) -> str:
    return f"the metric {PREFIX + model!r}"


@lru_cache(maxsize=1)
def _loaded(model: str) -> tuple[Any, Any]:
    package = require("transformers", extra=EXTRA, by=_by(model))
    with loadable(model, _by(model)):
        tokenizer = package.AutoTokenizer.from_pretrained(model, local_files_only=True)
        network = package.AutoModel.from_pretrained(model, local_files_only=True)
    return tokenizer, network.eval()
