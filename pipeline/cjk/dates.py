"""Dates as pages write them, and as ISO 8601 writes them."""
from __future__ import annotations

import re
from datetime import datetime

_CLOCK = (r"(?:[ ,t]{0,3}(?P<half>上午|下午|凌晨|晚上|中午|早上|am|pm)? ?"
          r"(?P<h>[01]?\d|2[0-3]):(?P<min>[0-5]\d)(?::(?P<s>[0-5]\d)(?:\.\d+)?)?(?: ?(?P<half2>am|pm|a\.m\.|p\.m\.))?"
          r"(?: ?(?:(?P<zone>z|[+-]\d\d:?\d\d)|gmt|utc|est|pst|edt|pdt|hkt|cst)(?![a-z]))?)?")
_WEEKDAY = r"(?: ?[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<mon{}>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
NUMERIC = re.compile(
    r"(?P<roc>民国 ?)?(?P<y>(?:19|20)\d\d|(?<=民国)\d{2,3}|(?<=民国 )\d{2,3})(?P<sep>[-/.]|年) ?"
    r"(?P<m>0?[1-9]|1[0-2])(?:(?P=sep)|月) ?(?P<d>[12]\d|3[01]|0?[1-9])(?:日|(?!\d))" + _WEEKDAY + _CLOCK)
ENGLISH = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?"
    rf"(?:{_MONTH.format('')} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>(?:19|20)\d\d)|"
    rf"(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH.format('2')},? (?P<y2>(?:19|20)\d\d))(?:,? at)?,?" + _CLOCK)

ROC = re.compile(r"(?P<y>[89]\d|1\d\d)[-/.](?P<m>0[1-9]|1[0-2])[-/.](?P<d>[012]\d|3[01])(?!\d)(?P<h>(?!))?")
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
UNIX = re.compile(  # Sat Jan 16 19:22:41 2021, as bulletin boards write it; Mar 14 Sun 2021 20:15
    rf"(?:{_DAY} )?{_MONTH.format('')} +(?P<d>\d{{1,2}})(?: {_DAY})? (?:(?P<y>(?:19|20)\d\d)" + _CLOCK + r")")
BOARD = re.compile(
    rf"{_DAY} {_MONTH.format('')} +(?P<d>\d{{1,2}}) (?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d) (?P<y>(?:19|20)\d\d)")


def match_date(folded: str, start: int = 0) -> tuple[str, int, bool] | None:
    """Return (ISO 8601 date, end, whether a time of day is there) of the date at `start`, or None.

    `folded` is a folded line (see `pipeline.cjk.linefold`).

    >>> match_date("2026-02-12 10:43 山西")
    ('2026-02-12T10:43', 16, True)
    >>> match_date("民国113年3月5日")
    ('2024-03-05', 10, False)
    """
    found = NUMERIC.match(folded, start)
    if found:
        year = int(found["y"]) + (1911 if found["roc"] else 0)
        return _iso(found, (year, int(found["m"]), int(found["d"])))
    found = ENGLISH.match(folded, start)
    if found:
        month = _MONTHS.index((found["mon"] or found["mon2"])[:3].lower()) + 1
        return _iso(found, (int(found["y"] or found["y2"]), month, int(found["d"] or found["d2"])))
    found = UNIX.match(folded, start) or BOARD.match(folded, start)
    if found:
        return _iso(found, (int(found["y"]), _MONTHS.index(found["mon"][:3]) + 1, int(found["d"])))
    return None


def match_roc(folded: str, start: int = 0) -> tuple[str, int, bool] | None:
    """Return the date at `start` if its year counts from 1912, as offices in Taiwan write it (113-04-26).

    Nothing in the digits says so: ask only behind a label such as 发布日期.
    """
    found = ROC.match(folded, start)
    return _iso(found, (int(found["y"]) + 1911, int(found["m"]), int(found["d"]))) if found else None


def _iso(found: re.Match[str], day: tuple[int, int, int]) -> tuple[str, int, bool] | None:
    """Return the date in ISO form, or None for a day or time that does not exist."""
    try:
        parts = found.groupdict()
        if not parts["h"]:
            return datetime(*day).date().isoformat(), found.end(), False
        hour, half = int(parts["h"]), (parts.get("half") or parts.get("half2") or "").replace(".", "")
        hour += 12 if half in ("下午", "晚上", "pm") and hour < 12 else 0
        hour = 0 if half in ("am", "凌晨") and hour == 12 else hour
        stamp = datetime(*day, hour, int(found["min"]), int(found["s"] or 0))
    except ValueError:
        return None
    zone = (parts.get("zone") or "").upper()
    zone = f"{zone[:3]}:{zone[3:]}" if len(zone) == 5 else zone
    return stamp.isoformat(timespec="seconds" if found["s"] else "minutes") + zone, found.end(), True
