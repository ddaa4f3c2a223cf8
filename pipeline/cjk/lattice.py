"""The likeliest way to cut text into dictionary words, for thousands of places at once.

jieba chooses, from the end of a block to its start, at every place the word with the best sum of
log probabilities.  Here the same is done in *lanes*.  A place that no word crosses cuts the text
for certain; between two such places lies an island.  Most islands are one word that is likelier
than anything inside it, which the tables know.  All others are solved together: step k handles the
k-th character from the right of every island that has one.

An island does not know the sum to its right, so its sums are rounded otherwise than jieba's.  The
choice is the same unless two ways are equal within the rounding error; such places are reported
(`Cut.doubtful`), and the caller decides them in jieba's own order of operations (see route.py).
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.trie import BASE, BASE_MASK, PARENT, VALUE_MASK, Links

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
LONGEST_ISLAND = 64  # a longer one would make all lanes as long as itself
EMPTY = np.zeros(0, np.int64)
UNIQUE = 32  # more than the longest word that jieba has


class Words(NamedTuple):
    """Words of two and more characters that stand in a text, shortest first: parallel arrays."""

    length: Ints
    at: Ints
    weight: Floats  # log probabilities
    whole: Flags  # see jieba_tables.py


class Cut(NamedTuple):
    """Where words start; places whose island must be decided exactly; and how to ask for words."""

    starts: Flags
    doubtful: Ints
    lattice: Lattice | None


def walk(codes: Ints, links: Links, longest: int, second: int = 0) -> tuple[Ints, Ints, Ints]:
    """Return length, place and value of the words of two and more characters in a text, shortest first.

    Args:
        codes: the codes of the text, and at least `longest` zeros behind it.
        second: the root of a second trie in `links`; its words follow the first one's of the same length.
    """
    slot = codes[: len(codes) - longest]
    if second:
        slot = np.concatenate([slot, slot + second])
    link = links.take(slot)
    at = (link > VALUE_MASK).nonzero()[0]
    link, slot = link.take(at), slot.take(at)
    if second:
        at %= len(codes) - longest
    places, found = [], []
    for length in range(2, longest + 1):
        link >>= BASE
        link &= BASE_MASK
        link += codes[length - 1 :].take(at)
        target, link = link, links.take(link)
        alive = (link >> PARENT == slot).nonzero()[0]
        if not len(alive):
            break
        at, link, slot = at.take(alive), link.take(alive), target.take(alive)
        places.append(at)
        found.append(link & VALUE_MASK)
    if not places:
        return EMPTY, EMPTY, EMPTY
    value = np.concatenate(found)
    ends = value.nonzero()[0]
    lengths = np.arange(2, len(places) + 2).repeat([len(some) for some in places])
    return lengths.take(ends), np.concatenate(places).take(ends), value.take(ends)


class Lattice:
    """The words of some islands, one column a character.

    Columns are ordered by distance from the right end of their island, longest islands first, so
    that every step of the recurrence works on one contiguous slice.
    """

    def __init__(self, ends: Ints, lengths: Ints, size: int) -> None:
        order = np.argsort(-lengths.astype(np.int8), kind="stable")
        ends, self.lengths = ends.take(order), lengths.take(order)
        counts = np.bincount(lengths)[:0:-1].cumsum()[::-1]
        self.rows, self.counts = len(counts), counts.tolist()
        edges = np.zeros(self.rows + 1, np.int64)
        counts.cumsum(out=edges[1:])
        self.edges = edges.tolist()
        self.size = self.edges[-1]
        row = np.arange(self.rows).repeat(counts)
        self.place = ends.take(np.arange(self.size) - edges.take(row)) - row - 1
        self.column = np.full(size + 1, self.size)
        self.column[self.place] = np.arange(self.size)

    def weigh(self, words: Words, single: Floats, none: float) -> None:
        """Take the weights of all words; later ones replace earlier ones.

        Args:
            single: the weight of each character as a word; positive for one that is none.
            none: the weight of such a character where no other word starts.
        """
        column = self.column.take(words.at)
        inside = (column < self.size).nonzero()[0]
        length = words.length.take(inside)
        self.depth = int(length.max()) if len(length) else 1
        self.weights = np.full((self.depth, self.size), -np.inf)
        self.weights[-1] = single
        self.weights[self.depth - length, column.take(inside)] = words.weight.take(inside)
        odd = (single > 0).nonzero()[0]
        if len(odd):
            self.weights[-1, odd] = -np.inf
            self.weights[-1, odd[(self.weights[:, odd] == -np.inf).all(axis=0)]] = none

    def solve(self, tolerance: float) -> tuple[Ints, Ints]:
        """Return the columns at which the words of the best way start, and doubtful places among them."""
        best = np.zeros((self.rows + self.depth, len(self.lengths)))
        for k, count in enumerate(self.counts):
            step = self.weights[:, self.edges[k] : self.edges[k + 1]]
            step += best[k : k + self.depth, :count]
            np.maximum.reduce(step, axis=0, out=best[self.depth + k, :count])
        close = self.weights >= self.weights.max(axis=0) - tolerance
        code = np.arange(self.depth, 0, -1, dtype=np.uint16)[:, None] + np.uint16(UNIQUE)
        found = (close * code).sum(axis=0, dtype=np.int64)  # UNIQUE + length, if only one is close
        doubtful = found >= 2 * UNIQUE
        found[doubtful] = UNIQUE + 1
        columns = self._follow(self.column.take(self.place + (found - UNIQUE)))
        return columns, self.place.take(columns[doubtful.take(columns)])

    def _follow(self, after: Ints) -> Ints:
        """Return all columns that are reached from the starts of the islands."""
        flags = np.zeros(self.size + 1, bool)
        flags[-1] = True
        lanes = np.arange(len(self.lengths))
        now = np.array(self.edges).take(self.lengths - 1) + lanes
        flags[now] = True
        while len(now):
            now = after.take(now)
            now = now[~flags.take(now)]
            flags[now] = True
        return flags[:-1].nonzero()[0]

    def has(self, at: Ints, length: Ints) -> Flags:
        """Return whether a word of this length stands at each place."""
        column, row = self.column.take(at), self.depth - length
        known = (column < self.size) & (row >= 0)
        known[known] = self.weights[row[known], column[known]] > -np.inf
        return known


def cut(codes: Ints, words: Words, touched: Flags | None, singles: Floats, none: float,
        tolerance: float) -> Cut:
    """Return the likeliest words of a text.

    Args:
        codes: of the text.
        words: a later one replaces an earlier one, and a weight of minus infinity takes it out.
        touched: places where user words stand: their islands are weighed again in any case.
        singles, none: the weights of one character, by code, as in `Lattice.weigh`.
        tolerance: sums that differ by less are doubtful.
    """
    places = np.arange(1, len(codes) + 1)
    far, whole = places.copy(), np.zeros(len(codes), bool)
    far[words.at] = words.at + words.length  # of several words at one place the last and longest counts
    whole[words.at] = words.whole
    ends = (np.maximum.accumulate(far) == places).nonzero()[0] + 1
    begins = np.zeros(len(ends), np.int64)
    begins[1:] = ends[:-1]
    starts = np.zeros(len(codes), bool)
    starts[begins] = True
    easy = whole.take(begins) & (far.take(begins) == ends)
    if touched is not None and len(begins):
        easy &= ~np.logical_or.reduceat(touched, begins)
    lengths = ends - begins
    hard = (lengths > 1) & ~easy
    ends, lengths, doubtful = ends[hard], lengths[hard], EMPTY
    if len(ends) and lengths.max() > LONGEST_ISLAND:
        lanes = lengths <= LONGEST_ISLAND
        doubtful = ends[~lanes] - 1
        ends, lengths = ends[lanes], lengths[lanes]
    if not len(ends):
        return Cut(starts, doubtful, None)
    lattice = Lattice(ends, lengths, len(codes))
    lattice.weigh(words, singles.take(codes.take(lattice.place)), none)
    columns, unsure = lattice.solve(tolerance)
    starts[lattice.place.take(columns)] = True
    return Cut(starts, np.concatenate([doubtful, unsure]), lattice)
