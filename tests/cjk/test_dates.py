"""Dates as pages write them become ISO 8601; what is no date is refused."""
from __future__ import annotations

import pytest

from pipeline.cjk.dates import match_date, match_roc
from pipeline.cjk.linefold import fold


@pytest.mark.parametrize(("text", "iso"), [
    ("2026-02-12 10:43 山西", "2026-02-12T10:43"), ("2024/3/5", "2024-03-05"), ("2024.03.05 下午3:20",
     "2024-03-05T15:20"),
    ("2023年8月14日 星期一 09:32:15", "2023-08-14T09:32:15"), ("2020年03月12日07:16", "2020-03-12T07:16"),
    ("民國113年3月5日", "2024-03-05"), ("March 4, 2021, 9:15 AM", "2021-03-04T09:15"), ("12 June 2019", "2019-06-12"),
    ("Jun 5th 2020 at 3:04 PM", "2020-06-05T15:04"), ("2022-10-11T08:00:00+08:00", "2022-10-11T08:00:00+08:00"),
    ("2022-10-11T08:00:00Z", "2022-10-11T08:00:00Z"), ("Sat Jan 16 19:22:41 2021", "2021-01-16T19:22:41"),
    ("Mar 14 Sun 2021 20:15", "2021-03-14T20:15"), ("2024-12-01 12:05 AM", "2024-12-01T00:05"),
])
def test_dates(text: str, iso: str) -> None:
    found = match_date(fold(text))
    assert found is not None
    assert found[0] == iso


@pytest.mark.parametrize("text", ["2024-13-01", "2024-02-30", "1234", "12:30", "第113年", "113-04-26", "2024",
    "12/25", "May be"])
def test_no_dates(text: str) -> None:
    assert match_date(fold(text)) is None


def test_years_of_the_republic_need_a_label() -> None:
    assert match_roc("113-04-26") == ("2024-04-26", 9, False)
    assert match_roc("2024-04-26") is None
