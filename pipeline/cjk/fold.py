"""The folded key: what is left of a text when script, width, case, punctuation and white space do not count.

Two copies of one text that differ only in how they are written (Traditional or Simplified, full or
half width, upper or lower case, other quotation marks, other line breaks) have the same key.

Characters that any of OpenCC's character tables relates (發 and 髮 to 发, 裏 and 裡 to 里, 着 to 著)
form one class and fold to its smallest member.  That is coarser than conversion, on purpose: which of
several Traditional characters a Simplified one stands for does not matter when copies are compared.

Sources: OpenCC's STCharacters, TSCharacters, TWVariants, HKVariants (Apache-2.0, read from the
package opencc-python-reimplemented); Unicode NFKC and case folding, single characters only.
"""
from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int32]

TABLES = ("TSCharacters.txt", "STCharacters.txt", "TWVariants.txt", "HKVariants.txt")
RADICALS = range(0x2E80, 0x2FE0)  # symbols to Unicode, in web pages stand-ins for the characters they look like
CHUNK = 1 << 18  # characters folded at a time, so that a huge text needs little besides its result
FOLDED_PLANES = 0x32400  # planes 0-3; what lies above is no letter and is left out of the key
NUMERALS = "〇零一二三四五六七八九十百千万亿两"
NOT_LETTERS = re.compile(r"[\W_]+")  # punctuation, symbols, white space, controls, U+FFFD


class Folded(NamedTuple):
    """A text's key as code points, and where in the text each of them stands."""

    codes: Codes
    where: Places


def code_points(text: str) -> Codes:
    """Return the code points of `text`; a lone surrogate counts as itself."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def fold(text: str) -> Folded:
    """Return the folded key of `text` with the place of every character of it.

    >>> folded = fold("「發展」，ＯＫ")
    >>> "".join(map(chr, folded.codes)), folded.where.tolist()
    ('发展ok', [1, 2, 5, 6])
    """
    if len(text) <= CHUNK:
        return _fold(text)
    codes, where, size = np.empty(len(text), np.uint32), np.empty(len(text), np.int32), 0
    for at in range(0, len(text), CHUNK):
        part = _fold(text[at : at + CHUNK])
        end = size + len(part.codes)
        codes[size:end] = part.codes
        np.add(part.where, np.int32(at), out=where[size:end])
        size = end
    return Folded(codes[:size], where[:size])  # what lies behind was never touched, and takes no memory


def _fold(text: str) -> Folded:
    points = code_points(text)
    try:
        codes = _table().take(points)
    except IndexError:
        codes = _table().take(np.where(points < FOLDED_PLANES, points, 0))
    where = np.flatnonzero(codes)
    return Folded(codes.take(where), where.astype(np.int32))


def between(where: Places, start: int, end: int) -> slice:
    """Return which characters of a key stand in the text from `start` to `end`.

    >>> between(fold("「發展」，ＯＫ").where, 2, 6)
    slice(1, 3, None)
    """
    low, high = np.searchsorted(where, np.array((start, end), where.dtype)).tolist()
    return slice(low, high)


def key(text: str) -> str:
    """Return the folded key of `text` as a string.

    >>> key("頭髮 is GREY!") == key("头发ISgrey")
    True
    """
    return fold(text).codes.tobytes().decode("utf-32-le", "surrogatepass")


def without_numbers(codes: Codes) -> Codes:
    """Return a key without its digits, Chinese numerals and their units.

    >>> without_numbers(fold("3月5日涨到12万").codes).tobytes().decode("utf-32-le")
    '月日涨到'
    """
    return codes[_no_numeral().take(codes)]


@cache
def _no_numeral() -> npt.NDArray[np.bool_]:
    table = np.ones(FOLDED_PLANES, bool)
    table[fold("0123456789" + NUMERALS).codes] = False
    return table


@cache
def _table() -> Codes:
    """Return, for each code point, the one it folds to; 0 for what leaves no trace in the key."""
    every = np.arange(FOLDED_PLANES, dtype=np.uint32)
    points = np.delete(every, slice(0xD800, 0xE000)).tobytes().decode("utf-32-le")
    table = np.zeros(FOLDED_PLANES, np.uint32)
    letters = np.frombuffer(NOT_LETTERS.sub("", points).encode("utf-32-le"), np.uint32)
    table[letters] = letters
    for c in (*letters[_may_fold(letters)].tolist(), *RADICALS):
        plain = unicodedata.normalize("NFKC", chr(c).casefold()).casefold()
        if len(plain) == 1 and plain.isalnum():
            table[c] = ord(plain)
    for members in _classes():
        table[members] = members[0]
    wide = np.flatnonzero(table)  # a width or compatibility form of a classed character follows its class
    table[wide] = table[table[wide]]
    table.flags.writeable = False
    return table


def _may_fold(letters: Codes) -> npt.NDArray[np.bool_]:
    """Return which letters can have a case or compatibility form: all but the big plain blocks."""
    plain = np.zeros(len(letters), bool)
    for first, last in ((0x3400, 0x9FFF), (0xA000, 0xA63F), (0xAC00, 0xD7A3), (0x10D00, 0x16E3F),
                        (0x16EA0, 0x1D3FF), (0x20000, 0x2F7FF), (0x30000, 0x323FF)):
        plain |= (letters >= first) & (letters <= last)
    return ~plain


def _classes() -> list[list[int]]:
    """Return the classes of characters that the tables relate, each in ascending order."""
    parent: dict[str, str] = {}

    def root(c: str) -> str:
        while parent.setdefault(c, c) != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    for name in TABLES:
        for line in (resources.files("opencc") / "dictionary" / name).read_text("utf-8").splitlines():
            one, _, others = line.partition("\t")
            for other in others.split():
                if len(one) == len(other) == 1:
                    parent[root(other)] = root(one)
    groups: dict[str, list[int]] = {}
    for c in parent:
        groups.setdefault(root(c), []).append(ord(c))
    return [sorted(g) for g in groups.values() if len(g) > 1]
