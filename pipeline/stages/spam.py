"""Take advertising lines away that others pushed into a page; drop a page that is nothing else.

A line goes when several kinds of evidence meet in it (`pipeline.cjk.spamlines`).  News, laws,
research and fiction that use the same words stay, whole.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pipeline.cjk.lines import Line, split
from pipeline.cjk.rules import active
from pipeline.cjk.spamlines import THRESHOLD, Evidence, Lexicon, lexicon
from pipeline.document import Change, Document
from pipeline.edits import Tag

_NUMBER = re.compile(r"(\d{1,3})[ \t.、]")
CLEAN = 40  # code points: a page with more text than this that neither sells nor calls is not dropped


@dataclass(frozen=True)
class Spam:
    """Cut spam lines and drop spam pages.

    Settings: `off` and `on` switch single rules by id; `threshold` is the score a line needs; `page`
    is the share of a page's characters in suspicious lines from which the whole page is dropped;
    `evidence` writes a tag for each removed line.
    """

    name: ClassVar[str] = "spam"
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    threshold: float = THRESHOLD
    page: float = 0.8
    evidence: bool = True

    def check(self) -> None:
        """Refuse rules that do not exist and shares that are none.

        Raises:
            ValueError: the message names the setting.
        """
        active("spam", self.off, self.on)
        if not 0 < self.page <= 1:
            raise ValueError("spam.page lies above 0 and is at most 1")

    def __call__(self, doc: Document) -> Iterable[Change]:
        """Yield cuts in order, or one that takes the whole text, and evidence tags."""
        yield from next(self.many((doc,)))

    def many(self, docs: Sequence[Document]) -> Iterator[list[Change]]:
        """Yield for each document what the stage says of it; suspicious words are looked for in all at once."""
        words = lexicon(self.off, self.on)
        for doc, hits in zip(docs, words.all_suspicious([doc.text for doc in docs]), strict=True):
            yield list(self._say(doc, hits, words)) if hits else []

    def _say(self, doc: Document, hits: list[int], words: Lexicon) -> Iterator[Change]:
        lines = split(doc.text)
        found = self._weigh(doc.text, lines, hits, words)
        spam = {i: e for i, e in found.items() if e.rule and e.score >= self.threshold}
        if not spam:
            return
        if self._all_spam(doc.text, lines, spam, words):
            if self.evidence:
                yield Tag(0, len(doc.text), "evidence", f"{len(spam)} of {len(lines)} lines are spam by themselves")
            yield doc.drop("spam-page")
            return
        yield from self._cut(doc, lines, spam)

    def _weigh(self, text: str, lines: list[Line], hits: list[int], words: Lexicon) -> dict[int, Evidence]:
        """Weigh the lines that hold a hit."""
        found: dict[int, Evidence] = {}
        at = 0
        for hit in hits:
            while at + 1 < len(lines) and lines[at].end <= hit:
                at += 1
            if at not in found and lines[at].start <= hit < lines[at].end and not lines[at].fenced:
                found[at] = self._evidence(text, lines, at, words)
        return found

    def _evidence(self, text: str, lines: list[Line], at: int, words: Lexicon) -> Evidence:
        """Weigh one line by its words; if they are not enough, ask what was learned."""
        start, end, _ = lines[at]
        found = words.weigh(text[start:end])
        if (found.rule and found.score >= self.threshold) or _counted(text, lines, at):
            return found
        learned = words.likely(text[start:end], text[:start] + text[end:])
        return learned if learned.rule else found

    def _all_spam(self, text: str, lines: list[Line], spam: dict[int, Evidence], words: Lexicon) -> bool:
        """Tell whether nothing but spam is left: sure lines, and lines that sell or call."""
        if "spam-page" not in words.on:
            return False
        total = sum(end - start for start, end, _ in lines)
        sure = sum(lines[i].end - lines[i].start for i in spam)
        if sure < 0.25 * total:
            return False
        rest = (text[line.start : line.end] for i, line in enumerate(lines) if i not in spam)
        shady = sum(len(line) for line in rest if _shady(words.weigh(line)))
        return sure + shady >= self.page * total and total - sure - shady <= CLEAN

    def _cut(self, doc: Document, lines: list[Line], spam: dict[int, Evidence]) -> Iterator[Change]:
        """Yield the cuts of single lines, each with the line break after it (at the end: before it)."""
        last = len(lines) - 1
        while last in spam:
            last -= 1
        for i in sorted(spam):
            start, end, _ = lines[i]
            if self.evidence:
                yield Tag(start, end, "evidence", str(spam[i]))
            if i > last:
                start, end = lines[i - 1].end, end if i + 1 < len(lines) else len(doc.text)
            else:
                end = lines[i + 1].start
            yield doc.cut(start, end, spam[i].rule)


def _shady(evidence: Evidence) -> bool:
    """Tell whether a line sells or calls, which is not enough by itself."""
    return not evidence.report and bool(evidence.call >= 2 or evidence.words >= 3 or evidence.contact or evidence.trade)


def _counted(text: str, lines: list[Line], at: int) -> bool:
    """Tell whether a line is a row of a numbered table: the rows above and below count on."""
    numbers = [int(found[1]) if 0 <= n < len(lines) and (found := _NUMBER.match(text, lines[n].start)) else -1
               for n in (at - 1, at, at + 1)]
    return numbers[0] >= 0 and numbers[0] + 1 == numbers[1] == numbers[2] - 1
