"""Words of Chinese text: exactly those of jieba 0.42.1, many times faster.

jieba cuts text into blocks of Han characters, ASCII letters, digits and ``+#&._%-``; everything else
stands alone.  Inside a block it takes the likeliest words of its dictionary (lattice.py), then
joins what is left as single characters: by a hidden Markov model (hmm.py) and, for ASCII, by a
regular expression.  Here every step works on all characters of a piece of text at once.

    >>> Segmenter().words("我来到北京清华大学")
    ['我', '来到', '北京', '清华大学']
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.cjk.hmm import word_ends
from pipeline.cjk.jieba_tables import ASCII_SIGN, ASCII_WORD, HAN, load
from pipeline.cjk.lattice import Cut, Flags, Ints
from pipeline.cjk.route import Lexicon, UserWord
from pipeline.cjk.weights import weights

CHUNK = 1 << 16  # characters handled at once: many for the steps that are one call, few for the processor's cache
BLOCK_LIMIT = 1 << 18  # a longer block is cut here, to bound memory
SLICE = 1 << 15  # characters laid out at once: what fits the processor's cache
IS_HAN, IS_WORD, IS_SIGN, IS_SPACE, IS_NEWLINE = 1, 2, 4, 8, 16
IN_BLOCK = IS_HAN | IS_WORD | IS_SIGN
Points = npt.NDArray[np.uint32]
Kinds = npt.NDArray[np.uint8]
ASCII_PIECE = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)", re.ASCII)


@cache
def _kind_table() -> Kinds:
    kinds = np.zeros(0x10000, np.uint8)
    kinds[HAN[0] : HAN[1] + 1] = IS_HAN
    kinds[[ord(c) for c in ASCII_WORD]] = IS_WORD
    kinds[[ord(c) for c in ASCII_SIGN]] = IS_SIGN
    kinds[[c for c in range(0x10000) if chr(c).isspace()]] = IS_SPACE
    kinds[10] = IS_SPACE | IS_NEWLINE
    return kinds


def kinds_of(points: Points) -> Kinds:
    """Return the kind of each code point; one beyond the BMP is of none."""
    return _kind_table().take(points, mode="clip")


def code_points(text: str) -> Points:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Segmenter:
    """Cuts text as ``jieba.lcut`` does; build once, use often; not changed by use."""

    def __init__(self, hmm: bool = True, words: Iterable[UserWord] = ()) -> None:
        self.hmm = hmm
        self.lexicon = Lexicon(words)
        self._emit = load().emit
        self._weights = weights(self.lexicon)

    def words(self, text: str) -> list[str]:
        """Return the words; joined they are the text."""
        starts = [*np.flatnonzero(self.starts(text)).tolist(), len(text)]
        return [text[a:b] for a, b in pairwise(starts)]

    def segmented(self, text: str) -> str:
        """Return the words joined by one space, without white space, line by line.

        >>> Segmenter().segmented("你好，世界！\\n再见。")
        '你好 ， 世界 ！\\n再见 。'
        """
        points = code_points(text)
        kinds = kinds_of(points)
        spaced = self._starts(points, kinds) & (kinds & IS_SPACE == 0)  # before which characters a space stands
        places = spaced.nonzero()[0]
        firsts = places.searchsorted((kinds & IS_NEWLINE).nonzero()[0])  # none before the first word of a line
        spaced[places[:1]] = spaced[places[firsts[firsts < len(places)]]] = False
        return "".join([_spaced(points[at : at + SLICE], kinds[at : at + SLICE], spaced[at : at + SLICE])
                        for at in range(0, len(points), SLICE)])

    def starts(self, text: str) -> Flags:
        """Return for each code point whether a word starts there."""
        points = code_points(text)
        return self._starts(points, kinds_of(points))

    def _starts(self, points: Points, kinds: Kinds) -> Flags:
        starts = np.ones(len(points), bool)
        low = 0
        while low < len(points):
            high = _chunk_end(kinds, low)
            starts[low:high] = self._chunk(points[low:high], kinds[low:high])
            low = high
        returns = np.flatnonzero(points == 13)
        if len(returns):
            pairs = returns[:-1] if returns[-1] == len(points) - 1 else returns
            starts[pairs[points[pairs + 1] == 10] + 1] = False
        return starts

    def _chunk(self, points: Points, kinds: Kinds) -> Flags:
        found = self._weights.cut(points)
        if len(found.doubtful):
            self._decide(found, points, kinds)
        single = found.starts & (kinds & IN_BLOCK != 0)
        single[:-1] &= found.starts[1:]
        if self.hmm:
            self._join(found, single, points, kinds)
        else:
            letter = single & (kinds == IS_WORD)
            found.starts[1:][letter[1:] & letter[:-1]] = False
        return found.starts

    def _decide(self, found: Cut, points: Points, kinds: Kinds) -> None:
        """Cut the blocks of doubtful places in jieba's own order of operations."""
        outside = np.flatnonzero(kinds & IN_BLOCK == 0)
        seen = set()
        for i in np.searchsorted(outside, found.doubtful).tolist():
            if i not in seen:
                seen.add(i)
                low = int(outside[i - 1]) + 1 if i else 0
                high = int(outside[i]) if i < len(outside) else len(points)
                path = self.lexicon.path(points[low:high].tobytes().decode("utf-32-le"))
                found.starts[low:high] = False
                found.starts[low] = True
                found.starts[low + np.array(path[:-1], np.int64)] = True

    def _join(self, found: Cut, single: Flags, points: Points, kinds: Kinds) -> None:
        """Join runs of single characters as jieba does with its hidden Markov model."""
        begins, lengths = _runs(single)
        many = (lengths > 1).nonzero()[0]
        begins, lengths = begins.take(many), lengths.take(many)
        inside = kinds * single
        if found.lattice is not None:
            known = found.lattice.has(begins, lengths)  # a word of the dictionary stays in pieces
            if known.any():
                for begin, length in zip(begins[known].tolist(), lengths[known].tolist(), strict=True):
                    inside[begin : begin + length] = 0
                begins, lengths = begins[~known], lengths[~known]
        if (inside > IS_HAN).any():
            _join_ascii(found.starts, inside, points)
            begins, lengths = _runs(inside == IS_HAN)
            many = (lengths > 1).nonzero()[0]
            begins, lengths = begins.take(many), lengths.take(many)
        if len(begins):
            places, ends = word_ends(points.astype(np.int64) - HAN[0], self._emit, begins, lengths)
            found.starts[places[~ends] + 1] = False
            if self.lexicon.forced:
                _split(found.starts, points, zip(begins.tolist(), lengths.tolist(), strict=True), self.lexicon.forced)


