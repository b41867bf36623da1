"""What is known about misspelt words: a list of misspellings, tweets with their normal form, essays corrected by four
people, and texts that were edited before they were printed.

Every set falls into two halves by a number that nothing else depends on: one to choose on, one to report.
"""

from __future__ import annotations

import html
import json
from collections import Counter

import corpora

from curate.data.corpus import Corpus

HALVES = ("chosen on", "held back")


def half_of(word: str) -> int:
    """In which half a word of the list stands."""
    return sum(map(ord, word)) % 2


def misspellings() -> list[tuple[str, str]]:
    """Pairs of what was written and what was meant, each once, letters only: about 35,000 of learners and children."""
    pairs = set()
    for line in (corpora.DATA / "spelling/spell-errors.txt").read_text("utf-8").splitlines():
        meant, _, written = line.partition(": ")
        for word in written.split(","):
            pair = word.split("*")[0].strip().lower(), meant.strip().lower()
            if all(one.isascii() and one.isalpha() for one in pair) and len(pair[0]) >= 3 and pair[0] != pair[1]:
                pairs.add(pair)
    return sorted(pairs)


def tweets() -> list[tuple[list[str], list[str]]]:
    """Tokens of a tweet, and for each its normal form in lower case; tweets whose tokens stay one for one."""
    rows = json.loads((corpora.DATA / "lexnorm2015/train_data.json").read_text("utf-8"))
    return [(row["input"], row["output"]) for row in rows]


def essays() -> list[tuple[list[str], list[Counter[str]]]]:
    """Words of a sentence by a learner of English, and the words of each of its four corrections."""
    lines = {
        name: (corpora.DATA / f"jfleg/{part}.{name}").read_text("utf-8").splitlines()
        for part in ("dev",)
        for name in ("src", "ref0", "ref1", "ref2", "ref3")
    }
    references = zip(*(lines[f"ref{n}"] for n in range(4)), strict=True)
    return [
        (source.split(), [Counter(reference.lower().split()) for reference in those])
        for source, those in zip(lines["src"], references, strict=True)
    ]


def edited() -> dict[str, list[str]]:
    """Printed texts: news, film criticism in lower case, and film reviews by anybody, which hold true slips."""
    news = [html.unescape(text).replace("\\", " ") for text in corpora.ag_news().texts()]
    reviews = _imdb()
    return {"AG News": news, "SST-2": corpora.sst2().texts(), "IMDB": reviews}


def _imdb(n_rows: int = 5000) -> list[str]:
    import gzip

    with gzip.open(corpora.DATA / "imdb_train/imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"].replace("<br />", " ") for at, line in enumerate(lines) if at % 5 == 0][
            :n_rows
        ]


def corpus_of(texts: list[str]) -> Corpus:
    """Texts as a corpus, in their order."""
    import pyarrow as pa

    return Corpus.from_table(pa.table({"text": texts}), corpora.ROLES.model_copy(update={"label": None}))
