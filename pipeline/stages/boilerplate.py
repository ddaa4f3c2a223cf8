"""Take page furniture, metadata lines and needless white space away; keep the article, whole.

Wording gives each line a first class, neighbours revise it (`pipeline.cjk.context`); what a metadata
line says goes to tags.  White space belongs to this stage: paragraphs end up separated by exactly one
newline, without blanks around them; the indentation of code stays.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pipeline.cjk import names
from pipeline.cjk.context import removals
from pipeline.cjk.lines import Line, layout
from pipeline.cjk.page import Page, Removal, classifier, pages
from pipeline.cjk.rules import active, load
from pipeline.cjk.titles import find_title
from pipeline.document import Change, Document
from pipeline.edits import Edit, Tag

NAMED = ("site", "authors", "editors")


@dataclass(frozen=True)
class Boilerplate:
    """Cut what is not the article.

    Settings: `off` and `on` switch single rules by id (`qingyuan rules` lists them); `metadata` cuts
    bylines, dates, sources and captions into tags; `evidence` writes a tag for each removed line;
    `whitespace` normalises blanks and blank lines.
    """

    name: ClassVar[str] = "boilerplate"
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    metadata: bool = True
    evidence: bool = True
    whitespace: bool = True

    def check(self) -> None:
        """Refuse rules that do not exist.

        Raises:
            ValueError: the message names the setting.
        """
        active("boilerplate", self.off, self.on)

    def __call__(self, doc: Document) -> Iterable[Change]:
        """Yield cuts in order and tags for what was cut."""
        yield from next(self.many((doc,)))

    def many(self, docs: Sequence[Document]) -> Iterator[list[Change]]:
        """Yield for each document what the stage says of it; words of furniture are looked for in all at once."""
        unread = () if self.metadata else tuple(rule.id for rule in load("metadata"))
        classify = classifier(self.off, self.on, unread)
        for doc, page in zip(docs, pages([doc.text for doc in docs], classify), strict=True):
            if page.lines:
                yield list(self._say(doc, page))
            else:
                yield [doc.drop("blank-lines")] if doc.text else []

    def _say(self, doc: Document, page: Page) -> Iterator[Change]:
        lines = page.lines
        gone = removals(page)
        yield from self._tags(lines, gone)
        title = find_title(page.text, len(lines), gone) if self.metadata else None
        if title is not None:
            yield Tag(lines[title].start, lines[title].end, "meta:title", page.text(title).lstrip("# "))
        why = [""] * len(lines)
        for removal in gone:
            why[removal.line] = removal.rule
        yield from self._edits(doc, lines, why)

    def _tags(self, lines: Sequence[Line], gone: list[Removal]) -> Iterator[Tag]:
        for removal in gone:
            start, end, _ = lines[removal.line]
            if self.evidence:
                yield Tag(start, end, "evidence", f"{removal.score:.1f} {removal.saw}".strip())
            for field in removal.fields:
                if field.key in NAMED and names.nobody(field.value):
                    continue  # 来源:本站
                yield Tag(start, end, f"meta:{field.key}", field.value)

    def _edits(self, doc: Document, lines: Sequence[Line], why: list[str]) -> Iterator[Edit]:
        if self.whitespace:
            for cut in layout(doc.text, lines, why):
                yield doc.replace(*cut)
            return
        for (start, end, _), rule in zip(lines, why, strict=True):
            if rule:
                yield doc.cut(start, end, rule)

