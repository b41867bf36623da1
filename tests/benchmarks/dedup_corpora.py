"""Corpora for the deduplication benchmarks: real texts, with near copies planted at known Jaccard similarities.

    python tests/benchmarks/dedup_corpora.py short 100000 corpora/        # also: long 20000

Writes KIND-ROWS.jsonl ({"id", "text"}, shuffled) and KIND-ROWS.npz (the planted pairs: left, right, level, jaccard).
The texts are those of `corpora.DATA`. A copy has words of its original replaced by other words of the corpus: one in
the middle takes 3 word trigrams away, the last r words take r; its true similarity is counted and written down. Where
the real texts do not suffice (1,000,000 rows), rows are made of the first half of one and the second half of another.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from corpora import DATA

LEVELS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
PLANTED = 0.2  # of all rows are copies: 2 % exact, 3 % at each level
EXACT = 0.02
OFF_LEVEL = 0.025  # how far the similarity of a planted pair may lie from its level
SIZE = 3
WORD = re.compile(r"\w+")
SENTENCE = re.compile(r"(?<=[.!?])\s+")

Shingles = frozenset[tuple[str, ...]]


def words(text: str) -> list[str]:
    """Runs of letters, digits and underscores, NFKC and lower case."""
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def shingles(text: str) -> Shingles:
    """The distinct word trigrams; a text of fewer words is one shingle, one without words one of its characters."""
    found = words(text)
    if len(found) < SIZE:
        return frozenset([tuple(found) if found else ("", *text.split())])
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def jaccard(left: Shingles, right: Shingles) -> float:
    """|A ∩ B| / |A ∪ B|, 0 where both are empty."""
    together = len(left | right)
    return len(left & right) / together if together else 0.0


def lines(name: str) -> list[str]:
    """The lines of a data file; bytes that are not UTF-8 are replaced."""
    return (DATA / name).read_text("utf-8", errors="replace").split("\n")


def column(name: str, number: int, *, skip: int = 0) -> Iterator[str]:
    """One column of a CSV file."""
    with (DATA / name).open(encoding="utf-8", errors="replace", newline="") as file:
        for place, row in enumerate(csv.reader(file)):
            if place >= skip and len(row) > number:
                yield row[number]


def reviews() -> list[str]:
    """The 25,000 reviews of IMDB: 230 words on average."""
    with gzip.open(DATA / "imdb_train/imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def passages(texts: Iterable[str], draw: random.Random) -> Iterator[str]:
    """Long texts cut into runs of whole sentences of about 10 to 45 words."""
    for text in texts:
        run: list[str] = []
        wanted, held = draw.randint(10, 45), 0
        for sentence in SENTENCE.split(text):
            run.append(sentence)
            held += len(sentence.split())
            if held >= wanted:
                yield " ".join(run)
                run, held, wanted = [], 0, draw.randint(10, 45)
        if run:
            yield " ".join(run)


def short_texts(draw: random.Random) -> list[str]:
    """Every short text at hand: news, reviews, abstracts, questions, messages, tweets, captions; shuffled."""
    texts = [line.split("\t", 1)[1] for line in lines("ag_news/ag_news_train.txt") if "\t" in line]
    texts += column("ag_news/test.csv", 2)
    texts += [line.rsplit("\t", 1)[0] for line in lines("sst2/train.tsv")]
    texts += column("dbpedia14_sample/train.csv", 1)
    texts += [text for line in lines("qqp_sample/dev.tsv") for text in line.split("\t")[1:3]]
    texts += [line.split("\t", 1)[1] for line in lines("sms_spam/sms.tsv") if "\t" in line]
    texts += column("davidson_hate_offensive/labeled_data.csv", 6, skip=1)
    texts += column("banking77/train.csv", 0, skip=1)
    texts += passages(reviews(), draw)
    texts = [text for text in texts if text.strip()]
    draw.shuffle(texts)
    return texts


def mixtures(texts: list[str], n_rows: int, draw: random.Random) -> Iterator[str]:
    """Rows made of the first half of the words of one text and the second half of another's."""
    for _ in range(n_rows):
        first, second = draw.choice(texts).split(), draw.choice(texts).split()
        yield " ".join(first[: len(first) // 2 + 1] + second[len(second) // 2 :])


def near_copy(text: str, level: float, vocabulary: list[str], draw: random.Random) -> str | None:
    """A copy at about this similarity, or None where the text is too short to have one."""
    spans = [found.span() for found in WORD.finditer(text)]
    whole = len(shingles(text))
    lost = round(whole * (1 - level) / (1 + level))
    inside, at_end = divmod(lost, SIZE)
    room = list(range(SIZE - 1, len(spans) - SIZE - at_end, SIZE))
    if not lost or abs((whole - lost) / (whole + lost) - level) > OFF_LEVEL or inside > len(room):
        return None
    places = sorted(draw.sample(room, inside)) + list(range(len(spans) - at_end, len(spans)))
    pieces, done = [], 0
    for place in places:
        begin, end = spans[place]
        pieces += [text[done:begin], draw.choice(vocabulary)]
        done = end
    copy = "".join(pieces) + text[done:]
    return copy if abs(jaccard(shingles(text), shingles(copy)) - level) <= OFF_LEVEL else None


def with_copies(texts: list[str], n_rows: int, draw: random.Random) -> tuple[list[str], list[tuple[int, int, float]]]:
    """`n_rows` rows, a fifth of them copies of others (each original has one), and the pairs with their level."""
    n_copies = int(n_rows * PLANTED)
    texts = texts[: n_rows - n_copies]
    quota = {1.0: int(n_rows * EXACT)} | {level: int(n_rows * (PLANTED - EXACT) / len(LEVELS)) for level in LEVELS}
    quota[0.5] += n_rows - len(texts) - sum(quota.values())
    vocabulary = sorted({word for text in texts[:50_000] for word in words(text)})
    pairs: list[tuple[int, int, float]] = []
    copies: list[str] = []
    for place in draw.sample(range(len(texts)), len(texts)):
        for wanted in [level for level in sorted(quota, reverse=True) if quota[level]]:
            copy = texts[place] if wanted == 1.0 else near_copy(texts[place], wanted, vocabulary, draw)
            if copy is not None:
                quota[wanted] -= 1
                pairs.append((place, len(texts) + len(copies), wanted))
                copies.append(copy)
                break
    return texts + copies, pairs


def build(kind: str, n_rows: int, folder: Path, seed: int = 0) -> Path:
    """Write one corpus and its planted pairs, unless they are there; the path of the rows."""
    path = folder / f"{kind}-{n_rows}.jsonl"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    texts = short_texts(draw) if kind == "short" else reviews()
    own = n_rows - int(n_rows * PLANTED)
    draw.shuffle(texts)
    texts = texts[:own] + list(mixtures(texts, max(0, own - len(texts)), draw))
    rows, pairs = with_copies(texts, n_rows, draw)
    order = list(range(len(rows)))
    draw.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    ends = np.array([sorted((place[left], place[right])) for left, right, _ in pairs], np.int64).reshape(-1, 2)
    truth = np.array([jaccard(shingles(rows[left]), shingles(rows[right])) for left, right, _ in pairs])
    levels = np.array([level for *_, level in pairs])
    np.savez(path.with_suffix(".npz"), left=ends[:, 0], right=ends[:, 1], level=levels, jaccard=truth)
    with path.open("w", encoding="utf-8") as file:
        for new, old in enumerate(order):
            file.write(json.dumps({"id": new, "text": rows[old]}, ensure_ascii=False) + "\n")
    return path


def texts_of(path: Path) -> list[str]:
    """The texts of a corpus written here, in the order of their ids."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def main() -> None:
    """Build one corpus and say what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["short", "long"])
    parser.add_argument("rows", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    path = build(given.kind, given.rows, given.folder)
    planted = np.load(path.with_suffix(".npz"))
    texts = texts_of(path)
    print(f"{path}: {len(texts):,} rows, {np.mean([len(words(text)) for text in texts]):.1f} words on average")
    for level in np.unique(planted["level"])[::-1]:
        found = planted["jaccard"][planted["level"] == level]
        print(f"  level {level:4}  {len(found):6,} pairs, Jaccard {found.min():.3f} to {found.max():.3f}")


if __name__ == "__main__":
    main()
