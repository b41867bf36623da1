"""The recipe of `bench_text.py` in every contender: encodings, white space, e-mails, length, special characters, words.

    python tests/benchmarks/text_contenders.py NAME SOURCE OUT FOLDER [WORKERS]

One process from start to end: reads JSON Lines with a column `text`, writes JSON Lines. `loop` is what one would write
by hand; `datasets` and `datatrove` run the same Python functions, so that the same rows come out; `data-juicer` has
operators of its own for each step, with definitions of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

MIN_CHARACTERS, MAX_CHARACTERS = 10, 100_000
MAX_SPECIAL = 0.4
N_WORDS, MAX_REPETITION = 3, 0.4

RUN = re.compile(r"[^\S\n]+")
LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
AROUND_LINE = re.compile(r" ?\n ?")
EMPTY_LINES = re.compile(r"\n{3,}")
EMAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
SPECIAL = re.compile(r"[^\w\s\ufe0f]|_")
UNSPACED = r"\u3400-\u9fff\u3040-\u30ff\u0e01-\u0e7f"  # scripts without spaces: each character is a word
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}](?:[^\s{UNSPACED}]*[^\W_{UNSPACED}])?")


def tidy(text: str) -> str:
    """White space, then e-mails."""
    text = RUN.sub(" ", LINE_END.sub("\n", text))
    text = EMPTY_LINES.sub("\n\n", AROUND_LINE.sub("\n", text)).strip()
    return EMAIL.sub("[EMAIL]", text)


def kept(text: str) -> bool:
    """Whether a row stays by its length, its special characters and its repeated words."""
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS or len(SPECIAL.findall(text)) > MAX_SPECIAL * len(text):
        return False
    words = WORD.findall(text.lower())
    runs = Counter(zip(*(words[start:] for start in range(N_WORDS)), strict=False))
    return sum(n for n in runs.values() if n > 1) <= MAX_REPETITION * max(1, len(words) - N_WORDS + 1)


def mender() -> Callable[[str], str]:
    """ftfy as `clean.unicode` sets it."""
    from ftfy import TextFixerConfig, fix_text

    settings = TextFixerConfig(unescape_html=False, explain=False, uncurl_quotes=False, fix_character_width=False)
    return lambda text: fix_text(text, settings)


def loop(source: Path, out: Path, folder: Path, workers: int) -> None:
    """A line in, a line out."""
    mend = mender()
    with source.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as sink:
        for line in lines:
            row = json.loads(line)
            row["text"] = tidy(mend(row["text"]))
            if kept(row["text"]):
                sink.write(json.dumps(row, ensure_ascii=False) + "\n")


def datasets(source: Path, out: Path, folder: Path, workers: int) -> None:
    """`load_dataset`, `map`, `map`, `filter`, `to_json`."""
    import datasets as hf

    hf.disable_progress_bars()
    mend, processes = mender(), workers if workers > 1 else None
    rows = hf.load_dataset("json", data_files=str(source), split="train", cache_dir=str(folder))
    rows = rows.map(lambda row: {"text": mend(row["text"])}, num_proc=processes)
    rows = rows.map(lambda row: {"text": tidy(row["text"])}, num_proc=processes)
    rows = rows.filter(lambda row: kept(row["text"]), num_proc=processes)
    rows.to_json(str(out), force_ascii=False)


def datatrove(source: Path, out: Path, folder: Path, workers: int) -> None:
    """Its reader, its ftfy formatter, a formatter and a lambda filter of the same functions, its writer."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.filters import LambdaFilter
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.formatters.base import BaseFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    class Tidy(BaseFormatter):
        name = "tidy"

        def format(self, text: str) -> str:
            return tidy(text)

    parts = folder / "parts"
    parts.mkdir()
    with source.open("rb") as lines:  # a task reads whole files
        files = [(parts / f"{number}.jsonl").open("wb") for number in range(workers)]
        for number, line in enumerate(lines):
            files[number % workers].write(line)
        for file in files:
            file.close()
    ftfy = FTFYFormatter(unescape_html=False, uncurl_quotes=False, fix_character_width=False)
    LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(parts)),
            ftfy,
            Tidy(),
            LambdaFilter(lambda document: kept(document.text)),
            JsonlWriter(str(folder / "out"), output_filename="${rank}.jsonl", compression=None),
        ],
        tasks=workers,
        workers=workers,
        logging_dir=str(folder / "logs"),
    ).run()
    with out.open("wb") as sink:
        for path in sorted((folder / "out").glob("*.jsonl")):
            sink.write(path.read_bytes())


def data_juicer(source: Path, out: Path, folder: Path, workers: int) -> None:
    """Its six operators."""
    recipe = folder / "recipe.yaml"
    steps = [
        {"fix_unicode_mapper": {}},
        {"whitespace_normalization_mapper": {}},
        {"clean_email_mapper": {"repl": "[EMAIL]"}},
        {"text_length_filter": {"min_len": MIN_CHARACTERS, "max_len": MAX_CHARACTERS}},
        {"special_characters_filter": {"min_ratio": 0.0, "max_ratio": 0.7}},  # its special characters hold white space
        {"word_repetition_filter": {"rep_len": N_WORDS, "min_ratio": 0.0, "max_ratio": MAX_REPETITION}},
    ]
    plain = {"project_name": "bench", "dataset_path": str(source), "export_path": str(folder / "out" / "out.jsonl")}
    plain |= {"np": workers, "use_cache": False, "open_tracer": False, "process": steps}
    recipe.write_text(json.dumps(plain))
    subprocess.run([str(Path(sys.executable).with_name("dj-process")), "--config", str(recipe)], check=True)
    (folder / "out" / "out.jsonl").rename(out)


def curate(source: Path, out: Path, folder: Path, workers: int) -> None:
    """The command, and all it does beside: fingerprints, lineage, accounting, resume, the card."""
    from curate.cli.main import main as command

    recipe = folder / "recipe.yaml"
    steps = [
        {"use": "clean.unicode"},
        {"use": "clean.whitespace"},
        {"use": "clean.pii", "kinds": ["email"]},
        {"use": "filter.length", "min_characters": MIN_CHARACTERS, "max_characters": MAX_CHARACTERS},
        {"use": "filter.special_characters", "max_fraction": MAX_SPECIAL},
        {"use": "filter.word_repetition", "n_words": N_WORDS, "max_fraction": MAX_REPETITION},
    ]
    recipe.write_text(json.dumps({"version": 1, "steps": steps}))
    place = ["--cache", str(folder / "cache"), "--workers", str(workers), "-q"]
    code = command(["run", str(recipe), str(source), "--out", str(out), *place])
    if code:
        raise SystemExit(code)


CONTENDERS: dict[str, Callable[[Path, Path, Path, int], None]] = {
    "loop": loop,
    "datasets": datasets,
    "datatrove": datatrove,
    "data-juicer": data_juicer,
    "curate": curate,
}

if __name__ == "__main__":
    name, source, out, folder, *rest = sys.argv[1:]
    CONTENDERS[name](Path(source), Path(out), Path(folder), int(rest[0]) if rest else 1)
