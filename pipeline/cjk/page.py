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
from pipeline.cjk.lines import Line, split
from pipeline.cjk.metalines import Field, Meta, Reader

REMEMBERED = furniture.SHORT  # code points: most furniture is shorter and repeats, so its class is remembered
SENTENCE = re.compile(r"[。!?;…，,、！？；]")
_WORD = r"[A-Za-z\d]+"  # a sentence has at least four
ENGLISH = re.compile(rf"[^\w]{{0,3}}{_WORD}(?:[^A-Za-z\d\u3400-\u9fff]{{1,5}}{_WORD}){{3,}}[.!?][\"”’)]?")
VERSE = 16  # code points of the longest verse
_VERSE = re.compile(r"[\u3400-\u9fff][^\d:：|/_。；;]*")
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


class Page:
    """The lines of one text with what is known of each by itself."""

    def __init__(self, text: str, lines: Sequence[Line], classify: Classifier,
                 anchored: set[int] | None = None) -> None:
        self.source, self.lines, self.classify = text, lines, classify
        if anchored is None:
            anchored = next(anchors([text], [lines], classify.judge))
        self.texts = [text[start:end] if end - start <= furniture.LONGEST else "" for start, end, _ in lines]
        self.verdicts: dict[int, Verdict] = {}
        self.metas: dict[int, Meta] = {}
        self.gone: dict[int, Removal] = {}
        pictures = metalines.pictured(text)
        for i, line in enumerate(self.texts):
            if not line or lines[i].fenced:
                continue
            if len(line) <= REMEMBERED:
                verdict, meta = classify.short(line)
            elif i not in anchored and classify.reader.sentences(line, pictures):
                continue
            else:
                verdict, meta = classify.long(line, i in anchored)
            if verdict.level:
                self.verdicts[i] = verdict
            if meta.level:
                self.metas[i] = meta

    def text(self, i: int) -> str:
        """Return line `i`, or nothing for one that is too long to be anything but text."""
        return self.texts[i]

    @cached_property
    def folded(self) -> str:
        """The whole text as it is compared with words; as long as the text."""
        return fold(self.source)

    @cached_property
    def told(self) -> list[int]:
        """How many letters of each line are words of furniture or of a trade that advertises."""
        return next(tellings([self]))

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

    @cached_property
    def verses(self) -> frozenset[int]:
        """The lines that could be verses: short, of Han characters, without a full stop, and suspected of nothing."""
        return frozenset(i for i, line in enumerate(self.texts) if 0 < len(line) <= VERSE
                         and i not in self.verdicts and i not in self.metas and _VERSE.fullmatch(line))


def _running(line: str) -> bool:
    if line.count("|") + line.count("_") + line.count("｜") >= 4:
        return False
    size = len(line)
    return size >= 60 or (bool(SENTENCE.search(line)) and (size >= 40 or bool(_STOP.search(line[-3:])))) or (
        line[-1] in ".!?\"”’)" and bool(ENGLISH.fullmatch(line)))


def pages(texts: Sequence[str], classify: Classifier) -> Iterator[Page]:
    """Yield the page of each text; the matchers walk through all texts in one go, while their tables are near."""
    lines = [split(text) for text in texts]
    found = [Page(text, own, classify, anchored) for text, own, anchored
             in zip(texts, lines, anchors(texts, lines, classify.judge), strict=True)]
    suspected = [page for page in found if page.verdicts]
    for page, told in zip(suspected, tellings(suspected), strict=True):
        page.told = told
    yield from found


def anchors(texts: Sequence[str], lines: Sequence[Sequence[Line]], judge: Judge) -> Iterator[set[int]]:
    """Yield the numbers of the lines of each text that hold an anchor (`Judge.anchors`)."""
    places = iter(judge.anchors("\n".join(texts)))
    place, start = next(places, None), 0
    for text, own in zip(texts, lines, strict=True):
        found, at = set(), 0
        while place is not None and place < start + len(text):
            while own[at].end <= place - start:
                at += 1
            found.add(at)
            place = next(places, None)
        yield found
        start += len(text) + 1


def tellings(found: Sequence[Page]) -> Iterator[list[int]]:
    """Yield for each page `Page.told`."""
    words = iter(frame().find_matches_as_indexes("\n".join(page.folded for page in found)))
    word, start = next(words, None), 0
    for page in found:
        told, at = [0] * len(page.lines), 0
        while word is not None and word[1] < start + len(page.source):
            while page.lines[at].end <= word[1] - start:
                at += 1
            told[at] += word[2] - word[1]
            word = next(words, None)
        yield told
        start += len(page.source) + 1
