"""What a masked language model puts into the gaps of a text (https://huggingface.co/docs/transformers): whole words.

Behind `augment.mlm`. Devlin et al. 2019, BERT; as augmentation Kobayashi 2018, "Contextual Augmentation". A gap is one
mask token, so what fills it is one token that begins a word and, as the model sees that a space follows, ends it. Texts
of one length stand together, and every batch of a length has one shape, so that what fills a gap depends on its text
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.errors import InputError
from curate.kernels.encoders.model_files import loadable
from curate.kernels.encoders.token_batches import batches_of
from curate.kernels.torch_device import plain_torch, torch_device
from curate.kernels.translators.seq2seq_files import commit_of, identity_of
from curate.optional import require

if TYPE_CHECKING:
    import torch

_BY = "augment.mlm"
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_TOKENS_AT_ONCE = 1024  # of a batch; bounds the memory of the scores of all tokens
_DECIMALS = 3  # of the scores: a batch on another machine may round the last digits otherwise


class Gap(NamedTuple):
    """What may fill a gap, the likeliest first: words, and their shares of the probability of all words, (n,)."""

    words: list[str]
    shares: NDArray[np.float64]


def identity(model: str, revision: str | None, device: str, *, download: bool) -> str:
    """The digest or commit of a model, and what computes with it."""
    return identity_of(model, revision, device, _BY, download=download)


def loaded(model: str, revision: str | None, device: str, download: bool) -> MaskedLanguageModel:
    """The model in memory; read again where its files have changed.

    Raises:
        InputError: it cannot be loaded, would have to be fetched, has no head for masked words, or no mask token.
        MissingExtra: transformers is not installed.
    """
    return _loaded(model, revision, device, download, identity(model, revision, device, download=download))


@lru_cache(maxsize=2)
def _loaded(model: str, revision: str | None, device: str, download: bool, known: str) -> MaskedLanguageModel:
    package = require("transformers", extra="transformers", by=_BY)
    local = Path(model).is_dir()
    options: dict[str, Any] = {"local_files_only": local or not download}
    if not local:
        options["revision"] = commit_of(model, revision, download, _BY)
    with loadable(model, _BY), _quiet(package):
        tokenizer = package.AutoTokenizer.from_pretrained(model, **options)
        network, told = package.AutoModelForMaskedLM.from_pretrained(model, output_loading_info=True, **options)
    if told["missing_keys"]:
        raise InputError(
            f"{_BY}: {model!r} has no head for masked words (its weights lack {sorted(told['missing_keys'])[0]})",
            hint="a model with one, such as google-bert/bert-base-uncased; an encoder of sentences has lost its own",
        )
    if tokenizer.mask_token_id is None or not tokenizer.is_fast:
        raise InputError(
            f"{_BY}: the tokenizer of {model!r} has no mask token, or does not tell where its tokens stand",
            hint="a model with tokenizer.json and a mask token",
        )
    return MaskedLanguageModel(tokenizer, network.to(torch_device(device, _BY)).eval(), *_whole_words(tokenizer))


@contextmanager
def _quiet(package: Any) -> Iterator[None]:
    """Without the bars and reports of a library."""
    logging = package.utils.logging
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _whole_words(tokenizer: Any) -> tuple[NDArray[np.int64], list[str]]:
    """The ids of the tokens that are whole words, ascending, and the words."""
    vocabulary = tokenizer.get_vocab()
    mark = next((mark for mark in ("Ġ", "▁") if any(token.startswith(mark) for token in vocabulary)), "")
    special = set(tokenizer.all_special_ids)
    found = []
    for token, at in sorted(vocabulary.items(), key=lambda item: item[1]):
        if at in special or not token.startswith(mark):
            continue
        word = tokenizer.convert_tokens_to_string([token]).strip() if mark else token
        if _WORD.fullmatch(word):
            found.append((at, word))
    return np.array([at for at, _ in found], np.int64), [word for _, word in found]


@dataclass(frozen=True, eq=False)
class MaskedLanguageModel:
    """A tokenizer, a network, and the tokens that are whole words."""

    tokenizer: Any
    network: Any
    word_ids: NDArray[np.int64]
    words: list[str]

    def read(self, texts: Sequence[str], max_tokens: int) -> list[int]:
        """How many characters of each text stand in the tokens that the model reads."""
        if not texts:
            return []
        told = self._tokens(texts, max_tokens)
        return [max((end for _, end in offsets), default=0) for offsets in told["offset_mapping"]]

    def filled(self, texts: Sequence[Sequence[str]], max_tokens: int, n_words: int) -> list[list[Gap | None]]:
        """What may fill the gaps of texts.

        Args:
            texts: each as the pieces between its gaps; k + 1 pieces around k gaps.
            max_tokens: read of a text, those that mark its ends included; at most what the model reads.
            n_words: words for a gap, at most.

        Returns:
            For each text one entry per gap; None for a gap that lies behind what is read.
        """
        mask = str(self.tokenizer.mask_token)
        made: list[list[Gap | None]] = [[None] * (len(pieces) - 1) for pieces in texts]
        asked = [at for at, pieces in enumerate(texts) if len(pieces) > 1]
        if not asked:
            return made
        told = self._tokens([mask.join(texts[at]) for at in asked], max_tokens)
        ends = [list(accumulate(len(piece) + len(mask) for piece in texts[at][:-1])) for at in asked]
        gaps = [self._places(told, number, ends[number]) for number in range(len(asked))]
        for number, scores in self._scores(told, gaps):
            for (gap, _), line in zip(gaps[number], scores, strict=True):
                made[asked[number]][gap] = self._gap(line, n_words)
        return made

    def _tokens(self, texts: Sequence[str], max_tokens: int) -> Any:
        positions = int(getattr(self.network.config, "max_position_embeddings", max_tokens + 2)) - 2
        most = max(3, min(max_tokens, int(self.tokenizer.model_max_length), positions))
        return self.tokenizer(list(texts), truncation=True, max_length=most, return_offsets_mapping=True)

    def _places(self, told: Any, number: int, ends: Sequence[int]) -> list[tuple[int, int]]:
        """Of each gap that is read its number and its token."""
        mask = self.tokenizer.mask_token_id
        by_end = {end: gap for gap, end in enumerate(ends)}
        tokens = zip(told["input_ids"][number], told["offset_mapping"][number], strict=True)
        return [
            (by_end[end], place) for place, (token, (_, end)) in enumerate(tokens) if token == mask and end in by_end
        ]

    def _scores(
        self, told: Any, gaps: Sequence[Sequence[tuple[int, int]]]
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Of each text the scores of all whole words at its gaps, float64, (k, v)."""
        import torch

        names = [name for name in self.tokenizer.model_input_names if name in told]
        rows = [
            {name: torch.tensor(told[name][number], dtype=torch.int64) for name in names} for number in range(len(gaps))
        ]
        by_length: dict[int, list[int]] = {}
        for number, row in enumerate(rows):
            by_length.setdefault(-(-len(row["input_ids"]) // 8) * 8, []).append(number)
        columns = torch.from_numpy(self.word_ids).to(self.network.device)
        pad = self.tokenizer.pad_token_id or 0
        with torch.inference_mode(), plain_torch():
            for length, numbers in sorted(by_length.items()):
                alike = batches_of([rows[at] for at in numbers], max(1, _TOKENS_AT_ONCE // length), pad, left=False)
                for part, batch in alike:
                    every = self._network(batch)
                    for at, one in enumerate(part):
                        number = numbers[one]
                        places = [place for _, place in gaps[number]]
                        yield number, every[at, places][:, columns].double().cpu().numpy()

    def _network(self, batch: dict[str, torch.Tensor]) -> Any:
        return self.network(**{name: value.to(self.network.device) for name, value in batch.items()}).logits

    def _gap(self, scores: NDArray[np.float64], n_words: int) -> Gap:
        rounded = np.round(scores, _DECIMALS)
        odds = np.exp(rounded - rounded.max())
        n_words = min(n_words, len(rounded))
        least = np.partition(rounded, -n_words)[-n_words]
        best = np.flatnonzero(rounded >= least)
        best = best[np.argsort(-rounded[best], kind="stable")][:n_words]
        return Gap([self.words[at] for at in best.tolist()], odds[best] / odds.sum())
