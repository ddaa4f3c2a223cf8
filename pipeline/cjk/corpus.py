"""The texts of a corpus by number, with what comparing them needs, computed when asked for."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from pipeline.cjk.damage import damaged_spans
from pipeline.cjk.facts import PARTS, REPEATS, Body, Table, body
from pipeline.cjk.passages import Span, Windows, differences
from pipeline.cjk.shingles import Agreement, Hashes, agreement, distinct, windows

CACHE = 1 << 22  # letters of texts kept at hand while they are compared, at about 40 bytes each


class Corpus:
    """A table of facts, and the texts they are about; ``read(n)`` returns text `n`."""

    def __init__(self, table: Table, read: Callable[[int], str], settled: int = 0) -> None:
        self.table, self.read, self.settled = table, read, settled
        self._damage: dict[int, int] = {}
        self._bodies: OrderedDict[int, tuple[Body, Hashes]] = OrderedDict()
        self._size = 0

    def body(self, n: int) -> Body:
        """Return text `n` as it is compared."""
        return self._body(n)[0]

    def shingles(self, n: int) -> Hashes:
        """Return the shingles of text `n`, sorted, each once."""
        return self._body(n)[1]

    def _body(self, n: int) -> tuple[Body, Hashes]:
        found = self._bodies.get(n)
        if found is None:
            again = bool(self.table.column("flags")[n] & REPEATS)
            one = body(self.read(n), self.table.plan, again)
            found = self._bodies[n] = (one, distinct(one.hashes))
            self._size += len(one.hashes)
            while self._size > CACHE and len(self._bodies) > 1:
                self._size -= len(self._bodies.popitem(last=False)[1][0].hashes)
        else:
            self._bodies.move_to_end(n)
        return found

    def agreement(self, a: int, b: int) -> Agreement:
        """Return how far two texts agree."""
        return agreement(self.shingles(a), self.shingles(b))

    def differences(self, a: int, b: int) -> tuple[list[Span], list[Span]]:
        """Return the spans of each of two texts that are not in the other."""
        width = self.table.plan.width
        (one, ones), (other, others) = self._body(a), self._body(b)
        return (differences(one.folded, one.hashes, others, width),
                differences(other.folded, other.hashes, ones, width))

    def windows(self, n: int) -> Windows:
        """Return the long shingles of text `n`, by place."""
        one, width = self.body(n), self.table.plan.width
        return Windows.of(windows(one.hashes, width, PARTS), width * PARTS, one.folded.where)

    def damage(self, n: int) -> int:
        """Return how many characters of text `n` look damaged."""
        if n not in self._damage:
            self._damage[n] = sum(end - start for start, end in damaged_spans(self.read(n)))
        return self._damage[n]

    def rank(self, n: int) -> tuple[bool, int, int, int]:
        """Return the place of text `n` in the choice of keepers; the least is best.

        A text of an earlier corpus, then the least damaged, then the fullest, then the smallest id.
        """
        if n < self.settled:
            return False, 0, 0, int(self.table.by_id[n])
        return True, self.damage(n), -int(self.table.column("chars")[n]), int(self.table.by_id[n])
