"""Tiny translation models with random weights, made on the spot: a Marian model and an M2M-100 model.

Weights are drawn so wide that what a model says depends on what it reads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

SENTENCES = [
    "The children read many books in the old library.",
    "A dog runs over the green field.",
    "Nobody knows what the weather will be tomorrow!",
    "She said that it was not her fault.",
    "Los niños leen muchos libros en la biblioteca vieja.",
    "Un perro corre por el campo verde.",
    "Zwei Leute essen Brot und Käse im Garten.",
] * 20


def _pieces(folder: Path, sentences: Sequence[str] = SENTENCES, n: int = 80) -> Path:
    """A sentencepiece model of n pieces, learnt from sentences."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_prefix=str(folder / "pieces"),
        vocab_size=n,
        character_coverage=1.0,
        minloglevel=2,
        pad_id=3,
    )
    return folder / "pieces.model"


def marian(
    folder: Path,
    *,
    seed: int = 0,
    layers: int = 1,
    width: int = 16,
    sentences: Sequence[str] = SENTENCES,
    n_pieces: int = 80,
    words: int = 0,
    heads: int = 2,
    ends: float = 0.0,
) -> Path:
    """A Marian model in a folder.

    `words` more entries of the vocabulary make its last layer as wide as a real one; with `ends`, which is added to the
    score of the end of a sentence, it says more than endless ones.
    """
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    folder.mkdir(parents=True)
    pieces = _pieces(folder, sentences, n_pieces)
    learnt = sentencepiece.SentencePieceProcessor(model_file=str(pieces))
    known = [learnt.id_to_piece(at) for at in range(learnt.get_piece_size())]
    names = ["</s>", "<unk>", *[name for name in known if name not in ("<s>", "</s>", "<unk>", "<pad>")]]
    names += [f"more{at}" for at in range(words)]
    vocabulary = {name: at for at, name in enumerate([*names, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    tokenizer = MarianTokenizer(str(pieces), str(pieces), str(folder / "vocab.json"))
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary),
        d_model=width,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_position_embeddings=128,
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
        init_std=0.4,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MarianMTModel(config)
    model.final_logits_bias[0, 0] = ends
    model.generation_config.bad_words_ids = [[pad]]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def m2m(folder: Path, *, seed: int = 0) -> Path:
    """An M2M-100 model in a folder."""
    import sentencepiece
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    folder.mkdir(parents=True)
    pieces = _pieces(folder)
    learnt = sentencepiece.SentencePieceProcessor(model_file=str(pieces))
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += [name for at in range(learnt.get_piece_size()) if (name := learnt.id_to_piece(at)) not in names]
    (folder / "vocab.json").write_text(json.dumps({name: at for at, name in enumerate(names)}))
    tokenizer = M2M100Tokenizer(str(folder / "vocab.json"), str(pieces))
    config = M2M100Config(
        vocab_size=len(names) + len(tokenizer.lang_code_to_id),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=128,
        init_std=0.4,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = M2M100ForConditionalGeneration(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
