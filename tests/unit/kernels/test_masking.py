"""What differs only in numbers or names, and what does not."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pytest

from curate.kernels.masking import masked_forms


def differ_only_in(one: str | None, other: str | None, what: Collection[str]) -> bool:
    masked, raw = masked_forms(pa.array([one, other], pa.string()), what)
    return bool(masked[0] == masked[1] and raw[0] != raw[1])


@pytest.mark.parametrize(
    ("one", "other", "what", "only"),
    [
        ("room 12 is free", "room 14 is free", ["numbers"], True),
        ("room 12 is free", "room 14 is taken", ["numbers"], False),
        ("room 12 is free", "ROOM  12 is free", ["numbers"], False),
        ("1,000.50 euro", "7 euro", ["numbers"], True),
        ("on 2024-05-31 at 10:30", "on 2025-01-01 at 9:00", ["numbers"], True),
        ("٣ كتب", "٤ كتب", ["numbers"], True),
        ("the capital of France", "the capital of Spain", ["numbers"], False),
        ("the capital of France", "the capital of Spain", ["names"], True),
        ("the mayor of New York said", "the mayor of Łódź said", ["names"], True),
        ("Paris is a city", "London is a city", ["names"], True),
        ("the capital of France", "the capital of spain", ["names"], False),
        ("столица Франции", "столица Испании", ["names"], True),
        ("France won 3 times", "Spain won 4 times", ["names"], False),
        ("France won 3 times", "Spain won 4 times", ["names", "numbers"], True),
        ("数据 12", "数据 13", ["names", "numbers"], True),
        ("", None, ["numbers"], False),
    ],
)
def test_what_differs_only_in_numbers_or_names(one: str, other: str | None, what: list[str], only: bool) -> None:
    assert differ_only_in(one, other, what) is only
