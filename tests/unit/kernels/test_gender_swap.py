"""Gender swaps: everything that says a gender goes together, on made sentences and on pairs that people wrote."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.gender_swap import Direction, Names, gender_swaps
from curate.kernels.gender_words import BOUND, gender_words
from curate.kernels.replacing import ordered, replaced

HER_HIS_HIM = re.compile(r"\b(his|him)\b", re.IGNORECASE)


def swapped(text: str, *, direction: Direction = "both", names: Names = "paired", seed: int = 1) -> str:
    found = gender_swaps(text, Draws(seed), direction=direction, names=names)
    return found if isinstance(found, str) else replaced(text, found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He lost his keys and she found hers.", "She lost her keys and he found his."),
        ("A friend of his, with him; his is better.", "A friend of hers, with her; hers is better."),
        ("I saw her. I saw her mother. I gave her a book.", "I saw him. I saw his father. I gave him a book."),
        ("They made her laugh and told her the truth.", "They made him laugh and told him the truth."),
        ("Her two children love her very much.", "His two children love him very much."),
        ("Mr. Smith and Mrs Jones, sir", "Ms. Smith and Mr Jones, madam"),
        ("MY WIFE'S brother-in-law", "MY HUSBAND'S sister-in-law"),
        ("her ex-husband's stepmother", "his ex-wife's stepfather"),
        ("The actress hurt herself.", "The actor hurt himself."),
        ("She's here, he'll come, he'd say.", "He's here, she'll come, she'd say."),
        ("Ladies and gentlemen!", "Gentlemen and ladies!"),
    ],
)
def test_words_kin_titles_and_pronouns_agree(text: str, expected: str) -> None:
    assert swapped(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the mother tongue and man-made lakes",
        "dinner at Burger King, with the Spice Girls",
        "Oh man, you guys, a bachelor's degree",
        "In Virginia, at St. James Park, on James Street",
        "frank words, a mark, a will, by chance",
        "a miss is as good as a mile",
        "the theme is here, and over there",
    ],
)
def test_what_says_no_persons_gender_stays(text: str) -> None:
    assert gender_swaps(text, Draws(3)) == []


def test_a_text_about_the_body_of_one_sex_is_refused() -> None:
    assert gender_swaps("She is pregnant.", Draws(1)) == "bound_to_gender"
    assert gender_swaps("A pregnant pause.", Draws(1)) == []


def test_a_family_name_stays() -> None:
    assert re.fullmatch(
        r"[A-Z][a-z]+ King wrote it, says [A-Z][a-z]+ King", swapped("Stephen King wrote it, says Anna King")
    )


def test_a_first_name_behind_a_first_name_is_a_family_name() -> None:
    assert swapped("Steve Martin and Martin", names="drawn").split()[1] == "Martin"


def test_directions() -> None:
    text = "He met her and his aunt"
    assert swapped(text, direction="forward") == "She met her and her aunt"
    assert swapped(text, direction="backward") == "He met him and his uncle"


def test_a_name_has_one_partner_in_a_text_and_two_names_have_two() -> None:
    text = "Robert likes Mary. Mary likes Robert, and David likes Robert."
    for seed in range(20):
        words = swapped(text, names="drawn", seed=seed).replace(".", "").replace(",", "").split()
        robert, mary, david = words[0], words[2], words[7]
        assert words == [robert, "likes", mary, mary, "likes", robert, "and", david, "likes", robert]
        assert len({robert, mary, david, "Robert", "Mary", "David"}) == 6
    assert len({swapped(text, names="drawn", seed=seed) for seed in range(20)}) > 10
    assert swapped(text, names="keep") == text


def test_lists_are_in_pairs_and_disjoint() -> None:
    words = gender_words()
    assert len(words.male_names) == len(words.female_names) == len({*words.male_names, *words.female_names}) / 2
    assert not set(words.to_female) & set(words.to_male)
    assert not BOUND & (set(words.to_female) | set(words.to_male))
    assert all(words.to_female[words.to_male[word]] for word in words.to_male)


UNAMBIGUOUS = st.lists(
    st.sampled_from(
        "he she himself herself man woman uncle aunt actor actress king queen James Mary Robert the saw and , . ! 7 é"
        " sons daughters POLICEMEN Waitress".split()
    ),
    max_size=15,
).map(" ".join)


@given(text=UNAMBIGUOUS)
def test_swapping_twice_gives_the_text_back(text: str) -> None:
    assert swapped(swapped(text)) == text


@settings(max_examples=200)
@given(text=st.one_of(st.text(max_size=80), st.text("heris m'’-.ßİ\u0130 \x00", max_size=80)), seed=st.integers(0, 99))
def test_any_text_gives_edits_in_order_that_lie_in_it(text: str, seed: int) -> None:
    found = gender_swaps(text, Draws(seed))
    if not isinstance(found, str):
        assert ordered(found, text) == found
        assert all(0 <= start < end <= len(text) for start, end, _ in found)


def test_winobias_pairs(data_dir: Path) -> None:
    """Pairs that people wrote to differ in pronouns only; some differ in more, so not all can be met."""
    met = n = 0
    for kind in ("type1", "type2"):
        for part in ("dev", "test"):
            one, other = (_winobias(data_dir, f"{side}_stereotyped_{kind}.txt.{part}") for side in ("pro", "anti"))
            n += 2 * len(one)
            met += sum((swapped(a) == b) + (swapped(b) == a) for a, b in zip(one, other, strict=True))
    assert n == 3168
    assert met / n > 0.97


def _winobias(data_dir: Path, name: str) -> list[str]:
    lines = (data_dir / "winobias" / name).read_text("utf-8").splitlines()
    return [re.sub(r"^\d+ |[\[\]]", "", line).strip() for line in lines]


def test_equity_evaluation_corpus(data_dir: Path) -> None:
    """Sentences made of templates: the counterpart of each with a noun phrase or pronoun stands in the corpus."""
    partners = dict(pair.split(":") for pair in PARTNERS.split(","))
    partners |= {other: one for one, other in partners.items()}
    with (data_dir / "equity_evaluation_corpus/Equity-Evaluation-Corpus.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = {(row["Template"], row["Person"].lower(), row["Emotion word"]): row["Sentence"] for row in rows}
    asked = [row for row in rows if row["Person"].lower() in partners]
    assert len(asked) == 2880
    for row in asked:
        assert swapped(row["Sentence"]) == said[row["Template"], partners[row["Person"].lower()], row["Emotion word"]]


PARTNERS = (
    "she:he,her:him,this woman:this man,this girl:this boy,my sister:my brother,my daughter:my son,my wife:my husband,"
    "my girlfriend:my boyfriend,my mother:my father,my aunt:my uncle,my mom:my dad"
)


def test_his_and_him_are_told_apart_behind_her(data_dir: Path) -> None:
    """Captions with `his` and `him`: turned to women and back, they must be what they were."""
    with gzip.open(data_dir / "multi30k/train.en.gz", "rt", encoding="utf-8") as file:
        texts = [line for line in file if HER_HIS_HIM.search(line) and not re.search(r"\b(hers?|she)\b", line, re.I)]
    right = n = 0
    for text in texts:
        back = swapped(swapped(text, direction="forward", names="keep"), direction="backward", names="keep")
        told = list(zip(HER_HIS_HIM.findall(text), HER_HIS_HIM.findall(back), strict=True))
        right, n = right + sum(one == other for one, other in told), n + len(told)
    assert n > 2000
    assert right / n > 0.985
