"""Two models small enough to be made on the spot: the real packages load them from a folder, as they load any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a cat dog sat ran on under mat tree good bad".split()
ROOM = 16  # tokens that the sentence model reads, two of them its own


def tokenizer():
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    return made


@pytest.fixture(scope="session")
def static_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = pytest.importorskip("model2vec", reason="the encoder 'static' needs model2vec")
    vectors = np.random.default_rng(0).standard_normal((len(WORDS), 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("static")
    package.StaticModel(vectors, tokenizer()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def sentence_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sentence_transformers", reason="the encoder 'sentence' needs sentence-transformers")
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = tokenizer()
    words.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, WORDS.index(name)) for name in ("[CLS]", "[SEP]")]
    )
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "pad", "cls", "sep", "mask")}
    folder = tmp_path_factory.mktemp("sentence")
    PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=ROOM, **names).save_pretrained(folder / "bert")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=ROOM,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder / "bert")
    made = SentenceTransformer(modules=[Transformer(str(folder / "bert"), max_seq_length=ROOM), Pooling(32)])
    made.save_pretrained(str(folder / "model"))
    return folder / "model"
