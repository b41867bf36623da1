"""A masked language model of a few thousand weights with a tokenizer of some words: what the tests of gaps run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = (
    "the a an of in and not never good great fine nice bad dull warm film movie plot acting story scene old young new "
    "team bank fund price coach runner painter telescope match sunday quarter country north week lost won seen hoped "
    "more than it had for was again on second third surprised everyone says said what comes next did say "
    "film ##ing ##s ##ed un re . , ! ? ; : ' - 0 1 2"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def build(folder: Path, words: Sequence[str] = tuple(WORDS), *, byte_level: bool = False, head: bool = True) -> Path:
    """Write a BERT of random weights, or a RoBERTa with pairs of bytes, to a folder; without `head` its body alone."""
    import torch
    import transformers

    tokenizer = _of_bytes(words) if byte_level else _of_words(words)
    name = "Roberta" if byte_level else "Bert"
    config = getattr(transformers, f"{name}Config")(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=98,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        kind = "ForMaskedLM" if head else "Model"
        getattr(transformers, name + kind)(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _of_words(words: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: at for at, token in enumerate(dict.fromkeys([*SPECIAL, *words]))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=96, **names)


def _of_bytes(words: Sequence[str]) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=800, special_tokens=special, initial_alphabet=alphabet, show_progress=False, min_frequency=1
    )
    made.train_from_iterator([" " + " ".join(words)] * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token=AddedToken("<mask>", lstrip=True, special=True),
        model_max_length=96,
    )
