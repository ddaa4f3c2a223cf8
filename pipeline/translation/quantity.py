"""A number in a text, and what it may be read as."""
from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

HARD, SOFT, MAYBE = 2, 1, 0


class Quantity(NamedTuple):
    """One number: the values it may stand for, and how much it matters.

    `grade` is HARD (must have its like on the other side), SOFT (must not stand against another one:
    "three" against "four", but a missing "three" may be "a trio") or MAYBE (explains a number on the
    other side and asks for none: 一个 is "1", "one" or "a").
    """

    values: frozenset[Fraction | int]
    grade: int
    text: str


def quantity(grade: int, text: str, *values: Fraction | int) -> Quantity:
    """Return a quantity that may stand for any of `values`; signs do not count."""
    return Quantity(frozenset(v if v >= 0 else -v for v in values), grade, text)
