"""Which paragraphs of a text are Traditional, mixed, or to be left alone.

A paragraph is a line.  The document decides how much evidence one needs: in a Traditional document a
line without Simplified characters is Traditional; in a Simplified one only a line that cannot be
anything else is.  So a stray Traditional character in Simplified prose changes nothing, and a text
that was converted finds nothing to convert.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.census import CHUNK, Census, classify, is_japanese, members
from pipeline.cjk.phrases import to_codes

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LINE_BREAK = 10
WIDEST_GAP = 2000  # characters; a wider gap is not worth looking at again
SHARE_OF_TRADITIONAL, SHARE_OF_MIXED = 0.8, 0.2  # of the characters that only one of the two scripts writes
FOREIGN = ("hiragana", "katakana", "hangul", "japanese")
COUNTED = ("traditional", "simplified", "han", "chinese", *FOREIGN)


class Scripts(NamedTuple):
    """The script of a text by paragraph: `label` for the whole, and the runs of lines to convert.

    `traditional` holds the runs to convert to Simplified, `simplified` those that could be converted to
    Traditional; a run is a pair of code-point offsets.  Lines without Han characters may be in a run.
    """

    label: str
    traditional: list[tuple[int, int]]
    simplified: list[tuple[int, int]]


def scripts(text: str, found: Census) -> Scripts:
    """Return the scripts of the lines of `text`, whose census is `found`.

    >>> from pipeline.cjk.census import census
    >>> text = "這裡說的是舊書。\\n这里说的是新书。"
    >>> scripts(text, census(text))
    Scripts(label='mixed', traditional=[(0, 9)], simplified=[(9, 17)])
    """
    get = found.counts.get
    trad, simp, kana = get("traditional", 0), get("simplified", 0), get("hiragana", 0) + get("katakana", 0)
    if found.han in ("none", "Kore") or (found.han == "Jpan" and 2 * kana > get("han", 0)):
        return Scripts(found.han, [], [])
    share = 0.0 if found.han == "Jpan" or not trad else trad / (trad + simp)
    usual = share >= SHARE_OF_TRADITIONAL  # what lines are that show nothing else
    if not (simp if usual else trad) and not any(get(name) for name in FOREIGN):
        whole = [(0, len(text))]
        return Scripts(found.han, whole if usual else [], [] if usual else whole)
    lines = _Lines(text, ("simplified", *FOREIGN) if usual else ("traditional", *FOREIGN))
    wanted, foreign = lines.traditional(share), lines.foreign()
    label = "mixed" if found.han in ("Hans", "Jpan") and bool((wanted & ~foreign).any()) else found.han
    return Scripts(label, lines.runs(usual, wanted & ~foreign), lines.runs(not usual, ~wanted & ~foreign))


class _Lines:
    """The lines of a text that hold a character with one of some attributes, and what they count."""

    def __init__(self, text: str, attributes: tuple[str, ...]) -> None:
        self.size = len(text)
        tells = np.maximum.reduce([members(name) for name in attributes]).astype(bool)
        classes, telling, breaks = [], [], []
        for at in range(0, len(text), CHUNK):
            codes = to_codes(text[at : at + CHUNK])
            classes.append(classify(codes))
            telling.append(tells.take(classes[-1]).nonzero()[0] + at)
            breaks.append((codes == LINE_BREAK).nonzero()[0] + at)
        places, ends = np.concatenate(telling), np.concatenate([*breaks, [len(text) - 1]]) + 1
        which = ends.searchsorted(places, "right")
        which = which[np.diff(which, prepend=-1) > 0]
        self.starts, self.ends = np.concatenate([[0], ends])[which], ends[which]
        self._counts = self._count_lines(np.concatenate(classes)) if len(which) else {}

    def _count_lines(self, classes: npt.NDArray[np.uint8]) -> dict[str, Counts]:
        lines = [classes[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]
        joined = np.concatenate(lines)
        edges = np.cumsum([0, *map(len, lines[:-1])])
        return {name: np.add.reduceat(members(name).take(joined), edges, dtype=np.int64)
                for name in COUNTED}

    def count(self, attribute: str) -> Counts:
        """Return how many characters of each line have the attribute."""
        return self._counts.get(attribute, np.zeros(0, np.int64))

    def foreign(self) -> Mask:
        """Return which lines are Japanese or Korean."""
        return np.asarray(is_japanese(self.count) | (3 * self.count("hangul") > self.count("han")))

    def traditional(self, share: float) -> Mask:
        """Return which lines are Traditional or mixed, given the share of Traditional in the whole text."""
        trad, simp, han = self.count("traditional"), self.count("simplified"), self.count("han")
        if share >= SHARE_OF_TRADITIONAL:
            return np.asarray((trad > 0) | (simp == 0))
        plain = (trad > 0) & (trad >= 4 * simp)
        if share >= SHARE_OF_MIXED:
            return np.asarray(plain | (trad >= 3) | (4 * trad >= simp) & (trad > 0))
        strong = plain & (trad >= 4) | (trad >= simp) & (trad >= 6)
        return np.asarray(strong | self._verses(strong | plain & (trad >= 2) & (simp == 0) & (6 * trad >= han)))

    def _verses(self, candidates: Mask) -> Mask:
        """Return which candidates stand together, as the lines of a poem do: a name alone proves nothing."""
        found = np.zeros(len(candidates), bool)
        places = candidates.nonzero()[0]
        apart = self.starts[places[1:]] - self.ends[places[:-1]] > 2  # more than a blank line between them
        for group in np.split(places, apart.nonzero()[0] + 1):
            found[group] = self.count("traditional")[group].sum() >= 6
        return found

    def runs(self, usual: bool, wanted: Mask) -> list[tuple[int, int]]:
        """Return the runs of wanted lines; `usual`: lines that are not among these are wanted too."""
        chosen = ~wanted if usual else wanted
        edges: list[tuple[int, int]] = []
        for start, end in zip(self.starts[chosen].tolist(), self.ends[chosen].tolist(), strict=True):
            if edges and edges[-1][1] == start:
                edges[-1] = edges[-1][0], end
            else:
                edges.append((start, end))
        if not usual:
            return edges
        borders = [0, *(border for edge in edges for border in edge), self.size]
        return [(start, end) for start, end in zip(borders[::2], borders[1::2], strict=True) if start < end]


class Batch(NamedTuple):
    """Text to convert in one go: [start, end) without its `gaps`, which count from `start`."""

    start: int
    end: int
    gaps: list[tuple[int, int]]


def batches(text: str, runs: list[tuple[int, int]]) -> list[Batch]:
    """Return `runs` gathered into batches of at most about CHUNK characters.

    >>> batches("說\\n说\\n說", [(0, 2), (4, 5)])
    [Batch(start=0, end=5, gaps=[(2, 4)])]
    """
    found: list[Batch] = []
    for first, last in runs:
        for start, end in _cut(text, first, last):
            open_batch = found[-1] if found else None
            if open_batch and start - open_batch.end <= WIDEST_GAP and end - open_batch.start <= CHUNK:
                if start > open_batch.end:
                    open_batch.gaps.append((open_batch.end - open_batch.start, start - open_batch.start))
                found[-1] = open_batch._replace(end=end)
            else:
                found.append(Batch(start, end, []))
    return found


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield [start, end) in parts of at most CHUNK characters, cut after a line if there is one."""
    while end - start > CHUNK:
        cut = text.rfind("\n", start, start + CHUNK) + 1 or start + CHUNK
        yield start, cut
        start = cut
    yield start, end
