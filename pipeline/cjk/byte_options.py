"""What may begin at a place among the shown characters: single characters, and lots of them where bytes are lost."""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.cjk.lost_bytes import BOUND, Cell, Fitting, following, follows
from pipeline.cjk.model_tables import Ids, Nats

Place = tuple[int, int, int]  # unit, which of its ways, how many bytes of it are spelled


class Candidate(NamedTuple):
    """A character that may begin at a place; its first byte, or -1, and the rule for it; what the search needs."""

    text: str
    cell: Cell
    byte: int
    sound: bool  # its other bytes obey their rules
    guess: bool
    cost: float  # nats
    open: float  # nats, of a mark
    final: int  # its last byte, or what stands in its place if it was cut off
    end: Place

    def fits(self, read: str, last: int) -> bool:
        """May it follow the byte `last`?"""
        return self.sound and follows(read, self.cell, self.byte, last)


class Lot(NamedTuple):
    """The characters that fit where bytes are lost, with their costs (nats) and last bytes."""

    found: Fitting
    cell: Cell
    costs: Nats
    finals: Ids
    end: Place

    def one(self, at: int) -> Candidate:
        """Return one of the characters."""
        return Candidate(self.found.chars.text[at], self.cell, int(self.found.data[at, 0]), True, True,
                         float(self.costs[at]), 0.0, int(self.finals[at]), self.end)

    def each(self) -> list[Candidate]:
        """Return all characters, one by one."""
        rows = zip(self.found.chars.text, self.found.data[:, 0].tolist(), self.costs.tolist(), self.finals.tolist(),
                   strict=True)
        return [Candidate(c, self.cell, byte, True, True, cost, 0.0, final, self.end) for c, byte, cost, final in rows]

    def behind(self, read: str, last: int) -> Lot:
        """Return those that may follow the byte `last`."""
        if self.cell.rule not in BOUND:
            return self
        here = np.flatnonzero(following(read, self.cell, self.found.data[:, 0], last))
        return Lot(self.found.some(here), self.cell, self.costs[here], self.finals[here], self.end)


class Options:
    """What may begin at one place: single candidates, and lots of them where bytes are lost."""

    def __init__(self, spelled: list[Candidate | Lot]) -> None:
        self._spelled = spelled
        self.lots = [one for one in spelled if isinstance(one, Lot)]
        self.singles = [one for one in spelled if isinstance(one, Candidate)]
        self.size = sum(len(lot.costs) for lot in self.lots) if self.lots else 0
        self._each = list[Candidate]() if self.lots else self.singles

    def each(self) -> list[Candidate]:
        """Return all of them, one by one."""
        if not self._each:
            self._each = [one for part in self._spelled for one in (part.each() if isinstance(part, Lot) else (part,))]
        return self._each

    def spelled(self, text: str, end: Place) -> Iterator[Candidate]:
        """Yield the candidates for one character with one end."""
        for part in self._spelled:
            if part.end != end:
                continue
            if isinstance(part, Candidate):
                if part.text == text:
                    yield part
            elif (at := part.found.chars.text.find(text)) >= 0:
                yield part.one(at)
