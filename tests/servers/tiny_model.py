"""A tiny Llama with a tokenizer and a chat template, made here: it says English words in no order that means anything.

`make` writes it as `transformers serve` and everything else of transformers reads it; `TinyModel` answers the body of a
chat completion with it. Where a JSON schema is asked for, only tokens that keep to it may be drawn.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

WORDS = (
    "the a an our this that every some old young small big late early new good fine bad long short team bank "
    "painter runner coach market price river garden house street window doctor teacher child mother letter "
    "story song film book game match season winter summer morning evening won lost saw gave took said found "
    "made left came went wrote read played watched bought sold opened closed on in at with under over near "
    "after before and but because when while quietly slowly often never always again today yesterday there "
    "here"
).split()
PAD, BOS, EOS, UNKNOWN, OPEN, NEXT, CLOSE = "<pad>", "<s>", "</s>", "<unk>", "<open>", "<next>", "<close>"
_SPECIAL = [PAD, BOS, EOS, UNKNOWN, OPEN, NEXT, CLOSE]
_TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ message.content }} {% endfor %}"


def make(folder: Path) -> Path:
    """Write the model and its tokenizer into a folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {word: at for at, word in enumerate([*_SPECIAL, *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token=PAD, bos_token=BOS, eos_token=EOS, unk_token=UNKNOWN, chat_template=_TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = LlamaConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=4096,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
        model = LlamaForCausalLM(config)
    model.generation_config.suppress_tokens = [0, 1, 3, 4, 5, 6]
    model.generation_config.do_sample = True  # `transformers serve` draws only where the model says so
    model.generation_config.exponential_decay_length_penalty = (6, 2.0)  # so that an answer comes to an end
    model.save_pretrained(folder)
    return folder


class TinyModel:
    """The model of a folder, which answers one request at a time."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModelForCausalLM.from_pretrained(folder).eval()
        self._lock = threading.Lock()

    def __call__(self, body: dict[str, Any]) -> tuple[str, bool, int, int]:
        """What it says, whether that is all, and the tokens read and written."""
        import torch

        form = body.get("response_format")
        fields = list(form["json_schema"]["schema"]["properties"]) if form else []
        asked = self._tokenizer.apply_chat_template(
            body["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        n_read = asked["input_ids"].shape[1]
        with self._lock, torch.random.fork_rng(), torch.inference_mode():
            torch.manual_seed(body["seed"])
            made = self._model.generate(
                **asked,
                do_sample=body["temperature"] > 0,
                temperature=body["temperature"] or None,
                top_p=body["top_p"],
                max_new_tokens=body["max_tokens"],
                suppress_tokens=None if fields else self._model.generation_config.suppress_tokens,
                exponential_decay_length_penalty=None
                if fields
                else self._model.generation_config.exponential_decay_length_penalty,
                prefix_allowed_tokens_fn=_kept_to(len(fields), n_read) if fields else None,
            )
        written = made[0, n_read:].tolist()
        ended = written[-1] == 2
        said = [self._tokenizer.convert_ids_to_tokens(token) for token in written if token != 2]
        return (_as_json(said, fields) if fields else _as_text(said)), ended, n_read, len(written)


def _kept_to(n_fields: int, start: int) -> Any:
    """Which tokens may come next, so that the answer is an object with its fields: 4 to 12 words each."""
    first = len(_SPECIAL)
    words = list(range(first, first + len(WORDS)))

    def allowed(_: int, tokens: Any) -> list[int]:
        said = tokens[start:].tolist()
        if not said:
            return [4]
        if said[-1] == 6:
            return [2]
        marks = [at for at, token in enumerate(said) if token in (4, 5)]
        n_words, stop = len(said) - 1 - marks[-1], [6] if len(marks) == n_fields else [5]
        return words if n_words < 4 else stop if n_words >= 12 else [*words, *stop * 3]

    return allowed


def _as_text(said: list[str]) -> str:
    return " ".join(said).capitalize() + "."


def _as_json(said: list[str], fields: list[str]) -> str:
    """The object that the tokens stand for; cut off where they are."""
    parts = " ".join(said).replace(OPEN, "").replace(CLOSE, "").split(NEXT)
    whole = json.dumps({name: _as_text(part.split()) for name, part in zip(fields, parts, strict=False)})
    return whole if said[-1] == CLOSE else whole[:-2]
