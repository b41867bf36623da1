"""What is replaced by what: substitutions of `augment.synonym` and of nlpaug's SynonymAug on the same texts, judged.

    python tests/benchmarks/synonym_quality.py draw DATA nlpaug_env/bin/python NLPAUG_FOLDER OUT --seed 7 --skip 450
    python tests/benchmarks/synonym_quality.py count OUT READ [READ ...]

`draw` takes texts of SST-2 (test), TREC (test) and CR in a drawn order, lets both augment each (nlpaug by
`nlpaug_synonyms.py`, which says how its environment is made) and draws one substitution of each from each text that
`augment.synonym` has one for, 200 in all. It writes them to OUT in mixed order, a number and a substitution in a line,
and to OUT.key who made each and what rules say of it: `function` (a function word was replaced), `multiword`, `part`
(the new word cannot be what the old one is there), `inflection` (it can, but not in that form), `rare` (WordNet's
tagged texts never have it), `sense` (the set of synonyms they share is not among the two commonest senses of the old
word). Readers see OUT only. Each writes lines of a number, a tab and a verdict: g (good), a (acceptable: stiff, or a
shade of meaning lost), w (wrong sense or wrong grammar), x (absurd: no reader would take it for the same text). `count`
counts their verdicts and how far two readers agree (Cohen's kappa).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from sklearn.metrics import cohen_kappa_score

from curate.core.random import StepRandom
from curate.kernels.inflection import Inflection, Reading
from curate.kernels.protected import protected_spans
from curate.kernels.word_context import FUNCTION_WORDS, likelihood, situation
from curate.kernels.wordnet import WordNet, load_wordnet
from curate.transforms.augment.synonym import AugmentSynonym

N = 200
Substitution = tuple[str, int, str, str]
"""A text, where the old word begins, the old word, the new one."""


def read_texts(data: Path) -> list[str]:
    """Test texts of SST-2 and TREC, and all of CR, which has no split."""
    reviews = [line.rsplit("\t", 1)[0] for line in (data / "sst2" / "test.tsv").read_text("utf-8").splitlines()]
    questions = (data / "trec_raw" / "TREC_10.label").read_text("latin-1").splitlines()
    opinions = [
        line.strip()
        for kind in ("neg", "pos")
        for line in (data / "cr_custrev" / f"custrev.{kind}").read_text("latin-1").splitlines()
    ]
    return [*reviews, *(line.split(" ", 1)[1] for line in questions), *opinions]


def ours(texts: Sequence[str]) -> list[list[Substitution]]:
    """What `augment.synonym` replaces in each text."""
    augment = AugmentSynonym()
    augment.setup()
    said = augment.variants(
        texts, [protected_spans(text) for text in texts], StepRandom(0, "quality").draws(range(len(texts)))
    )
    return [
        []
        if isinstance(one, str)
        else [
            (text, start, text[start:end], new)
            for start, end, new in one.replacements
            if text[start:end].lower() not in ("a", "an")
        ]
        for text, one in zip(texts, said, strict=True)
    ]


def nlpaugs(texts: Sequence[str], python: str, folder: str) -> tuple[list[list[Substitution]], float]:
    """What SynonymAug replaces in each text, and how many texts it does per CPU second."""
    script = Path(__file__).with_name("nlpaug_synonyms.py")
    with tempfile.TemporaryDirectory() as place:
        given, out = Path(place) / "texts.json", Path(place) / "out.json"
        given.write_text(json.dumps(list(texts)), "utf-8")
        subprocess.run([python, str(script), "run", str(given), folder, str(out)], check=True)
        told = json.loads(out.read_text("utf-8"))
    every = []
    for text, changes in zip(texts, told["changes"], strict=True):
        every.append([(text, _place(text, start, old), old, new) for start, old, new in changes])
    return every, len(texts) / told["seconds"]


def _place(text: str, start: int, word: str) -> int:
    """Where a word is that nlpaug says begins at `start`; it counts in a text that it has split and joined again."""
    found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)] or [
        max(0, text.find(word))
    ]
    return min(found, key=lambda at: abs(at - start))


def rules(one: Substitution, wordnet: WordNet, inflection: Inflection) -> list[str]:
    """What rules say against a substitution."""
    text, start, old, new = one
    told, other = old.lower(), new.lower()
    said = ["function"] * (told in FUNCTION_WORDS) + ["multiword"] * (len(other.split()) > 1)
    before, after = text[:start].split()[-1:], text[start + len(old) :].split()[:1]
    place = situation(*(words[0].lower() if words and words[0][-1:].isalpha() else "" for words in (before, after)))
    there = [reading for reading in inflection.readings(told) if likelihood(reading, *place) >= 0.3]
    if "multiword" in said or not there:
        return said
    new_readings = inflection.readings(other)
    if not {one.part for one in there} & {one.part for one in new_readings}:
        return [*said, "part"]
    if not {(one.part, one.form) for one in there} & {(one.part, one.form) for one in new_readings}:
        said.append("inflection")
    if not any(sum(wordnet.counts(one.lemma, one.part)) for one in new_readings):
        said.append("rare")
    if not any(
        _shared(wordnet, mine, their) < 2 for mine in there for their in new_readings if mine.part == their.part
    ):
        said.append("sense")
    return said


def _shared(wordnet: WordNet, mine: Reading, their: Reading) -> int:
    """The rank of the commonest sense of a word that it shares with another; a large number where there is none."""
    theirs = wordnet.offsets(their.lemma, their.part)
    return next((rank for rank, at in enumerate(wordnet.offsets(mine.lemma, mine.part)) if at in theirs), 999)


def draw(data: Path, python: str, folder: str, seed: int, skip: int) -> tuple[list[str], list[str]]:
    """The lines to be read, and the key to them."""
    texts = read_texts(data)
    random.Random(seed).shuffle(texts)
    mine = ours(texts)
    kept = [(text, found) for text, found in zip(texts, mine, strict=True) if found][skip : skip + N]
    theirs, speed = nlpaugs([text for text, _ in kept], python, folder)
    reach = sum(bool(one) for one in mine) / len(mine)
    print(f"texts with a variant: {reach:.3f} of {len(mine)}; nlpaug {speed:.0f} texts/s")
    wordnet = load_wordnet()
    inflection = Inflection(wordnet.exceptions, wordnet.knows)
    drawn = random.Random(seed + 1)
    made = [
        (name, drawn.choice(found))
        for name, every in (("curate", [found for _, found in kept]), ("nlpaug", theirs))
        for found in every
        if found
    ]
    drawn.shuffle(made)
    lines, key = [], []
    for at, (name, one) in enumerate(made):
        text, start, old, new = one
        shown = f"{text[max(0, start - 80) : start]}[{old} -> {new}]{text[start + len(old) : start + len(old) + 60]}"
        lines.append(f"{at}\t{shown}")
        key.append(f"{at}\t{name}\t{','.join(rules(one, wordnet, inflection))}")
    return lines, key


def table(path: Path) -> dict[str, list[str]]:
    """Lines of a number and more, by the number."""
    return {first: rest for first, *rest in (line.split("\t") for line in path.read_text("utf-8").splitlines())}


def count(out: Path, readers: Sequence[Path]) -> None:
    """Print the share of each rule and each reader's verdicts, for each source, and how far readers agree."""
    key = table(key_of(out))
    for name in ("curate", "nlpaug"):
        broken = [set(said.split(",")) - {""} for source, said in key.values() if source == name]
        against = sum(bool(said & {"function", "multiword", "part"}) for said in broken)
        counts = Counter(rule for said in broken for rule in said)
        print(name, len(broken), dict(sorted(counts.items())), f"absurd by rule: {against}")
    verdicts = [{at: said[0].strip() for at, said in table(reader).items()} for reader in readers]
    for reader, said in zip(readers, verdicts, strict=True):
        if missing := key.keys() ^ said.keys():
            raise SystemExit(f"{reader}: {len(missing)} lines are missing or too many, e.g. {min(missing)}")
        for name in ("curate", "nlpaug"):
            counts = Counter(said[at] for at, (source, _) in key.items() if source == name)
            print(reader.name, name, dict(sorted(counts.items())), f"absurd {counts['x'] / counts.total():.1%}")
    for one, other in combinations(verdicts, 2):
        kappa = cohen_kappa_score([one[at] for at in key], [other[at] for at in key])
        absurd = cohen_kappa_score([one[at] == "x" for at in key], [other[at] == "x" for at in key])
        print(f"two readers: kappa {kappa:.2f} over four verdicts, {absurd:.2f} over absurd or not")


def key_of(out: Path) -> Path:
    """Where the key to OUT lies."""
    return out.with_name(f"{out.name}.key")


def main() -> None:
    """Draw or count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    acts = parser.add_subparsers(dest="act", required=True)
    drawing, counting = acts.add_parser("draw"), acts.add_parser("count")
    drawing.add_argument("data", type=Path)
    drawing.add_argument("python")
    drawing.add_argument("folder")
    drawing.add_argument("out", type=Path)
    drawing.add_argument("--seed", type=int, default=1)
    drawing.add_argument("--skip", type=int, default=0, help="texts left out, as those that the gates were set by")
    counting.add_argument("out", type=Path)
    counting.add_argument("readers", type=Path, nargs="*")
    asked = parser.parse_args()
    if asked.act == "draw":
        lines, key = draw(asked.data, asked.python, asked.folder, asked.seed, asked.skip)
        asked.out.write_text("\n".join(lines) + "\n", "utf-8")
        key_of(asked.out).write_text("\n".join(key) + "\n", "utf-8")
    count(asked.out, asked.readers if asked.act == "count" else [])


if __name__ == "__main__":
    main()
