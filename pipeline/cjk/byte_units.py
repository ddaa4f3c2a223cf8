"""What each shown character may stand for: the bytes of the original, known or lost.

A known character stands for its bytes in the wrong charset; a ``?`` or U+FFFD stands for bytes that meant nothing
there.  How many they were, and which they cannot have been, depends on the loss policy (see misreading).
"""
from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pipeline.cjk.lost_bytes import ALONE, DELETED, FIRST, KNOWN, LAST, SECOND, SINGLE, Cell
from pipeline.cjk.misreading import lost_mark, spellings

END_COST, DELETED_COST = 3.0, 4.0  # nats
GONE = (Cell(-1, FIRST), Cell(-1, DELETED))
BYTES = tuple(Cell(byte, KNOWN) for byte in range(256))


class Unit(NamedTuple):
    """One shown character (or injected piece) and the alternatives of what it stands for."""

    shown: str
    ways: tuple[tuple[Cell, ...], ...]
    cost: tuple[float, ...] = ()


def units(text: str, read: str, policy: str) -> list[Unit]:
    """Return the units of `text` as shown by a program that believes in `read`, with a loss policy.

    >>> [len(unit.ways) for unit in units("涓\ufffd", "gbk", "w2")]
    [1, 3]
    """
    known, lost = spellings(read), lost_mark(policy)
    policy = policy.rstrip("?")
    out = []
    for i, c in enumerate(text):
        ways, costs = list[tuple[Cell, ...]](), list[float]()
        if c == lost:
            ways = [_lost(policy)]
            costs = [0.0]
            if policy in ("w2", "del"):
                ways, costs = [*ways, (Cell(-1, ALONE),)], [0.0, 0.0]
            if policy != "w1" or not text[i + 1 : i + 2].isascii() or i + 1 == len(text):
                ways, costs = [*ways, (Cell(-1, LAST),)], [*costs, END_COST]
        if (data := known.get(c)) is not None:
            ways.append(tuple([BYTES[b] for b in data]))
            costs.append(0.0)
            if policy == "del" and not c.isascii():
                ways.append((*GONE, *ways[-1]))
                costs.append(DELETED_COST)
                if i + 1 == len(text):
                    ways.append((*ways[-2], *GONE))
                    costs.append(DELETED_COST)
        out.append(Unit(c, tuple(ways), tuple(costs)))
    return out


@cache
def _lost(policy: str) -> tuple[Cell, ...]:
    return (Cell(-1, SINGLE),) if policy == "j1" else (Cell(-1, FIRST), Cell(-1, SECOND))
