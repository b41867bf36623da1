"""nlpaug's SynonymAug over a file of texts, in an environment of its own, for `synonym_quality.py` and for speed.

nlpaug 1.1.11 breaks with nltk 3.9 and later, which also refuses WordNet outside its own folders, and the weights of
nltk's tagger cannot be had from a package registry. So: nltk 3.8.1, a copy of Debian's WordNet with the list of
lexicographer files that Debian leaves out, and nltk's own tagger trained by nltk's own trainer, here, on what the
tagger of apertium-eng-spa says of the training texts.

    python -m venv /tmp/nlpaug_env
    /tmp/nlpaug_env/bin/pip install nlpaug==1.1.11 nltk==3.8.1
    /tmp/nlpaug_env/bin/python tests/benchmarks/nlpaug_synonyms.py prepare TRAIN_TEXTS.json FOLDER
    /tmp/nlpaug_env/bin/python tests/benchmarks/nlpaug_synonyms.py run TEXTS.json FOLDER OUT.json
"""

from __future__ import annotations

import json
import pickle
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WORDNET = Path("/usr/share/wordnet")
APERTIUM = Path("/usr/share/apertium/apertium-eng-spa")
LEXICOGRAPHERS = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition "
    "noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person "
    "noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state "
    "noun.substance noun.time verb.body verb.change verb.cognition verb.communication verb.competition "
    "verb.consumption verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social "
    "verb.stative verb.weather adj.ppl"
).split()
TAGS = (
    ("n sg", "NN"), ("n pl", "NNS"), ("n", "NN"), ("np", "NNP"), ("vblex inf", "VB"), ("vblex pres", "VBP"),
    ("vblex pri p3", "VBZ"), ("vblex past", "VBD"), ("vblex pp", "VBN"), ("vblex ger", "VBG"), ("vblex subs", "VBG"),
    ("vblex pprs", "VBG"), ("vblex imp", "VB"), ("vblex", "VB"), ("vbmod", "MD"), ("vaux", "MD"), ("vb", "VBZ"),
    ("adj comp", "JJR"), ("adj sup", "JJS"), ("adj", "JJ"), ("adv", "RB"), ("preadv", "RB"), ("det", "DT"),
    ("prn", "PRP"), ("pr", "IN"), ("cnjcoo", "CC"), ("cnj", "IN"), ("num", "CD"), ("rel", "WDT"), ("ij", "UH"),
)  # fmt: skip
"""How apertium's tags begin, and the tag of the Penn Treebank each is."""


def prepare(texts: list[str], folder: Path) -> None:
    """WordNet's folder and a trained tagger, where nltk looks for them."""
    wordnet = folder / "corpora" / "wordnet"
    wordnet.mkdir(parents=True, exist_ok=True)
    for pattern in ("data.*", "index.*", "*.exc", "cntlist.rev"):
        for file in WORDNET.glob(pattern):
            shutil.copy(file, wordnet)
    numbers = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}
    lines = [f"{at:02d}\t{name}\t{numbers[name.split('.')[0]]}\n" for at, name in enumerate(LEXICOGRAPHERS)]
    (wordnet / "lexnames").write_text("".join(lines))
    from nltk.tag.perceptron import PerceptronTagger

    random.seed(0)
    tagger = PerceptronTagger(load=False)
    tagger.train(tagged(texts), nr_iter=5)
    target = folder / "taggers" / "averaged_perceptron_tagger"
    target.mkdir(parents=True, exist_ok=True)
    with (target / "averaged_perceptron_tagger.pickle").open("wb") as file:
        pickle.dump((tagger.model.weights, tagger.tagdict, tagger.classes), file)


def tagged(texts: list[str]) -> list[list[tuple[str, str]]]:
    """Each text as words with tags of the Penn Treebank, as apertium reads it."""
    plain = "\n\n".join(re.sub(r"[\[\]{}^$/\\<>@*\n]", " ", text) for text in texts)
    command = (
        f"apertium-destxt | lt-proc -w {APERTIUM}/eng-spa.automorf.bin | apertium-tagger -p -g {APERTIUM}/eng-spa.prob"
    )
    said = subprocess.run(command, shell=True, input=plain, capture_output=True, text=True, check=True).stdout
    sentences: list[list[tuple[str, str]]] = [[]]
    for gap, surface, reading in re.findall(r"([^^$]*)\^([^/$]*)/([^$]*)\$", said):
        if "\n\n" in gap and sentences[-1]:
            sentences.append([])
        for word in surface.split():
            sentences[-1].append((word, _tag(word, reading)))
    return [sentence for sentence in sentences if sentence]


def _tag(word: str, reading: str) -> str:
    if not word[:1].isalnum():
        return word if word in (".", ",", ":") else "."
    marks = " ".join(re.findall(r"<([^>]+)>", reading.split("+")[0]))
    return next((tag for start, tag in TAGS if marks.startswith(start)), "NN")


def run(texts: list[str], folder: Path) -> dict[str, Any]:
    """Each text with what SynonymAug replaces in it, at nlpaug's own settings."""
    import nlpaug.augmenter.word as naw
    import nltk

    nltk.data.path = [str(folder)]
    random.seed(0)
    augmenter = naw.SynonymAug(aug_src="wordnet")
    augmenter.augment(texts[0])
    start = time.process_time()
    outputs = [(augmenter.augment(text) or [""])[0] for text in texts]
    seconds = time.process_time() - start
    augmenter.include_detail = True
    changes = []
    for text in texts:
        data = augmenter.substitute(text)
        logs = data[1] if isinstance(data, tuple) else []
        changes.append([[log["orig_start_pos"], log["orig_token"], log["new_token"]] for log in logs])
    return {"seconds": seconds, "outputs": outputs, "changes": changes}


if __name__ == "__main__":
    act, given, where = sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8")), Path(sys.argv[3])
    if act == "prepare":
        prepare(given, where)
    else:
        Path(sys.argv[4]).write_text(json.dumps(run(given, where)), "utf-8")
