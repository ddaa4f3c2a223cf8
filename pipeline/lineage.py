"""Where text came from and what became of it: `trace` backwards, `fates` forwards.

Both read nothing but patches.  `trace` answers one question by bisection.  `fates` accounts for
every source byte at once; it works on one small integer per character (numpy), from the output
back to the bytes, so a text that did not change costs a copy and no Python work per character.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.edits import Edit, Patch

Codes = npt.NDArray[np.integer]
KEPT, CHANGED, REMOVED = "kept", "changed", "removed"


class Trace:
    """Maps ranges of the output to ranges of the source; build once, ask often.

    >>> cut = Patch("spam", 6, (Edit(0, "广告", "", "ad"),))
    >>> Trace([cut])(0, 1)
    (2, 3)
    """

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._steps = [_Step(p) for p in reversed(patches) if p.edits]

    def __call__(self, start: int, end: int) -> tuple[int, int]:
        """Return the source range (bytes) that output characters [start, end) came from.

        An inserted character, like an empty range, traces to the empty range at its place.
        """
        for step in self._steps:
            start, end = step.origin(start, end)
        return start, end


class _Step:
    """One patch, indexed by where its edits stand in the text after it."""

    def __init__(self, patch: Patch) -> None:
        self.edits = patch.edits
        shifts = list(accumulate((len(e.now) - len(e.was) for e in patch.edits), initial=0))
        self.shift_after = shifts[1:]
        self.starts = [e.start + shift for e, shift in zip(patch.edits, shifts, strict=False)]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        if start >= end:
            place = self._char(start)[0]
            return place, place
        return self._char(start)[0], self._char(end - 1)[1]

    def _char(self, at: int) -> tuple[int, int]:
        """Return the range before the patch of the character at `at` after it."""
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return at, at + 1
        edit, inside = self.edits[i], at - self.starts[i]
        if inside >= len(edit.now):
            old = at - self.shift_after[i]
            return old, old + 1
        if not edit.codec:
            return edit.start, edit.end
        if edit.codec == "1:1":
            return edit.start + inside, edit.start + inside + 1
        return _recoded(edit, inside)


def _recoded(edit: Edit, inside: int) -> tuple[int, int]:
    """Return the range of the characters whose bytes spell character `inside` of a recoding."""
    read, write = edit.codec.split(">")
    first = len(edit.now[:inside].encode(write))
    last = first + len(edit.now[inside].encode(write)) - 1
    if read != "latin-1":
        ends = np.cumsum(widths(edit.was, read))
        first, last = np.searchsorted(ends, (first, last), "right").tolist()
    return edit.start + first, edit.start + last + 1


class Fate(NamedTuple):
    """What became of source bytes [start, end): `kind` is kept, changed or removed."""

    start: int
    end: int
    kind: str
    stage: str = ""
    why: str = ""


class Fates:
    """The fate of every source byte: one code a byte, and what each code means."""

    def __init__(self, labels: list[tuple[str, str, str]], codes: Codes) -> None:
        self.labels = labels
        self.codes = codes

    def __iter__(self) -> Iterator[Fate]:
        """Yield runs of equal fate in source order; together they cover every byte once."""
        if not len(self.codes):
            return
        borders = np.flatnonzero(np.diff(self.codes)) + 1
        edges = [0, *borders.tolist(), len(self.codes)]
        for start, end in pairwise(edges):
            yield Fate(start, end, *self.labels[self.codes[start]])

    def totals(self) -> dict[tuple[str, str, str], int]:
        """Return bytes by (kind, stage, why); the sum is the size of the source."""
        counts = np.bincount(self.codes, minlength=len(self.labels)).tolist()
        return {label: n for label, n in zip(self.labels, counts, strict=True) if n}


def fates(patches: Sequence[Patch], size: int) -> Fates:
    """Account for every source byte of a document whose output has `size` characters.

    A byte is removed when no output character traces to it, by the stage that took the last one;
    it is changed when a stage other than `decode` replaced what it spelled, by the last such
    stage; else it is kept.
    """
    whys = [dict.fromkeys(e.why for e in p.edits) for p in patches]
    labels: list[tuple[str, str, str]] = [(KEPT, "", "")]
    for kind in (CHANGED, REMOVED):  # the order of labels is the order of precedence
        for patch, names in zip(patches, whys, strict=True):
            labels += [(kind, patch.stage, why) for why in names]
    place = {label: i for i, label in reversed(list(enumerate(labels)))}
    removed = 1 + sum(map(len, whys))
    dtype = np.int16 if len(labels) < 2**15 else np.int32
    codes: Codes = np.zeros(size, dtype)
    for patch in reversed(patches):
        if patch.edits:
            codes = _pull(codes, patch, place, removed)
    return Fates(labels, codes)


def _pull(codes: Codes, patch: Patch, place: dict[tuple[str, str, str], int], removed: int) -> Codes:
    """Return the codes of the text before `patch`, given those of the text after it."""
    before = np.empty(patch.size, codes.dtype)
    old = new = 0
    for e in patch.edits:
        step = e.start - old
        before[old : e.start] = codes[new : new + step]
        new += step
        old = e.end
        after = codes[new : new + len(e.now)]
        new += len(e.now)
        if not e.now:
            before[e.start : old] = place[REMOVED, patch.stage, e.why]
        elif e.was:
            touched = 0 if patch.stage == "decode" else place[CHANGED, patch.stage, e.why]
            before[e.start : old] = _pull_edit(after, e, touched, removed)
    before[old:] = codes[new:]
    return before


def _pull_edit(after: Codes, edit: Edit, touched: int, removed: int) -> Codes | int:
    if edit.codec == "1:1":
        differs = code_points(edit.was) != code_points(edit.now)
        return np.where(differs & (after == 0), np.array(touched, after.dtype), after)
    if edit.codec:
        return _pull_recoding(np.where(after == 0, np.array(touched, after.dtype), after), edit, removed)
    living = after[after < removed]
    if len(living):  # one living character keeps the block alive
        return int(living.max()) or touched
    return int(after.max())


def _pull_recoding(after: Codes, edit: Edit, removed: int) -> Codes:
    read, write = edit.codec.split(">")
    by_byte = np.repeat(after, widths(edit.now, write))
    if read == "latin-1":
        return by_byte
    sizes = widths(edit.was, read)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    # of the bytes that spell one character, the living ones win, and of these the last stage
    rank = np.where(by_byte < removed, by_byte.astype(np.int32) + 2**20, by_byte)
    return np.asarray(np.maximum.reduceat(rank, starts) % 2**20, after.dtype)


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the code points of `text` as an array."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def widths(text: str, encoding: str) -> npt.NDArray[np.uint8]:
    """Return how many bytes each character of `text` takes in `encoding`."""
    table, points = _width_table(encoding), code_points(text)
    found = table[points]
    if not found.all():
        for c in set(points[found == 0].tolist()):
            table[c] = len(chr(c).encode(encoding))
        found = table[points]
    return found


@cache
def _width_table(encoding: str) -> npt.NDArray[np.uint8]:
    """Return the bytes of each character; 0 where nobody asked yet, but for UTF-8, which is simple."""
    table = np.zeros(0x110000, np.uint8)
    if encoding == "utf-8":
        for limit, width in ((0x110000, 4), (0x10000, 3), (0x800, 2), (0x80, 1)):
            table[:limit] = width
    return table
