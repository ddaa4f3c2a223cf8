"""Sketches: a few numbers a text, from which similar texts are found without comparing all pairs.

Two sketches agree in a bin with a chance equal to the Jaccard similarity of the texts' shingles
(MinHash; here the R-MinHash of the library rensa, which reads 64-bit hashes straight from numpy).

Anchors are the smallest hashes of long shingles (bottom-k).  Two texts that share a passage share
anchors of it, however different they are otherwise.
"""
from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from pipeline.cjk.shingles import FACTOR, Hashes, mix

BINS = 120
SEED = 20170  # of the sketches; another one gives sketches that cannot be compared with these
VERSION = f"2-rensa-r{RMinHash.ALGORITHM_VERSION}-{BINS}-{SEED}"  # sketches of other versions do not compare
UNUSED = np.uint64(0xFFFFFFFFFFFFFFFF)  # fills up the anchors of a short text

Words = npt.NDArray[np.uint32]


def sketch(elements: Hashes) -> Words:
    """Return one number a bin for a set of hashes, given in any order and with repeats.

    >>> sketch(np.array([7, 9], np.uint64)).tolist() == sketch(np.array([9, 7, 9], np.uint64)).tolist()
    True
    """
    row: Words = sketches([elements])[0]
    return row


def sketches(sets: Sequence[Hashes]) -> Words:
    """Return the sketches of several sets, a row each.

    >>> sketches([np.array([7, 9], np.uint64), np.zeros(0, np.uint64)]).shape
    (2, 120)
    """
    ends = np.cumsum([0, *map(len, sets)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(sets), ends, BINS, SEED)
    words = array("I")
    for row in matrix.to_rows():
        words.fromlist(row)  # three times as fast as numpy reads a list
    return np.frombuffer(words, np.uint32).reshape(len(sets), BINS)


def bands(bins: Words, rows: int) -> Words:
    """Return one 32-bit key for every `rows` bins of each sketch: texts that share a key are worth comparing.

    With b bands of r rows, texts of similarity s share one with the chance 1 - (1 - s**r)**b.
    """
    apart = bins.reshape(*bins.shape[:-1], BINS // rows, rows).astype(np.uint64)
    total = apart[..., 0].copy()
    for n in range(1, rows):
        total = mix(total) * FACTOR + apart[..., n]
    return (mix(total) >> np.uint64(32)).astype(np.uint32)


def rows_for(similarity: float) -> int:
    """Return how many bins make a band so that at least 99 in 100 pairs of `similarity` share one.

    >>> rows_for(0.8), rows_for(0.5)
    (6, 3)
    """
    fitting = (r for r in (10, 8, 6, 5, 4, 3, 2) if 1 - (1 - similarity**r) ** (BINS // r) >= 0.99)
    return next(fitting, 1)


def signature(bins: Words) -> npt.NDArray[np.uint8]:
    """Return the lowest byte of each bin: enough to estimate a similarity (b-bit MinHash)."""
    return bins.astype(np.uint8)


def estimate(signatures: npt.NDArray[np.uint8], one: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the estimated similarity of each of `signatures` to `one`; one in 256 bins agrees by accident."""
    agree = np.count_nonzero(signatures == one, axis=1) / BINS
    found: npt.NDArray[np.float64] = np.maximum(0.0, (agree * 256 - 1) / 255)
    return found
