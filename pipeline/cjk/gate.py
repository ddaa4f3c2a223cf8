"""Where does text look misread?  A sequential test over log-odds, in numpy, linear and without Python loops.

Each character has log-odds (nats) of coming from a misreading rather than from clean text.  Their
cumulative sum, minus its lowest value so far, rises where odd characters stand together and falls back
to zero in clean text: the CUSUM test (E. S. Page, Continuous inspection schemes, Biometrika 41, 1954).

    >>> alarms("这里是正常的文字，鐧惧害鍏徃鍙戝竷，后面也正常。", 0)
    [(9, 17)]
"""
from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.misreading import ONE_BYTE, one_byte
from pipeline.cjk.model import share
from pipeline.cjk.model_tables import table

SCALE = 8  # units per nat
ALARM = 8.5  # nats
SWAPPED = 12.0  # nats for GBK and Big5 taken for each other
BAR = -(1 << 24)
DIFFERENT = 3  # characters in an alarm
CLIP = 6.0  # no single character decides
SHORT = 48  # code points
BLOCK = 1 << 18  # code points looked at in one go
OVERLAP = 64
CLEAN_HAN, CLEAN_OTHER, ASCII = -5.0, -2.0, -0.5
ODD = (("\ue000", "\uf8ff", 2.5), ("\ufffd", "\ufffd", 1.5), ("€", "€", 1.5), ("\x80", "\x9f", 2.5), ("?", "?", 0.5))

LOOKALIKE, TONE, LATIN, SURROGATE, LOST = 1, 2, 4, 8, 16
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
LEADING, LEAD = 32, 0xA1  # GBK and Big5 lead bytes
UTF8_LEADS = frozenset((0xC2, 0xC3, 0xC5, 0xCB, *range(0xE2, 0xF1)))  # of Chinese and of layers above it

Codes = npt.NDArray[np.uint16]


def code_points(text: str) -> Codes:
    """Return the code points of `text`, those beyond the basic plane as U+FFFF."""
    data = text.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(text):
        return np.frombuffer(data, np.uint16)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.minimum(codes, 0xFFFF).astype(np.uint16)


def channels() -> list[str]:
    """Return the channels of the tables as ``read>write``, the first column of `odds`."""
    return [str(c) for c in table("channels")]


@cache
def odds() -> npt.NDArray[np.int8]:
    """Return one row of log-odds per channel over the basic plane, and last a row of their maxima."""
    n = len(channels())
    rows = np.full((n + 1, 0x10000), int(CLEAN_OTHER * SCALE), np.int8)
    rows[:, :0x80] = int(ASCII * SCALE)
    rows[:, 0x3400:0xA000] = int(CLEAN_HAN * SCALE)
    codes = table("shown").astype(np.int64)
    which, places = np.unique(codes, return_inverse=True)
    common = np.array([share(chr(c)) > -11.0 for c in which.tolist()])[places]
    values = np.clip(table("odds_q").astype(np.int16), int(-CLIP * SCALE), int(CLIP * SCALE))
    values = np.where(common, np.minimum(values, 3 * SCALE), values)
    rows[table("channel"), codes] = np.where(_telling(codes), values, np.minimum(values, 0))
    for lo, hi, value in ODD:
        rows[:, ord(lo) : ord(hi) + 1] = int(value * SCALE)
    rows[n] = rows[:n].max(axis=0)
    return rows


