"""Undoes misreadings, byte slips, escapes and injections; leaves clean text, and doubt, alone.

Rounds, each on the text after the one before: escapes; injected pinyin; misread spans; byte slips by consensus
with another copy in the document; look-alikes and invisible characters; separators; ftfy.  Every repair is one
edit whose `why` names the channel, and a tag "repair" with its score.  Damage that cannot be undone gets a tag
"dead".
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.cjk.changes import Change, applied, compose
from pipeline.cjk.damage import dead
from pipeline.cjk.gate import Signs, look, looks
from pipeline.cjk.gate_tables import LOST
from pipeline.cjk.rounds import ROUNDS, Settings
from pipeline.document import Change as Finding
from pipeline.document import Document
from pipeline.edits import Edit, Tag

DEAD = re.compile("(?:锟斤拷|锟斤|斤拷){2,}|锟斤拷|烫{3,}|屯{3,}|\ufffd+")


@dataclass(frozen=True)
class Mojibake:
    """Settings of the stage; each switches one round, or says how sure a guess must be."""

    name = "mojibake"
    escapes: bool = True
    injections: bool = True
    misreadings: bool = True
    consensus: bool = True
    slips: bool = True
    look_alikes: bool = True
    invisible: bool = True
    private_use: bool = True
    separators: bool = True
    ftfy: bool = True
    margin: float = 1.0

    def __call__(self, doc: Document) -> Iterator[Finding]:
        """Yield the repairs of `doc` as edits and tags."""
        return self._repairs(doc, look(doc.text))

    def many(self, docs: Sequence[Document]) -> Iterator[Iterator[Finding]]:
        """Yield for each document what the stage says of it."""
        for doc, signs in zip(docs, looks(doc.text for doc in docs), strict=True):
            yield self._repairs(doc, signs)

    def _repairs(self, doc: Document, signs: Signs) -> Iterator[Finding]:
        text, changes = doc.text, list[Change]()
        settings = Settings(self.misreadings, self.invisible, self.private_use, self.margin)
        for switch, round_ in ROUNDS:
            if getattr(self, switch):
                found = round_(text, signs, settings)
                if found:
                    changes = compose(doc.text, changes, found)
                    text = applied(doc.text, changes)
                    signs = look(text)
        for c in changes:
            was = doc.text[c.start : c.end]
            if was != c.now:
                yield Edit(c.start, was, c.now, c.why, c.codec)
                yield from (Tag(c.start, c.end, "repair", note) for note in c.note.split("\n") if note)
        if signs.bits & LOST or dead(doc.text):
            yield from _dead(doc.text, changes)


def _dead(text: str, changes: list[Change]) -> Iterator[Tag]:
    """Yield tags for damage that nobody can undo and no repair has touched."""
    at = 0
    for m in DEAD.finditer(text):
        while at < len(changes) and changes[at].end <= m.start():
            at += 1
        if at == len(changes) or changes[at].start >= m.end():
            yield Tag(m.start(), m.end(), "dead", m[0][:3])
