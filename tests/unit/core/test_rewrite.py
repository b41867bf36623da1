"""Rewriting texts: which columns are meant, and which are let be."""

from __future__ import annotations

import pyarrow as pa

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles


def test_answers_are_rewritten_as_prompts_are() -> None:
    table = pa.table({"prompt": ["a  b"], "answer": ["c  d"], "note": ["e  f"]})
    corpus = Corpus.from_table(table, Roles(text="prompt", target="answer"))
    made = Recipe(["clean.whitespace"]).run(corpus).corpus.table().to_pylist()
    assert made == [{"prompt": "a b", "answer": "c d", "note": "e  f"}]


def test_a_target_of_numbers_is_let_be() -> None:
    corpus = Corpus.from_table(pa.table({"text": ["a  b"], "y": [1.5]}), Roles(text="text", target="y"))
    assert Recipe(["clean.whitespace"]).run(corpus).corpus.table().to_pylist() == [{"text": "a b", "y": 1.5}]
