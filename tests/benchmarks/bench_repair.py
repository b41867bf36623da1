"""Main text of web pages, plain text of HTML, and misspelt words: how well, and how fast.

    python tests/benchmarks/bench_repair.py pages
    python tests/benchmarks/bench_repair.py html
    python tests/benchmarks/bench_repair.py spelling

`pages` scores `clean.boilerplate` and trafilatura on pages with an article copied out by a person, as the article
extraction benchmark does (https://github.com/scrapinghub/article-extraction-benchmark): precision and recall of runs of
four words, averaged over the pages. `html` times `clean.html` beside trafilatura's html2txt and, where it is installed,
resiliparse. `spelling` counts what `clean.spelling` and symspellpy alone mend, break and change. Where settings were
chosen on data, both halves are told apart.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import logging
import re
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher
from statistics import median
from time import process_time

import corpora
from spelling_truth import HALVES, corpus_of, edited, essays, half_of, misspellings, tweets

from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.kernels.spelling import Speller, bundled_lexicon
from curate.transforms.clean.boilerplate import CleanBoilerplate
from curate.transforms.clean.html import CleanHtml
from curate.transforms.clean.spelling import CleanSpelling

COMPOUND_ROWS = 200


def pages() -> tuple[list[str], list[str]]:
    """The pages with their articles, in the order of their ids."""
    folder = corpora.DATA / "article_extraction"
    truth = json.loads((folder / "ground-truth.dev.json").read_text("utf-8"))
    keys = sorted(truth)
    files = (folder / "html" / f"{key}.html.gz" for key in keys)
    return [gzip.decompress(file.read_bytes()).decode("utf-8") for file in files], [
        truth[k]["articleBody"] for k in keys
    ]


def runs(text: str, n_words: int) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return (
        Counter(tuple(words[at : at + n_words]) for at in range(max(1, len(words) - n_words + 1)))
        if words
        else Counter()
    )


def scores(wanted: list[str], found: list[str], n_words: int) -> tuple[float, float, float]:
    """Precision and recall, averaged over the pages, and the F1 of the two."""
    precisions, recalls = [], []
    for want, got in zip(wanted, found, strict=True):
        its, ours = runs(want, n_words), runs(got, n_words)
        both = (its & ours).total()
        precisions.append(both / ours.total() if ours else float(not its))
        recalls.append(both / its.total() if its else 1.0)
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return precision, recall, 2 * precision * recall / (precision + recall)


def bench_pages() -> None:
    import trafilatura

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    all_pages, articles = pages()
    contenders: dict[str, Callable[[str], str]] = {
        "clean.boilerplate": CleanBoilerplate().rewrite,
        "clean.boilerplate, favour: balanced": CleanBoilerplate(favour="balanced").rewrite,
        "clean.boilerplate, favour: recall": CleanBoilerplate(favour="recall").rewrite,
        "trafilatura": lambda page: trafilatura.extract(page) or "",
        "trafilatura without comments": lambda page: trafilatura.extract(page, include_comments=False) or "",
        "clean.html (the whole text)": CleanHtml().rewrite,
    }
    for name, extract in contenders.items():
        began = process_time()
        found = [extract(page) for page in all_pages]
        seconds = process_time() - began
        for half in (0, 1):
            told = [scores(articles[half::2], found[half::2], n) for n in (4, 1)]
            parts = [f"precision {p:.4f} recall {r:.4f} F1 {f:.4f}" for p, r, f in told]
            print(f"{name:38} {HALVES[half]:10} runs of 4: {parts[0]}   words: {parts[1]}   {seconds:.1f} s")


def bench_html() -> None:
    from trafilatura import html2txt

    contenders: dict[str, Callable[[str], str]] = {
        "clean.html": CleanHtml().rewrite,
        "clean.html, all settings": CleanHtml(cells="pipe", lists="marked", links="text_and_url", alt=True).rewrite,
        "trafilatura html2txt": html2txt,
        "trafilatura html2txt, nothing cut": lambda page: html2txt(page, clean=False),
    }
    if importlib.util.find_spec("resiliparse"):
        from resiliparse.extract.html2text import extract_plain_text

        contenders["resiliparse"] = extract_plain_text
    all_pages, articles = pages()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(5):
        for name, convert in contenders.items():
            began = process_time()
            found = [convert(page) for page in all_pages]
            seconds[name].append(process_time() - began)
            if len(seconds[name]) == 5:
                ratio = median(seconds[name]) / median(seconds["clean.html"])
                recall = scores(articles, found, 4)[1]
                told = f"{sum(map(len, all_pages)) / 1e6 / median(seconds[name]):.0f} MB/s, {ratio:.2f} of the time"
                print(f"{name:36} {told}, recall of the articles {recall:.4f}")


Repair = Callable[[list[str]], list[str]]


def ours(**settings: object) -> Repair:
    def repair(texts: list[str]) -> list[str]:
        return Recipe([Step(CleanSpelling(**settings))]).run(corpus_of(texts)).corpus.texts()

    return repair


def symspell_alone(texts: list[str]) -> list[str]:
    """Every run of letters that it does not know becomes its first suggestion, in the same case."""
    from symspellpy import Verbosity

    index, known = bundled_lexicon().index, {}

    def mend(found: re.Match[str]) -> str:
        word = found.group()
        if word not in known:
            made = index.lookup(word, Verbosity.TOP, 2, include_unknown=True, transfer_casing=True)
            known[word] = made[0].term if made else word
        return known[word]

    return [re.sub(r"(?<![\w@#/.])[^\W\d_]+(?:'[^\W\d_]+)?(?![\w@/])", mend, text) for text in texts]


def symspell_compound(texts: list[str]) -> list[str]:
    index = bundled_lexicon().index
    return [
        index.lookup_compound(text, 2, ignore_non_words=True, transfer_casing=True, ignore_term_with_digits=True)[
            0
        ].term
        for text in texts
    ]


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower())


def n_changed(before: str, after: str) -> int:
    blocks = SequenceMatcher(None, words_of(before), words_of(after), autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in blocks if kind != "equal")


def bench_list() -> None:
    """Misspelt words without a text: right, wrong, left alone; and words that are another word by chance."""
    from symspellpy import Verbosity

    pairs, lexicon = misspellings(), bundled_lexicon()
    pairs = [pair for pair in pairs if pair[1] in lexicon.counts][::4]
    alone = Speller(lexicon, {})
    for half in (0, 1):
        mine = [(alone.meant(w), m) for w, m in pairs if half_of(w) == half]
        for least in (0.4, 0.5, 0.6, 0.7, 0.8):
            done = [(made[0], meant) for made, meant in mine if made is not None and made[1] >= least]
            _tell(f"clean.spelling, min_score {least}", half, done, len(mine))
        tops = [(lexicon.index.lookup(w, Verbosity.TOP, 2), w, m) for w, m in pairs if half_of(w) == half]
        done = [(made[0].term, meant) for made, word, meant in tops if made and made[0].term != word]
        _tell("symspellpy, first suggestion", half, done, len(mine))


def _tell(name: str, half: int, done: list[tuple[str, str]], of: int) -> None:
    right = sum(made == meant for made, meant in done)
    print(f"{name:34} {HALVES[half]:10} right {right / of:.1%}  wrong {(len(done) - right) / of:.1%}  of {of}")


def bench_tweets(repairs: dict[str, Repair]) -> None:
    """Tokens that people normalised to one other word, and tokens they left."""
    rows = tweets()
    for name, repair in repairs.items():
        made = [text.split(" ") for text in repair([" ".join(tokens) for tokens, _ in rows])]
        for half in (0, 1):
            right = wrong = to_mend = broken = left = 0
            for (tokens, meant), after in list(zip(rows, made, strict=True))[half::2]:
                for token, wanted, got in zip(tokens, meant, after, strict=True):
                    odd = token.lower() != wanted and " " not in wanted and token.isalpha()
                    to_mend += odd
                    right += odd and got.lower() == wanted
                    wrong += odd and got != token and got.lower() != wanted
                    left += token.lower() == wanted and token.isalpha()
                    broken += token.lower() == wanted and got != token
            print(
                f"{name:34} {HALVES[half]:10} right {right / to_mend:.1%}  wrong {wrong / to_mend:.1%}  of {to_mend}; "
                f"broken {broken / left * 1000:.2f} of 1,000 words ({left})"
            )


def bench_essays(repairs: dict[str, Repair]) -> None:
    """Words that none of four people left and no dictionary has, and words that all of them left."""
    rows, known = essays(), bundled_lexicon().counts
    for name, repair in repairs.items():
        made = [text.split(" ") for text in repair([" ".join(words) for words, _ in rows])]
        for half in (0, 1):
            right = wrong = to_mend = broken = left = 0
            for (words, references), after in list(zip(rows, made, strict=True))[half::2]:
                for word, got in zip(words, after, strict=True):
                    n_kept = sum(word.lower() in reference for reference in references)
                    odd = word.isalpha() and word.lower() not in known and not n_kept
                    fits = any(got.lower() in reference for reference in references)
                    to_mend += odd
                    right += odd and got != word and fits
                    wrong += odd and got != word and not fits
                    left += word.isalpha() and n_kept == len(references)
                    broken += word.isalpha() and n_kept == len(references) and got != word
            print(
                f"{name:34} {HALVES[half]:10} right {right / to_mend:.1%}  wrong {wrong / to_mend:.1%}  of {to_mend}; "
                f"broken {broken / left * 1000:.2f} of 1,000 words ({left})"
            )


def bench_edited(repairs: dict[str, Repair]) -> None:
    """Words changed in printed texts; some of them are true slips, so this is the most that is broken."""
    for source, texts in edited().items():
        for name, repair in {**repairs, "symspellpy, compound": symspell_compound}.items():
            rows = texts[1 :: max(2, len(texts) // COMPOUND_ROWS)] if "compound" in name else texts
            began = process_time()
            made = repair(rows)
            seconds = process_time() - began
            changes = [n_changed(a, b) if a != b else 0 for a, b in zip(rows[1::2], made[1::2], strict=True)]
            n_words = sum(len(words_of(text)) for text in rows[1::2])
            print(f"{source:8} {name:34} {sum(changes) / n_words * 1000:7.2f} of 1,000 words changed  {seconds:.1f} s")


def bench_spelling() -> None:
    bundled_lexicon().index  # noqa: B018, built once for all
    repairs = {f"clean.spelling, min_score {s}": ours(min_score=s) for s in (0.5, 0.6, 0.7, 0.8)}
    repairs["symspellpy, first suggestion"] = symspell_alone
    for title, bench in (("words alone", bench_list),):
        print(f"-- {title}")
        bench()
    for title, run in (("tweets", bench_tweets), ("essays", bench_essays), ("printed", bench_edited)):
        print(f"-- {title}")
        run(repairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pages", "html", "spelling"])
    {"pages": bench_pages, "html": bench_html, "spelling": bench_spelling}[parser.parse_args().what]()


if __name__ == "__main__":
    main()
