"""Pretrained models of a few thousand random weights, each with a tokenizer trained on a few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = "fine great lovely superb warm poor awful dull weak cold item so the a of number not seen before".split()
SIZES = {"vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def build(kind: str, folder: Path) -> Path:
    """Write a model of a kind (`bert`, `roberta`, `gpt2`, `llama`, …) to a folder."""
    import torch
    import transformers

    sizes = {**SIZES, "intermediate_size": 64, "max_position_embeddings": 96, "pad_token_id": 0}
    of_kind: dict[str, tuple[str, dict[str, Any]]] = {
        "bert": ("Bert", sizes),
        "roberta": ("Roberta", {**sizes, "pad_token_id": 1}),
        "distilbert": ("DistilBert", _distilbert()),
        "modernbert": ("ModernBert", {**sizes, "cls_token_id": 2, "sep_token_id": 3}),
        "deberta": ("DebertaV2", sizes),
        "gpt2": ("GPT2", {"vocab_size": 120, "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 96}),
        "llama": ("Llama", {**sizes, "num_key_value_heads": 1}),
        "t5": ("T5", {"vocab_size": 120, "d_model": 32, "num_layers": 2, "num_heads": 2, "d_ff": 64, "d_kv": 16}),
    }
    name, settings = of_kind[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = getattr(transformers, f"{name}Config")(**settings)
        getattr(transformers, f"{name}Model")(config).save_pretrained(folder)
    _tokenizer(kind in ("gpt2", "llama")).save_pretrained(folder)
    return folder


def _distilbert() -> dict[str, int]:
    return {"vocab_size": 120, "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 96}


def _tokenizer(decoder: bool) -> Any:
    """Of an encoder: WordPiece between special tokens. Of a decoder: bytes in pairs, without a token for padding."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    if decoder:
        made = Tokenizer(models.BPE())
        made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
        made.train_from_iterator(
            WORDS, trainers.BpeTrainer(vocab_size=120, special_tokens=["<eos>"], show_progress=False)
        )
        return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", model_max_length=96)
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=120, special_tokens=SPECIAL, show_progress=False)
    made.train_from_iterator([*WORDS, *"0123456789"], trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=96,
    )
