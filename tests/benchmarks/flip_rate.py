"""How often augmenters turn a label, by a classifier that was trained on all training rows: SST-2 and TREC.

Run by hand: `nice python tests/benchmarks/flip_rate.py [--sets sst2 trec] [--learner linear] [--n 2] [--json FILE]`.

The parents are the test rows, which the classifier has never seen: of those it was trained on it would be too sure. For
each augmenter the share of added rows for which it prefers another class than their label, the same share of their
parents, and the difference with its interval (over parents). A difference says what the augmenter did to the label or
to the classifier; which of the two, only reading tells. `augment.negation` and `augment.antonym` turn labels on
purpose: for them a rate of 1 in the column `old label` would be perfect, and `added` counts against the new label.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from augment_effect import learner
from corpora import DATA, SETS

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.errors import CurateError
from curate.kernels.classes import class_codes
from curate.kernels.flip_rate import flip_rate
from curate.learn.examples import Examples
from curate.learn.learner import Fitted

STEPS: dict[str, dict[str, Any]] = {
    "augment.keyboard": {},
    "augment.ocr": {},
    "augment.typo": {},
    "augment.homoglyph": {},
    "augment.case": {},
    "augment.spacing": {},
    "augment.diacritics": {},
    "augment.contraction": {},
    "augment.misspell": {"table": str(DATA / "spelling" / "spell-errors.txt")},
    "augment.aeda": {},
    "augment.synonym": {},
    "augment.synonym any sense": {"min_sense_share": 0, "min_count": 0},
    "augment.eda": {"alpha": 0.05},
    "augment.eda alpha 0.3": {"alpha": 0.3},
    "augment.tfidf rate 0.1": {"rate": 0.1},
    "augment.tfidf rate 0.3": {"rate": 0.3},
    "augment.tfidf uninformative": {"rate": 0.3, "draw": "uninformative"},
    "augment.tfidf as in the paper": {"rate": 0.3, "draw": "uninformative", "function_words": True},
    "augment.number": {},
    "augment.date": {},
    "augment.crop words": {"unit": "word", "min_fraction": 0.7},
    "augment.concat": {},
    "augment.shuffle": {},
    "augment.backtranslate": {"n": 1},
    "augment.counterfactual": {},
    "augment.antonym": {"n": 1},
    "augment.negation": {"n": 1},
    "augment.nlpaug KeyboardAug": {"augmenter": "KeyboardAug"},
    "augment.nlpaug RandomWordAug": {"augmenter": "RandomWordAug"},
}
TURNS = ("augment.antonym", "augment.negation")
FLIPS = {"sst2": {"0": "1", "1": "0"}}


def rows_of(corpus: Corpus, names: list[str]) -> Examples:
    """Texts and class numbers by the given order of names."""
    codes, own = class_codes(corpus.labels())
    number = np.array([names.index(name) for name in own])
    return Examples(corpus.texts(), number[codes], None, len(names))


def step_of(name: str, data: str, n: int) -> dict[str, Any] | None:
    """The step with its settings; None where the set has no label rule for it."""
    use = name.split(" ")[0]
    given = {"use": use, "n": n, **STEPS[name]}
    if use in TURNS:
        return {**given, "flip": FLIPS[data]} if data in FLIPS else None
    return given


def judged(name: str, data: str, n: int, model: Fitted, names: list[str]) -> dict[str, Any] | None:
    """The figures of one augmenter on one set."""
    settings = step_of(name, data, n)
    if settings is None:
        return None
    parents = SETS[data]().held_out["test"]
    made = Recipe([settings]).run(parents)
    events = [event for event in made.lineage().to_pylist() if event["kind"] == "add"]
    if not events:
        return None
    parent_of = {event["row_id"]: event["parents"][0] for event in events}
    ids = made.corpus.row_ids()
    added = np.flatnonzero(np.isin(ids, np.array(list(parent_of), np.uint64)))
    before = rows_of(parents, names)
    place = {row_id: at for at, row_id in enumerate(parents.row_ids().tolist())}
    own = np.array([place[parent_of[row_id]] for row_id in ids[added].tolist()])
    after = rows_of(made.corpus.take(added), names)
    said, said_before = model.predict(after).argmax(axis=1), model.predict(before).argmax(axis=1)
    rate = flip_rate(
        said != after.targets, said_before[own] != before.targets[own], parents.row_ids()[own].astype(np.uint64)
    )
    return {
        "set": data, "augmenter": name, "rows": rate.n_rows, "parents": rate.n_families,
        "added": rate.added.value, "before": rate.parents.value,
        "flipped": [rate.flipped.value, rate.flipped.low, rate.flipped.high],
        "old_label": float((said != before.targets[own]).mean()),
        "refused": {reason: number for count in made.counts for reason, number in count.refused.items()},
    }  # fmt: skip


def told(line: dict[str, Any]) -> str:
    """A line as text, in per cent."""
    value, low, high = (100 * one for one in line["flipped"])
    return (
        f"{line['set']:6} {line['augmenter']:30} {line['rows']:6} rows  not the label {100 * line['added']:5.1f} %  "
        f"parents {100 * line['before']:5.1f} %  more by {value:+5.1f} [{low:+.1f}, {high:+.1f}]  "
        f"old label {100 * line['old_label']:5.1f} %"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["sst2", "trec"], choices=sorted(SETS))
    parser.add_argument("--steps", nargs="+", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--learner", default="linear", help="linear, bag, head or transformer (MiniLM)")
    parser.add_argument("--n", type=int, default=2, help="variants of each row")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    lines = []
    for data in asked.sets:
        names = class_codes(SETS[data]().labels())[1]
        model = learner(asked.learner).fit(rows_of(SETS[data](), names), validation=None, seed=0)
        for name in asked.steps:
            try:
                line = judged(name, data, asked.n, model, names)
            except CurateError as error:
                print(f"{data:6} {name:30} {error}")
                continue
            if line is not None:
                print(told(line), flush=True)
                lines.append(line)
    if asked.json:
        asked.json.write_text(json.dumps({"learner": asked.learner, "lines": lines}, indent=1), "utf-8")


if __name__ == "__main__":
    main()
