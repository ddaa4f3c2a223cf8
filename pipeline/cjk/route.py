"""jieba's own recurrence, character by character, and its user words.

`Lexicon` holds the words: jieba's dictionary and the user's.  `Lexicon.route` cuts one block with
exactly jieba's additions in exactly its order; the fast way (lattice.py) asks it where two cuts are
equal within the rounding error.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from math import inf, log
from typing import NamedTuple

import numpy as np

from pipeline.cjk.jieba_tables import TOTAL, load, segmentable
from pipeline.cjk.lattice import Ints
from pipeline.cjk.trie import BASE, BASE_MASK, PARENT, VALUE_MASK, Links, build

LONGEST = 16  # characters of the longest word in jieba's dictionary
BLOCK = re.compile(r"[\u4E00-\u9FD5a-zA-Z0-9+#&._%\-]+")
LETTER = re.compile(r"[a-zA-Z0-9]")


class UserWord(NamedTuple):
    """A word, its frequency (None: as often as jieba finds needed to keep it whole), its part of speech."""

    word: str
    frequency: int | None = None
    tag: str = ""


class Lexicon:
    """jieba's dictionary and user words added one after the other, as ``jieba.add_word`` would.

    >>> Lexicon().frequency("中国")
    129470
    >>> Lexicon([UserWord("通义千问")]).path("用通义千问")
    [1, 5]
    """

    def __init__(self, words: Iterable[UserWord] = ()) -> None:
        tables = load()
        self._links = memoryview(tables.links)  # type: ignore[arg-type]
        self._codes, self._frequencies = tables.codes, _frequencies()
        self.total = TOTAL
        self.user: dict[str, int] = {}
        self.forced: set[str] = set()  # words of frequency 0: the hidden Markov model may not make them either
        self._prefixes: set[str] = set()
        for word, frequency, _ in words:
            self._add(word, frequency)

    def _add(self, word: str, frequency: int | None) -> None:
        frequency = self.suggest(word) if frequency is None else frequency
        self.user[word] = frequency
        self.total += frequency
        if not frequency:
            self.forced.add(word)
        self._prefixes.update(word[:i] for i in range(1, len(word) + 1))

    def suggest(self, word: str) -> int:
        """Return the frequency that keeps `word` whole: ``jieba.suggest_freq``, digit for digit."""
        total, product = float(self.total), 1.0
        for piece in self._pieces(word):
            known = self.frequency(piece)
            product *= (1 if known is None else known) / total
        known = self.frequency(word)
        return max(int(product * self.total) + 1, 1 if known is None else known)

    def _pieces(self, text: str) -> list[str]:
        """Return the words of a short text without the hidden Markov model."""
        found, at = [], 0
        for block in BLOCK.finditer(text):
            found += re.findall(r"\r\n|.", text[at : block.start()], re.S)
            letters = ""
            begin = block.start()
            for end in self.path(block[0]):
                word = text[begin : block.start() + end]
                begin = block.start() + end
                if len(word) == 1 and LETTER.match(word):
                    letters += word
                    continue
                found += [letters] * bool(letters) + [word]
                letters = ""
            found += [letters] * bool(letters)
            at = block.end()
        return found + re.findall(r"\r\n|.", text[at:], re.S)

    def frequency(self, word: str) -> int | None:
        """Return how often `word` counts: 0 for the mere beginning of a word, None for neither."""
        if word in self.user:
            return self.user[word]
        if not all(map(segmentable, word)):
            return FOREIGN.get(word, 0 if word in self._prefixes else None)
        lengths = self._words_at(word, 0)
        found = lengths[len(word) - 1] if len(lengths) == len(word) else None
        return 0 if found is None and word in self._prefixes else found

    def code(self, char: str) -> int:
        """Return the number of a character in the tables, 0 for one that jieba never looks up."""
        return int(self._codes[ord(char)]) if ord(char) < 0x10000 else 0

    def _words_at(self, block: str, at: int) -> list[int]:
        """Return the frequencies of block[at:at+1], block[at:at+2], ... as long as the dictionary goes on."""
        links, slot, found = self._links, 0, []
        for char in block[at : at + LONGEST]:
            code = self.code(char)
            target = (links[slot] >> BASE & BASE_MASK) + code
            link = links[target]
            if not code or not link or link >> PARENT != slot:
                break
            found.append(self._frequencies[(link & VALUE_MASK) >> 1])
            slot = target
        return found

    def _choices(self, block: str, at: int) -> list[tuple[int, int]]:
        """Return (end, frequency) of the words at a place, one of frequency 1 if there are none."""
        known = dict(enumerate(self._words_at(block, at), at + 1))
        end = at + 1
        while block[at:end] in self._prefixes and end <= len(block):
            known[end] = self.user.get(block[at:end], known.get(end, 0))
            end += 1
        return [(end, n) for end, n in known.items() if n] or [(at + 1, 1)]

    def path(self, block: str, extra: tuple[int, int, int] | None = None) -> list[int]:
        """Return where the words of a block end, by ``jieba.Tokenizer.calc``.

        Args:
            extra: a word that counts here alone: start, end, frequency.
        """
        size, whole = len(block), log(self.total)
        codes, weight = [*map(self.code, block), 0], _weights(whole)
        score, after = [0.0] * (size + 1), [0] * size
        for at in range(size - 1, -1, -1):
            if not ((extra and at == extra[0]) or block[at] in self.user or block[at : at + 2] in self._prefixes):
                score[at], after[at] = self._best(codes, at, weight, score)
                continue
            choices = self._choices(block, at)
            if extra and at == extra[0]:
                choices = [*((end, n) for end, n in choices if end != extra[1]), extra[1:]]
            score[at], after[at] = max((log(n) - whole + score[end], end) for end, n in choices)
        ends, at = [], 0
        while at < size:
            at = after[at]
            ends.append(at)
        return ends

    def _best(self, codes: list[int], at: int, weight: list[float], score: list[float]) -> tuple[float, int]:
        """Return the best sum from a place on and where its word ends, by jieba's dictionary alone: the usual case."""
        links, best, best_end, slot, end = self._links, -inf, at + 1, 0, at
        while code := codes[end]:
            target = (links[slot] >> BASE & BASE_MASK) + code
            link = links[target]
            if not link or link >> PARENT != slot:
                break
            slot, end = target, end + 1
            value = weight[(link & VALUE_MASK) >> 1] + score[end]
            if value >= best:
                best, best_end = value, end
        return (best, best_end) if best > -inf else (weight[-1] + score[at + 1], at + 1)

    def user_links(self, rank: int) -> tuple[Links, Ints]:
        """Return the user's words of two and more characters as a trie, and their frequencies from `rank` on."""
        words = [word for word in self.user if len(word) > 1 and all(map(segmentable, word))]
        entries = [(tuple(map(self.code, word)), (rank + i) * 2) for i, word in enumerate(words)]
        return build(entries, int(self._codes.max())), np.array([self.user[word] for word in words], np.int64)


@lru_cache(maxsize=16)
def _weights(whole: float) -> list[float]:
    """Return log probabilities by rank, minus infinity for the mere beginning of a word; last, that of frequency 1."""
    return [*(log(n) - whole if n else -inf for n in _frequencies()), log(1) - whole]


@cache
def _frequencies() -> list[int]:
    return list(map(int, load().frequencies))


FOREIGN = {"γ": 0, "γ射": 0, "γ射线": 3}  # the one word of dict.txt with a character that jieba never looks up
