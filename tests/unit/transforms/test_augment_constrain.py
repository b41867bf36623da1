"""What `augment.constrain` promises: which added rows go and why, that no other row goes, and that its flip rates are
those that anyone can work out from the rows and the judge's opinions.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import TOP_BIT, Batch
from curate.errors import ColumnError, InputError, RecipeError
from curate.io import load, save
from curate.io.curated import save_curated
from curate.kernels.flip_rate import flip_rate
from curate.learn.crossfit import PredProbs
from curate.measure.measure import measure


class Written(RowTransform):
    """Adds to each row the texts that were written for it, by its text; and labels, where they are given."""

    name: ClassVar[str] = "test.written"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"written": "it was written"}

    texts: dict[str, tuple[str, ...]]
    label: str | None = None

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        told = batch.texts()
        made = [(at, n, new) for at, old in enumerate(told) for n, new in enumerate(self.texts.get(old or "", ()))]
        parents = batch.row_ids[[at for at, _, _ in made]]
        cells = {"text": pa.array([new for _, _, new in made], pa.string())}
        if self.label is not None:
            cells["label"] = pa.array([self.label] * len(made), pa.string())
        return Edits.add(random.derive(parents, [n for _, n, _ in made]), parents, "written", cells=cells)


def rows(texts: list[str | None], labels: list[str | None] | None = None) -> Corpus:
    table = {"text": pa.array(texts, pa.string())}
    if labels is not None:
        table["label"] = pa.array(labels, pa.string())
    return Corpus.from_table(pa.table(table))


def constrained(corpus: Corpus, texts: dict[str, tuple[str, ...]], label: str | None = None, **settings: Any) -> Any:
    """The run of an augmenter that writes these texts, and of a constraint behind it."""
    given = {"judge": None, "language": False, "duplicates": "off", **settings}
    made = Step(Written(texts=texts, label=label), name="written")
    return Recipe([made, step("augment.constrain", **given)]).run(corpus)


def gone(curated: Any) -> dict[str, str]:
    """The reason for each text that the constraint dropped."""
    lineage = curated.lineage().to_pylist()
    return {event["before"]: event["reason"] for event in lineage if event["kind"] == "drop"}


NOBODY = "no row that a step added was there to be judged; rows that were changed in place are not judged"
OLD = "the quick brown fox jumps over the lazy dog"


def test_each_bound_on_the_text_has_its_reason() -> None:
    new = {
        "change": "one two three four five six the lazy dog",
        "little": OLD.upper() + "!",
        "length": OLD + " and then some more words still",
        "overlap": "the quick quick quick jumps over the the dog",
    }
    for settings, dropped in (
        ({"max_change": 0.5}, {"change": "changed_too_much"}),
        ({"min_change": 0.1}, {"little": "changed_too_little"}),
        ({"max_length_ratio": 1.2}, {"length": "length_changed"}),
        ({"min_overlap": 0.7}, {"overlap": "overlap", "change": "overlap", "length": "overlap"}),
    ):
        assert gone(constrained(rows([OLD]), {OLD: tuple(new.values())}, **settings)) == {
            new[name]: why for name, why in dropped.items()
        }


def test_another_language_goes_and_the_same_stays() -> None:
    german = "Der schnelle braune Fuchs springt über den faulen Hund und läuft dann nach Hause."
    english = "The fast brown fox leaps over the sleepy dog and then runs all the way home."
    old = "The quick brown fox jumps over the lazy dog and then it runs home again."
    made = constrained(rows([old]), {old: (german, english)}, language=True)
    assert gone(made) == {german: "other_language"}
    # a parent in the other language: nothing is wrong with a variant in its own
    assert gone(constrained(rows([german]), {german: (german + " Ja.",)}, language=True)) == {}


def test_repeats_go_whatever_their_case_and_of_added_ones_the_first_stays() -> None:
    texts = {"a b": ("A  B", "x y", "c d"), "c d": ("x y", "X Y", "new")}
    made = constrained(rows(["a b", "c d", "c d"]), texts, duplicates="normal")
    lineage = [event for event in made.lineage().to_pylist() if event["kind"] == "drop"]
    why = sorted((event["before"].lower(), event["reason"]) for event in lineage)
    repeats = [("c d", "repeats_row"), ("new", "repeats_row"), *[("x y", "repeats_row")] * 4]
    assert why == [("a  b", "repeats_parent"), *repeats]  # the two rows `c d` have variants each
    assert sorted(map(str.lower, made.corpus.texts())) == ["a b", "c d", "c d", "new", "x y"]
    refs = {event["reason"]: event["ref"] for event in lineage if event["before"] in ("A  B", "c d")}
    assert refs == {"repeats_parent": 0, "repeats_row": 1}
    exact = constrained(rows(["a b"]), {"a b": ("A  B", "a b")}, duplicates="exact")
    assert gone(exact) == {"a b": "repeats_parent"}


def test_a_row_that_goes_anyway_takes_no_other_with_it() -> None:
    """Two added rows with one text: the one that strays from its parent goes for that, and the other stays."""
    far, near = "one two three four", "one two three five"
    made = constrained(rows([far, near]), {far: ("six six six six",), near: ("six six six six",)}, max_change=0.5)
    assert set(gone(made).values()) == {"changed_too_much"}
    text = "one two three nine"
    both = constrained(
        rows(["a b c d", near]), {"a b c d": (text,), near: (text,)}, max_change=0.5, duplicates="normal"
    )
    assert gone(both) == {text: "changed_too_much"}
    assert both.corpus.texts().count(text) == 1


def test_near_rows_go_only_where_they_are_no_kin() -> None:
    old, other = (
        "one two three four five six seven eight nine ten",
        "red blue green black white pink grey brown cyan tan",
    )
    texts = {old: ("one two three four five six seven eight nine eleven", other + " red extra")}
    made = constrained(rows([old, other]), texts, duplicates="near", min_near=0.8)
    assert gone(made) == {other + " red extra": "near_row"}
    [event] = [event for event in made.lineage().to_pylist() if event["kind"] == "drop"]
    assert event["ref"] == 1
    assert event["score"] == pytest.approx(10 / 11)


def test_rows_that_no_step_added_are_never_dropped() -> None:
    corpus = rows(["a b", "A B", "a b", "", None], ["x", "y", "x", "y", "x"])
    everything: dict[str, Any] = {
        "duplicates": "near",
        "held_out": "exact",
        "min_change": 0.5,
        "min_similarity": 0.9,
        "judge": "linear",
        "n_folds": 2,
        "language": True,
        "max_perplexity": 0.01,
        "reference": ["some text of a kind"],
    }
    made = Recipe([step("augment.constrain", **everything)]).run(corpus.with_held_out(test=rows(["a b"], ["x"])))
    assert made.corpus.table().equals(corpus.table())
    assert made.counts[0].notes == (NOBODY,)


def test_rows_changed_in_place_are_not_judged_and_the_note_says_so() -> None:
    corpus = rows(["a moving film", "another"]).with_held_out(test=rows(["a moving movie"]))
    change = step("augment.synonym", table={"film": "movie"}, in_place=True)
    made = Recipe([change, step("augment.constrain", judge=None)]).run(corpus)
    assert made.corpus.texts() == ["a moving movie", "another"]
    assert made.counts[1].notes == (NOBODY,)


def test_a_row_that_repeats_a_test_row_goes_unless_somebody_wants_it() -> None:
    corpus, new = rows(["a moving film"]), {"a moving film": ("A moving  movie!", "a moving picture")}
    tested = corpus.with_held_out(test=rows(["a moving movie"]))
    made = constrained(tested, new)
    assert gone(made) == {"A moving  movie!": "near_held_out"}
    assert made.counts[1].dropped_by == {"near_held_out": 1}
    assert made.corpus.held_out["test"].texts() == ["a moving movie"]
    assert gone(constrained(tested, new, held_out="off")) == {}
    assert gone(constrained(tested, new, split="other")) == {}


def test_without_a_test_set_nothing_is_looked_for_unless_it_is_named() -> None:
    corpus, new = rows(["a moving film"]), {"a moving film": ("a moving movie",)}
    wordless = Corpus.from_table(pa.table({"n": [1]}))
    for there in (corpus, corpus.with_held_out(test=wordless), corpus.with_held_out(dev=rows(["a moving movie"]))):
        assert gone(constrained(there, new)) == {}
    assert gone(constrained(corpus.with_held_out(dev=rows(["a moving movie"])), new, split="all")) == {
        "a moving movie": "near_held_out"
    }
    with pytest.raises(InputError, match="no held-out split 'test'"):
        constrained(corpus, new, held_out="exact")


def test_rows_without_labels_are_told_how_to_do_without_a_judge() -> None:
    with pytest.raises(RecipeError, match=r"needs the role label.*, or set judge: null, and no label is judged"):
        Recipe([step("augment.constrain")]).run(rows(["a"]))


def test_never_near_a_held_out_row_by_itself_or_by_what_it_was_made_from() -> None:
    """A descendant of a leaked row has another text, and yet stands for it; so does its own descendant."""
    corpus = rows(["the leaked question", "an honest one"]).with_held_out(test=rows(["The leaked question?", "secret"]))
    first = Step(
        Written(texts={"the leaked question": ("some other words",), "an honest one": ("fine", "Secret!")}), "a"
    )
    second = Step(Written(texts={"some other words": ("yet other words",), "fine": ("finer",)}), "b")
    settings = {"judge": None, "duplicates": "off", "language": False, "held_out": "exact"}
    made = Recipe([first, second, step("augment.constrain", **settings)]).run(corpus)
    wanted = dict.fromkeys(("some other words", "yet other words", "Secret!"), "near_held_out")
    assert gone(made) == wanted
    events = [event for event in made.lineage().to_pylist() if event["kind"] == "drop"]
    assert {event["ref_split"] for event in events} == {"test"}
    assert sorted(made.corpus.texts()) == ["an honest one", "fine", "finer", "the leaked question"]
    with pytest.raises(InputError, match="no held-out split"):
        Recipe([first, step("augment.constrain", **settings)]).run(rows(["the leaked question"]))


@pytest.mark.parametrize("encoder", ["hashed", {"name": "hashed", "n_dimensions": 4096}], ids=str)
def test_far_from_the_parent_in_the_vectors_of_an_encoder(encoder: str | dict[str, Any]) -> None:
    texts = [f"the {word} is on the table" for word in ("cup", "book", "lamp", "fork")]
    made = constrained(
        rows(texts),
        {texts[0]: ("the cup is on the tables", "stocks fell sharply in late trading")},
        min_similarity=0.5,
        encoder=encoder,
    )
    assert gone(made) == {"stocks fell sharply in late trading": "unlike_parent"}


def test_a_parent_that_is_gone_is_known_as_it_was_read() -> None:
    class DropOld(RowTransform):
        """Drops the rows whose text is OLD."""

        name: ClassVar[str] = "test.drop_old"
        version: ClassVar[str] = "1"
        reasons: ClassVar[dict[str, str]] = {"old": "it is old"}

        def plan(self, batch: Batch, random: StepRandom) -> Edits:
            return Edits.drop([i for i, text in zip(batch.row_ids, batch.texts(), strict=True) if text == OLD], "old")

    added = Step(Written(texts={OLD: (OLD.upper(), "nothing of it")}), "w")
    constraint = step("augment.constrain", judge=None, language=False, max_change=0.5)
    made = Recipe([added, Step(DropOld()), constraint]).run(rows([OLD]))
    reasons = {event["before"]: event["reason"] for event in made.lineage().to_pylist() if event["kind"] == "drop"}
    assert reasons == {OLD: "old", OLD.upper(): "repeats_parent", "nothing of it": "changed_too_much"}


def test_only_the_steps_that_are_named_are_judged() -> None:
    copies = Step(Written(texts={"a b": ("a b",)}), "copies")
    others = Step(Written(texts={"c d": ("c d",)}), "others")
    constraint = step("augment.constrain", judge=None, steps=["others"])
    made = Recipe([copies, others, constraint]).run(rows(["a b", "c d"]))
    assert gone(made) == {"c d": "repeats_parent"}
    assert made.counts[-1].notes == ("others: of 1 added rows 0 stay; refused: repeats_parent 1",)


def test_a_step_that_is_named_and_added_nothing_is_told() -> None:
    copies = Step(Written(texts={"a b": ("c",)}), "copies")
    made = Recipe([copies, step("augment.constrain", judge=None, steps=["copys"])]).run(rows(["a b", "c d"]))
    told = "steps names 'copys', of which there is no row to be judged; rows were added by copies"
    assert made.counts[-1].notes == (told,)


def test_rows_added_before_they_were_read_are_judged_by_what_needs_no_parent(tmp_path: Path) -> None:
    made = Recipe([Step(Written(texts={"a b": ("A B", "q r s")}), "w")]).run(rows(["a b"]))
    save(made.corpus, tmp_path / "rows.parquet", with_ids=True)
    again = load(tmp_path / "rows.parquet")
    assert again.origin is None
    assert (again.row_ids() >= TOP_BIT).sum() == 2
    out = Recipe([step("augment.constrain", judge=None, max_change=0.1)]).run(again)
    assert gone(out) == {"A B": "repeats_row"}  # `q r s` has strayed far, but nobody knows from what
    assert out.counts[0].notes == ("(added before it was read): of 2 added rows 1 stay; refused: repeats_row 1",)


def test_a_column_that_stands_for_a_signal_is_refused() -> None:
    table = pa.table({"text": ["a", "b"], "label": ["x", "y"], "pred_probs": [[1.0, 0.0], [0.0, 1.0]]})
    with pytest.raises(ColumnError, match="said of their parents"):
        Recipe([step("augment.constrain")]).run(Corpus.from_table(table))


def test_settings_that_contradict_each_other_are_refused() -> None:
    for settings, said in (
        ({"min_change": 0.5, "max_change": 0.2}, "above max_change"),
        ({"max_perplexity": 5}, "needs reference"),
    ):
        with pytest.raises(Exception, match=said):
            step("augment.constrain", **settings)


def test_a_surprising_row_goes_by_itself_and_by_its_parent() -> None:
    reference = ["the team won the second match on sunday"] * 3
    noise = "zqx vkj wpf"
    settings: dict[str, Any] = {"reference": reference}
    old = "the team won the match"
    assert gone(constrained(rows([old]), {old: (noise, "the team won")}, max_perplexity=20, **settings)) == {
        noise: "surprising"
    }
    assert gone(constrained(rows([old]), {old: (noise, "the team won")}, max_perplexity_ratio=5, **settings)) == {
        noise: "surprising"
    }


# the judge of labels


SPORT, MONEY = "goal team match player coach referee".split(), "bank stock price fund broker dividend".split()


def topics(n: int) -> Corpus:
    """Rows whose label their words tell; one in ten has the other one."""
    random = np.random.Generator(np.random.PCG64(3))
    texts, labels = [], []
    for at in range(n):
        words = SPORT if at % 2 else MONEY
        texts.append(f"{' '.join(random.choice(words, 4))} {at}")
        labels.append(("sport" if at % 2 else "money") if at % 10 else ("money" if at % 2 else "sport"))
    return rows(texts, labels)


def variants(corpus: Corpus, every: int, words: list[str]) -> dict[str, tuple[str, ...]]:
    """Two variants of every so manieth row: one with a word more, one whose words are those of `words`."""
    texts = corpus.texts()[::every]
    return {text: (text + " today", " ".join(words) + f" {at}") for at, text in enumerate(texts)}


def test_the_flip_rate_is_that_of_the_judges_opinions_counted_by_hand() -> None:
    corpus = topics(120)
    recipe = Recipe(
        [
            Step(Written(texts=variants(corpus, 3, SPORT)), "a"),
            step("augment.constrain", min_label_probability=0.0, duplicates="off", language=False),
        ]
    )
    made = recipe.run(corpus)
    assert made.counts[1].n_dropped == 0  # a bound of 0 only tells
    before = Recipe(recipe.steps[:1]).run(corpus)
    said = PredProbs(n_folds=5, learn_from_added=False).compute(before.corpus, 0)
    probs = dict(zip(said.column("row_id").to_pylist(), said.column("value").to_pylist(), strict=True))
    label = dict(zip(before.corpus.row_ids().tolist(), before.corpus.labels().to_pylist(), strict=True))

    def doubted(row: int) -> bool:
        return probs[row][label[row] == "money"] > probs[row][label[row] == "sport"]  # ["money", "sport"]

    pairs = [(event["row_id"], event["parents"][0]) for event in before.lineage().to_pylist() if event["kind"] == "add"]
    child, parent = (np.array([doubted(pair[at]) for pair in pairs]) for at in (0, 1))
    [note] = [note for note in made.counts[1].notes if "estimated" in note]
    of = np.array([pair[1] for pair in pairs], dtype=np.uint64)
    told, by_hand = flip_rate(child, parent, of).flipped, child.mean() - parent.mean()
    low, high = 100 * told.low, 100 * told.high
    assert f"label flips {100 * by_hand:+.1f} [{low:+.1f}, {high:+.1f}] points" in note
    assert f"another class for {100 * child.mean():.1f} % of {len(pairs):,} added rows" in note
    assert f"in {len(set(of.tolist()))} families, {100 * parent.mean():.1f} % of their parents" in note
    assert by_hand > 0.1  # half of the variants have the words of the other class for half of the rows


def test_rows_made_from_rows_that_were_made_count_by_the_row_they_all_come_from() -> None:
    corpus = topics(60)
    texts = corpus.texts()
    first = Step(Written(texts={text: (f"{text} x", f"{text} y") for text in texts}), "first")
    second = Step(Written(texts={f"{text} x": (f"{text} x x",) for text in texts}), "second")
    made = Recipe([first, second, step("augment.constrain")]).run(corpus)
    told = [note for note in made.counts[2].notes if "estimated" in note]
    assert ["60 families" in note for note in told] == [True, True]
    assert "of 120 added rows" in told[0]
    assert "of 60 added rows" in told[1]


def test_a_variant_that_has_the_words_of_another_class_goes_as_turned() -> None:
    corpus = topics(120)
    made = Recipe(
        [
            Step(Written(texts=variants(corpus, 3, SPORT)), "a"),
            step("augment.constrain", min_label_probability=0.3, min_label_margin=0.4, language=False),
        ]
    ).run(corpus)
    lineage = made.lineage().to_pylist()
    label = {row: "money" if at % 2 == (0 if at % 10 else 1) else "sport" for at, row in enumerate(range(120))}
    parent = {event["row_id"]: event["parents"][0] for event in lineage if event["kind"] == "add"}
    turned = [event for event in lineage if event["reason"] == "label_turned"]
    goners = {(label[parent[event["row_id"]]], "today" in event["before"]) for event in turned}
    assert ("money", False) in goners
    assert ("sport", False) not in goners
    assert all(event["score"] > 0.7 for event in turned)


def test_the_judge_has_not_learnt_from_rows_that_were_added() -> None:
    """Wrong copies of all rows would teach it their label; it learns only from the rows as they were read."""
    corpus = topics(100)
    texts = {text: (f"{text} a", f"{text} b", f"{text} c") for text in corpus.texts()}
    step_of = Step(Written(texts=texts, label="sport"), "all sport")
    made = Recipe([step_of]).run(corpus).corpus
    value = PredProbs(learn_from_added=False).compute(made, 0)
    ids = value.column("row_id").to_numpy()
    probs = np.array(value.column("value").to_pylist())
    money = np.array([any(word in text for word in MONEY) for text in made.texts()])
    derived = ids >= TOP_BIT
    assert probs[derived & money, 0].mean() > 0.6  # the words still say money
    fooled = np.array(PredProbs().compute(made, 0).column("value").to_pylist())
    assert fooled[derived & money, 0].mean() < probs[derived & money, 0].mean() - 0.2


class AfterExamples(RowTransform):
    """Adds to each row one that has two more of its class as its parents, as a language model is shown examples."""

    name: ClassVar[str] = "test.after_examples"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"written": "it was written"}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        ids, labels = batch.row_ids, np.array(batch.labels().to_pylist())
        parents = [[row, *ids[(labels == label) & (ids != row)][:2]] for row, label in zip(ids, labels, strict=True)]
        cells = {"text": pa.array([f"{text} anew" for text in batch.texts()])}
        return Edits.add(random.derive(ids, 0), pa.array(parents, pa.list_(pa.uint64())), "written", cells=cells)


def test_rows_made_after_examples_leave_the_judge_its_classes() -> None:
    """With all their parents the rows of a class are one family, so that no model would ever learn of the class."""
    (_, count) = Recipe([Step(AfterExamples()), step("augment.constrain", language=False)]).run(topics(60)).counts
    told = re.search(r"another class for ([\d.]+) % .* ([\d.]+) % of their parents", count.notes[-1])
    assert told is not None
    assert max(map(float, told.groups())) < 25


def test_the_notes_stand_in_run_json_and_in_the_card(tmp_path: Path) -> None:
    corpus = topics(60)
    made = Recipe([Step(Written(texts=variants(corpus, 3, SPORT)), "a"), step("augment.constrain")]).run(corpus)
    plain = Recipe([step("augment.aeda"), step("augment.constrain")]).run(corpus)
    out = save_curated(plain, tmp_path / "out")
    notes = json.loads((out / "run.json").read_text())["steps"][1]["notes"]
    assert any("estimated label flips" in note for note in notes)
    assert "estimated label flips" in (out / "README.md").read_text()
    assert any(note.startswith("a: of 40 added rows") for note in made.counts[1].notes)


def test_the_notes_reach_the_report_of_a_measurement() -> None:
    recipe = Recipe(["augment.aeda", "augment.constrain"])
    measured = measure(recipe, topics(200), learner="linear", replicates=5, attribution="leave-one-out")
    told = [note for note in measured.notes if "augment.aeda" in note]
    assert len(told) == 1, "one line for each augmenter"
    assert "added rows" in told[0]
    assert "estimated label flips" in told[0]
    assert any("estimated label flips" in note for note in measured.to_dict()["notes"])


def test_the_same_whatever_the_batches_the_order_and_the_workers(tmp_path: Path) -> None:
    corpus = topics(60)
    recipe = Recipe(["augment.aeda", step("augment.constrain", duplicates="near", min_near=0.5)], seed=5)
    once = recipe.run(corpus)
    for other in (recipe.run(corpus, batch_rows=7), recipe.run(corpus, workers=2, chunk_rows=20)):
        assert other.corpus.table(with_ids=True) == once.corpus.table(with_ids=True)
        assert other.counts[1].notes == once.counts[1].notes
    turned = recipe.run(corpus.take(np.arange(60)[::-1]))
    assert sorted(turned.corpus.texts()) == sorted(once.corpus.texts())
    assert turned.counts[1].notes == once.counts[1].notes
