"""What every word costs: the tables of jieba's dictionary and of the user's words, ready for lattice.py."""
from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.jieba_tables import load
from pipeline.cjk.lattice import Cut, Floats, Words, cut, walk
from pipeline.cjk.route import LONGEST, Lexicon
from pipeline.cjk.trie import VALUE_MASK, Links, joined

NO_WORD = 1.0  # stands for the weight of a character that is no word: log probabilities are negative
ROUNDING = (1e-9, 3e-15)  # no sum over n characters is off by more than a + b * n * n


class UserWords(NamedTuple):
    """The user's words of two and more characters: the root of their trie, the first of their ranks, and
    the characters whose own weight they changed."""

    root: int
    rank: int
    longest: int
    singles: npt.NDArray[np.bool_]


class Weights(NamedTuple):
    """Log probabilities: `logs` by rank, `singles` by code; `none` is a character where no word starts."""

    codes: npt.NDArray[np.uint16]
    links: Links
    logs: Floats
    singles: Floats
    none: float
    user: UserWords | None

    def cut(self, points: npt.NDArray[np.uint32]) -> Cut:
        """Return the likeliest words of a text given as code points."""
        size, longest = len(points), self.user.longest if self.user else LONGEST
        padded = np.zeros(size + longest, np.int64)
        padded[:size] = self.codes.take(points, mode="clip")
        length, at, value = walk(padded, self.links, longest, self.user.root if self.user else 0)
        rank, touched = value >> 1, None
        if self.user:
            touched = self.user.singles.take(padded[:size])
            touched[at[rank >= self.user.rank]] = True
        words = Words(length, at, self.logs.take(rank), value & 1 == 1)
        tolerance = ROUNDING[0] + ROUNDING[1] * size * size
        return cut(padded[:size], words, touched, self.singles, self.none, tolerance)


def weights(lexicon: Lexicon) -> Weights:
    """Return the tables of a lexicon; about 1 ms, and more with user words."""
    tables, whole = load(), log(lexicon.total)
    frequencies, links, user = tables.frequencies, tables.links, None
    singles = _logs(frequencies, whole).take((links[: int(tables.codes.max()) + 1] & VALUE_MASK) >> 1)
    if lexicon.user:
        own = lexicon.user_links(len(frequencies))
        longest = max(LONGEST, *map(len, lexicon.user))
        user = UserWords(len(links), len(frequencies), longest, _own_singles(lexicon, singles, whole))
        links, frequencies = joined(links, own[0]), np.concatenate([frequencies, own[1]])
    singles[np.isneginf(singles)] = NO_WORD
    return Weights(tables.codes, links, _logs(frequencies, whole), singles, -whole, user)


def _logs(frequencies: npt.NDArray[np.int64], whole: float) -> Floats:
    with np.errstate(divide="ignore"):
        logs: Floats = np.log(frequencies) - whole
    return logs


def _own_singles(lexicon: Lexicon, singles: Floats, whole: float) -> npt.NDArray[np.bool_]:
    """Give the user's words of one character their weights, and return which codes those are."""
    changed = np.zeros(len(singles), bool)
    for word, frequency in lexicon.user.items():
        if len(word) == 1 and (code := lexicon.code(word)):
            singles[code] = log(frequency) - whole if frequency else -np.inf
            changed[code] = True
    return changed
