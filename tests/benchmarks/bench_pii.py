"""Personal data: precision and recall by kind, false alarms on clean text, and speed, against presidio-analyzer.

    python -m venv PEERS/presidio && PEERS/presidio/bin/pip install presidio-analyzer
    python tests/benchmarks/bench_pii.py --data DATA --presidio PEERS/presidio/bin/python --repeats 3

Truth: the synthetic persons of presidio-research (`DATA/pii_presidio`), whose labels were made with the texts. Patterns
were chosen on the texts of templates with an even number; what is printed are those with an odd one, which nobody
looked at. presidio's threshold is the one that is best on the first half. A finding is right where it overlaps a label
of its kind. Clean text is news and film reviews, which hold next to nothing of the kind, so that every finding there
counts as an alarm.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

GOLD = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "US_SSN": "national_id",
    "US_DRIVER_LICENSE": "national_id",
    "STREET_ADDRESS": "street_address",
}
THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6)
PROGRAM = Path(__file__).with_name("pii_contenders.py")
Found = list[list[list[Any]]]


def run(python: str, name: str, texts: Sequence[str], folder: Path, repeats: int) -> tuple[Found, float]:
    """What a contender finds in each text, and the median of its seconds without its start."""
    source, out = folder / "texts.jsonl", folder / f"{name}.jsonl"
    source.write_text("\n".join(json.dumps(text) for text in texts), "utf-8")
    seconds = []
    for _ in range(repeats):
        done = subprocess.run(
            [python, str(PROGRAM), name, str(source), str(out)], capture_output=True, text=True, check=True
        )
        seconds.append(json.loads(done.stdout.splitlines()[-1])["seconds"])
    return [json.loads(line) for line in out.read_text("utf-8").split("\n")], statistics.median(seconds)


def counted(rows: Sequence[dict[str, Any]], found: Found, least: float = 0.0) -> dict[str, Counter[str]]:
    """By kind: labels, labels found, findings, and findings that overlap no label of the kind."""
    made: dict[str, Counter[str]] = {kind: Counter() for kind in GOLD.values()}
    for row, spans in zip(rows, found, strict=True):
        labels = [(one["start_position"], one["end_position"], GOLD.get(one["entity_type"])) for one in row["spans"]]
        kept = [span for span in spans if span[3] >= least and span[2] in made]
        for start, end, kind in labels:
            if kind is not None:
                made[kind]["labels"] += 1
                made[kind]["found"] += any(one[2] == kind and one[0] < end and one[1] > start for one in kept)
        for low, high, kind, _ in kept:
            made[kind]["findings"] += 1
            made[kind]["wrong"] += not any(start < high and end > low and of == kind for start, end, of in labels)
    return made


def f1(counts: dict[str, Counter[str]]) -> float:
    """Of all kinds together."""
    total = sum(counts.values(), Counter())
    recall = total["found"] / max(1, total["labels"])
    precision = 1 - total["wrong"] / max(1, total["findings"])
    return 2 * precision * recall / max(1e-9, precision + recall)


def clean_texts(data: Path, n: int) -> dict[str, list[str]]:
    """News and film reviews, `n` of each."""
    with (data / "ag_news" / "test.csv").open(encoding="utf-8", newline="") as file:
        news = [f"{row[1]} {row[2]}" for row in csv.reader(file)][:n]
    with gzip.open(data / "imdb_train" / "imdb_train_25k.jsonl.gz", "rt", encoding="utf-8") as file:
        reviews = [json.loads(line)["text"] for _, line in zip(range(n), file, strict=False)]
    return {"ag_news": news, "imdb": reviews}


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--presidio", help="the Python of an environment with presidio-analyzer")
    parser.add_argument("--n-clean", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    pythons = {"curate": sys.executable, **({"presidio": given.presidio} if given.presidio else {})}
    rows = json.loads((given.data / "pii_presidio" / "synth_dataset_v2.json").read_text("utf-8"))
    halves = [[row for row in rows if row["template_id"] % 2 == odd] for odd in (0, 1)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for who, python in pythons.items():
            found = [run(python, who, [row["full_text"] for row in half], folder, 1)[0] for half in halves]
            least = max(THRESHOLDS, key=lambda at: f1(counted(halves[0], found[0], at))) if who == "presidio" else 0.0
            print(f"\n{who}, threshold {least}; kind: labels, recall, precision")
            counts = counted(halves[1], found[1], least)
            for kind, n in {**counts, "all": sum(counts.values(), Counter())}.items():
                precise = share(n["findings"] - n["wrong"], n["findings"])
                print(f"  {kind:15} {n['labels']:4} {share(n['found'], n['labels'])} {precise}")
            for corpus, texts in clean_texts(given.data, given.n_clean).items():
                spans, seconds = run(python, who, texts, folder, given.repeats)
                kept = Counter(one[2] for some in spans for one in some if one[3] >= least)
                n_words = sum(len(text.split()) for text in texts)
                megabytes = sum(len(text.encode()) for text in texts) / 1e6
                alarms = ", ".join(f"{kind} {n}" for kind, n in kept.most_common()) or "none"
                print(
                    f"  {corpus}: {kept.total() / n_words * 1e4:.2f} alarms per 10,000 words ({alarms}); "
                    f"{megabytes / seconds:.2f} MB/s ({megabytes:.1f} MB)"
                )


if __name__ == "__main__":
    main()
