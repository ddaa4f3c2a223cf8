"""What a huge text is known by, without holding the hash of each of its places.

Sketch and anchors come out as they would from all hashes at once: the smallest of the smallest is the
smallest.  To find what stands twice, one place in `ONE_IN` is enough, chosen by its hash, so that of two
copies the same places are chosen (modulo sampling, after U. Manber, Finding similar files in a large file
system, USENIX 1994).
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.fold import Codes
from pipeline.cjk.shingles import Hashes, distinct, shingles, windows
from pipeline.cjk.sketch import BINS, Words, sketch

HUGE = 1 << 20  # letters of a key from which on it is not hashed in one piece
CHUNK = 1 << 17  # places hashed at a time
ONE_IN = 8


class Marks(NamedTuple):
    """Hashes of places of a key, and the places, ascending; `one_in` so many windows is among them."""

    hashes: Hashes
    places: npt.NDArray[np.int64]
    one_in: int = 1

    @classmethod
    def of(cls, hashes: Hashes) -> Marks:
        """Return the marks of a text of which each window is known."""
        return cls(hashes, np.arange(len(hashes)))


def hashed(codes: Codes, width: int, parts: int) -> Iterator[tuple[Hashes, Hashes]]:
    """Yield the shingles and the windows that begin in one chunk of a key after the other."""
    if len(codes) < width:
        yield shingles(codes, width), np.zeros(0, np.uint64)
    reach = width * parts - 1
    for at in range(0, len(codes) - width + 1, CHUNK):
        found = shingles(codes[at : at + CHUNK + reach], width)
        yield found[:CHUNK], windows(found, width, parts)[:CHUNK]


def summary(codes: Codes, width: int, parts: int, count: int) -> tuple[Words, Hashes]:
    """Return the sketch of a key's shingles, and the `count` smallest of its windows, each once, sorted."""
    bins = np.full(BINS, 0xFFFFFFFF, np.uint32)
    least = np.zeros(0, np.uint64)
    for short, long in hashed(codes, width, parts):
        np.minimum(bins, sketch(short), out=bins)
        small = long if len(least) < count else long[long < least[-1]]
        least = distinct(np.concatenate((least, small)))[:count]
    return bins, least


def marks(codes: Codes, width: int, parts: int, one_in: int = ONE_IN) -> Marks:
    """Return the windows of a key whose hash is a multiple of `one_in`."""
    hashes, places, at = [], [], 0
    for _, long in hashed(codes, width, parts):
        chosen = np.flatnonzero(long % np.uint64(one_in) == 0)
        hashes.append(long[chosen])
        places.append(chosen + at)
        at += len(long)
    return Marks(np.concatenate(hashes), np.concatenate(places), one_in)
