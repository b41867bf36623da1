"""Real files: not a row is lost."""

from __future__ import annotations

import pytest

from curate.io import load

FILES = [
    ("sms_spam/sms.tsv", ["label", "text"], 5574, 0),
    ("sst2/train.tsv", ["text", "label"], 6920, 0),
    ("ag_news/test.csv", ["label", "title", "text"], 7600, 0),
    ("ag_news/ag_news_train.txt", None, 12_000, 0),
    ("adult_german_ricci/adult.csv", None, 32_561, 0),
    ("adult_german_ricci/german.csv", None, 1000, 0),
    ("davidson_hate_offensive/labeled_data.csv", None, 24_783, 0),
    ("hausa_yoruba_noisy_topics/hausa_train_clean.tsv", None, 2045, 0),
    ("dblp_acm/clean_tableA.csv", None, 2616, 0),
    ("alpaca_quality/random_9k.json", None, 9229, 0),
    ("llm_demo_sets/c4_demo.jsonl", None, 300, 0),
    ("qqp_sample/dev.tsv", ["label", "q1", "q2", "id"], 9917, 83),
]


@pytest.mark.parametrize(("file", "columns", "n_rows", "n_bad"), FILES)
def test_every_row_is_there(data_dir, file, columns, n_rows, n_bad):
    corpus = load(data_dir / file, columns=columns)
    assert (len(corpus), corpus.quarantine.num_rows) == (n_rows, n_bad)


def test_what_the_rows_say(data_dir):
    sms = load(data_dir / "sms_spam" / "sms.tsv", columns=["label", "text"])
    assert set(sms.labels().to_pylist()) == {"ham", "spam"}
    news = load(data_dir / "ag_news" / "test.csv", columns=["label", "title", "text"])
    assert sorted(set(news.labels().to_pylist())) == [1, 2, 3, 4]
    broken = load(data_dir / "qqp_sample" / "dev.tsv", columns=["label", "q1", "q2", "id"])
    assert set(broken.quarantine.column("cause").to_pylist()) == {"not valid UTF-8"}


def test_a_folder_of_splits(data_dir):
    corpus = load(data_dir / "sst2", columns=["text", "label"])
    sizes = {name: len(part) for name, part in corpus.held_out.items()}
    assert (len(corpus), sizes) == (6920, {"validation": 872, "test": 1821})
