"""Which characters may stand where a misreading lost bytes.

What was lost is not arbitrary: its bytes meant nothing in the wrong charset, between the bytes before and after.  A
`Cell` is one byte of the original with the rule that says how it was lost; `fitting` lists the characters that obey.
"""
from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.misreading import NONE, ONE_BYTE, TWO_BYTE, pair_table, single, undefined, user_defined
from pipeline.cjk.model import share
from pipeline.cjk.model_rows import Several, several
from pipeline.cjk.model_tables import Ids
from pipeline.cjk.model_tables import characters as known_characters

RAREST = -14.5  # nats; characters rarer than this are not guessed
MOST = 64  # candidates tried where one byte of several is lost, MANY where more are
MANY = 300
KNOWN, FIRST, SECOND, ALONE, ANY, CHOSEN, LAST, DELETED, SINGLE = range(9)
BOUND = (SECOND, CHOSEN, DELETED, SINGLE)  # rules that look at the byte before
OPEN_END = -2  # in place of the byte after: nobody knows, perhaps none
LONELY = 0x100  # added to the last byte if it was lost as the beginning of a pair that is none
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Cell(NamedTuple):
    """One byte of the original: its value (or -1 if lost) and what restricts it."""

    value: int
    rule: int
    pairs: frozenset[int] = frozenset()  # for CHOSEN: the legal (byte before << 8 | byte)


class Fitting(NamedTuple):
    """Characters, the commonest first; their bytes, one row a character."""

    chars: Several
    data: Bytes

    def some(self, places: Ids) -> Fitting:
        """Return those at `places`."""
        return Fitting(self.chars.some(places), self.data[places])


