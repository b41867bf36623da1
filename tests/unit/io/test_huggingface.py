"""Objects, folders and repositories of `datasets`: features, splits and rows come back as they were."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import datasets
import huggingface_hub
import pytest

from curate.errors import InputError
from curate.io import load, save

FEATURES = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["neg", "pos"]),
        "tags": datasets.List(datasets.Value("int32")),
        "grid": datasets.Array2D((2, 2), "float32"),
    }
)
ROWS = {
    "text": ["a", "b", None],
    "label": [0, 1, 1],
    "tags": [[1], [], None],
    "grid": [[[0, 1], [2, 3]]] * 3,
}


@pytest.fixture
def dataset() -> datasets.Dataset:
    return datasets.Dataset.from_dict(ROWS, features=FEATURES)


def test_a_dataset_keeps_its_features(dataset):
    corpus = load(dataset)
    assert str(corpus.roles) == "text=text, label=label"
    assert corpus.class_names() == ["neg", "pos"]
    assert corpus.to_dataset().features == FEATURES
    assert corpus.to_dataset().to_dict() == dataset.to_dict()


def test_a_selection_of_rows_is_followed(dataset):
    corpus = load(dataset.select([2, 0]))
    assert corpus.table().column("text").to_pylist() == [None, "a"]
    assert corpus.row_ids().tolist() == [0, 1]
    assert corpus.to_dataset().features == FEATURES


def test_the_splits_of_a_dataset_dict(dataset):
    splits = datasets.DatasetDict({"test": dataset.select([1]), "train": dataset})
    corpus = load(splits)
    assert len(corpus) == 3
    assert corpus.held_out["test"].texts() == ["b"]
    assert load(splits, split="test").texts() == ["b"]
    assert not load(splits, split="test").held_out, "rows to train on are sealed from nobody"


def test_a_stream_of_rows(dataset):
    corpus = load(dataset.to_iterable_dataset())
    assert corpus.to_dataset().features == FEATURES
    assert corpus.fingerprint == load(dataset).fingerprint
    unknown = datasets.IterableDataset.from_generator(lambda: ({"text": str(n), "n": n} for n in range(30_000)))
    corpus = load(unknown)
    assert len(corpus) == 30_000
    assert corpus.column_names == ["text", "n"]


@pytest.mark.parametrize("ending", ["parquet", "arrow", "folder"])
def test_files_keep_the_features(tmp_path, dataset, ending):
    corpus = load(dataset)
    again = load(save(corpus, tmp_path / (f"x.{ending}" if ending != "folder" else ending)))
    assert again.to_dataset().features == FEATURES
    assert again.fingerprint == corpus.fingerprint


def test_a_folder_holds_the_sealed_splits_too(tmp_path, dataset):
    corpus = load(datasets.DatasetDict({"train": dataset, "test": dataset.select([1])}))
    path = save(corpus, tmp_path / "saved")
    assert datasets.load_from_disk(str(path))["train"].features == FEATURES
    again = load(path)
    assert again.fingerprint == corpus.fingerprint
    assert again.held_out["test"].fingerprint == corpus.held_out["test"].fingerprint


def test_what_datasets_saved_is_read(tmp_path, dataset):
    dataset.select([2, 1]).save_to_disk(str(tmp_path / "one"))
    assert load(tmp_path / "one").table().column("text").to_pylist() == [None, "b"]
    dataset.to_parquet(str(tmp_path / "x.parquet"))
    assert load(tmp_path / "x.parquet").class_names() == ["neg", "pos"]
    (tmp_path / "one" / "state.json").write_text("{")
    with pytest.raises(InputError, match="cannot read the saved dataset"):
        load(tmp_path / "one")


CARD = """---
configs:
- config_name: small
  data_files:
  - split: train
    path: part/a.csv
  - split: test
    path: part/b.csv
- config_name: large
  data_files: part/*.csv
---
# Topics
"""


def test_a_local_dataset_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    place = tmp_path / "topics"
    (place / "part").mkdir(parents=True)
    (place / "README.md").write_text(CARD)
    (place / "part" / "a.csv").write_text("text,label\na,1\n")
    (place / "part" / "b.csv").write_text("text,label\nb,0\n")
    small = load(place, config="small")
    assert small.texts() == ["a"]
    assert small.held_out["test"].texts() == ["b"]
    assert load(place, config="large").texts() == ["a", "b"]
    assert load(place, config="small", split="train+test").texts() == ["a", "b"]
    with pytest.raises(InputError, match=r"cannot load .*topics: .*Config name is missing"):
        load(place)


def test_two_repositories_of_one_name_each_give_their_own_rows(tmp_path: Path):
    """`datasets` by itself gives the rows of the first for both (5.2)."""
    card = "---\nconfigs:\n- config_name: default\n  data_files: rows.csv\n---\n"
    found = []
    for parent in ("one", "two"):
        place = tmp_path / parent / "topics"
        place.mkdir(parents=True)
        (place / "README.md").write_text(card)
        (place / "rows.csv").write_text(f"text,label\n{parent},0\n")
        found.append(load(place).texts())
    (place / "rows.csv").write_text("text,label\nthree,0\n")
    assert [*found, load(place).texts()] == [["one"], ["two"], ["three"]]


CHILD = """
import datasets
from curate.errors import InputError
from curate.io import load, push_to_hub
from curate.io.card import card

features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["n", "p"])})
rows = {"text": ["a", "b"], "label": [0, 1]}
made = {name: datasets.Dataset.from_dict(rows, features=features) for name in ("train", "test")}
corpus = load(datasets.DatasetDict(made))
text = card("Topics", n_rows=2, recipe="version: 1", license="mit")
for _ in range(2):
    print(push_to_hub(corpus, "org/topics", card=text, private=True, token="hf_abc"))
again = load("org/topics")
print(again.fingerprint == corpus.fingerprint, again.class_names(), sorted(again.held_out))
try:
    load("org/nothing")
except InputError as error:
    print(error)
"""


def test_pushed_to_a_hub_and_loaded_from_it(tmp_path: Path, hub):
    given = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1"}
    environment = {**os.environ, **given, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    done = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second, again, missing = done.stdout.splitlines()
    assert first == second == f"{hub.url}/datasets/org/topics"
    assert again == "True ['n', 'p'] ['test']"
    assert missing.startswith("cannot load org/nothing (no file or folder here) from the Hub")
    files = hub.repositories["org/topics"]
    assert set(files) == {"README.md", "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"}
    readme = files["README.md"].decode()
    data = huggingface_hub.DatasetCard(readme).data
    assert [config["config_name"] for config in data.configs] == ["default"]
    assert "license: mit" in readme
    assert "num_examples: 2" in readme
    assert "## Recipe" in readme
    assert hub.private == {"org/topics": True}
    assert "Bearer hf_abc" in hub.tokens
