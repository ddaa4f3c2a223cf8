"""OpenCC conversions, compiled: the output of opencc-python-reimplemented, about a hundred times faster.

What the package does, and this does too: a conversion is a chain of steps, a step a list of
dictionaries.  In a step the first dictionary takes the globally longest key it finds, the leftmost of
equals, then goes on left and right of it; what no key of the first dictionary matched is offered to the
next.  (That is not leftmost-longest matching: 246 pairs of phrases come out differently.)  No key holds
one of the package's separators, so splitting at them changes nothing; a test checks that.

Here single characters are one table lookup (numpy), phrases are found by
`pipeline.cjk.phrases`.
"""
from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from pipeline.cjk.opencc_data import chain
from pipeline.cjk.phrases import Codes, Match, Phrases, to_codes, to_text


class Block(NamedTuple):
    """Where lengths differ: [start, end) of the text before became [start_after, end_after) after."""

    start: int
    end: int
    start_after: int
    end_after: int


class Converter:
    """One conversion of the package, for example ``"t2s"``, ``"tw2s"``, ``"tw2sp"``, ``"s2t"``.

    >>> Converter("t2s").convert("乾隆年間的餅乾")
    '乾隆年间的饼干'
    """

    def __init__(self, conversion: str) -> None:
        self.steps = [Step(dicts) for dicts in chain(conversion)]
        self.same_length = all(step.same_length for step in self.steps)

    def convert(self, text: str) -> str:
        """Return `text` converted."""
        return self.aligned(text)[0]

    def aligned(self, text: str) -> tuple[str, list[Block]]:
        """Return `text` converted, and the places where lengths differ; all else aligns one to one."""
        if self.same_length:
            return to_text(self.codes(text, to_codes(text))), []
        blocks: list[Block] = []
        for step in self.steps:
            text, new = step.convert(text)
            blocks = compose(blocks, new) if blocks and new else blocks or new
        return text, blocks

    def codes(self, text: str, codes: Codes) -> Codes:
        """Return the code points of `text` converted, given its own; only for conversions that keep the length."""
        for i, step in enumerate(self.steps):
            codes = step.codes(text if i == 0 else to_text(codes), codes)
        return codes


@cache
def converter(conversion: str) -> Converter:
    """Return the compiled conversion; it is compiled once a process."""
    return Converter(conversion)


class Step:
    """One step: a table for single characters, a dictionary for phrases."""

    def __init__(self, dicts: list[dict[str, str]]) -> None:
        self.table: Codes = np.arange(0x110000, dtype=np.uint32)
        self.phrases: dict[str, tuple[int, str]] = {}
        single: dict[str, int] = {}
        in_later: list[set[str]] = [{c for later in dicts[i + 1 :] for key in later if len(key) > 1 for c in key}
                                    for i in range(len(dicts))]
        for rank, entries in enumerate(dicts):
            for key, value in entries.items():
                # a character that an earlier dictionary takes out of a later one's phrase must compete with it
                if len(key) > 1 or len(value) != 1 or key in in_later[rank]:
                    self.phrases.setdefault(key, (rank, value))
                elif single.setdefault(key, rank) == rank:
                    self.table[ord(key)] = ord(value)
        self.same_length = all(len(key) == len(value) for key, (_, value) in self.phrases.items())
        self._values = {key: to_codes(value) for key, (_, value) in self.phrases.items()}
        self._finder = Phrases(self.phrases)

    def codes(self, text: str, codes: Codes) -> Codes:
        """Return the code points of `text` after this step, given its own; only if no phrase changes length."""
        now = self.table.take(codes)
        for match in self.find(text, codes):
            now[match.start : match.end] = self._values[match.key]
        return now

    def convert(self, text: str) -> tuple[str, list[Block]]:
        """Return `text` after this step, and where its length changed."""
        before = to_codes(text)
        codes = self.table.take(before)
        parts: list[Codes] = []
        blocks, at, length = [], 0, 0
        for match in self.find(text, before):
            value = self._values[match.key]
            parts += codes[at : match.start], value
            length += match.start - at
            if len(value) != len(match.key):
                blocks.append(Block(match.start, match.end, length, length + len(value)))
            length += len(value)
            at = match.end
        return to_text(np.concatenate([*parts, codes[at:]])), blocks

    def find(self, text: str, codes: Codes) -> list[Match]:
        """Return the phrases that the package takes: by dictionary, then length, then place, none overlapping."""
        found = self._finder.find(text, codes)
        chosen: list[Match] = []
        i = 0
        while i < len(found):
            end, j = found[i].end, i + 1
            while j < len(found) and found[j].start < end:
                end = max(end, found[j].end)
                j += 1
            chosen += found[i:j] if j == i + 1 else self._settle(found[i:j])
            i = j
        return chosen

    def _settle(self, rivals: list[Match]) -> list[Match]:
        first = rivals[0].start
        taken = bytearray(max(m.end for m in rivals) - first)
        kept = []
        for match in sorted(rivals, key=lambda m: (self.phrases[m.key][0], m.start - m.end, m.start)):
            if not any(taken[match.start - first : match.end - first]):
                taken[match.start - first : match.end - first] = b"\1" * (match.end - match.start)
                kept.append(match)
        return sorted(kept)


def compose(first: list[Block], second: list[Block]) -> list[Block]:
    """Return the blocks of two conversions done one after the other.

    >>> compose([Block(0, 1, 0, 2)], [Block(1, 2, 1, 1), Block(5, 6, 4, 6)])
    [Block(start=0, end=1, start_after=0, end_after=1), Block(start=4, end=5, start_after=4, end_after=6)]
    """
    marks = sorted([(b.start_after, b.end_after, 0) for b in first] + [(b.start, b.end, 1) for b in second])
    merged: list[tuple[int, int]] = []
    for start, end, _ in marks:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    back = [(b.end_after, b.end - b.end_after) for b in first]
    forth = [(b.end, b.end_after - b.end) for b in second]
    return [Block(a + _shift(back, a), b + _shift(back, b), a + _shift(forth, a), b + _shift(forth, b))
            for a, b in merged]


def _shift(borders: list[tuple[int, int]], at: int) -> int:
    """Return the shift of the last border at or before `at`."""
    return next((shift for border, shift in reversed(borders) if border <= at), 0)
