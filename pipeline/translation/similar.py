"""Finds the remembered source most like a new one, among hundreds of thousands, in a few milliseconds.

Each source is known by the 256-bit set of its hashed characters and pairs of characters.  One pass over
these sets (numpy) picks the few that share most; only they are compared in full.
"""
from __future__ import annotations

import zlib
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

BITS = 256
TRIED = 20  # sources compared in full
ONES = np.array([bin(i).count("1") for i in range(256)], np.uint8)


class Sources:
    """An index over sources, in the order given."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self._sets = np.array([_signature(source) for source in sources], np.uint8).reshape(-1, BITS // 8)
        self._lengths = np.array([len(source) for source in sources], np.int64)

    def nearest(self, source: str, least: float) -> tuple[str, float] | None:
        """Return the source most like this one and how alike (difflib's ratio), if at least `least`.

        Of equally like ones the first counts.
        """
        low, high = len(source) * least / (2 - least), len(source) * (2 - least) / least
        places = np.flatnonzero((self._lengths >= low) & (self._lengths <= high))
        if not len(places):
            return None
        mine = np.array(_signature(source), np.uint8)
        sets = self._sets[places]
        shared = ONES[sets & mine].sum(1, dtype=np.int64) / np.maximum(1, ONES[sets | mine].sum(1, dtype=np.int64))
        best: tuple[str, float] | None = None
        matcher = SequenceMatcher(None, "", source, autojunk=False)
        for place in places[np.argsort(-shared, kind="stable")[:TRIED]].tolist():
            matcher.set_seq1(self._sources[place])
            floor = best[1] if best else least
            if matcher.quick_ratio() >= floor and (ratio := matcher.ratio()) >= floor and (
                    best is None or ratio > best[1]):
                best = self._sources[place], ratio
        return best


def _signature(text: str) -> list[int]:
    """Return the set of a text's characters and pairs as the bytes of a bit field."""
    bits = 0
    for at in range(len(text)):
        bits |= _bit(text[at]) | _bit(text[at : at + 2])
    return list(bits.to_bytes(BITS // 8, "little"))


@lru_cache(1 << 16)
def _bit(piece: str) -> int:
    return 1 << (zlib.crc32(piece.encode("utf-8", "surrogatepass")) % BITS)

