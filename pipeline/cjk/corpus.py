"""The texts of a corpus by number, with what comparing them needs, computed when asked for."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.cjk.batch import keys
from pipeline.cjk.damage import calm, damaged_spans
from pipeline.cjk.facts import PARTS, REPEATS, Body, Table, body
from pipeline.cjk.fold import without_numbers
from pipeline.cjk.passages import Span, Windows, differences
from pipeline.cjk.shingles import Agreement, Hashes, agreement, distinct, shingles, windows

CACHE = 1 << 20  # letters of texts kept at hand while they are compared, at about 40 bytes each
UNKNOWN = -1


@dataclass(frozen=True)
class Compared:
    """A text's body, and the hashes of its shingles by place."""

    body: Body
    hashes: Hashes

    @cached_property
    def set(self) -> Hashes:
        """The hashes sorted, each once."""
        return distinct(self.hashes)


class Corpus:
    """A table of facts, and the texts they are about; ``read(n)`` returns text `n`."""

    def __init__(self, table: Table, read: Callable[[int], str], settled: int = 0) -> None:
        self.table, self.read, self.settled = table, read, settled
        self._damage = np.full(len(table), UNKNOWN, np.int32)
        self._bodies: OrderedDict[int, Compared] = OrderedDict()
        self._size = 0

    def prepare(self, numbers: Iterable[int], ranked: bool = False) -> None:
        """Read texts that will be compared with each other, all at once; some only if they are too many to keep.

        Those that will only be `ranked` are not kept.
        """
        wanted = [n for n in dict.fromkeys(numbers) if n not in self._bodies]
        room = np.cumsum(self.table.column("chars")[wanted], dtype=np.int64) <= CACHE // 2
        wanted = [n for n, fits in zip(wanted, room.tolist(), strict=True) if fits]
        texts = {n: self.read(n) for n in wanted}
        for n, quiet in zip(wanted, calm(list(texts.values())), strict=True):
            if quiet:
                self._damage[n] = 0
        if ranked:
            return
        flags, width = self.table.column("flags"), self.table.plan.width
        plain = [n for n in wanted if not flags[n] & REPEATS]
        for n, key in zip(plain, keys([texts[n] for n in plain], width, 1), strict=True):
            self._keep(n, Body(key.folded, []), key.hashes)

    def body(self, n: int) -> Body:
        """Return text `n` as it is compared."""
        return self._body(n).body

    def shingles(self, n: int) -> Hashes:
        """Return the shingles of text `n`, sorted, each once."""
        return self._body(n).set

    def _body(self, n: int) -> Compared:
        found = self._bodies.get(n)
        if found is None:
            one = body(self.read(n), self.table.plan, bool(self.table.column("flags")[n] & REPEATS))
            return self._keep(n, one, shingles(one.folded.codes, self.table.plan.width))
        self._bodies.move_to_end(n)
        return found

    def _keep(self, n: int, body: Body, hashes: Hashes) -> Compared:
        """Keep a text at hand, in the place of those that were not asked for longest."""
        found = self._bodies[n] = Compared(body, hashes)
        self._size += len(hashes)
        while self._size > CACHE and len(self._bodies) > 1:
            self._size -= len(self._bodies.popitem(last=False)[1].hashes)
        return found

    def agreement(self, a: int, b: int) -> Agreement:
        """Return how far two texts agree."""
        return agreement(self.shingles(a), self.shingles(b))

    def differences(self, a: int, b: int) -> tuple[list[Span], list[Span]]:
        """Return the spans of each of two texts that are not in the other."""
        width = self.table.plan.width
        one, other = self._body(a), self._body(b)
        return (differences(one.body.folded, one.hashes, other.set, width),
                differences(other.body.folded, other.hashes, one.set, width))

    def only_numbers(self, a: int, b: int) -> bool:
        """Do two texts that differ say the same but for digits and numerals: other prices, other dates?"""
        one, other = (self.body(n).folded.codes for n in (a, b))
        return not np.array_equal(one, other) and np.array_equal(without_numbers(one), without_numbers(other))

    def windows(self, n: int) -> Windows:
        """Return the long shingles of text `n`, by place."""
        one, width = self._body(n), self.table.plan.width
        return Windows(windows(one.hashes, width, PARTS), width * PARTS, one.body.folded.where)

    def damage(self, n: int) -> int:
        """Return how many characters of text `n` look damaged."""
        if self._damage[n] == UNKNOWN:
            self._damage[n] = sum(end - start for start, end in damaged_spans(self.read(n)))
        return int(self._damage[n])

    def rank(self, n: int) -> tuple[bool, int, int, int]:
        """Return the place of text `n` in the choice of keepers; the least is best.

        A text of an earlier corpus, then the least damaged, then the fullest, then the smallest id.
        """
        if n < self.settled:
            return False, 0, 0, int(self.table.by_id[n])
        return True, self.damage(n), -int(self.table.column("chars")[n]), int(self.table.by_id[n])