def _split(starts: Flags, points: Points, runs: Iterable[tuple[int, int]], words: set[str]) -> None:
    """Cut some words of the runs into their characters."""
    for begin, length in runs:
        edges = [*(begin + np.flatnonzero(starts[begin : begin + length])).tolist(), begin + length]
        for low, high in pairwise(edges):
            if points[low:high].tobytes().decode("utf-32-le") in words:
                starts[low:high] = True


def _join_ascii(starts: Flags, kinds: Kinds, points: Points) -> None:
    """Cut runs of ASCII as ``[a-zA-Z0-9]+(?:\\.\\d+)?%?`` and what stands between."""
    starts[1:][(kinds[1:] == kinds[:-1]) & (kinds[1:] > IS_HAN)] = False
    signs = (kinds == IS_SIGN).nonzero()[0]
    marks = points.take(signs)
    known, done = kinds.tobytes() + b"\0", 0
    for at in signs[(marks == ord("%")) | (marks == ord("."))].tolist():
        if at and known[at - 1] == IS_WORD and at >= done:
            if points[at] == ord("%"):
                starts[at], starts[at + 1 : at + 2] = False, True
            elif known[at + 1] == IS_WORD and points[at + 1] <= ord("9"):
                done = _cut_numbers(starts, known, points, at)


def _cut_numbers(starts: Flags, known: bytes, points: Points, at: int) -> int:
    """Cut the run of ASCII around a decimal point, and return its end."""
    low = high = at
    while low and known[low - 1] & (IS_WORD | IS_SIGN):
        low -= 1
    while known[high] & (IS_WORD | IS_SIGN):
        high += 1
    starts[low + 1 : high] = False
    for piece in filter(None, ASCII_PIECE.split(points[low:high].tobytes().decode("utf-32-le"))):
        starts[low] = True
        low += len(piece)
    return high


def _spaced(points: Points, kinds: Kinds, spaced: Flags) -> str:
    """Return the text with one space at the places given, and no other white space than new lines."""
    shown = kinds & (IS_SPACE | IS_NEWLINE) != IS_SPACE
    if not shown.all():
        points, spaced = points[shown], spaced[shown]
    places = spaced.cumsum()
    laid = np.full(len(places) + int(places[-1]) if len(places) else 0, ord(" "), np.uint32)
    places += np.arange(len(places))
    laid[places] = points
    return laid.tobytes().decode("utf-32-le", "surrogatepass")


def _chunk_end(kinds: Kinds, low: int) -> int:
    """Return the end of a chunk: right after a character that no block holds."""
    high = low + CHUNK
    if high >= len(kinds):
        return len(kinds)
    outside = np.flatnonzero(kinds[low:high] & IN_BLOCK == 0)
    if len(outside):
        return low + int(outside[-1]) + 1
    outside = np.flatnonzero(kinds[high : low + BLOCK_LIMIT] & IN_BLOCK == 0)
    return high + int(outside[0]) + 1 if len(outside) else min(low + BLOCK_LIMIT, len(kinds))


def _runs(flags: Flags) -> tuple[Ints, Ints]:
    """Return where the runs of true values begin, and their lengths."""
    padded = np.zeros(len(flags) + 2, bool)
    padded[1:-1] = flags
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    return edges[::2], edges[1::2] - edges[::2]
