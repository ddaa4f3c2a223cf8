"""The lines of one text, each with the class that its own wording gives it."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.cjk import furniture, metalines
from pipeline.cjk.furniture import SURE, Judge, Verdict
from pipeline.cjk.linefold import fold
from pipeline.cjk.lines import Line
from pipeline.cjk.metalines import Field, Meta, Reader

REMEMBERED = 24  # code points: furniture this short repeats from page to page, and its class is remembered
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

    def __call__(self, line: str) -> tuple[Verdict, Meta]:
        """Return what a line is by itself; most lines are told from furniture without being folded."""
        return self.short(line) if len(line) <= REMEMBERED else _classify(line, self.judge, self.reader)


def _classify(line: str, judge: Judge, reader: Reader) -> tuple[Verdict, Meta]:
    judged, read = judge.suspects(line), reader.suspects(line)
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
        return _classify(line, judge, reader)

    return Classifier(judge, reader, short)


class Page:
    """The lines of one text with what is known of each by itself."""

    def __init__(self, text: str, lines: Sequence[Line], classify: Classifier) -> None:
        self.source, self.lines, self.classify = text, lines, classify
        self.verdicts: dict[int, Verdict] = {}
        self.metas: dict[int, Meta] = {}
        self.gone: dict[int, Removal] = {}
        self._shaped: list[bool | None] = [None] * len(lines)
        for i, (start, end, fenced) in enumerate(lines):
            if end - start > furniture.LONGEST or fenced:
                continue
            verdict, meta = classify(text[start:end])
            if verdict.level:
                self.verdicts[i] = verdict
            if meta.level:
                self.metas[i] = meta

    def text(self, i: int) -> str:
        """Return line `i`, or nothing for one that is too long to be anything but text."""
        start, end, _ = self.lines[i]
        return self.source[start:end] if end - start <= furniture.LONGEST else ""

    def said(self, i: int) -> list[str]:
        """Return what the rules say of line `i`, as features (see `pipeline.cjk.learned`)."""
        verdict, meta = self.verdicts.get(i), self.metas.get(i)
        found = [f"rule{verdict.level}", f"rule:{verdict.rule}:{verdict.level}"] if verdict else []
        return [*found, f"meta{meta.level}", f"meta:{meta.rule}:{meta.level}"] if meta else found

    def body(self, i: int) -> bool:
        """Tell whether line `i` is a paragraph of running text."""
        if i in self.gone or i in self.metas or (i in self.verdicts and self.verdicts[i].level == SURE):
            return False
        return self.shaped(i)

    def shaped(self, i: int) -> bool:
        """Tell whether line `i` has the form of a paragraph of running text."""
        known = self._shaped[i]
        if known is None:
            known = self._shaped[i] = self._looks_so(i)
        return known

    def _looks_so(self, i: int) -> bool:
        size = self.lines[i].end - self.lines[i].start
        if size < 18 or size > furniture.LONGEST:
            return size >= 18
        line = self.text(i)
        if line.count("|") + line.count("_") + line.count("｜") >= 4:
            return False
        return size >= 60 or (bool(SENTENCE.search(line)) and (size >= 40 or bool(_STOP.search(line[-3:])))) or (
            line[-1] in ".!?\"”’)" and bool(ENGLISH.fullmatch(line)))
