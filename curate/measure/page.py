"""The report of a measurement: the answer first, then effects beside their placebos, then how it was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from curate.measure import confirm, confusion, curves, dose, interaction, slices
from curate.measure.apart import section, sentence
from curate.measure.closer import asked
from curate.measure.closer import sections as closer_sections
from curate.measure.ledger import looks_fact
from curate.measure.result import Effect, Measurement
from curate.measure.verdict import Verdict
from curate.report import model
from curate.report.display import interval, number, percent

MADE = {
    "two-way": "the two-way layout of a mean over rows, Satterthwaite's degrees of freedom",
    "jackknife": "the two-way layout of jackknife values, as the metric is no mean over rows",
}
BUDGETS = {
    "steps": "with the same number of optimiser steps in every arm where it trains in steps",
    "epochs": "with the same number of epochs in every arm where it trains in steps, so with more steps where rows are "
    "more",
}
TONES: dict[str, model.Tone] = {"helps": "good", "hurts": "bad", "no effect": "neutral", "cannot tell": "warning"}


def page(measured: Measurement) -> model.Report:
    """The report of a measurement."""
    single = {effect.verdict for effect in measured.steps}
    found = single if single & {"helps", "hurts"} or len(measured.steps) == 1 else {measured.full.verdict}
    tone: model.Tone = (
        "warning" if not measured.trusted else "bad" if "hurts" in found else "good" if "helps" in found else "neutral"
    )
    return model.Report(
        title=str(measured.facts["corpus"]),
        kind="measure",
        headline=headline(measured),
        tone=tone,
        facts=_facts(measured),
        sections=tuple(_sections(measured)),
        footer=_footer(measured),
    )


def brief(measured: Measurement) -> model.Report:
    """The report without what a first look can do without: tables, other metrics, how it was measured."""
    whole = page(measured)
    effects = whole.sections[0]
    effects = replace(effects, blocks=tuple(block for block in effects.blocks if not isinstance(block, model.Table)))
    told = any(part.rows != "none" for part in measured.apart)
    apart = [section(measured.apart, measured.units)] if told else []
    wanted = set() if measured.closer is None else asked(measured.closer)
    closer = [part for part in _closer(measured) if part.title in wanted]
    return replace(whole, sections=(effects, *_asked(measured), *closer, *apart))


def _footer(measured: Measurement) -> str:
    named = {"train": "fingerprint", "test": "test_fingerprint", "recipe": "recipe_fingerprint"}
    prints = [f"{name} {str(measured.facts[fact])[:12]}" for name, fact in named.items()]
    return " · ".join([f"seed {measured.facts['seed']}", *prints])


def headline(measured: Measurement) -> str:
    """The answer in one sentence."""
    if not measured.trusted:
        return "Not to be trusted: the base trained twice already shows a difference"
    n, by_verdict = len(measured.steps), Counter(effect.verdict for effect in measured.steps)
    parts = _found(measured)
    if none := by_verdict["no effect"]:
        parts.append(f"{none} of {n} {_steps(n)} without an effect beyond ±{measured.units.size(measured.margin)}")
    if unclear := by_verdict["cannot tell"]:
        none_told = f"Of {n} {_steps(n)} this measurement can tell the effect of none"
        parts.append(none_told if unclear == n else f"{unclear} of {n} {_steps(n)} left open (cannot tell)")
    together = measured.full.verdict
    if n > 1 and together in ("helps", "hurts") and not by_verdict[together]:
        why = f", {measured.full.reason}" if measured.full.reason else ""
        parts.append(f"all together {together[:-1]} ({measured.units.difference(measured.full.delta)}){why}")
    return "; ".join(parts)


def _found(measured: Measurement) -> list[str]:
    """The steps that help and hurt, those together that the same takes from: a small effect, a placebo that does so."""
    alike: dict[tuple[str, str], list[str]] = {}
    for verdict in ("helps", "hurts"):
        for effect in measured.steps:
            if effect.verdict == verdict:
                said = f"{effect.step} {verdict} ({measured.units.difference(effect.delta)})"
                alike.setdefault((verdict, effect.reason), []).append(said)
    return [", ".join([*said, *([reason] if reason else [])]) for (_, reason), said in alike.items()]


def _steps(n: int) -> str:
    return "step" if n == 1 else "steps"


def _facts(measured: Measurement) -> tuple[model.Fact, ...]:
    facts, base = measured.facts, measured.base[measured.metric]
    full = measured.full_metrics[measured.metric]
    gained = measured.full.verdict
    return (
        model.Fact(f"base {measured.metric}", measured.units.level(base)),
        model.Fact("with all steps", measured.units.level(full), TONES[gained]),
        model.Fact("replicates", number(facts["n_replicates"])),
        model.Fact("learner", str(facts["learner"])),
        model.Fact("training rows", number(facts["n_train"])),
        model.Fact("test rows", number(facts["n_test"])),
        looks_fact(measured.looks),
    )


def _sections(measured: Measurement) -> list[model.Section]:
    sections = [
        model.Section(
            "Effects",
            (_plot(measured), *_notes(measured), _effects(measured), _costs(measured)),
            lead="Every step beside its placebo, which does the same amount of nothing. Lines are 95 % intervals on "
            "new data of this source. p is adjusted over the steps (Holm), for credit the larger of those against base "
            "and placebo. MDE is the smallest effect that would have been found with 80 % power.",
        ),
        *_further(measured),
        *([section(measured.apart, measured.units)] if measured.apart else []),
        model.Section(
            "Every metric", (_metrics(measured),), lead="One primary metric has a verdict; the rest describe."
        ),
        *([] if measured.confusion is None else [confusion.section(measured.confusion)]),
        *([] if measured.curves is None else [curves.section(measured.curves)]),
    ]
    if measured.recipe_yaml:
        sections.append(model.Section("Recipe", (model.Code(measured.recipe_yaml, "yaml", "what was measured"),)))
    sections.append(model.Section("How it was measured", (model.Text(method(measured)),)))
    return sections


def _further(measured: Measurement) -> list[model.Section]:
    """What was asked beside the effect of each step."""
    parts = [slices.section(measured.slices, measured.units)] if measured.slices else []
    return [*_asked(measured), *parts, *_closer(measured)]


def _closer(measured: Measurement) -> list[model.Section]:
    """The base and every arm beyond one number."""
    looked = measured.closer
    return [] if looked is None else closer_sections(looked, measured.units, measured.base[measured.metric])


def _asked(measured: Measurement) -> list[model.Section]:
    """Settings, pairs and the second learner."""
    higher, units = measured.direction == "higher", measured.units
    sections = [dose.section(sweep, units) for sweep in measured.sweeps]
    if measured.interactions:
        sections.append(interaction.section(measured.interactions, units, higher=higher))
    if measured.confirmation is not None:
        sections.append(confirm.section(measured.confirmation))
    return sections


def _plot(measured: Measurement) -> model.EffectPlot:
    lines = [_line(measured, effect) for effect in (*measured.steps, measured.full, measured.aa)]
    better = "higher is better" if measured.direction == "higher" else "lower is better"
    drawn = measured.units.plot(lines, f"change in {measured.metric}")
    return replace(drawn, axis=f"{drawn.axis} ({better})")


def _line(measured: Measurement, effect: Effect) -> model.EffectLine:
    aa, units = effect.step == measured.aa.step, measured.units
    note = f"p = {effect.p_adjusted:.2g}" if effect.p_adjusted >= 0.001 else "p < 0.001"
    verdict = ("the same" if measured.trusted else "differs") if aa else effect.verdict
    return model.EffectLine(
        effect.step,
        units.drawn(effect.delta, effect.interval),
        None if effect.placebo_delta is None else units.drawn(effect.placebo_delta, effect.placebo_interval),
        verdict,
        ("info" if measured.trusted else "bad") if aa else TONES[effect.verdict],
        f"{note} · MDE {units.signed(effect.mde).lstrip('+')}",
    )


def _notes(measured: Measurement) -> list[model.Note]:
    again = "The A/A arm, the base trained again,"
    notes = [
        model.Note(f"{again} shows no difference: the measurement can be trusted here.", "good")
        if measured.trusted
        else model.Note(f"{again} differs from the base: nothing on this page can be trusted.", "bad")
    ]
    if measured.facts["deterministic"]:
        same = f"The learner {measured.facts['learner']} is deterministic: trained again on the same rows it is itself"
        notes = [model.Note(f"{same}, so here the A/A arm proves only that the bench repeats itself.", "info")]
    if measured.aa.standing == "exploratory":
        notes.append(
            model.Note("Fewer than 10 replicates: this is exploratory. --replicates 10 makes it a report.", "info")
        )
    if measured.aa.standing == "none":
        notes.append(model.Note("Fewer than 5 replicates never give a verdict.", "warning"))
    said = [*measured.notes, *([sentence(measured.apart, measured.units)] if measured.apart else [])]
    trained = [] if measured.curves is None else curves.remark(measured.curves)
    return [*notes, *(model.Note(note, "info") for note in said), *trained, *_why(measured)]


def _why(measured: Measurement) -> list[model.Note]:
    """What stands behind verdicts that do not say it all, one note per reason; and what would resolve those that cannot
    tell.
    """
    found: dict[tuple[Verdict, str], list[str]] = {}
    last: dict[tuple[Verdict, str], list[str]] = {}
    ends = Counter(_end(*pair) for pair in {(effect.verdict, effect.reason) for effect in measured.steps})
    for effect in measured.steps:
        end = _end(effect.verdict, effect.reason)
        shared = ends[end] > 1
        own = effect.reason.removesuffix(end[1]).removesuffix("; ") if shared else effect.reason
        if own:
            found.setdefault((effect.verdict, own), []).append(effect.step)
        if shared and end[1]:
            last.setdefault(end, []).append(effect.step)
    notes = [
        model.Note(f"{', '.join(steps)}: {verdict}, {reason}.", TONES[verdict])
        for (verdict, reason), steps in (*found.items(), *last.items())
    ]
    return [*notes, *_resolving(measured)]


def _end(verdict: Verdict, reason: str) -> tuple[Verdict, str]:
    """The last clause of a reason, which several reasons may share."""
    return verdict, reason.rpartition("; ")[2]


def _resolving(measured: Measurement) -> list[model.Note]:
    """What would resolve the verdicts that cannot tell, as one note."""
    found: dict[str, list[str]] = {}
    for effect in measured.steps:
        ways = []
        if effect.verdict == "cannot tell" and effect.resolve["n_replicates"]:
            ways.append(f"{effect.resolve['n_replicates']} replicates")
        if effect.verdict == "cannot tell" and effect.resolve["n_test_rows"]:
            ways.append(f"{number(effect.resolve['n_test_rows'])} test rows")
        if ways:
            found.setdefault(" or ".join(ways), []).append(effect.step)
    takes = "; ".join(f"{ways} ({', '.join(steps)})" for ways, steps in found.items())
    return [model.Note(f"Were the effects what was seen, it would take {takes} to tell.", "info")] if found else []


def _effects(measured: Measurement) -> model.Table:
    columns = (
        model.Column("step", "code"),
        model.Column("verdict", "code"),
        model.Column("p adjusted", "number"),
        model.Column("on this test set", "code"),
    )
    units = measured.units
    rows = tuple(
        (
            effect.step,
            effect.verdict,
            float(f"{effect.p_adjusted:.3g}"),
            interval(units.drawn(effect.delta, effect.on_test_set), units.decimals),
        )
        for effect in measured.steps
    )
    caption = "What each verdict rests on; on this test set: the interval for these rows alone"
    return model.Table(columns, rows, caption, searchable=False)


def _costs(measured: Measurement) -> model.Table:
    unit = measured.units.word or measured.metric
    columns = (
        model.Column("step", "code"),
        model.Column("rows touched", "number"),
        model.Column("seconds", "number"),
        model.Column(f"{unit} per 1,000 rows", "number"),
        model.Column(f"{unit} per second", "number"),
    )
    rows = tuple(
        (
            effect.step,
            round(effect.rows),
            round(effect.seconds, 2),
            _cost(effect.per_1000_rows, measured.units.scale),
            _cost(effect.per_second, measured.units.scale),
        )
        for effect in measured.steps
    )
    caption = (
        "What each step costs in the arms that hold it, after the steps before it; mean over replicates. "
        "An effect whose interval holds 0 has no price"
    )
    return model.Table(columns, rows, caption, searchable=False)


def _cost(value: float | None, scale: float) -> float | None:
    return None if value is None else float(f"{value * scale:.3g}")


def _metrics(measured: Measurement) -> model.Table:
    columns = (
        model.Column("metric", "code"),
        model.Column("base", "number"),
        model.Column("sd over replicates", "number"),
        model.Column("all steps", "number"),
        model.Column("change", "number"),
    )
    rows = tuple(
        (name, value, measured.base_sd[name], measured.full_metrics[name], measured.full_metrics[name] - value)
        for name, value in measured.base.items()
    )
    return model.Table(columns, rows, "All metrics, mean over replicates", searchable=len(rows) > 15)


_COUNTED = {
    "n_truncated": "of up to {} training texts a model reads the beginning only",
    "n_cut_prompts": "up to {} training prompts lost their beginning",
}


def _of_the_model(measured: Measurement) -> str:
    """The size of a model that tells it, and what it did not read of the base's training rows."""
    facts = measured.curves.facts() if measured.curves else {}
    if not facts:
        return ""
    size = f"a model has {number(facts['n_parameters'])} weights, of which {number(facts['n_trained'])} learn"
    cut = [said.format(number(facts[name])) for name, said in _COUNTED.items() if facts.get(name)]
    return f" In the base {'; '.join([size, *cut])}."


