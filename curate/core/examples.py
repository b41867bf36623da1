"""A small corpus that is as awkward as real ones: what `curate.core.contracts` and the tests of plugins work on.

It holds what breaks careless steps: duplicates, markup, mojibake, scripts without spaces, right-to-left text, emoji,
NUL, empty and null texts, null and rare labels, a class of one row, nested cells, and rows that were derived before.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.rows import TOP_BIT

_SUBJECTS = {
    "sport": ("the team", "our goalkeeper", "a young runner", "the old coach"),
    "money": ("the bank", "a small fund", "the oil price", "one investor"),
    "science": ("a telescope", "the probe"),
    "art": ("a painter",),
}
_ENDINGS = (
    "won the second match on Sunday",
    "lost more than it had hoped for",
    "was seen again in the north of the country",
    "surprised everyone in the third quarter",
    "did not say what comes next",
)
_AWKWARD = (
    (None, "sport"),
    ("", "sport"),
    (" \t\n\u00a0 ", "money"),
    ("x", None),
    ("The team won the second match on Sunday.", "money"),
    ("THE TEAM  won the second match on Sunday.", "SPORT"),
    ("<p>Fish &amp; chips<br>for <b>two</b></p><script>var a = 1 < 2;</script>", "money"),
    ("<div><p>never closed <a href='x'>link", "sport"),
    ("returns <class 'int'> if a < b &amp;&amp; c > d", "science"),
    ("The Mona Lisa doesnâ€™t have eyebrows", "art"),
    ("cafÃ© au lait, sâ\x80\x99il vous plaÃ®t", "art"),
    ("今日は天気がいいですね。散歩に行きましょう", "science"),
    ("数据清洗 改进 训练集", "science"),
    ("السلام عليكم ورحمة الله", "art"),
    ("שלום, world: mixed \u200fdirection\u200e", "money"),
    ("👩‍👩‍👧‍👦 family 🇫🇷 flag 👍🏽", "sport"),
    ("nul \x00 bell \x07 escape \x1b[31mred\x1b[0m", "money"),
    ("e\u0301 and \u00e9, ﬁne Ｆｕｌｌ ｗｉｄｔｈ", "art"),
    ("line one\r\nline two\rline three\u2028line four\n\n\n\nend", "sport"),
    ("\ufeffwith a byte order mark", "money"),
    ("word " * 400, "sport"),
    ("a" * 3000, "money"),
    ("\u200b\u200c\u200d", "sport"),
    ("1234567890 +1 (555) 010-9999 user@example.org https://example.org/?a=1&b=2", "science"),
    ("only one of its kind", "alone"),
    ("The bank lost more than it had hoped for.", "money"),
    ("The bank lost more than it had hoped for.", "money"),
)


def example_corpus() -> Corpus:
    """About 100 rows with a column for each role but features, a nested one, and a held-out split; always the same.

    Example:
        >>> corpus = example_corpus()
        >>> len(corpus) >= 60, str(corpus.roles), list(corpus.held_out)
        (True, 'text=text, label=label, target=reply, group=source, weight=weight', ['test'])
    """
    rows: list[tuple[str | None, str | None]] = [
        (f"{subject} {end}.".capitalize(), label)
        for label, subjects in _SUBJECTS.items()
        for subject in subjects
        for end in _ENDINGS
    ]
    rows += [(f"{text} Again, number {number}.", label) for number, (text, label) in enumerate(rows[::3])]
    rows += _AWKWARD
    ids = np.arange(len(rows), dtype=np.uint64)
    ids[-3:] |= TOP_BIT
    train = Corpus.from_table(_table(rows), _ROLES, row_ids=ids, name="examples")
    test = [rows[0], rows[7], ("Nobody has said this before", "sport"), (None, "money"), ("", None)]
    return train.with_held_out(test=Corpus.from_table(_table(test), _ROLES, name="examples:test"))


_ROLES = Roles(text="text", label="label", target="reply", weight="weight", group="source")
_REPLIES = (
    None,
    "",
    "N/A",
    "I'm sorry, but I can't do that.",
    "Well,",
    "```\nnever closed",
    "да, конечно же, завтра",
    "Fine.",
)


def _table(rows: list[tuple[str | None, str | None]]) -> pa.Table:
    n = len(rows)
    columns = {
        "text": pa.array([text for text, _ in rows], pa.string()),
        "label": pa.array([label for _, label in rows], pa.string()),
        "reply": pa.array([_REPLIES[at % 8] if at % 5 else rows[at][0] for at in range(n)], pa.string()),
        "price": pa.array([None if at % 9 == 0 else f"{at + 1},000.50" for at in range(n)], pa.string()),
        "weight": pa.array([1.0] * n, pa.float64()),
        "source": pa.array([("web", "press", None)[at % 3] for at in range(n)], pa.string()),
        "tags": pa.array([None if at % 7 == 0 else ["t"] * (at % 3) for at in range(n)], pa.list_(pa.string())),
    }
    return pa.table(columns)
