"""Character shingles of a folded key as 64-bit hashes, and how far two sets of them agree.

A shingle is `width` consecutive characters.  Chinese has no spaces, so words or clauses make poor
units: split at punctuation, one edited character spoils a whole clause.  Characters degrade evenly:
an edit spoils `width` shingles wherever it falls.

Two different shingles share a hash with a chance of about 2**-64 (a polynomial of the
characters modulo 2**64, then scrambled one to one), so set sizes and similarities are those of the strings.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.fold import Codes

Hashes = npt.NDArray[np.uint64]

CHUNK = 1 << 18  # places worked on at a time, so that a huge text needs little besides its result
SHELVES, MANY = 12, 1 << 12  # bits of a hash that name a shelf; so many hashes crowd the shelves
HALF, FACTOR = np.uint64(33), np.uint64(0x9E3779B97F4A7C15)


def shingles(codes: Codes, width: int) -> Hashes:
    """Return the hash of the shingle at each place of a folded key, `width` - 1 fewer than characters.

    A key shorter than `width` has one shingle, itself; an empty key has none.

    >>> from pipeline.cjk.fold import fold
    >>> len(shingles(fold("清源是一条河").codes, 5)), len(shingles(fold("清源").codes, 5))
    (2, 1)
    """
    if not len(codes):
        return np.zeros(0, np.uint64)
    width = min(width, len(codes))
    total = np.empty(len(codes) - width + 1, np.uint64)
    for at in range(0, len(total), CHUNK):
        part = total[at : at + CHUNK]
        wide = codes[at : at + len(part) + width - 1].astype(np.uint64)
        part[:] = wide[: len(part)]
        for i in range(1, width):
            part *= FACTOR
            part += wide[i : i + len(part)]
        mix(part)
    return total


def windows(hashes: Hashes, width: int, parts: int) -> Hashes:
    """Return the hash of each stretch of `parts` shingles, end to end: of `width` * `parts` characters.

    >>> from pipeline.cjk.fold import fold
    >>> codes = fold("一二三四五六，一二三四五六。").codes
    >>> bool(np.equal(*windows(shingles(codes, 3), 3, 2)[[0, 6]]))
    True
    """
    count = len(hashes) - width * (parts - 1)
    if count <= 0:
        return np.zeros(0, np.uint64)
    total = np.empty(count, np.uint64)
    for at in range(0, count, CHUNK):
        part = total[at : at + CHUNK]
        part[:] = hashes[at : at + len(part)]
        for i in range(1, parts):
            part *= FACTOR
            part += hashes[at + width * i : at + width * i + len(part)]
        mix(part)
    return total


def mix(values: Hashes) -> Hashes:
    """Return the values scrambled one to one, in place (a round of the finalizer of MurmurHash3)."""
    values ^= values >> HALF
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> HALF
    return values


def distinct(hashes: Hashes) -> Hashes:
    """Return the hashes sorted, each once.

    >>> distinct(np.array([3, 1, 3], np.uint64)).tolist()
    [1, 3]
    """
    ordered = np.sort(hashes)
    if len(ordered) < 2:
        return ordered
    first = np.empty(len(ordered), bool)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def known(hashes: Hashes, others: Hashes) -> npt.NDArray[np.bool_]:
    """Return which of `hashes` are among `others`, which are sorted.

    Each of `others` is put on a shelf by its first bits; only those whose shelf another one took are searched.

    >>> known(np.array([3, 1, 2], np.uint64), np.array([2, 3], np.uint64)).tolist()
    [True, False, True]
    """
    if not len(others):
        return np.zeros(len(hashes), bool)
    if len(others) > MANY:
        return _among(hashes, others)
    shelves = np.full(1 << SHELVES, others[0])
    places = (others >> np.uint64(64 - SHELVES)).view(np.int64)
    shelves[places] = others
    found = np.asarray(shelves.take((hashes >> np.uint64(64 - SHELVES)).view(np.int64)) == hashes)
    crowded_out = others[shelves.take(places) != others]
    if len(crowded_out):
        missing = np.flatnonzero(~found)
        found[missing] = _among(hashes[missing], crowded_out)
    return found


def _among(hashes: Hashes, others: Hashes) -> npt.NDArray[np.bool_]:
    return np.asarray(others[np.minimum(np.searchsorted(others, hashes), len(others) - 1)] == hashes)


class Agreement(NamedTuple):
    """How far two sets agree: their sizes, and how many members they share."""

    left: int
    right: int
    both: int

    @property
    def similarity(self) -> float:
        """Jaccard's: shared members by all members; 0 for two empty sets."""
        return self.both / max(1, self.left + self.right - self.both)

    @property
    def containment(self) -> float:
        """Shared members by the members of the smaller set."""
        return self.both / max(1, min(self.left, self.right))


def agreement(left: Hashes, right: Hashes) -> Agreement:
    """Return how far two sets agree, each given as `distinct` returns it.

    >>> agreement(np.array([1, 2, 3], np.uint64), np.array([2, 3, 4], np.uint64)).similarity
    0.5
    """
    together = np.sort(np.concatenate((left, right)))
    both = int(np.count_nonzero(together[1:] == together[:-1]))
    return Agreement(len(left), len(right), both)
