"""The lines of one text, each with the class that its own wording gives it."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from pipeline.cjk import furniture, furniture_words, metalines
from pipeline.cjk.furniture import SURE, Judge, Verdict
from pipeline.cjk.line_features import frame
from pipeline.cjk.linefold import fold_all
from pipeline.cjk.lines import split
from pipeline.cjk.metalines import Meta, Reader
from pipeline.cjk.metavalues import Field

REMEMBERED = furniture_words.SHORT  # code points: most furniture is shorter and repeats, so its class is remembered
SENTENCE = re.compile(r"[。!?;…，,、！？；]")
_WORD = r"[A-Za-z\d]+"  # a sentence has at least four
ENGLISH = re.compile(rf"[^\w]{{0,3}}{_WORD}(?:[^A-Za-z\d\u3400-\u9fff]{{1,5}}{_WORD}){{3,}}[.!?][\"”’)]?")
VERSE = 16  # code points of the longest verse
_VERSE = re.compile(r"[\u3400-\u9fff][^\d:：|/_。；;]*")
LINES = 1 << 14  # short lines that are remembered
_NOTHING = furniture.NOTHING, metalines.NOTHING
_STOP = re.compile(r"[。!?;…！？；.]")


class Removal(NamedTuple):
    """A line to take away: its number, the rule, a score, what was seen, and the metadata it held."""

    line: int
    rule: str
    score: float
    saw: str
    fields: tuple[Field, ...] = ()


class Classifier:
    """Classes single lines: `judge` knows furniture, `reader` metadata; what short lines are is remembered."""

    def __init__(self, judge: Judge, reader: Reader) -> None:
        self.judge, self.reader = judge, reader
        self._known: dict[str, tuple[Verdict, Meta]] = {}

    def short(self, line: str, folded: str) -> tuple[Verdict, Meta]:
        """Return what a short line is by itself."""
        known = self._known.get(line)
        if known is None:
            if len(self._known) >= LINES:
                self._known.clear()
            known = self._known[line] = self._classify(line, folded, self.judge.suspects(folded))
        return known

    def long(self, line: str, folded: str, anchored: bool) -> tuple[Verdict, Meta]:
        """Return what a long line is by itself; `anchored` tells whether a word in it speaks of furniture."""
        return self._classify(line, folded, anchored and self.judge.suspects(folded))

    def _classify(self, line: str, folded: str, judged: bool) -> tuple[Verdict, Meta]:
        read = self.reader.suspects(line)
        if not judged and not read:
            return _NOTHING
        verdict = self.judge.folded(folded) if judged else furniture.NOTHING
        return verdict, self.reader.folded(line, folded) if read and verdict.level < SURE else metalines.NOTHING


@cache
def classifier(off: tuple[str, ...] = (), on: tuple[str, ...] = (), unread: tuple[str, ...] = ()) -> Classifier:
    """Return the classifier for the rules that are switched on; `unread` are metadata rules left out besides."""
    return Classifier(furniture.judge(off, on), metalines.reader((*off, *unread), on))


class Page:
    """The lines of one text with what is known of each by itself."""

    def __init__(self, text: str, folded: str, classify: Classifier) -> None:
        self.source, self.folded, self.classify = text, folded, classify
        self.lines = split(text)
        self.texts = [text[start:end] if end - start <= furniture_words.LONGEST else "" for start, end, _ in self.lines]
        self.verdicts: dict[int, Verdict] = {}
        self.metas: dict[int, Meta] = {}
        self.gone: dict[int, Removal] = {}
        self._counts: dict[str, Counter[str]] = {}

    def read(self, anchored: Container[int]) -> None:
        """Find what each line is by itself; `anchored` are the lines that hold an anchor (`Judge.anchors`)."""
        classify, folded, pictures = self.classify, self.folded, metalines.pictured(self.source)
        for i, (line, (start, end, fenced)) in enumerate(zip(self.texts, self.lines, strict=True)):
            if not line or fenced:
                continue
            if end - start <= REMEMBERED:
                verdict, meta = classify.short(line, folded[start:end])
            elif i not in anchored and classify.reader.sentences(line, pictures):
                continue
            else:
                verdict, meta = classify.long(line, folded[start:end], i in anchored)
            if verdict.level:
                self.verdicts[i] = verdict
            if meta.level:
                self.metas[i] = meta

    def text(self, i: int) -> str:
        """Return line `i`, or nothing for one that is too long to be anything but text."""
        return self.texts[i]

    @cached_property
    def told(self) -> list[int]:
        """How many letters of each line are words of furniture or of a trade that advertises."""
        return next(tellings([self]))

    def fold(self, i: int) -> str:
        """Return line `i` as it is compared with words, or nothing for one that is too long."""
        start, end, _ = self.lines[i]
        return self.folded[start:end] if self.texts[i] else ""

    def once(self, name: str, count: Callable[[Page], Counter[str]]) -> Counter[str]:
        """Return what `count` finds on this page; it is asked once."""
        known = self._counts.get(name)
        if known is None:
            known = self._counts[name] = count(self)
        return known

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
    found = [Page(text, folded, classify) for text, folded in zip(texts, fold_all(texts), strict=True)]
    for page, anchored in zip(found, anchors(found), strict=True):
        page.read(anchored)
    suspected = [page for page in found if page.verdicts]
    for page, told in zip(suspected, tellings(suspected), strict=True):
        page.told = told
    yield from found


def anchors(found: Sequence[Page]) -> Iterator[set[int]]:
    """Yield for each page the numbers of the lines that hold an anchor (`Judge.anchors`)."""
    places = iter(found[0].classify.judge.anchors("\n".join(page.folded for page in found)) if found else ())
    place, start = next(places, None), 0
    for page in found:
        anchored, at = set(), 0
        while place is not None and place < start + len(page.source):
            while page.lines[at].end <= place - start:
                at += 1
            anchored.add(at)
            place = next(places, None)
        yield anchored
        start += len(page.source) + 1


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
