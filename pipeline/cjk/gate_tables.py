"""The tables of the gate: what each character says for a misreading, and what kinds of damage it may be a sign of."""
from __future__ import annotations

from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from pipeline.cjk.misreading import ONE_BYTE, one_byte
from pipeline.cjk.model import share
from pipeline.cjk.model_tables import table

SCALE = 8  # units per nat
ALARM = 8.5  # nats
SWAPPED = 12.0  # nats for GBK and Big5 taken for each other
CLIP = 6.0  # no single character decides
CLEAN_HAN, CLEAN_OTHER, ASCII = -5.0, -2.0, -0.5
ODD = (("\ue000", "\uf8ff", 2.5), ("\ufffd", "\ufffd", 1.5), ("€", "€", 1.5), ("\x80", "\x9f", 2.5), ("?", "?", 0.5))

LOOKALIKE, TONE, LATIN, SURROGATE, LOST = 1, 2, 4, 8, 16
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
LEADING, LEAD = 32, 0xA1  # GBK and Big5 lead bytes
UTF8_LEADS = frozenset((0xC2, 0xC3, 0xC5, 0xCB, *range(0xE2, 0xF1)))  # of Chinese and of layers above it


@cache
def channels() -> tuple[str, ...]:
    """Return the channels of the tables as ``read>write``, the first column of `odds`."""
    return tuple(str(c) for c in table("channels"))


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
    rare_hangul = (codes >= 0xAC00) & (codes < 0xD7A4) & ~np.isin(codes, [ord(c) for c in everyday_hangul()])
    han = (codes >= 0x3400) & (codes < 0xA000)
    odd = (codes >= 0xE000) & (codes < 0xF900) | (codes >= 0xFF61) & (codes < 0xFFA0)
    return np.asarray(han | odd | rare_hangul)


def everyday_hangul() -> str:
    """Return the 2,350 syllables of KS X 1001, which cover everyday Korean.

    >>> len(everyday_hangul()), everyday_hangul()[:3]
    (2350, '가각간')
    """
    pairs = [(first, second) for first in range(0xB0, 0xC9) for second in range(0xA1, 0xFF)]
    return bytes(chain.from_iterable(pairs)).decode("euc_kr")


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
