"""Where text came from and what became of it: `trace` backwards, `fates` forwards.

Both read nothing but patches.  `trace` answers one question by bisection.  `fates` accounts for
every source byte at once, from the output back to the bytes.  What became of each character is written
as a text as long as the text itself, one code a character: cutting, joining and repeating such a text
costs a copy and no Python work per character, and it takes one byte a character while there are fewer
than 256 different fates.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.edits import Edit, Patch

Codes = npt.NDArray[np.integer]
KEPT, CHANGED, REMOVED = "kept", "changed", "removed"
ALIVE = "\0"  # the code of a character that was kept, so far
Label = tuple[str, str, str]  # kind, stage, why


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
    """The fate of every source byte: one code a byte, and what each code means.

    Code 0 is kept; then come the rules, each as (stage, why), changing, and again, removing: the order of precedence.
    Where the bytes were `decoded` as a whole, `codes` has one code for each character of that instead.
    """

    def __init__(self, rules: list[tuple[str, str]], codes: str, decoded: Edit | None = None) -> None:
        self._rules = rules
        self._codes = codes
        self._decoded = decoded

    def __iter__(self) -> Iterator[Fate]:
        """Yield runs of equal fate in source order; together they cover every byte once."""
        codes = code_points(self._codes)
        if self._decoded:
            codes = codes.repeat(self._widths)
        if not len(codes):
            return
        borders = np.flatnonzero(np.diff(codes)) + 1
        edges = [0, *borders.tolist(), len(codes)]
        for start, end in pairwise(edges):
            yield Fate(start, end, *self._label(int(codes[start])))

    @cached_property
    def totals(self) -> dict[Label, int]:
        """Bytes by (kind, stage, why); the sum is the size of the source."""
        weights = self._widths if self._decoded else None
        found: dict[Label, int] = {}
        counts = np.bincount(_small(self._codes), weights)
        for code in counts.nonzero()[0].tolist():
            label = self._label(code)
            found[label] = found.get(label, 0) + int(counts[code])
        return found

    def _label(self, code: int) -> Label:
        if not code:
            return KEPT, "", ""
        rules = len(self._rules)
        return (CHANGED, *self._rules[code - 1]) if code <= rules else (REMOVED, *self._rules[code - rules - 1])

    @property
    def _widths(self) -> npt.NDArray[np.uint8]:
        assert self._decoded
        return widths(self._decoded.now, self._decoded.codec.partition(">")[2])


def fates(patches: Sequence[Patch], size: int) -> Fates:
    """Account for every source byte of a document whose output has `size` characters.

    A byte is removed when no output character traces to it, by the stage that took the last one;
    it is changed when a stage other than `decode` replaced what it spelled, by the last such
    stage; else it is kept.
    """
    active = [p for p in patches if p.edits]
    rules: list[tuple[str, str]] = []
    numbers: list[dict[str, int]] = []
    for patch in active:
        numbers.append({})
        for edit in patch.edits:
            if edit[3] not in numbers[-1]:
                rules.append((patch.stage, edit[3]))
                numbers[-1][edit[3]] = len(rules)
    decoded = _decoded(active[0]) if active else None
    codes = ALIVE * size
    while len(active) > (decoded is not None):
        codes = _pull(codes, active.pop(), numbers.pop(), len(rules))
    return Fates(rules, codes, decoded)


def _decoded(patch: Patch) -> Edit | None:
    """Return the edit of a patch that decodes all bytes at once, as most do."""
    edit = patch.edits[0]
    whole = len(patch.edits) == 1 and len(edit.was) == patch.size and edit.now and patch.stage == "decode"
    return edit if whole and edit.codec.startswith("latin-1>") else None


def _pull(codes: str, patch: Patch, numbers: dict[str, int], rules: int) -> str:
    """Return the codes of the text before `patch`, given those of the text after it.

    `numbers` are those of its rules; of all there are `rules`.
    """
    removed = chr(rules + 1)  # the first code that means a removal
    out: list[str] = []
    old = new = 0
    for start, was, now, why, codec in patch.edits:
        step = start - old
        out.append(codes[new : new + step])
        new += step
        old = start + len(was)
        if not now:
            out.append(chr(rules + numbers[why]) * len(was))
            continue
        after = codes[new : new + len(now)]
        new += len(now)
        if not was:
            continue
        changed = ALIVE if patch.stage == "decode" else chr(numbers[why])
        if codec == "1:1":
            out.append(_pull_aligned(after, was, now, changed))
        elif codec:
            out.append(_pull_recoding(after.replace(ALIVE, changed), was, now, (codec, removed)))
        else:
            out.append(_pull_block(after, changed, removed) * len(was))
    out.append(codes[new:])
    return "".join(out)


def _pull_block(after: str, changed: str, removed: str) -> str:
    """Return the one code of a block: one living character keeps it alive."""
    best = max(after)
    if best < removed:
        return changed if best == ALIVE else best
    living = [c for c in set(after) if c < removed]
    if not living:
        return best
    best = max(living)
    return changed if best == ALIVE else best


def _pull_aligned(after: str, was: str, now: str, changed: str) -> str:
    if ALIVE not in after:
        return after
    codes = np.array(_small(after + changed))
    places, _ = differing(was, now)
    codes[places[codes[places] == 0]] = codes[-1]
    return _text(codes[:-1])


@lru_cache(maxsize=64)  # asked for its fates and for its line in the manifest
def differing(was: str, now: str) -> tuple[npt.NDArray[np.int64], str]:
    """Return where two texts of one length differ, and what stands there in the first.

    >>> differing("漢字與書", "汉字与书")[1]
    '漢與書'
    """
    codes = code_points(was)
    places: npt.NDArray[np.int64] = (codes != code_points(now)).nonzero()[0]
    return places, _text(codes[places])


def _pull_recoding(after: str, was: str, now: str, how: tuple[str, str]) -> str:
    codec, removed = how
    if after == after[0] * len(after):
        return after[0] * len(was)
    read, write = codec.split(">")
    by_byte = np.repeat(_small(after), widths(now, write))
    if read == "latin-1":
        return _text(by_byte)
    sizes = widths(was, read)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    # of the bytes that spell one character, the living ones win, and of these the last stage
    rank = by_byte + np.where(by_byte < ord(removed), np.uint32(2**20), np.uint32(0))
    return _text(np.maximum.reduceat(rank, starts) % np.uint32(2**20))


def _small(codes: str) -> Codes:
    """Return codes as numbers, of one byte where that is enough."""
    if codes.isascii() or max(codes) <= "\xff":
        return np.frombuffer(codes.encode("latin-1"), np.uint8)
    return code_points(codes)


def _text(codes: Codes) -> str:
    if codes.dtype == np.uint8:
        return codes.tobytes().decode("latin-1")
    return codes.astype(np.uint32, copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the code points of `text` as an array."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def widths(text: str, encoding: str) -> npt.NDArray[np.uint8]:
    """Return how many bytes each character of `text` takes in `encoding`."""
    table, points = _width_table(encoding), code_points(text)
    found = table.take(points)
    if encoding != "utf-8" and not found.all():
        for c in set(points[found == 0].tolist()):
            table[c] = len(chr(c).encode(encoding))
        found = table.take(points)
    return found


@cache
def _width_table(encoding: str) -> npt.NDArray[np.uint8]:
    """Return the bytes of each character; 0 where nobody asked yet, but for UTF-8, which is simple."""
    table = np.zeros(0x110000, np.uint8)
    if encoding == "utf-8":
        for limit, width in ((0x110000, 4), (0x10000, 3), (0x800, 2), (0x80, 1)):
            table[:limit] = width
    return table
