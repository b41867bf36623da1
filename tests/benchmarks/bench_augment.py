"""Texts augmented per second of one core: curate's augmenters, and nlpaug's and TextAttack's, in the same run.

    python tests/benchmarks/bench_augment.py DATA --repeats 5
    python tests/benchmarks/bench_augment.py DATA --group characters --peer textattack=PYTHON

DATA is the folder that holds `trec_raw` and `sst2`: 10,000 short texts, half of each. Every contender is a process of
its own that loads and then augments all texts three times (TextAttack: 300 of them), told in CPU seconds of the fastest
time; a round goes through all contenders, and figures are medians over the rounds. `texts`
asks an augmenter for texts from texts, as nlpaug does; `plan` is all of what a run does with it: protected spans, draws
by row, edits with offsets, new rows with what they changed. A peer runs in the environment of its PYTHON: nlpaug's
synonyms in that of `nlpaug_synonyms.py`, with NLTK_DATA naming its FOLDER. Add a contender to `augment_contenders.py`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from augment_contenders import CONTENDERS, GROUPS

SCRIPT = Path(__file__).with_name("augment_contenders.py")


def measured(python: str, name: str, data: Path) -> dict[str, float]:
    """What one process tells: texts, CPU seconds, share of texts that changed, characters that differ."""
    done = subprocess.run([python, str(SCRIPT), name, str(data)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Print one line per contender: texts a CPU second, its range, how many texts changed, and the ratio to a peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--group", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    given = parser.parse_args()
    pythons = dict(peer.split("=", 1) for peer in given.peer)
    names = [name for group in given.group for name in GROUPS[group]]
    names = [name for name in names if CONTENDERS[name].environment in (None, *pythons)]
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(given.repeats):
        for name in names:
            python = pythons.get(CONTENDERS[name].environment or "", sys.executable)
            seen[name].append(measured(python, name, given.data))
    rates = {name: [one["n_texts"] / one["cpu_s"] for one in many] for name, many in seen.items()}
    print(f"{'':32} texts a CPU s         (range)  changed  characters  against its peer")
    for name, many in rates.items():
        rate, last, peer = statistics.median(many), seen[name][-1], CONTENDERS[name].against
        ratio = f"{rate / statistics.median(rates[peer]):6.1f} x {peer}" if peer in rates else ""
        spread = f"({min(many):,.0f}-{max(many):,.0f})"
        print(f"{name:32} {rate:13,.0f} {spread:>15} {last['changed']:8.1%} {last['edited']:11.2%}  {ratio}")


if __name__ == "__main__":
    main()
