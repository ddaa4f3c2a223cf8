"""Alignment of two versions of one text: which stretches of the one stand in the other, in order.

Shingles that occur once in each text tie the two together; of the chains of them that rise in
both the longest is kept (after patience diff, Bram Cohen), stretches between two links are aligned again with
shorter shingles, and every block grows to both sides as far as the texts agree.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.fold import Codes
from pipeline.cjk.shingles import Hashes, shingles, windows
from pipeline.cjk.stream import marks

WIDTHS = (16, 6, 3)
LARGE, ONE_IN = 1 << 16, 64  # characters of a box in which one in so many shingles is looked at first
STEP = 1 << 16  # characters compared at a time
Places = npt.NDArray[np.int64]
Box = tuple[int, int, int, int]  # a start, a end, b start, b end


class Block(NamedTuple):
    """`left[a : a + size]` and `right[b : b + size]` are equal."""

    a: int
    b: int
    size: int


def align(left: Codes, right: Codes, widths: tuple[int, ...] = WIDTHS) -> list[Block]:
    """Return the blocks that two texts share, ascending in both and not touching on both sides.

    `widths` are the lengths of the shingles that tie them together, tried in turn: without the short
    ones small agreements between longer blocks are missed, which is quicker.

    >>> from pipeline.cjk.fold import fold
    >>> align(fold("一条大河波浪宽").codes, fold("一条小河波浪宽").codes)
    [Block(a=0, b=0, size=2), Block(a=3, b=3, size=4)]
    """
    blocks: list[Block] = []
    _align((left, right), (0, len(left), 0, len(right)), widths, blocks)
    return _joined(blocks)


def gaps(blocks: list[Block], left: int, right: int) -> list[Box]:
    """Return what lies between the blocks of texts of these lengths, as (a start, a end, b start, b end)."""
    found, a, b = [], 0, 0
    for block in (*blocks, Block(left, right, 0)):
        if block.a > a or block.b > b:
            found.append((a, block.a, b, block.b))
        a, b = block.a + block.size, block.b + block.size
    return found


def _align(texts: tuple[Codes, Codes], box: Box, widths: tuple[int, ...], out: list[Block]) -> None:
    """Append the blocks within a box of both texts, in order."""
    left, right = texts
    a, a_end, b, b_end = box
    before = len(out)
    head = _equal_run(left[a:a_end], right[b:b_end])
    if head:
        out.append(Block(a, b, head))
        a, b = a + head, b + head
    tail = _equal_run(left[a:a_end][::-1], right[b:b_end][::-1])
    a_end, b_end = a_end - tail, b_end - tail
    if widths and a < a_end and b < b_end:
        large = max(a_end - a, b_end - b) > LARGE
        within = widths if large else widths[1:]  # what lies between the links of a large box is linked once more
        for link in _links(left[a:a_end], right[b:b_end], widths[0], ONE_IN if large else 1):
            start_a, start_b = a + link.a, b + link.b
            if start_a < _end_a(out, a) or start_b < _end_b(out, b):
                continue  # grew over it already
            box = (_end_a(out, a), start_a, _end_b(out, b), start_b)
            if box[0] < start_a and box[2] < start_b:
                _align(texts, box, within, out)
            size = link.size + _equal_run(left[start_a + link.size : a_end], right[start_b + link.size : b_end])
            out.append(Block(start_a, start_b, size))
        box = (_end_a(out, a), a_end, _end_b(out, b), b_end)
        if box[0] < a_end and box[2] < b_end and within and (not large or len(out) > before):
            _align(texts, box, within, out)
    if tail:
        out.append(Block(a_end, b_end, tail))


def _end_a(blocks: list[Block], start: int) -> int:
    return max(start, blocks[-1].a + blocks[-1].size) if blocks else start


def _end_b(blocks: list[Block], start: int) -> int:
    return max(start, blocks[-1].b + blocks[-1].size) if blocks else start


def _links(left: Codes, right: Codes, width: int, one_in: int) -> list[Block]:
    """Return runs of shingles that are unique in both texts, the longest chain that rises in both.

    With `one_in` above 1 only so many of the shingles are looked at, the same in both texts.
    """
    if min(len(left), len(right)) < width:
        return []
    here, a = _unique(*_pieces(left, width, one_in))
    there, b = _unique(*_pieces(right, width, one_in))
    if not len(here) or not len(there):
        return []
    found = np.minimum(np.searchsorted(there, here), len(there) - 1)
    both = there[found] == here
    a, b = a[both], b[found[both]]
    if not len(a):
        return []
    order = np.argsort(a)
    a, b = a[order], b[order]
    breaks = np.flatnonzero((np.diff(a) != 1) | (np.diff(b) != 1)) + 1
    starts = np.concatenate(([0], breaks))
    sizes = np.diff(np.concatenate((starts, [len(a)]))) + width - 1
    runs = [Block(*t) for t in zip(a[starts].tolist(), b[starts].tolist(), sizes.tolist(), strict=True)]
    return _rising(runs)


def _pieces(codes: Codes, width: int, one_in: int) -> tuple[Hashes, Places]:
    """Return the hash of the `width` characters at each place; long ones are put together from short ones."""
    part = 4
    if one_in == 1:
        hashes = shingles(codes, width) if width % part else windows(shingles(codes, part), part, width // part)
        return hashes, np.arange(len(hashes))
    found = marks(codes, part, width // part, one_in)
    return found.hashes, found.places


def _unique(hashes: Hashes, places: Places) -> tuple[Hashes, Places]:
    """Return the hashes that occur once, and where."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    edge = np.ones(len(ordered) + 1, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=edge[1:-1])
    once = edge[1:] & edge[:-1]
    return ordered[once], places[order[once]]


def _rising(runs: list[Block]) -> list[Block]:
    """Return the chain of runs, given by ascending `a`, that rises in `b` and covers the most characters.

    A Fenwick tree over the places in `b` holds the best chain that ends before each.
    """
    rank = {b: n for n, b in enumerate(sorted(run.b for run in runs), 1)}
    best = [(0, -1)] * (len(runs) + 1)  # characters, last run
    before: list[int] = []
    end = (0, -1)
    for n, run in enumerate(runs):
        found, at = (0, -1), rank[run.b] - 1
        while at:
            found = best[at] if best[at][0] > found[0] else found
            at &= at - 1
        before.append(found[1])
        mine, at = (found[0] + run.size, n), rank[run.b]
        while at < len(best):
            best[at] = mine if mine[0] > best[at][0] else best[at]
            at += at & -at
        end = mine if mine[0] > end[0] else end
    chain: list[Block] = []
    n = end[1]
    while n >= 0:
        chain.append(runs[n])
        n = before[n]
    return chain[::-1]


def _equal_run(left: Codes, right: Codes) -> int:
    """Return how many characters two texts have in common at the start."""
    size = min(len(left), len(right))
    done, step = 0, 64
    while done < size:
        stop = min(size, done + step)
        differ = left[done:stop] != right[done:stop]
        if differ.any():
            return done + int(differ.argmax())
        done, step = stop, min(step * 4, STEP)
    return done


def _joined(blocks: list[Block]) -> list[Block]:
    """Return the blocks with those that touch on both sides made one."""
    out: list[Block] = []
    for block in blocks:
        if out and out[-1].a + out[-1].size == block.a and out[-1].b + out[-1].size == block.b:
            out[-1] = Block(out[-1].a, out[-1].b, out[-1].size + block.size)
        elif block.size:
            out.append(block)
    return out
