"""What two texts share and where they differ, in places of the texts themselves."""
from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.align import align
from pipeline.cjk.damage import align_sound, damaged_spans
from pipeline.cjk.fold import Folded, Places, code_points
from pipeline.cjk.shingles import Hashes, known

BREAK = 12  # characters of a key that may differ inside one passage
SCRIPT = 0.02  # share of matching characters written otherwise that shows another script
SENTENCE = re.compile(r"[^\n。！？!?]*[。！？!?]*[”’」』）)》】\"']*\n?")
NO_EDGE = re.compile(r"\w")

Span = tuple[int, int]


class Shared(NamedTuple):
    """`here[start:end]` stands in the other text as `there[other:other_end]`, but for small differences."""

    start: int
    end: int
    other: int
    other_end: int


def shared(here: Windows, there: Windows, order: npt.NDArray[np.int64], shortest: int) -> list[Shared]:
    """Return the passages of at least `shortest` characters that stand in both texts, in the order of `here`.

    `order` is the `order` of `there`, which many texts may be compared with.
    """
    return [Shared(*_place(here.where, run.start, run.end), *_place(there.where, run.other, run.other_end))
            for run in _runs(here, there, order) if run.end - run.start >= shortest]


def _place(where: Places, start: int, end: int) -> Span:
    return int(where[start]), int(where[end - 1]) + 1


class Windows(NamedTuple):
    """The hash of the `width` characters at each place of a key, and where the key's characters stand."""

    hashes: Hashes
    width: int
    where: Places

    def order(self) -> npt.NDArray[np.int64]:
        """Return the places in the order of their hashes; equal ones stay in order of place."""
        return np.argsort(self.hashes, kind="stable")


def _runs(here: Windows, there: Windows, order: npt.NDArray[np.int64]) -> list[Shared]:
    """Return stretches of two keys that match, joined over small differences; in places of the keys."""
    ordered = there.hashes[order]
    a = np.flatnonzero(known(here.hashes, ordered))
    if not len(a):
        return []
    b = order[np.searchsorted(ordered, here.hashes[a])]
    starts = np.concatenate(([0], np.flatnonzero((np.diff(a) != 1) | (np.diff(b) != 1)) + 1))
    sizes = np.diff(np.concatenate((starts, [len(a)]))) + here.width - 1
    runs: list[Shared] = []
    for start, other, size in zip(a[starts].tolist(), b[starts].tolist(), sizes.tolist(), strict=True):
        last = runs[-1] if runs else None
        if last and -here.width < other - last.other_end <= BREAK and start - last.end <= BREAK:
            runs[-1] = Shared(last.start, start + size, last.other, other + size)
        else:
            runs.append(Shared(start, start + size, other, other + size))
    return runs


def differences(folded: Folded, hashes: Hashes, others: Hashes, width: int) -> list[Span]:
    """Return the spans of a text whose shingles another text has not: what was changed or added.

    `hashes` are the text's shingles of `width` characters in order, `others` the other text's, sorted.
    An empty span stands where characters are missing.

    >>> from pipeline.cjk.fold import fold
    >>> from pipeline.cjk.shingles import distinct, shingles
    >>> one, other = fold("春眠不觉晓，处处闻啼鸟。"), fold("春眠不觉晓，处处有啼鸟。")
    >>> differences(one, shingles(one.codes, 3), distinct(shingles(other.codes, 3)), 3)
    [(8, 9)]
    """
    if not len(others) or len(folded.codes) < width:
        return [(int(folded.where[0]), int(folded.where[-1]) + 1)] if len(folded.where) else []
    edges = np.flatnonzero(np.diff(np.concatenate(([True], known(hashes, others), [True]))))
    out = []
    for start, end in edges.reshape(-1, 2).tolist():  # shingles [start, end) are not in the other text
        low = start + width - 1 if start else 0
        high = end if end < len(hashes) else end + width - 1
        first = int(folded.where[min(low, len(folded.where) - 1)])
        out.append((first, int(folded.where[high - 1]) + 1 if low < high else first))
    return out


def same_script(text: str, folded: Folded, other: str, other_folded: Folded) -> bool:
    """Do two copies write the characters they share the same way?  Traditional and Simplified ones do not."""
    blocks = align(folded.codes, other_folded.codes)
    mine, theirs = code_points(text)[folded.where], code_points(other)[other_folded.where]
    total = sum(block.size for block in blocks)
    differ = sum(int(np.count_nonzero(mine[x.a : x.a + x.size] != theirs[x.b : x.b + x.size])) for x in blocks)
    return differ <= SCRIPT * total


def sound_readings(text: str, other: str) -> list[tuple[int, int, str]]:
    """Return (start, end, reading) for what is damaged in `text` and sound in its copy `other`.

    >>> sound_readings("滿足用戶的創作需求??淇藙t通過深化搜索來定位", "滿足用戶的創作需求。夸克則通過深化搜索來定位")
    [(9, 14, '。夸克則')]
    """
    return align_sound(text, other) if damaged_spans(text) else []


def sentences(text: str, start: int, end: int) -> Span | None:
    """Return the whole sentences within `text[start:end]` and the punctuation behind them, if there are any.

    >>> text = "风来了。雨来了！云散了。"
    >>> sentences(text, 2, 7)
    (4, 8)
    """
    line = max(text.rfind("\n", 0, start) + 1, 0)
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop + 1
    whole = [(line + m.start(), line + m.end()) for m in SENTENCE.finditer(text[line:stop])]
    inside = [(a, b) for a, b in whole if start <= a < b and not NO_EDGE.search(text, end, b) and a < end]
    return (inside[0][0], inside[-1][1]) if inside else None
