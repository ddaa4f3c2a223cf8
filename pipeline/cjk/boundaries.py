"""Where a glossary term may stand: terms between words, names nearly anywhere.

A term that crosses a word (流量 in 人流量) is most likely another word.  The words are jieba's; but jieba
does not know the glossary, and its hidden Markov model guesses.  So a term that a word crosses is
asked about once more, among the words of the dictionary alone.  Inside one word it is refused: 人流量 is
a word, and 阿里山 is not Alibaba; but a name (person, org, product) stands before a suffix such as 公司.
Across words it stands if it belongs to the likeliest cut once it is in the dictionary, as many times
likelier than ``jieba.add_word`` would have it as a glossary makes it: 对华为 holds 华为, 升华为 does not.

A Chinese compound means what its last part means, so a term that ends a longer word is found there if the
rest is made of words of its own: 首相 in 英国首相, but not in 首相府, nor 流量 in 人流量, nor 世界 in an idiom.

Letters and digits are stricter: H20 is never found in H200, of whatever type.
"""
from __future__ import annotations

from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.cjk.glossary import Entry
from pipeline.cjk.jieba_tables import segmentable
from pipeline.cjk.lattice import Flags, Ints
from pipeline.cjk.postags import tag
from pipeline.cjk.route import BLOCK, LETTER
from pipeline.cjk.segmenter import IS_SPACE, Segmenter, code_points, kinds_of

TIMES = {"term": 4, "name": 20, "token": 1}  # how much likelier than for jieba a word of the glossary is
OPAQUE = ("i", "nr")  # parts of speech of words that mean more than their parts: idioms, persons
NEAR = 200  # characters: where a block goes on for longer, the whole text is cut in one go
LONG = 4  # characters: a term this long that is not inside one word does not stand there by chance


class Boundaries:
    """Says whether a term may stand at a place of one text.

    Args:
        words: the text's words as the segment stage gives them, or ``""``; they only spare work.
        rule: "any": everywhere; "auto": names nearly everywhere, terms between words; "token": all between words.
    """

    def __init__(self, text: str, words: str, rule: str) -> None:
        self.text, self.words, self.rule = text, words, rule
        self._told = self._sure = b""  # where words start: as told, and by the dictionary alone

    def admit(self, start: int, end: int, entry: Entry) -> bool:
        """Return whether the term may stand at [start, end)."""
        if self.rule == "any":
            return True
        if entry.latin and (self._splits_latin(start) or self._splits_latin(end)):
            return False
        told = self._told_starts()
        if told and told[start] and told[end]:
            return True
        kind = "token" if self.rule == "token" else "term" if entry.type == "term" else "name"
        offset, sure = self._dictionary_near(start, end)
        if sure[start - offset] and sure[end - offset]:
            return True
        low, high = sure.rfind(1, 0, start - offset + 1), sure.find(1, end - offset)
        alone = sure.find(1, low + 1, high) < 0
        low, high = low + offset, high + offset
        if alone:  # inside one word
            if kind == "name":
                return low == start and self.text[end:high] in _suffixes()
            return kind == "term" and end == high and _is_head(self.text[low:start], self.text[start:end])
        return _would_stand(self.text[low:high], start - low, end - low, TIMES[kind])

    def clear(self, starts: Ints, ends: Ints) -> Flags:
        """Return for many places at once whether a term without Latin borders may certainly stand there."""
        if self.rule == "any":
            return np.ones(len(starts), bool)
        borders = np.frombuffer(self._told_starts() or self._dictionary_starts(), bool)
        return np.asarray(borders[starts] & borders[ends])

    def _told_starts(self) -> bytes:
        if self.words and not self._told:
            self._told = word_starts(self.text, self.words).tobytes()
        return self._told

    def _splits_latin(self, at: int) -> bool:
        """Return whether both neighbours of a place are letters or digits of one Latin word or number."""
        pair = self.text[at - 1 : at + 1] if at else ""
        return len(pair) == 2 and pair.isascii() and pair.isalnum()

    def _dictionary_near(self, start: int, end: int) -> tuple[int, bytes]:
        """Return where words start by the dictionary in the blocks around [start, end), and where the first begins."""
        low, high, text = start, end, self.text
        while low and start - low < NEAR and segmentable(text[low - 1]):
            low -= 1
        while high < len(text) and high - end < NEAR and segmentable(text[high]):
            high += 1
        if self._sure or max(start - low, high - end) == NEAR:
            return 0, self._dictionary_starts()
        return low, _block_starts(text[low:high])

    def _dictionary_starts(self) -> bytes:
        if not self._sure:
            self._sure = np.append(_plain(False).starts(self.text), True).tobytes()
        return self._sure


def _block_starts(text: str) -> bytes:
    """Return for each place of whole blocks, the end too, whether a word starts there, as jieba does it without HMM."""
    starts = bytearray(b"\1" * (len(text) + 1))
    for block in BLOCK.finditer(text):
        at, letters = block.start(), False
        for end in _plain(True).lexicon.path(block[0]):
            stop = block.start() + end
            starts[at + 1 : stop] = bytes(stop - at - 1)
            letter = stop - at == 1 and LETTER.match(text, at) is not None
            if letter and letters:
                starts[at] = 0
            at, letters = stop, letter
    return bytes(starts)


@lru_cache(maxsize=1 << 13)
def _is_head(front: str, term: str) -> bool:
    """Return whether a word is a compound of `front`, in words of two and more characters, and `term`."""
    lexicon = _plain(True).lexicon
    cuts = [0, *lexicon.path(front)]
    return (len(term) > 1 and bool(lexicon.frequency(term)) and tag(front + term) not in OPAQUE
            and all(b - a > 1 and bool(lexicon.frequency(front[a:b])) for a, b in pairwise(cuts)))


@cache
def _suffixes() -> frozenset[str]:
    file = Path(__file__).parent.parent / "data" / "glossary" / "name_suffixes.txt"
    return frozenset(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


@cache
def _plain(hmm: bool) -> Segmenter:
    return Segmenter(hmm)


@lru_cache(maxsize=1 << 13)
def _would_stand(words: str, first: int, last: int, times: int) -> bool:
    """Return whether a term that crosses words would be a word itself, or is too long to stand there by chance.

    Args:
        words: the words that the term crosses.
        first, last: where the term stands in them.
        times: how much likelier it is than ``jieba.add_word`` would make it.
    """
    lexicon = _plain(True).lexicon
    cuts = [0, *lexicon.path(words, (first, last, times * _suggested(words[first:last])))]
    if first in cuts and last in cuts:
        return True
    return last - first >= LONG and any(first <= cut <= last for cut in cuts)


@lru_cache(maxsize=1 << 13)
def _suggested(term: str) -> int:
    return _plain(True).lexicon.suggest(term)


def word_starts(text: str, words: str) -> Flags:
    """Return for each place of `text`, its end too, whether a word starts there; all false if `words` are others'.

    Args:
        words: the words of the text joined by spaces.
    """
    starts = np.ones(len(text) + 1, bool)
    shown, spelled = code_points(text), code_points(words)
    solid, letters = kinds_of(shown) & IS_SPACE == 0, kinds_of(spelled) & IS_SPACE == 0
    if not np.array_equal(shown[solid], spelled[letters]):
        return np.zeros(len(text) + 1, bool)
    first = np.ones(len(spelled), bool)
    first[1:] = ~letters[:-1]
    starts[:-1][solid] = first[letters]
    return starts
