"""`augment.counterfactual` and `augment.negation`: what becomes of rows, labels, spans and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from datasets import ClassLabel, Dataset, Features, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, CurateError, RecipeError
from curate.kernels.replacing import undone

FLIP = {"pos": "neg", "neg": "pos"}


def corpus(texts: list[str | None], labels: list[Any] | None = None) -> Corpus:
    return Corpus.from_table(pa.table({"text": texts, "label": labels or ["pos"] * len(texts)}))


def run(name: str, rows: Corpus, **settings: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
    """The added rows, their events in lineage, and what was refused."""
    made = Recipe([step(name, **settings)]).run(rows)
    events = [event for event in made.lineage().to_pylist() if event["kind"] == "add"]
    after = dict(zip(made.corpus.row_ids().tolist(), made.corpus.table().to_pylist(), strict=True))
    return [after[event["row_id"]] for event in events], events, dict(made.counts[0].refused)


def test_a_counterfactual_keeps_its_label_and_can_be_undone() -> None:
    text = "Mr. Lee gave her his car, and she thanked him."
    (row,), (event,), refused = run("augment.counterfactual", corpus([text]))
    assert row == {"text": "Ms. Lee gave him her car, and he thanked her.", "label": "pos"}
    assert event["reason"] == "gender_swapped"
    changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
    assert undone(row["text"], changes) == text
    assert not refused


def test_refusals_are_counted() -> None:
    rows = corpus(["She is pregnant.", "A house.", None, "He met @her and `him`", "King Kong, the king"])
    added, _, refused = run("augment.counterfactual", rows, protect_pattern="the king")
    assert [row["text"] for row in added] == ["She met @her and `him`"]
    assert refused == {"bound_to_gender": 1, "unchanged": 2, "protected": 1}


FOREIGN = [
    "Son ami est venu avec son chien.",
    "Man muss das sehen, die Dame war schön.",
    "Der Mann sah her.",
    "Sie will gehen.",
    "El señor vio a la señora; his dad",
    "Han är en bra man som heter King",
]
ENGLISH = [
    "He runs.",
    "Boys!",
    "his",
    "Her dad is king.",
    "Die Hard: man vs. machine",
    "La La Land: a queen",
    "Mr. Señor",
]


def test_a_text_in_another_language_is_refused_and_short_english_is_not() -> None:
    added, _, refused = run("augment.counterfactual", corpus([*FOREIGN]), n=2)
    assert (added, refused) == ([], {"other_language": 2 * len(FOREIGN)})
    added, _, refused = run("augment.counterfactual", corpus([*ENGLISH]))
    assert len(added) == len(ENGLISH)
    added, _, refused = run("augment.negation", corpus([*FOREIGN]), flip=FLIP)
    assert (added, refused) == ([], {"other_language": len(FOREIGN)})
    added, _, _ = run("augment.negation", corpus(["It works.", "He runs.", "She is mean."]), flip=FLIP)
    assert len(added) == 3


def test_own_pairs_are_for_any_language() -> None:
    (row,), _, _ = run("augment.counterfactual", corpus([FOREIGN[0]]), attribute="pairs", pairs={"ami": "amie"})
    assert row["text"] == "Son amie est venu avec son chien."


def test_the_first_of_a_compound_is_no_person() -> None:
    kept = "Queen bees sleep in king size beds by grandfather clocks, in their mother tongues."
    added, _, refused = run("augment.counterfactual", corpus([kept]))
    assert (added, refused) == ([], {"unchanged": 1})


def test_a_question_is_not_denied_praise() -> None:
    asked: list[str | None] = ["Is it good?", "Isn't it good?", "“Was it good?”"]
    added, _, refused = run("augment.negation", corpus(asked), flip=FLIP)
    assert (added, refused) == ([], {"question": 3})


def test_a_table_and_own_pairs_in_any_language(tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text("Arzt\tÄrztin\nder Lehrer\tdie Lehrerin\n", "utf-8")
    rows = corpus(["Der Lehrer traf eine Ärztin und einen Hund."])
    (row,), (event,), _ = run(
        "augment.counterfactual", rows, attribute="pairs", table=str(table), pairs={"Hund": "Kater"}, language="de"
    )
    assert row["text"] == "Die Lehrerin traf eine Arzt und einen Kater."
    assert event["reason"] == "pairs_swapped"


def test_gender_and_own_pairs_together() -> None:
    (row,), _, _ = run("augment.counterfactual", corpus(["He likes blue."]), pairs={"blue": "pink", "he": "it"})
    assert row["text"] == "She likes pink."


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("augment.counterfactual", {"language": "de"}, "gender is swapped in en only and not in de"),
        ("augment.counterfactual", {"attribute": "pairs"}, "there is neither"),
        ("augment.counterfactual", {"attribute": "religion", "direction": "forward"}, "religion has no direction"),
        ("augment.negation", {"flip": FLIP, "language": "fr"}, "language"),
        ("augment.negation", {"flip": {}}, "flip"),
        ("augment.negation", {}, "flip"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(name: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe([step(name, **settings)])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_there_is_named() -> None:
    with pytest.raises(CurateError, match=r"nowhere\.tsv"):
        run("augment.counterfactual", corpus(["x"]), attribute="pairs", table="nowhere.tsv")


@settings(max_examples=100)
@given(text=st.text(max_size=60), name=st.sampled_from(["augment.counterfactual", "augment.negation"]))
def test_on_any_text_the_edits_lead_back(text: str, name: str) -> None:
    given_settings = {"flip": FLIP} if name == "augment.negation" else {"n": 2}
    texts = [text, f"he {text} is her {text}", f"James{text} is not it"]
    added, events, refused = run(name, corpus([*texts]), **given_settings)
    assert len(added) + sum(refused.values()) == len(texts) * given_settings.get("n", 1)
    for row, event in zip(added, events, strict=True):
        changes = [(one["start"], one["end"], one["old"], one["new"]) for one in event["changes"]]
        assert undone(row["text"], changes) == texts[event["parents"][0]]


def test_a_negated_row_has_the_other_label() -> None:
    rows = corpus(["It is good.", "It isn't bad.", "It is fine.", "A film."], ["pos", "neg", "neutral", "pos"])
    added, events, refused = run("augment.negation", rows, flip=FLIP, style="full")
    assert [(row["text"], row["label"]) for row in added] == [("It is not good.", "neg"), ("It is bad.", "pos")]
    assert [event["reason"] for event in events] == ["negated", "affirmed"]
    assert refused == {"no_flip": 1, "no_place": 1}


def test_labels_that_are_numbers_go_by_name_or_number() -> None:
    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
    dataset = Dataset.from_dict({"text": ["It is good."], "label": [1]}, features=features)
    rows = Corpus.from_table(dataset.data.table)
    for flip in ({"pos": "neg"}, {1: 0}, {"1": "0"}):
        (row,), _, _ = run("augment.negation", rows, flip=flip)
        assert row["label"] == 0
    (row,), _, _ = run("augment.negation", corpus(["It is good."], [True]), flip={True: False})
    assert row["label"] is False
    with pytest.raises(ColumnError, match=r"flip names 'bad', but 'label' holds int64"):
        run("augment.negation", rows, flip={"bad": "neg"})


def test_long_texts_and_several_sentences_have_no_counterpart() -> None:
    rows = corpus(["It is good. I like it.", "It is good " + "and good " * 12])
    assert run("augment.negation", rows, flip=FLIP)[2] == {"too_long": 2}


def test_negation_needs_a_label() -> None:
    rows = Corpus.from_table(pa.table({"text": ["It is good."]}), Roles(text="text"))
    with pytest.raises(CurateError, match="label"):
        run("augment.negation", rows, flip=FLIP)
