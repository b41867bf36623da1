"""Answers that echo, break off or change the script; lists, code, signatures and short answers that do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.answers import breaks_off, echoes, other_script
from curate.kernels.scripts import script_counts, script_of


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("The tree saves water. It lets its leaves fall and the", "sentence"),
        ("It serves as a reminder. We should all think about the importance of", "sentence"),
        ("He came home late that day. She asked him why he had not called her earlier that", "sentence"),
        ("北京是中国的首都，有着悠久的历史。这座城市拥有许多著名的名胜古迹，其中包括故宫和长城以及其他", "sentence"),
        ("Here is the table:\n```\n1 | 2\n3 | 4", "fence"),
        ("It was founded in 1871 (as a club for", "bracket"),
        ("", None),
        ("Paris", None),
        ("Yes, it is.", None),
        ("- milk\n- eggs and bread", None),
        ("1. The Hobbit\n2. Of Mice and Men", None),
        ("Dear Ann,\n\nthank you for your help. I will call you soon.\n\nKind regards,\nJen", None),
        ("Thank you. I look forward to it.\n\nSincerely,", None),
        ("def add(a, b):\n    return a + b", None),
        ("```python\nprint(1)\n```", None),
        ("```print(1)```", None),
        ("Use this:\n```js run()```\nand then\n```\nstop()", "fence"),
        ("L'intervalle est ]0, 1[", None),
        ("B) Solar", None),
        ("It is fun :-(", None),
        ("Start your day with a walk! It is good for you. Try it #MorningWalk #Health", None),
        ("See https://example.org/a for more. It is all there, in one page about", None),
        ("the, a, of, an, the", None),
        ("ฉันชอบกินข้าวผัดและต้มยำกุ้งที่ร้านนี้มากที่สุด", None),
        ("A haiku. Five syllables here\nseven more syllables there\nare you happy now", None),
    ],
)
def test_where_an_answer_breaks_off(text: str, how: str | None) -> None:
    assert breaks_off(text) == how


def test_an_echo_is_the_prompt_word_for_word() -> None:
    instruction, given = "Write three lines about a river.", "The Nile flows through Egypt and down to the sea."
    assert echoes("Write three  lines about a river. ", [instruction, given]) == 0
    assert echoes(given, [instruction, given]) == 1
    assert echoes(f"{instruction}\n{given}", [instruction, given]) == 2
    assert echoes(given, [None, given]) == 1
    assert echoes("write three lines about a river", [instruction, given]) is None


def test_tasks_that_change_little_or_answer_with_what_is_given_are_no_echo() -> None:
    assert echoes("G, A, B, C", ["Order the notes by pitch.", "G, A, B, C"]) is None
    assert echoes("We like to learn.", ["Mend it.", "We like to learn"]) is None
    assert echoes("A b c.\n\nD e f, g h i j k.", ["Make paragraphs.", "A b c. D e f, g h i j k."]) is None
    assert echoes("Hello", ["Hello"]) is None
    assert echoes("", ["", ""]) is None


def test_scripts() -> None:
    assert other_script(
        "请写一段关于秋天的短文，说明树叶为什么会变红，并举例。", "In autumn the leaves turn red and fall."
    )
    assert not other_script(
        "请写一段关于秋天的短文，说明树叶为什么会变红，并举例。", "秋にはたくさんの木の葉が赤くなって落ちます。"
    )
    assert not other_script(
        "请写一个把两个数相加的函数，并打印出它的结果好吗？", "def add(a, b):\n    return a + b\nprint(add(1, 2))"
    )
    assert not other_script("Name it.", "Москва")
    assert script_counts("") == {}
    assert [script_of(letter) for letter in "ßαжאعहกあ한𐍈"] == [
        *("Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Thai", "CJK", "Hangul", "other")
    ]


@settings(max_examples=60)
@given(text=st.text(max_size=80), prompt=st.text(max_size=40))
def test_any_text_is_judged(text: str, prompt: str) -> None:
    assert breaks_off(text) in (None, "fence", "bracket", "sentence")
    assert echoes(text, [prompt, None]) in (None, 0, 2)
    assert other_script(text, prompt) in (True, False)


@pytest.mark.parametrize("piece", ["(", "`", "```\n", " ", "\n", "a ", "a. ", "の", "<a", ", and "])
def test_a_long_text_is_judged_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert breaks_off(text) in (None, "fence", "bracket", "sentence")
    assert echoes(text, [text[:-1], None]) in (None, 0)
    assert not other_script(text, text)
