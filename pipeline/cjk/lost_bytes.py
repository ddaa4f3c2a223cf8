"""Which characters may stand where a misreading lost bytes.

What was lost is not arbitrary: its bytes meant nothing in the wrong charset, between the bytes before and after.  A
`Cell` is one byte of the original with the rule that says how it was lost; `fitting` lists the characters that obey.
"""
from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from pipeline.cjk.misreading import ONE_BYTE, TWO_BYTE, pair_table, single, undefined, user_defined
from pipeline.cjk.model import logs, share

RAREST = -14.5  # nats; characters rarer than this are not guessed
MOST = 64  # candidates tried where one byte of several is lost, MANY where more are
MANY = 300
KNOWN, FIRST, SECOND, ALONE, ANY, CHOSEN, LAST, DELETED, SINGLE = range(9)
BOUND = (SECOND, CHOSEN, DELETED, SINGLE)  # rules that look at the byte before
OPEN_END = -2  # in place of the byte after: nobody knows, perhaps none
LONELY = 0x100  # added to the last byte if it was lost as the beginning of a pair that is none


class Cell(NamedTuple):
    """One byte of the original: its value (or -1 if lost) and what restricts it."""

    value: int
    rule: int
    pairs: frozenset[int] = frozenset()  # for CHOSEN: the legal (byte before << 8 | byte)


@cache
def characters(charset: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the common characters with their bytes in `charset`, the commonest first."""
    known = sorted((c for c in logs() if len(c) == 1 and c != "\n" and share(c) > RAREST), key=share, reverse=True)
    out = []
    for c in known:
        try:
            out.append((c, tuple(c.encode(charset))))
        except UnicodeEncodeError:
            continue
    return tuple(out)


@cache
def vocabulary(charset: str) -> dict[tuple[int, ...], list[tuple[str, tuple[int, ...]]]]:
    """Return the common characters by their bytes in `charset`, any byte but not all replaced by -1."""
    table: dict[tuple[int, ...], list[tuple[str, tuple[int, ...]]]] = {}
    for c, data in characters(charset):
        for mask in range(1, (1 << len(data)) - 1):
            key = tuple(-1 if mask >> i & 1 else b for i, b in enumerate(data))
            table.setdefault(key, []).append((c, data))
    return table


def lost_so(read: str, data: tuple[int, ...], where: tuple[tuple[Cell, ...], int], last: int) -> bool:
    """Would the lost bytes have been lost, between the bytes before and after?"""
    cells, follow = where
    for i, cell in enumerate(cells):
        rule, byte = cell.rule, data[i]
        if rule in (KNOWN, ANY) or byte < 0:
            continue
        lone = (i > 0 and cells[i - 1].rule == SINGLE) or (i == 0 and last >= LONELY)
        before = data[i - 1] if i else last & 0xFF if last >= 0 else last
        after = data[i + 1] if i + 1 < len(data) else follow
        if rule == DELETED:
            if before >= 0 and not user_defined(before, byte):
                return False  # without a byte before, what may stand there is asked again when it is known
        elif rule == CHOSEN:
            if (before << 8 | byte) not in cell.pairs:
                return False
        elif rule == SECOND:
            if before >= 0 and (before << 8 | byte) in _pairs(read):
                return False
        elif byte < 0x80 or (single(byte, read) and not (rule == SINGLE and byte == 0x80)):
            return False  # Python's gbk has no euro sign at 80
        elif rule == ALONE and not (0 <= after < 0x80 or after == OPEN_END):
            return False  # a browser takes both bytes of an illegal pair, unless the second is ASCII
        elif rule in (ALONE, SINGLE):
            if read in ONE_BYTE and not undefined(byte, read):
                return False
            if after >= 0 and (byte << 8 | after) in _pairs(read):
                return False
            if rule == SINGLE and lone and before >= 0 and (before << 8 | byte) in _pairs(read):
                return False
    return True


def _pairs(read: str) -> dict[int, str]:
    return pair_table(read) if read in TWO_BYTE else {}


@lru_cache(1 << 12)
def _inside(read: str, write: str, cells: tuple[Cell, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the characters that may stand where bytes were lost, whatever stands around them."""
    key = tuple(cell.value for cell in cells)
    if any(value >= 0 for value in key):
        known: Iterable[tuple[str, tuple[int, ...]]] = vocabulary(write).get(key, ())
    else:
        known = (one for one in characters(write) if len(one[1]) == len(key))
    most = MOST if key.count(-1) < 2 else MANY
    return tuple(islice((one for one in known if lost_so(read, one[1], (cells, OPEN_END), -1)), most))


@lru_cache(1 << 12)
def fitting(read: str, write: str, cells: tuple[Cell, ...], after: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the characters that may stand where bytes were lost before the byte `after`, with their bytes."""
    return tuple(one for one in _inside(read, write, cells) if lost_so(read, one[1], (cells, after), -1))
