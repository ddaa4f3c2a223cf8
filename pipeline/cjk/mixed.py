"""Several encodings in one file: lines that the file's codec reads badly are judged by themselves.

A unit is what stands between line ends, angle brackets and double quotes: bytes that are never part of a
character in any of the encodings that may mix (UTF-8, GB18030, Big5, Windows-1252). Units are costed all at
once; only bad ones are looked at one by one.
"""
from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipeline.cjk.charcosts import character_costs
from pipeline.cjk.spelling import Piece, read_tolerantly, spell

MIXABLE = ("utf-8", "gb18030", "big5hkscs", "cp1252")
SWITCH = 120  # what another codec must gain on a unit, in tenths of a nat
SUSPICIOUS = 95  # mean cost of the characters outside ASCII from which on a unit is judged by itself
BLOCK = 1 << 22
_CONTINUATION = re.compile(rb"[\x80-\xbf]{1,3}(?=[\x00-\x7f\xc2-\xf4])")
_DELIMITERS = (0x0A, 0x22, 0x3C, 0x3E)


def pieces(data: bytes, main: str, start: int = 0) -> list[Piece]:
    """Return the pieces that data[start:] reads as, where `main` is the codec of most of it."""
    out: list[Piece] = []
    if main == "utf-8" and (head := _CONTINUATION.match(data, start)):
        out.append(Piece(start, start := head.end(), "", "truncated"))
    end = len(data) - _cut_off(data, main)
    spans = list(_spans(data[:end], main, start))
    if spans and spans[-1][2] != main:  # the file's end is in another codec: that one decides
        spans = list(_spans(data, main, start))
        lo, hi, codec = spans[-1]
        end = hi - _cut_off(data[lo:hi], codec)
        spans[-1] = lo, end, codec
    for lo, hi, codec in spans:
        out += spell(data[lo:hi], codec, lo)
    if end < len(data):
        out.append(Piece(end, len(data), "", "truncated"))
    return out


def _spans(data: bytes, main: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Yield ranges of bytes and the codec of each, adjacent ones of one codec joined."""
    lo, current = start, main
    for first, last, codec in _exceptions(data, main, start):
        if codec == current and codec != main and not data[lo:first].strip():
            continue
        if lo < first and current != codec:
            yield lo, first, current
            lo = first
        current = codec
        yield lo, last, codec
        lo, current = last, main
    if lo < len(data):
        yield lo, len(data), main


def _exceptions(data: bytes, main: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Yield the ranges that another codec reads better than `main`."""
    if main not in MIXABLE and main != "cp950":
        return
    while start < len(data):
        end = _block_end(data, start)
        block = data[start:end]
        for lo, hi in _suspicious(block, main):
            codec = _better(block[lo:hi], main)
            if codec != main:
                yield start + lo, start + hi, codec
        start = end


def _block_end(data: bytes, start: int) -> int:
    if len(data) - start <= BLOCK:
        return len(data)
    cut = data.rfind(b"\n", start, start + BLOCK)
    if cut < 0:
        cut = data.find(b"\n", start + BLOCK)
    return len(data) if cut < 0 else cut + 1


def _suspicious(block: bytes, main: str) -> list[tuple[int, int]]:
    """Return the units of `block` that `main` reads with errors, or as improbable characters."""
    text = read_tolerantly(block, main)
    points, costs = character_costs(text)
    starts = _unit_starts(points)
    high = points >= 0x80
    errors = np.add.reduceat((points >= 0xDC80) & (points <= 0xDCFF), starts, dtype=np.int64)
    bad = errors > 0
    if main != "utf-8":  # what is valid as UTF-8 is UTF-8, however rare its characters
        total = np.add.reduceat(np.where(high, costs, 0), starts, dtype=np.int64)
        count = np.add.reduceat(high, starts, dtype=np.int64)
        bad |= total > SUSPICIOUS * count
    if not bad.any():
        return []
    byte_starts = np.append(_unit_starts(np.frombuffer(block, np.uint8)), len(block))
    if len(byte_starts) != len(starts) + 1:  # an error swallowed a delimiter: take the block as one unit
        return [(0, len(block))]
    where = np.flatnonzero(bad)
    return list(zip(byte_starts[where].tolist(), byte_starts[where + 1].tolist(), strict=True))


def _unit_starts(values: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    marks = np.flatnonzero(np.isin(values, _DELIMITERS)) + 1
    starts = np.concatenate(([0], marks))
    return starts[:-1] if starts[-1] == len(values) else starts


def _better(unit: bytes, main: str) -> str:
    """Return the codec that reads `unit` best; it must beat `main` by the price of a switch."""
    winner, least = main, _cost(unit, main)[0]
    for name in MIXABLE:
        total, mean = _cost(unit, name)
        if total + SWITCH < least and mean < SUSPICIOUS:
            winner, least = name, total + SWITCH
    return winner


def _cost(unit: bytes, name: str) -> tuple[int, float]:
    """Return what the reading costs, and its mean cost per character outside ASCII."""
    points, costs = character_costs(read_tolerantly(unit, name))
    return int(costs.sum(dtype=np.int64)), float(costs[points >= 0x80].mean())


def _cut_off(data: bytes, codec: str) -> int:
    """Return how many bytes at the end are the beginning of a character (a file that was cut off)."""
    decoder = codecs.getincrementaldecoder(codec)("surrogateescape")
    try:
        decoder.decode(data[-64:] if b"\n" not in data[-64:] else data[data.rindex(b"\n", -64):])
    except UnicodeError:
        return 0
    return len(decoder.getstate()[0])