def _orders(n_orders: int | None) -> str:
    if n_orders is None:
        return ""
    return (
        f", the mean over {n_orders} orders of the steps (half of them drawn anew in each replicate, the others their "
        "reverses), so that the interval holds what the draw of orders adds"
    )


def method(measured: Measurement) -> str:
    """How it was measured, in words that a reader who was not there can check."""
    facts = measured.facts
    question = {
        "alone": "Each step by itself is held against the base.",
        "leave-one-out": "All steps are held against all but the one.",
        "shapley": "Each step's Shapley value over the other steps, within each replicate"
        f"{_orders(facts['n_orders'])}; its placebo stands by itself against the base, so a step whose mere amount "
        "counts for more beside others can be credited for it.",
    }[str(facts["attribution"])]
    said = f" ({facts['learner_said']})" if facts["learner_said"] else ""
    drawn, pool = percent(facts["pool_fraction"]), number(facts["n_pool"])
    design = (
        f"{number(facts['n_replicates'])} replicates; in each, {drawn} of the training rows are drawn by "
        "near-duplicate family, and steps, initialisation and batch order get one draw that all arms share. "
        f"{question} Steps learn and edit within the replicate and only training rows; {pool} rows are trained on "
        "before any step, and validation rows are never edited."
    )
    training = (
        f"The learner is {facts['learner']}{said}, {BUDGETS[str(facts['budget'])]}. "
        f"{number(facts['n_cells'])} cells were read; equal ones are trained once. Test rows are the same "
        f"{number(facts['n_test'])} in every arm, {number(facts['n_test_clusters'])} after near duplicates are taken "
        f"together.{_of_the_model(measured)}"
    )
    reading = (
        "The interval is on new data of this source: replicates and test rows both vary "
        f"({MADE[str(facts['interval'])]}). The replicates are drawn from "
        "these training rows: another training set of the source would vary more than the interval says. A step "
        "helps only if it beats the base and its placebo, after Holm over the steps. Differences within "
        f"±{measured.units.size(measured.margin)} count as no effect (two one-sided tests)."
    )
    return "\n\n".join((design, training, reading))
