"""Compares the numbers of a Chinese text with those of an English one.

Both sides are read into exact fractions (3800亿 and 380 billion are one number, 三成 and 30 per cent,
12月 and December), each with the ways it may be understood, and a number that has nothing like it on
the other side is reported.  A range shares its unit (3至5亿), a year its century (2023-24).
"""
from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from pipeline.translation import numbers_en, numbers_zh
from pipeline.translation.quantity import HARD, SOFT, Quantity


class Mismatch(NamedTuple):
    """Numbers without their like on the other side, as written, and whether one is 10, 100, ... times another."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    unit_slip: bool


def compare(zh: str, en: str) -> Mismatch | None:
    """Return what differs between the numbers of a Chinese and an English text, or None.

    >>> compare("投入3800亿元", "invest 380 billion yuan") is None
    True
    >>> compare("投入3800亿元", "invest 3,800 billion yuan")
    Mismatch(zh=('3800亿',), en=('3,800 billion',), unit_slip=True)
    """
    chinese, english = numbers_zh.numbers(zh), numbers_en.numbers(en)
    only_zh, only_en = _alone(chinese, english), _alone(english, chinese)
    hard_zh = [q for q in only_zh if q.grade == HARD]
    hard_en = [q for q in only_en if q.grade == HARD]
    soft = [q for q in only_zh if q.grade == SOFT], [q for q in only_en if q.grade == SOFT]
    if not hard_zh and not hard_en and not (soft[0] and soft[1]):
        return None
    left = hard_zh + soft[0] if hard_en or soft[1] else hard_zh
    right = hard_en + soft[1] if hard_zh or soft[0] else hard_en
    slip = any(_is_slip(a, b) for a in left for b in right)
    return Mismatch(_texts(left), _texts(right), slip)


def _alone(these: Iterable[Quantity], those: Iterable[Quantity]) -> list[Quantity]:
    known = {value for q in those for value in q.values}
    return [q for q in these if not q.values & known]


def _texts(found: Iterable[Quantity]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(q.text.strip() for q in found))


def _is_slip(a: Quantity, b: Quantity) -> bool:
    return any(_power_of_ten(x, y) for x in a.values for y in b.values)


def _power_of_ten(x: Fraction | int, y: Fraction | int) -> bool:
    if min(x, y) < 100:  # 2 against 2 billion is another number, not another unit
        return False
    ratio = Fraction(max(x, y)) / min(x, y)
    return ratio.denominator == 1 and str(ratio.numerator).strip("0") == "1" and ratio > 1
