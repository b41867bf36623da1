"""100,000 real short texts and 20,000 long ones as JSON Lines, and the short ones again and again for scale.

    python tests/benchmarks/text_corpora.py FOLDER

Short: news, descriptions, questions, tweets in eight languages, reviews and titles in Chinese, requests and messages,
each once, until there are enough. Long: film reviews. Nothing is made up, nothing is mended.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import corpora

SHORT_ROWS, LONG_ROWS = 100_000, 20_000


def short_texts() -> Iterator[str]:
    """Source by source; about 113,000."""
    for made in (corpora.ag_news(), corpora.dbpedia(), corpora.sms(), corpora.sst2(), corpora.trec()):
        yield from made.texts()
        yield from made.held_out["test"].texts()
    yield from _fields("davidson_hate_offensive/labeled_data.csv", "tweet")
    for path in sorted((corpora.DATA / "umsab_tweets_8lang").glob("*_text.txt")):
        yield from path.read_text("utf-8").split("\n")
    yield from _fields("chinese_reviews/waimai_10k.csv", "review")
    yield from (line.split("\t")[0] for line in _text("thucnews_titles/dev.txt").split("\n"))
    for pairs in json.loads(_text("clinc150/data_full.json")).values():
        yield from (text for text, _ in pairs)
    for line in _text("qqp_sample/dev.tsv").split("\n")[1:]:
        yield from line.split("\t")[3:5]


def long_texts() -> Iterator[str]:
    """25,000 film reviews."""
    with gzip.open(corpora.DATA / "imdb_train/imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)


def _text(name: str) -> str:
    return (corpora.DATA / name).read_text("utf-8", errors="replace")


def _fields(name: str, column: str) -> Iterator[str]:
    with (corpora.DATA / name).open(encoding="utf-8", errors="replace", newline="") as file:
        yield from (row[column] for row in csv.DictReader(file))


def write(path: Path, texts: Iterable[str], n_rows: int, copies: int = 1) -> None:
    """JSON Lines of the first `n_rows` texts that are not blank, `copies` times."""
    rows = list(islice((text for text in texts if text.strip()), n_rows))
    if len(rows) < n_rows:
        raise SystemExit(f"only {len(rows)} texts for {path.name}")
    with path.open("w", encoding="utf-8") as file:
        for _ in range(copies):
            file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in rows)


def main() -> None:
    """Write short.jsonl, long.jsonl and, twenty times the rows, short20.jsonl."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "short.jsonl", short_texts(), SHORT_ROWS)
    write(folder / "long.jsonl", long_texts(), LONG_ROWS)
    write(folder / "short20.jsonl", short_texts(), SHORT_ROWS, copies=20)


if __name__ == "__main__":
    main()
