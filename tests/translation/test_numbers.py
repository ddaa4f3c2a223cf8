"""Numbers across languages: right pairs raise no alarm, wrong ones do."""
from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.translation.numbers import compare

TABLE = Path(__file__).parent.parent / "tables" / "translation_numbers.tsv"
with open(TABLE, encoding="utf-8", newline="") as file:
    ROWS = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
RIGHT = [row[1:] for row in ROWS if row[0] == "ok"]
WRONG = [row for row in ROWS if row[0] != "ok"]


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(ROWS) >= 150
    assert len(RIGHT) >= 75
    assert len(WRONG) >= 75


@pytest.mark.parametrize(("zh", "en"), RIGHT)
def test_a_right_pair_raises_no_alarm(zh: str, en: str) -> None:
    assert compare(zh, en) is None


def test_wrong_pairs_are_caught_and_units_told_from_other_errors() -> None:
    missed = [(kind, zh, en) for kind, zh, en in WRONG
              if not (found := compare(zh, en)) or (kind == "slip" and not found.unit_slip)]
    assert len(missed) <= 0.03 * len(WRONG), missed


@given(st.integers(1, 9999), st.sampled_from([("万", 10**4), ("亿", 10**8), ("万亿", 10**12)]))
def test_any_number_agrees_with_itself_written_out_and_with_no_tenfold(n: int, unit: tuple[str, int]) -> None:
    zh = f"共{n}{unit[0]}元"
    assert compare(zh, f"{n * unit[1]:,} yuan in all") is None
    slip = compare(zh, f"{n * unit[1] * 10:,} yuan in all")
    assert slip is not None
    assert slip.unit_slip


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1950, 2049))
def test_any_date_agrees_in_every_form(month: int, day: int, year: int) -> None:
    names = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December")
    zh = f"{year}年{month}月{day}日"
    for en in (f"{names[month - 1]} {day}, {year}", f"{day} {names[month - 1][:3]} {year}", f"{year}-{month:02}-{day:02}"):
        assert compare(zh, en) is None, en
    assert compare(zh, f"{names[month % 12]} {day}, {year}") is not None or day == month
