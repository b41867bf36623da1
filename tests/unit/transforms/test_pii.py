"""`clean.pii` and `filter.pii`: what each action leaves, what the lineage keeps, and that nobody learns the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.contracts import check_transform
from curate.core.curated import Curated
from curate.core.fingerprint import step_fingerprint
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import ColumnError, InputError, QuarantineExceeded, RecipeError
from curate.transforms.clean.pii import CleanPii
from curate.transforms.filter.pii import DropByPii

MAIL, CARD = "jane@example.org", "4111 1111 1111 1111"
TEXTS = [f"write to {MAIL}", f"pay {CARD} or {MAIL}", "nothing here", None]
KEY = "0123456789abcdef0123456789abcdef"


def run(texts: list[str | None], *steps: Any, **columns: list[Any]) -> Curated:
    table = pa.table({"text": pa.array(texts, pa.string()), **columns})
    return Recipe([*steps], max_quarantine=1).run(Corpus.from_table(table))


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PII_KEY", KEY)
    return "PII_KEY"


def test_each_action() -> None:
    assert run(TEXTS, "clean.pii").corpus.texts()[:3] == ["write to [EMAIL]", "pay [CARD] or [EMAIL]", "nothing here"]
    masked = run(TEXTS, CleanPii(action="mask")).corpus.texts()
    assert masked[1] == "pay **** **** **** 1111 or j***@e***.org"
    mixed = CleanPii.model_validate({"action": "keep", "actions": {"card": "redact"}})
    assert run(TEXTS, mixed).corpus.texts()[1] == f"pay [CARD] or {MAIL}"


def test_a_row_has_the_reason_of_its_most_sensitive_kind() -> None:
    assert run(TEXTS, "clean.pii").lineage().column("reason").to_pylist() == ["email", "card"]


def test_a_tag_says_where_what_kind_stands_and_no_value() -> None:
    made = run(TEXTS, CleanPii(tag="found")).corpus.table().to_pylist()
    assert [row["found"] is None for row in made] == [False, False, True, True]
    for row in made[:2]:
        for place in row["found"]:
            assert row[place["column"]][place["start"] : place["end"]] == f"[{place['kind'].upper()}]"
    kept = run(TEXTS, CleanPii(action="keep", tag="found")).corpus
    assert kept.texts()[0] == TEXTS[0]
    assert kept.table().column("found")[0].as_py() == [{"column": "text", "kind": "email", "start": 9, "end": 25}]
    with pytest.raises(ColumnError, match="there is a column 'text' already"):
        run(TEXTS, CleanPii(tag="text"))


def test_places_are_those_that_the_step_leaves_so_it_stands_last() -> None:
    text = f"two  spaces before {MAIL}"

    def told(*steps: Any) -> str:
        row = run([text], *steps).corpus.table().to_pylist()[0]
        return str(row["text"][row["found"][0]["start"] : row["found"][0]["end"]])

    assert told("clean.whitespace", CleanPii(tag="found")) == "[EMAIL]"
    assert told(CleanPii(tag="found"), "clean.whitespace") != "[EMAIL]"


def test_columns_without_a_role_are_cleaned_where_named() -> None:
    made = run(["plain"], CleanPii(columns=("text", "owner")), owner=[MAIL]).corpus
    assert made.table().to_pylist() == [{"text": "plain", "owner": "[EMAIL]"}]
    for columns, said in (
        (("owners",), "there is no column 'owners'"),
        (("n",), "the column 'n' holds int64, not text"),
    ):
        with pytest.raises(ColumnError, match=said):
            run(["plain"], CleanPii(columns=columns), owner=[MAIL], n=[1])


def test_pseudonyms_are_the_same_in_all_rows_and_runs(key: str) -> None:
    texts = [f"a {MAIL}", f"b {MAIL.upper()} and {CARD}", f"c {CARD.replace(' ', '')}"]
    first = run(texts, CleanPii(action="pseudonymise", key_env=key)).corpus.texts()
    again = run(texts[::-1], CleanPii(action="pseudonymise", key_env=key)).corpus.texts()[::-1]
    assert first == again
    assert first[0].split()[1] == first[1].split()[1]
    assert first[1].split("and ")[1].replace(" ", "") == first[2].split()[1]
    assert all(MAIL not in text.lower() and "1111" not in text for text in first)


def test_the_key_is_named_but_never_told(key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    of_env = CleanPii(action="pseudonymise", key_env=key)
    (tmp_path / "key").write_text(KEY)
    of_file = CleanPii(action="pseudonymise", key_file=str(tmp_path / "key"))
    recipe = Recipe([of_env])
    assert all(
        KEY not in said for said in (recipe.to_yaml(), repr(of_env), of_env.revision(), json.dumps(recipe.to_dict()))
    )
    prints = [step_fingerprint("", "s", one, 0) for one in (of_env, of_file)]
    assert prints[0] == prints[1]
    monkeypatch.setenv("PII_KEY", KEY[::-1])
    assert step_fingerprint("", "s", of_env, 0) != prints[0]
    monkeypatch.delenv("PII_KEY")
    with pytest.raises(InputError, match="the environment variable PII_KEY holds no key"):
        run(TEXTS, of_env)


def test_pseudonymise_keeps_every_promise(key: str) -> None:
    check_transform(CleanPii(action="pseudonymise", key_env=key, tag="found"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kinds": []}, "kinds is empty"),
        ({"action": "keep"}, "name a column with tag"),
        ({"action": "pseudonymise"}, "pseudonymise needs a key"),
        ({"actions": {"email": "pseudonymise"}, "key_env": "A", "key_file": "b"}, "name one of key_env and key_file"),
        ({"kinds": ["mail"]}, "'email'"),
        ({"actions": {"cards": "mask"}}, r"actions: 'cards' is no kind of personal data \(did you mean 'card'\?\)"),
        ({"actions": {"card": "masked"}}, r"actions: card: 'masked' is no action \(did you mean 'mask'\?\)"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        step("clean.pii", **given)


def test_settings_go_through_a_recipe_and_back() -> None:
    recipe = Recipe(
        [step("clean.pii", action="mask", actions={"card": "redact", "email": "keep"}, kinds=["card", "email"])]
    )
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    assert recipe.to_dict()["steps"][0]["actions"] == {"card": "redact", "email": "keep"}
    assert Recipe(["clean.pii"]).to_dict()["steps"] == [{"use": "clean.pii"}]


def test_steps_before_and_after_keep_no_text_with_it_either() -> None:
    texts = [f"one  two {MAIL}", "x " + CARD, f"hidden {MAIL.replace('@', '&#64;')} there", "a  plain text stays told"]
    steps = ["clean.whitespace", step("filter.length", min_words=4, max_drop=1), "clean.pii"]
    for order in (steps, steps[::-1]):
        log = run(texts, *order).lineage().to_pylist()
        assert len(log) > 4
        assert not any(value in str(log) for value in (MAIL, CARD, "jane&#64;"))
    whitespace = [event for event in log if event["step"] == "clean.whitespace"]
    assert whitespace[-1]["before"] == texts[-1]


def test_what_the_store_kept_of_another_run_is_concealed_too(tmp_path: Path) -> None:
    corpus = Corpus.from_table(pa.table({"text": [f"two  {MAIL}", "b"]}))
    store = Store(tmp_path)
    plain = Recipe(["dedup.exact", "clean.whitespace", "dedup.near"]).run(corpus, store=store)
    assert MAIL in str(plain.lineage().to_pylist())
    private = Recipe(["dedup.exact", "clean.whitespace", "dedup.near", "clean.pii"]).run(corpus, store=store)
    assert private.corpus.texts()[0] == "two [EMAIL]"
    assert MAIL not in str(private.lineage().to_pylist())


def test_rows_that_fail_are_kept_without_it() -> None:
    def broken(row: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f"cannot read {row['text']!r}")

    failing = step(broken, name="broken", version="1")
    made = run([f"write {MAIL}", "b"], failing, "clean.pii")
    assert made.quarantine.num_rows == 2
    assert MAIL not in str(made.quarantine.to_pylist())
    assert "j***@e***.org" in made.quarantine.column("raw")[0].as_py()
    alone = run([f"write {MAIL}", "b"], failing)
    assert alone.quarantine.column("cause")[0].as_py() == "ValueError: cannot read 'write j***@e***.org'"
    with pytest.raises(QuarantineExceeded) as stopped:
        Recipe([failing, "clean.pii"], max_quarantine=0).run(Corpus.from_table(pa.table({"text": [f"write {MAIL}"]})))
    assert MAIL not in str(stopped.value)


def test_a_filter_drops_by_count_and_keeps_no_text() -> None:
    made = run(TEXTS, "filter.pii")
    assert made.corpus.table().column("text").to_pylist() == TEXTS[2:]
    assert made.lineage().column("before").null_count == 2
    assert run(TEXTS, DropByPii(max_findings=1)).corpus.table().column("text").to_pylist() == [TEXTS[0], *TEXTS[2:]]
    some = DropByPii(min_findings=1, max_findings=None, kinds=("card",))
    assert run(TEXTS, some).corpus.table().column("text").to_pylist() == [TEXTS[1], None]


def test_real_texts_of_every_language_stay_as_they_are(data_dir: Path) -> None:
    """Hausa, Chinese, Arabic and Hindi hold no personal data here, and nothing of them is taken for any."""
    for name in ("hausa_yoruba_noisy_topics", "chinese_reviews", "udhr"):
        files = [path for path in sorted((data_dir / name).rglob("*.*")) if "licen" not in path.name]
        files = [path for path in files if path.suffix in (".txt", ".csv", ".tsv", ".html")]
        lines = [line for path in files[:80] for line in path.read_text("utf-8", "replace").splitlines()[:400]]
        changed = [line for line in lines if CleanPii().rewrite(line) != line]
        assert len(lines) > 100
        assert len(changed) <= len(lines) // 500, changed[:5]


@settings(max_examples=60)
@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("@.:/-+ 0123456789abcx")), max_size=60))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    for transform in (CleanPii(), CleanPii(action="mask", written_out=True)):
        once = transform.rewrite(f"{text} {MAIL} {text} 415-555-2671 {text}")
        assert transform.rewrite(once) == once
