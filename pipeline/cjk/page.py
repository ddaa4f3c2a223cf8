"""The lines of one text, each with the class that its own wording gives it."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from pipeline.cjk import furniture, metalines
from pipeline.cjk.furniture import SURE, Judge, Verdict
from pipeline.cjk.line_features import frame
from pipeline.cjk.linefold import fold
from pipeline.cjk.lines import Line
from pipeline.cjk.metalines import Field, Meta, Reader

REMEMBERED = furniture.SHORT  # code points: most furniture is shorter and repeats, so its class is remembered
SENTENCE = re.compile(r"[。!?;…，,、！？；]")
_WORD = r"[A-Za-z\d]+"  # a sentence has at least four
ENGLISH = re.compile(rf"[^\w]{{0,3}}{_WORD}(?:[^A-Za-z\d\u3400-\u9fff]{{1,5}}{_WORD}){{3,}}[.!?][\"”’)]?")
_STOP = re.compile(r"[。!?;…！？；.]")


class Removal(NamedTuple):
    """A line to take away: its number, the rule, a score, what was seen, and the metadata it held."""

    line: int
    rule: str
    score: float
    saw: str
    fields: tuple[Field, ...] = ()


class Classifier(NamedTuple):
    """Classes single lines: `judge` knows furniture, `reader` metadata, `short` remembers both for short lines."""

    judge: Judge
    reader: Reader
    short: Callable[[str], tuple[Verdict, Meta]]

    def long(self, line: str, anchored: bool) -> tuple[Verdict, Meta]:
        """Return what a long line is by itself; `anchored` tells whether a word in it speaks of furniture."""
        return _classify(line, anchored and self.judge.suspects(line), self)


def _classify(line: str, judged: bool, known: Classifier) -> tuple[Verdict, Meta]:
    judge, reader = known.judge, known.reader
    read = reader.suspects(line)
    if not judged and not read:
        return furniture.NOTHING, metalines.NOTHING
    folded = fold(line)
    verdict = judge.folded(folded) if judged else furniture.NOTHING
    meta = reader.folded(line, folded) if read and verdict.level < SURE else metalines.NOTHING
    return verdict, meta


@cache
def classifier(off: tuple[str, ...] = (), on: tuple[str, ...] = (), unread: tuple[str, ...] = ()) -> Classifier:
    """Return the classifier for the rules that are switched on; `unread` are metadata rules left out besides."""
    judge, reader = furniture.judge(off, on), metalines.reader((*off, *unread), on)

    @lru_cache(maxsize=1 << 14)
    def short(line: str) -> tuple[Verdict, Meta]:
        return _classify(line, judge.suspects(line), known)

    known = Classifier(judge, reader, short)
    return known


class Scan(NamedTuple):
    """What two matchers see in a text, by line: whether an anchor of furniture stands in it, how much is furniture.

    `told` counts the letters of each line that are words of furniture or of a trade that advertises.
    """

    folded: str
    anchored: set[int]
    told: list[int]


def scans(texts: Sequence[str], lines: Sequence[Sequence[Line]], judge: Judge) -> Iterator[Scan]:
    """Yield what stands in each text; the matchers walk through all of them in one go, while their tables are near."""
    folded = [fold(text) for text in texts]
    anchors, words = iter(judge.anchors("\n".join(texts))), iter(frame().find_matches_as_indexes("\n".join(folded)))
    anchor, word = next(anchors, None), next(words, None)
    start = 0
    for text, own, known in zip(texts, lines, folded, strict=True):
        found, told, at = set(), [0] * len(own), 0
        while anchor is not None and anchor < start + len(text):
            while own[at].end <= anchor - start:
                at += 1
            found.add(at)
            anchor = next(anchors, None)
        at = 0
        while word is not None and word[1] < start + len(text):
            while own[at].end <= word[1] - start:
                at += 1
            told[at] += word[2] - word[1]
            word = next(words, None)
        yield Scan(known, found, told)
        start += len(text) + 1


class Page:
    """The lines of one text with what is known of each by itself."""

    def __init__(self, text: str, lines: Sequence[Line], classify: Classifier, scan: Scan | None = None) -> None:
        self.source, self.lines, self.classify = text, lines, classify
        self.folded, anchored, self.told = scan or next(scans([text], [lines], classify.judge))
        self.texts = [text[start:end] if end - start <= furniture.LONGEST else "" for start, end, _ in lines]
        self.verdicts: dict[int, Verdict] = {}
        self.metas: dict[int, Meta] = {}
        self.gone: dict[int, Removal] = {}
        for i, line in enumerate(self.texts):
            if not line or lines[i].fenced:
                continue
            verdict, meta = classify.short(line) if len(line) <= REMEMBERED else classify.long(line, i in anchored)
            if verdict.level:
                self.verdicts[i] = verdict
            if meta.level:
                self.metas[i] = meta

    def text(self, i: int) -> str:
        """Return line `i`, or nothing for one that is too long to be anything but text."""
        return self.texts[i]

    def fold(self, i: int) -> str:
        """Return line `i` as it is compared with words, or nothing for one that is too long."""
        start, end, _ = self.lines[i]
        return self.folded[start:end] if self.texts[i] else ""

    def said(self, i: int) -> tuple[str, ...]:
        """Return what the rules say of line `i`, as features (see `pipeline.cjk.learned`)."""
        verdict, meta = self.verdicts.get(i), self.metas.get(i)
        found = (f"rule{verdict.level}", f"rule:{verdict.rule}:{verdict.level}") if verdict else ()
        return (*found, f"meta{meta.level}", f"meta:{meta.rule}:{meta.level}") if meta else found

    def body(self, i: int) -> bool:
        """Tell whether line `i` is a paragraph of running text."""
        return self.shaped[i] and not (
            i in self.gone or i in self.metas or (i in self.verdicts and self.verdicts[i].level == SURE))

    @cached_property
    def shaped(self) -> list[bool]:
        """Tell of each line whether it has the form of a paragraph of running text."""
        return [end - start >= 18 and (not line or _running(line))
                for (start, end, _), line in zip(self.lines, self.texts, strict=True)]


def _running(line: str) -> bool:
    if line.count("|") + line.count("_") + line.count("｜") >= 4:
        return False
    size = len(line)
    return size >= 60 or (bool(SENTENCE.search(line)) and (size >= 40 or bool(_STOP.search(line[-3:])))) or (
        line[-1] in ".!?\"”’)" and bool(ENGLISH.fullmatch(line)))
