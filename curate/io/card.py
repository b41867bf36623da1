"""The dataset card: a README.md with the metadata block the Hub reads, told from plain data. Pure text in, text out.

Says how the rows were made (recipe, counts per step, measured effects) and which fingerprints tell them again.
Format: https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from curate.data.lineage import StepCount

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_COUNTS = {
    "step": "step",
    "n_in": "rows in",
    "n_dropped": "dropped",
    "n_added": "added",
    "n_changed": "changed",
    "n_quarantined": "quarantined",
    "n_out": "rows out",
    "reasons": "reasons",
    "refused": "refused",
    "notes": "notes",
}
_EFFECTS = {
    "step": "step",
    "metric": "metric",
    "delta": "effect",
    "low": "low",
    "high": "high",
    "p_adjusted": "adjusted p",
    "placebo_delta": "placebo",
    "verdict": "verdict",
    "n_replicates": "replicates",
}


def card(
    title: str,
    *,
    n_rows: int,
    recipe: str,
    counts: Iterable[StepCount | Mapping[str, Any]] = (),
    effects: Iterable[Mapping[str, Any]] | None = None,
    fingerprints: Mapping[str, str] | None = None,
    quarantine: Mapping[str, int] | None = None,
    license: str | None = None,
    languages: Sequence[str] = (),
    source: str | None = None,
) -> str:
    """A dataset card.

    Args:
        title: the name of the data set.
        n_rows: rows of the training split.
        recipe: the recipe, as YAML.
        counts: what each step did; `StepCount`s or mappings with its fields.
        effects: measured effects; mappings with `step`, `metric`, `delta`, `low`, `high`, `verdict`, …; None where
            nothing was measured, which the card then says.
        fingerprints: what each fingerprint is of, and the fingerprint.
        quarantine: causes, and how many rows they put into quarantine.
        license: the licence, as the Hub names it (`cc-by-4.0`).
        languages: ISO 639 codes.
        source: where the rows come from.

    Example:
        >>> text = card("Topics", n_rows=2, recipe="version: 1")
        >>> text.startswith("---") and yaml.safe_load(text.split("---")[1])["pretty_name"]
        'Topics'
    """
    parts = [f"# {_inline(title)}", _origin(n_rows, source)]
    parts += ["## Recipe", _fenced(recipe.strip(), "yaml")]
    steps = [_step(count) for count in counts]
    parts += ["## What each step did", _table(steps, _COUNTS) if steps else "No step was run."]
    parts += ["## What each step is worth", _measured(effects)]
    if quarantine:
        rows = [
            {"cause": cause, "n": n} for cause, n in sorted(quarantine.items(), key=lambda item: (-item[1], item[0]))
        ]
        parts += ["## Rows that could not be read", _table(rows, {"cause": "cause", "n": "rows"})]
    if fingerprints:
        rows = [{"of": of, "fingerprint": f"`{_inline(value)}`"} for of, value in fingerprints.items()]
        parts += ["## Fingerprints", _table(rows, {"of": "of", "fingerprint": "fingerprint"})]
    return _metadata(title, n_rows, license, languages) + "\n" + "\n\n".join(parts) + "\n"


def _step(count: StepCount | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(count, StepCount):
        return {**dataclasses.asdict(count), "reasons": count.by_reason()}
    return dict(count)


def _metadata(title: str, n_rows: int, license: str | None, languages: Sequence[str]) -> str:
    size = next((name for bound, name in _SIZES if n_rows < bound), "n>10M")
    block: dict[str, Any] = {"pretty_name": title, "tags": ["curate"], "size_categories": [size]}
    if license:
        block["license"] = license
    if languages:
        block["language"] = list(languages)
    return f"---\n{yaml.safe_dump(block, sort_keys=False, allow_unicode=True)}---\n"


def _origin(n_rows: int, source: str | None) -> str:
    made = "Made with [curate](https://pypi.org/project/curate-data/): the recipe below was run"
    return f"{made} on {_inline(source)}.\n\nRows: {n_rows:,}" if source else f"{made}.\n\nRows: {n_rows:,}"


def _measured(effects: Iterable[Mapping[str, Any]] | None) -> str:
    rows = [] if effects is None else [dict(effect) for effect in effects]
    if not rows:
        return "The effect of the steps was not measured."
    said = "Effect on the metric of a model trained with the step instead of without it, with its interval."
    return said + "\n\n" + _table(rows, _EFFECTS)


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """A Markdown table of the columns that any row has."""
    kept = [name for name in columns if any(row.get(name) not in (None, [], (), {}) for row in rows)]
    lines = [[columns[name] for name in kept], ["---"] * len(kept)]
    lines += [[_cell(row.get(name)) for name in kept] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{_inline(str(name))} {_cell(n)}" for name, n in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_cell, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _inline(str(value))


def _inline(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
