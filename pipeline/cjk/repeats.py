"""Bodies that stand twice in one text: found wherever they stand, cut on sentence edges.

Web pages carry an article twice (for print, for sharing, after the comments).  What else repeats must
stay: refrains, clauses of a law, rows of a table, items of a list, headings, set phrases.  A passage
counts as a repeated body when it is long, is prose, and makes up much of what the text says.

Only sentences that stand whole in the copy that is kept are cut; a sentence of its own inside the
second copy stays.  A copy whose sentences differ in wording is a variant, not a repeat, and stays.
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.align import Block, align, gaps
from pipeline.cjk.damage import align_sound, damaged_spans
from pipeline.cjk.fold import Folded, Places, between
from pipeline.cjk.stream import Marks

REACH = 600  # characters that may stand between two stretches of one copy: captions, lost paragraphs
SEED, SHIFT = 12, 4  # windows a stretch has at least; times its length that the next one may be displaced
EDGE = 64  # characters around the source in which the copy's first and last sentence are looked for
LONG, SHARE = 200, 1 / 3  # a body this long counts when it is this share of the text without repeats
MOST, SENTENCES = 0.6, 3  # share and sentences that a shorter body must have
SENTENCE_LENGTH = 200  # letters of a sentence at most, on average, in a body that is not most of the text
VARIANT = 0.1  # share of a copy that may stand in sentences with other wording
DENSE = 0.25  # share of a copy that matches its home: set phrases far apart are no copy
DAMAGE = 12  # characters of the key that one spot of damage may put in the place of others
WINDOW = 19  # characters a window reaches past its place
LINE = 20  # characters a line of prose has at least, on average
WHOLE, NEARLY_ALL, SHORT_LINE = 300, 0.8, 12  # a text this long, all but printed twice, may have shorter lines
MARKS = "。！？!?…"
TAIL = re.compile(rf"[{MARKS}]+[”’」』）)》】\"']*[ \t\u3000]*")
SENTENCE = re.compile(rf"[^\n{MARKS}]*(?:[{MARKS}]+[”’」』）)》】\"']*)?[ \t\u3000]*\n*")
NOT_BLANK = re.compile(r"^[^\S\n]*\S", re.MULTILINE)  # the start of a line
ENDS = re.compile(r"[。！？]|[!?.](?!\w)")
HEADING = re.compile(r"\s*(?:[问問答QqAa][:：.、]|第[一二三四五六七八九十百零〇\d]+[条條章节節编編款项項]|"
                     r"[(（]?[一二三四五六七八九十\d]+[)）、.．]|"
                     r"[(（【]?(?:修[改订訂正]|[现現]行|新[旧舊]|[对對]照|原[条條]文|正本|副本))|.*[？?]\s*$")


Flags = npt.NDArray[np.bool_]
Span = tuple[int, int]
BUCKET = 4096


class Repeat(NamedTuple):
    """`text[start:end]` says again what `text[source:source_end]` says."""

    start: int
    end: int
    source: int
    source_end: int


class _Pair(NamedTuple):
    """Two stretches of the key that match for the most part, the second one the copy."""

    a: int
    a_end: int
    b: int
    b_end: int


_Homes = defaultdict[int, list[tuple[_Pair, Span]]]  # by the BUCKET characters that a pair's first stretch covers


def may_repeat(windows: int, different: int, shortest: int) -> bool:
    """Can so many windows, so many of them different, hold a body twice?  Damage may spoil half of a copy."""
    again = 2 * (windows - different + WINDOW)
    return again >= shortest and again >= SHARE * different


def repeats(text: str, folded: Folded, marks: Marks, shortest: int) -> list[Repeat]:
    """Return what to cut from `text` so that no body of `shortest` characters or more stands twice.

    `marks` are windows of the folded key, all or some.  The spans ascend and do not overlap.
    """
    found: list[tuple[int, list[Repeat]]] = []
    homes: _Homes = defaultdict(list)
    gone = np.zeros(len(folded.codes), bool)
    for pair in _pairs(marks, shortest):
        if pair.a_end > pair.b + WINDOW:
            continue
        home, copy = _home(pair, homes), (pair.b, pair.b_end)
        if _damage(text, folded, copy) < _damage(text, folded, home):
            home, copy = copy, home
        for bucket in range(pair.a // BUCKET, pair.a_end // BUCKET + 1):
            homes[bucket].append((pair, home))
        cut = _covered(text, folded, gone, (home, copy))
        size = 0
        for r in cut:
            here = gone[between(folded.where, r.start, r.end)]
            size += len(here) - int(here.sum())
            here[:] = True
        found.append((size, cut))
    own = int(len(gone) - gone.sum())
    return _tidy(text, sorted(r for size, cut in found if _is_body(text, cut, size, own, shortest) for r in cut))


def _home(pair: _Pair, homes: _Homes) -> Span:
    """Return the copy that stays of the one a pair points at: an earlier pair may have found a sounder one."""
    middle = (pair.a + pair.a_end) // 2  # what covers more than half of the pair covers its middle
    for other, home in reversed(homes.get(middle // BUCKET, [])):
        if min(other.a_end, pair.a_end) - max(other.a, pair.a) > 0.5 * (pair.a_end - pair.a):
            return home
    return pair.a, pair.a_end


def _tidy(text: str, cuts: list[Repeat]) -> list[Repeat]:
    """Return the cuts without overlap, and with the white space that would end the text."""
    kept: list[Repeat] = []
    for cut in cuts:
        start = max(cut.start, kept[-1].end) if kept else cut.start
        if start < cut.end:
            kept.append(cut._replace(start=start))
    if kept and not text[kept[-1].end :].strip():
        kept[-1] = kept[-1]._replace(end=len(text))
        first = len(kept) - 1
        while first and kept[first - 1].end == kept[first].start:
            first -= 1
        kept[first] = kept[first]._replace(start=len(text[: kept[first].start].rstrip()))
    return kept


def _pairs(marks: Marks, shortest: int) -> Iterator[_Pair]:
    """Yield stretches that match an earlier stretch with few breaks, `shortest` characters or more."""
    order = np.argsort(marks.hashes, kind="stable")
    ordered = marks.hashes[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    first = np.empty(len(order), np.int64)
    first[order] = order[np.flatnonzero(new)[np.cumsum(new) - 1]]
    again = np.flatnonzero(first < np.arange(len(order)))
    if not len(again):
        return
    places, sources = marks.places[again], marks.places[first[again]]
    breaks = np.flatnonzero((np.diff(again) != 1) | (np.diff(places) != np.diff(sources))) + 1
    starts = np.concatenate(([0], breaks))
    sizes = places[np.concatenate((breaks, [len(places)])) - 1] - places[starts] + 1
    seeds = sizes >= SEED
    runs = zip(sources[starts][seeds].tolist(), places[starts][seeds].tolist(), sizes[seeds].tolist(), strict=True)
    for chain in _chains(Block(*run) for run in runs):
        last = chain[-1]
        size, reach = sum(run.size + WINDOW for run in chain), last.b + last.size + WINDOW - chain[0].b
        if 2 * (size - WINDOW * len(chain)) >= shortest and size >= DENSE * reach:
            yield _Pair(chain[0].a, last.a + last.size + WINDOW, chain[0].b, last.b + last.size + WINDOW)


def _chains(runs: Iterator[Block]) -> Iterator[list[Block]]:
    """Yield runs that follow each other in both stretches; runs come in order of `b`."""
    open_: list[list[Block]] = []
    for run in runs:
        for chain in [c for c in open_ if run.b - c[-1].b - c[-1].size > REACH]:
            open_.remove(chain)
            yield chain
        near = [c for c in open_ if _follows(run, c[-1])]
        if near:
            min(near, key=lambda c: abs((run.a - run.b) - (c[-1].a - c[-1].b))).append(run)
        else:
            open_.append([run])
    yield from open_


def _follows(run: Block, last: Block) -> bool:
    """Can a run go on where another ended?  The further it shifts, the longer both must be."""
    apart = run.a - last.a - last.size
    shift = abs((run.b - run.a) - (last.b - last.a))
    return -WINDOW <= apart <= REACH and shift <= SHIFT * (min(run.size, last.size) + WINDOW)


def _damage(text: str, folded: Folded, stretch: Span) -> int:
    """Return how many characters of a stretch look damaged; not their share, for a caption is no soundness."""
    said = text[folded.where[stretch[0]] : folded.where[stretch[1] - 1] + 1]
    return sum(end - start for start, end in damaged_spans(said))


def _covered(text: str, folded: Folded, gone: Flags, pair: tuple[Span, Span]) -> list[Repeat]:
    """Return the runs of sentences of a copy that stand in its home; none when the wording differs.

    What is `gone` from the home already does not count, so that of all copies one is left.
    """
    home, copy = pair
    where = folded.where
    line, line_end = text.rfind("\n", 0, where[copy[0]]) + 1, text.find("\n", where[copy[1] - 1]) + 1 or len(text)
    start = max(line, _sentence_start(text, int(where[max(0, copy[0] - EDGE)])))
    end = min(line_end, _sentence_end(text, int(where[min(len(where), copy[1] + EDGE) - 1])))
    if home[0] < copy[0]:  # both may stand in one line: the copy does not reach into its home
        start = max(start, int(where[min(home[1], copy[0]) - 1]) + 1)
    else:
        end = min(end, int(where[max(home[0], copy[1] - 1)]))
    here = between(where, start, end)
    b, b_end = here.start, here.stop
    a, a_end = max(0, home[0] - EDGE), min(len(where), home[1] + EDGE)
    a, a_end = _left(gone, *((a, min(a_end, b)) if a < b else (max(a, b_end), a_end)))
    if a >= a_end or b >= b_end:
        return []
    seen = _seen(text, folded, gone, ((a, a_end), (b, b_end)))
    units = np.fromiter((m.end() for m in SENTENCE.finditer(text, start, end)), where.dtype)
    units = np.concatenate(([start], units[:-1] if units[-1:] == units[-2:-1] else units)).astype(where.dtype)
    source = int(where[a]), int(where[a_end - 1]) + 1
    return [Repeat(*span, *source) for span in _cuts(units, where, seen, copy)]


def _left(gone: Flags, start: int, end: int) -> Span:
    """Return a stretch without what is gone at its ends: other copies, which may be taken for this one."""
    there = np.flatnonzero(~gone[start:end])
    return (start + int(there[0]), start + int(there[-1]) + 1) if len(there) else (start, start)


def _sentence_start(text: str, at: int) -> int:
    """Return where the sentence begins that stands at `at`."""
    line = text.rfind("\n", 0, at) + 1
    before = max(text.rfind(mark, line, at) for mark in MARKS)
    tail = TAIL.match(text, before, at) if before >= line else None
    return tail.end() if tail else line


def _sentence_end(text: str, at: int) -> int:
    """Return where the sentence ends that stands at `at`, with the white space behind it."""
    found = SENTENCE.match(text, at)
    return found.end() if found else len(text)


def _seen(text: str, folded: Folded, gone: Flags, pair: tuple[Span, Span]) -> Flags:
    """Return which characters of a copy stand in its home, or stand there sound where the copy is damaged."""
    (a, a_end), (b, b_end) = pair
    codes, where = folded
    blocks = align(codes[a:a_end], codes[b:b_end])
    seen = np.zeros(b_end - b, bool)
    for block in blocks:
        seen[block.b : block.b + block.size] = ~gone[a + block.a : a + block.a + block.size]
    holes = [box for box in gaps(blocks, a_end - a, b_end - b) if 0 < box[3] - box[2] <= DAMAGE]
    sick = damaged_spans(text[where[b] : where[b_end - 1] + 1]) if holes else []
    ends = [int(where[b]) + end for _, end in sick]
    for low_a, high_a, low, high in holes:
        first = bisect_left(ends, int(where[b + low]))
        if first < len(ends) and int(where[b]) + sick[first][0] <= int(where[b + high - 1]):
            here, there = _around(where, (b + low, b + high)), _around(where, (a + low_a, a + high_a))
            start, end = int(where[b + low]) - here[0], int(where[b + high - 1]) + 1 - here[0]
            readings = align_sound(text[slice(*here)], text[slice(*there)])
            seen[low:high] |= any(s <= start and end <= e for s, e, _ in readings)
    return seen


def _around(where: Places, stretch: Span) -> Span:
    """Return the part of the text that holds a stretch of the key and EDGE characters on both sides."""
    return int(where[max(0, stretch[0] - EDGE)]), int(where[min(len(where), stretch[1] + EDGE) - 1]) + 1


def _cuts(units: Places, where: Places, seen: Flags, core: Span) -> list[Span]:
    """Return the runs of whole sentences that are seen; none when too many are seen in part only.

    `units` are the borders of the sentences.  Those outside the `core` of the copy go only where they join on to it.
    """
    edges = np.searchsorted(where, units)
    total = np.concatenate(([0], np.cumsum(seen)))
    sizes, known = np.diff(edges), np.diff(total[edges - edges[0]])
    whole = known == sizes
    inner = np.flatnonzero(whole & (sizes > 0) & (edges[1:] > core[0]) & (edges[:-1] < core[1]))
    if not len(inner):
        return []
    low, high = int(inner[0]), int(inner[-1])
    partly = ~whole[low:high] & (known[low:high] * 2 >= sizes[low:high])
    if sizes[low:high][partly].sum() > VARIANT * sizes[low : high + 1].sum():
        return []
    while low and whole[low - 1] and sizes[low - 1]:
        low -= 1
    while high + 1 < len(sizes) and whole[high + 1] and sizes[high + 1]:
        high += 1
    borders = np.flatnonzero(np.diff(np.concatenate(([False], whole[low : high + 1], [False]))))
    return [(start, end) for start, end in units[low + borders].reshape(-1, 2).tolist()]


def _line_before(text: str, end: int) -> str:
    """Return the last line before `end` that is not blank, without copying what stands before it."""
    while end and text[end - 1].isspace():
        end -= 1
    return text[text.rfind("\n", 0, end) + 1 : end]


def _is_body(text: str, cut: list[Repeat], size: int, own: int, shortest: int) -> bool:
    """Is what is cut a body: long, prose, much of the text, and not an item under its own heading?"""
    said = "".join(text[r.start : r.end] for r in cut)
    lines, ends = (sum(1 for _ in pattern.finditer(said)) for pattern in (NOT_BLANK, ENDS))
    whole = size >= WHOLE and size >= NEARLY_ALL * own and ends >= SENTENCES
    if size < shortest or size < (SHORT_LINE if whole else LINE) * lines:
        return False
    if HEADING.match(_line_before(text, cut[0].start)):
        return False
    if size >= LONG:
        return size >= MOST * own or (size >= SHARE * own and ends * SENTENCE_LENGTH >= size)
    return size >= MOST * own and ends >= SENTENCES