def _telling(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which characters may raise an alarm: not kana, Cyrillic, box drawing or everyday Hangul."""
    rare_hangul = (codes >= 0xAC00) & (codes < 0xD7A4)
    rare_hangul[rare_hangul] = [not everyday_hangul(chr(c)) for c in codes[rare_hangul].tolist()]
    han = (codes >= 0x3400) & (codes < 0xA000)
    odd = (codes >= 0xE000) & (codes < 0xF900) | (codes >= 0xFF61) & (codes < 0xFFA0)
    return np.asarray(han | odd | rare_hangul)


def everyday_hangul(c: str) -> bool:
    """Is the syllable one of the 2,350 of KS X 1001, which cover everyday Korean?"""
    try:
        return len(c.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


@cache
def classes() -> npt.NDArray[np.uint8]:
    """Return a table of bits by code point: LOOKALIKE, TONE, LATIN, SURROGATE, LOST."""
    table = np.zeros(0x10000, np.uint8)
    for lo, hi in ((0x2E80, 0x2FD5), (0xE000, 0xF848), (0xF900, 0xFAD9), (0x200B, 0x200F), (0x202A, 0x202E),
                   (0x2060, 0x2069), (0xFEFF, 0xFEFF)):
        table[lo : hi + 1] |= LOOKALIKE
    for c in TONES:
        table[ord(c)] |= TONE
    for read in ONE_BYTE:
        double = read in ("latin-1", "cp1252")  # they also show GBK and Big5, the others only UTF-8
        for shown, data in one_byte(read).items():
            if data[0] >= 0x80 and (double or data[0] < 0xC0):
                table[ord(shown)] |= LATIN
            if data[0] >= LEAD if double else data[0] in UTF8_LEADS:
                table[ord(shown)] |= LEADING
    table[0xD800:0xE000] |= SURROGATE
    table[0xFFFD] |= LOST
    return table


class Signs(NamedTuple):
    """What one pass over a text saw: classes (bits), alarms, and where one-byte charsets may have been at work."""

    bits: int = 0
    alarms: tuple[tuple[int, int], ...] = ()
    latin: tuple[tuple[int, int], ...] = ()


def look(text: str) -> Signs:
    """Return the signs of damage in `text`; about 150 MB of UTF-8 a second on clean text."""
    bits, found, latin = 0, list[tuple[int, int]](), list[tuple[int, int]]()
    for start in range(0, len(text), BLOCK - OVERLAP):
        codes = code_points(text[start : start + BLOCK])
        kinds = classes().take(codes)
        here = int(np.bitwise_or.reduce(kinds, initial=0))
        bits |= here
        if here & LEADING:
            pairs = (kinds[:-1] & LEADING > 0) & (kinds[1:] & LATIN > 0)
            _merge(latin, start, [(max(0, p - 1), p + 3) for p in np.flatnonzero(pairs).tolist()])
        _merge(found, start, _confirmed(codes, _block(codes, odds()[-1])))
    return Signs(bits, tuple(found), tuple(latin))


def _confirmed(codes: Codes, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges that one channel alone explains: of rare words each channel explains a part.

    All ranges are tried at once, with a bar between them that no sum survives.
    """
    if not ranges:
        return []
    spans = np.array(ranges)
    sizes = spans[:, 1] - spans[:, 0] + 1
    starts = np.cumsum(sizes) - sizes
    places = np.arange(int(sizes.sum())) - np.repeat(starts - spans[:, 0], sizes)
    bars = starts + sizes - 1
    places[bars] = 0
    gains = odds()[:-1].take(codes[places], axis=1).astype(np.int64)
    gains[:, bars] = BAR
    total = np.cumsum(gains, axis=1)
    height = total - np.minimum.accumulate(np.minimum(total, 0), axis=1)
    peaks = np.maximum.reduceat(height, starts, axis=1)
    likely: list[bool] = np.any(peaks >= _needed()[:, None], axis=0).tolist()
    return [r for r, ok in zip(ranges, likely, strict=True) if ok and _several(codes[r[0] : r[1]])]


@cache
def _needed() -> npt.NDArray[np.int32]:
    """Return how high the sum of each channel must rise."""
    return np.array([(ALARM if name.endswith(">utf-8") else SWAPPED) * SCALE for name in channels()], np.int32)


def _several(codes: Codes) -> bool:
    """Are there at least three different characters?  Fewer are not two characters misread."""
    return len({c for c in codes.tolist() if c > 0x7F or c == 0x3F}) >= DIFFERENT


def alarms(text: str, channel: int = -1) -> list[tuple[int, int]]:
    """Return the ranges that look misread, by one channel of `channels` or (-1) by any.

    A range runs from where the sum began to rise to its peak.
    """
    row, found = odds()[channel], list[tuple[int, int]]()
    for start in range(0, len(text), BLOCK - OVERLAP):
        codes = code_points(text[start : start + BLOCK])
        _merge(found, start, _block(codes, row))
    return found


def _merge(found: list[tuple[int, int]], start: int, new: list[tuple[int, int]]) -> None:
    for lo, hi in new:
        if found and start + lo <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], start + hi))
        else:
            found.append((start + lo, start + hi))


def peak(text: str, channel: int) -> float:
    """Return how strongly (nats) the most suspicious stretch of `text` speaks for one channel."""
    if len(text) < SHORT:
        return _short_peak(text, channel) / SCALE
    gains = odds()[channel].take(code_points(text))
    total = np.cumsum(gains, dtype=np.int32)
    return float((total - np.minimum.accumulate(np.minimum(total, 0))).max(initial=0)) / SCALE


def _short_peak(text: str, channel: int) -> int:
    """Return the highest sum over a stretch of a short text; numpy is slower there."""
    row = _rows()[channel]
    height = highest = 0
    for c in text:
        height = max(0, height + row[min(ord(c), 0xFFFF)])
        highest = max(highest, height)
    return highest


@cache
def _rows() -> list[memoryview]:
    return [memoryview(row) for row in odds()]


def _block(codes: Codes, row: npt.NDArray[np.int8]) -> list[tuple[int, int]]:
    """Return the ranges in which the sum reaches ALARM, from where it began to rise to its peak.

    Only the places that speak for damage are looked at, and the sums between them.
    """
    gains = row.take(codes)
    odd = np.flatnonzero(gains > 0)
    if not len(odd):
        return []
    total = np.cumsum(gains, dtype=np.int32).take(odd)
    before = total - gains.take(odd)
    lowest = np.minimum.accumulate(np.minimum(before, 0))
    height = total - lowest
    if int(height.max()) < ALARM * SCALE:
        return []
    starts = np.flatnonzero(before <= lowest)  # the sum had fallen to zero
    ends = np.append(starts[1:], len(odd))
    high = np.flatnonzero(np.maximum.reduceat(height, starts) >= ALARM * SCALE)
    found = list[tuple[int, int]]()
    for lo, hi in zip(starts[high].tolist(), ends[high].tolist(), strict=True):
        top = lo + int(height[lo:hi].argmax())
        end = int(odd[top]) + 1
        found.append((int(odd[lo]), end))
        if hi - top > DIFFERENT:  # a high sum falls slowly, and what rises meanwhile does not show
            found += [(end + a, end + b) for a, b in _block(codes[end : int(odd[hi - 1]) + 1], row)]
    return found