@cache
def characters(charset: str) -> dict[int, Fitting]:
    """Return the common characters, the commonest first, and their bytes in `charset`, by the number of bytes."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    for c in _common():
        try:
            data = c.encode(charset)
        except UnicodeEncodeError:
            continue
        found.setdefault(len(data), []).append((c, data))
    return {size: Fitting(several("".join(c for c, _ in rows)),
                          np.frombuffer(b"".join(data for _, data in rows), np.uint8).reshape(-1, size))
            for size, rows in found.items()}


@cache
def _common() -> list[str]:
    return sorted((c for c in known_characters()[0] if share(c) > RAREST), key=share, reverse=True)


@cache
def pairs(read: str) -> Mask:
    """Return which pairs of bytes mean something in `read`, by first and second byte."""
    if read not in TWO_BYTE:
        return np.zeros((256, 256), bool)
    return np.array([shown != NONE for shown in pair_table(read)]).reshape(256, 256)


@cache
def _deleted() -> Mask:
    """Return which pairs lie in the user-defined areas of GBK; of the second byte only its half matters."""
    halves = [[user_defined(first, second) for second in (0x40, 0xA1)] for first in range(256)]
    return np.repeat(halves, (0xA1, 0x100 - 0xA1), axis=1)


@cache
def _lost(read: str, rule: int) -> Mask:
    """Return which bytes may be lost as what is no pair."""
    out = np.array([byte >= 0x80 and (not single(byte, read) or (rule == SINGLE and byte == 0x80))
                    for byte in range(256)])  # Python's gbk has no euro sign at 80
    if rule in (ALONE, SINGLE) and read in ONE_BYTE:
        out &= np.array([undefined(byte, read) for byte in range(256)])
    return out


def follows(read: str, cell: Cell, byte: int, last: int) -> bool:
    """May the first byte of a character, lost as `cell` says, have been lost behind the byte `last`?

    What depends on the bytes after it, `fitting` has seen to.  A byte of -1 is not known.
    """
    if byte < 0 or cell.rule not in BOUND:
        return True
    before = last & 0xFF if last >= 0 else last
    if cell.rule == DELETED:  # without a byte before, what may stand there is asked again when it is known
        return before < 0 or user_defined(before, byte)
    if cell.rule == CHOSEN:
        return (before << 8 | byte) in cell.pairs
    if before < 0 or (cell.rule == SINGLE and last < LONELY):
        return True
    return not bool(pairs(read)[before, byte])


def following(read: str, cell: Cell, first: Bytes, last: int) -> Mask:
    """Do as `follows` does for many first bytes."""
    if cell.rule not in BOUND:
        return np.ones(len(first), bool)
    if cell.rule in (DELETED, CHOSEN):
        legal = _deleted() if cell.rule == DELETED else _members(cell.pairs)
        return np.asarray(legal[last & 0xFF, first]) if last >= 0 else np.full(len(first), cell.rule == DELETED)
    if last < (LONELY if cell.rule == SINGLE else 0):
        return np.ones(len(first), bool)
    return np.asarray(~pairs(read)[last & 0xFF, first])


def chosen(cells: tuple[Cell, ...]) -> bool:
    """Do the known bytes of a character obey the rules that look at the byte before, but for the first?"""
    for i in range(1, len(cells)):
        if cells[i].rule == CHOSEN and (cells[i - 1].value << 8 | cells[i].value) not in cells[i].pairs:
            return False
    return True


def _obeys(read: str, cells: tuple[Cell, ...], data: Bytes, after: int) -> Mask:
    """Return which rows of `data` would have been lost, before the byte `after` and behind no byte that is known."""
    out = np.ones(len(data), bool)
    for i, cell in enumerate(cells):
        rule, byte = cell.rule, data[:, i]
        if rule in (KNOWN, ANY):
            continue
        if rule in (DELETED, CHOSEN):
            legal = _deleted() if rule == DELETED else _members(cell.pairs)
            out &= legal[data[:, i - 1], byte] if i else rule == DELETED
        elif rule == SECOND:
            out &= ~pairs(read)[data[:, i - 1], byte] if i else True
        else:
            out &= _lost(read, rule)[byte]
            if rule in (ALONE, SINGLE):
                out &= _before(read, (rule, byte), data[:, i + 1] if i + 1 < data.shape[1] else after)
            if rule == SINGLE and i and cells[i - 1].rule == SINGLE:
                out &= ~pairs(read)[data[:, i - 1], byte]
    return out


def _members(keys: frozenset[int]) -> Mask:
    legal = np.zeros((256, 256), bool)
    legal.flat[list(keys)] = True
    return legal


def _before(read: str, lost: tuple[int, Bytes], after: Bytes | int) -> Mask | bool:
    """Return which bytes may be lost alone before `after`."""
    rule, byte = lost
    if isinstance(after, int):
        if rule == ALONE and not (0 <= after < 0x80 or after == OPEN_END):
            return False  # a browser takes both bytes of an illegal pair, unless the second is ASCII
        return ~pairs(read)[byte, after] if after >= 0 else True
    return ~pairs(read)[byte, after] & (after < 0x80 if rule == ALONE else True)


@lru_cache(1 << 10)
def _inside(read: str, write: str, cells: tuple[Cell, ...]) -> tuple[Bytes, Ids]:
    """Return the bytes of the characters that may stand where bytes were lost, whatever stands around them, and
    their places among `characters`."""
    if len(cells) not in characters(write):
        return np.zeros((0, len(cells)), np.uint8), np.zeros(0, np.int64)
    data = characters(write)[len(cells)].data
    fits = np.ones(len(data), bool)
    for i, cell in enumerate(cells):
        if cell.value >= 0:
            fits &= data[:, i] == cell.value
    places = np.flatnonzero(fits)
    places = places[_obeys(read, cells, data[places], OPEN_END)]
    places = places[: MOST if sum(cell.value < 0 for cell in cells) < 2 else MANY]
    return data[places], places


def fitting(read: str, write: str, cells: tuple[Cell, ...], after: int) -> Fitting:
    """Return the characters that may stand where bytes were lost before the byte `after`.

    >>> fitting("gbk", "utf-8", (Cell(0xE4, KNOWN), Cell(0xB8, KNOWN), Cell(-1, SINGLE)), 0x41).chars.text
    '一並两严丧丢'
    """
    data, places = _inside(read, write, cells)
    if not len(places):
        return Fitting(several(""), data)
    return _some(write, len(cells), places[_obeys(read, cells, data, after)].tobytes())


@lru_cache(1 << 10)
def _some(charset: str, size: int, places: bytes) -> Fitting:
    """Return the characters at `places`; the same ones are the same object, so that what is known of them is found."""
    return characters(charset)[size].some(np.frombuffer(places, np.int64))
