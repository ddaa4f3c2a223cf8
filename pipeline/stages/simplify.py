"""Traditional Chinese becomes mainland Simplified: the script, not the words.

Only paragraphs that are Traditional or mixed are converted; Simplified and Japanese ones are never
touched.  The census of the document chooses the conversion.  The rules are in docs/simplify.md.
"""
from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pipeline.cjk.census import Census
from pipeline.cjk.convert import converter
from pipeline.cjk.exceptions import read_exceptions
from pipeline.cjk.kept import addresses, quoted_japanese, quoted_traditional
from pipeline.cjk.paragraphs import Batch, Scripts, batches, scripts
from pipeline.cjk.punctuation import Mark, full_width
from pipeline.cjk.simplified import Change, Choice, Simplified, choices_made, simplify, simplify_all
from pipeline.cjk.spans import Span, around, disjoint, without
from pipeline.cjk.vocabulary import words
from pipeline.document import Document, take_census
from pipeline.edits import Edit, Tag

TOWARDS_SIMPLIFIED = ("t2s", "tw2s", "hk2s")
TOWARDS_TRADITIONAL = ("s2t", "s2tw", "s2hk")
TOGETHER = 1 << 15  # characters converted together: what fits the processor's cache
BY_FORM = {"TW": "tw2s", "HK": "hk2s"}


class Look(NamedTuple):
    """What is known of a document before it is converted: its census, its lines, what is converted in one go, and
    its metadata, which follow their text into another script."""

    doc: Document
    found: Census
    lines: Scripts
    conversion: str
    batches: list[Batch]
    values: tuple[str, ...]

    def pieces(self) -> Iterator[str]:
        """Yield the text of each batch, its gaps blanked, then the metadata, a value a line."""
        yield from (without(self.doc.text[start:end], gaps) for start, end, gaps in self.batches)
        if self.values:
            yield "\n".join(self.values)


@dataclass(frozen=True)
class Simplify:
    """The stage; its fields are its settings.

    `variant`: "auto", or one of t2s, tw2s, hk2s (towards Simplified), s2t, s2tw, s2hk (towards Traditional).
    `vocabulary`: "keep", or "mainland" to change Taiwanese words too.  `punctuation`: "keep", or "full" for
    full-width marks inside Chinese text, Simplified text too.  `protect`: regular expressions; what they
    match stays as it is.  `exceptions`: TSV files of the user.

    Raises:
        ValueError: a setting has no such value, or an exceptions file has a broken line.
    """

    variant: str = "auto"
    vocabulary: str = "keep"
    punctuation: str = "keep"
    protect: tuple[str, ...] = ()
    exceptions: tuple[Path, ...] = ()

    name = "simplify"

    def __post_init__(self) -> None:
        known = ("auto", *TOWARDS_SIMPLIFIED, *TOWARDS_TRADITIONAL)
        if self.variant not in known:
            raise ValueError(f"simplify.variant is {self.variant!r}; it must be one of {', '.join(known)}")
        if self.vocabulary not in ("keep", "mainland"):
            raise ValueError(f"simplify.vocabulary is {self.vocabulary!r}; it must be keep or mainland")
        if self.punctuation not in ("keep", "full"):
            raise ValueError(f"simplify.punctuation is {self.punctuation!r}; it must be keep or full")
        for pattern in self.protect:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"simplify.protect: {pattern!r} is no regular expression: {error}") from None
        read_exceptions(self.exceptions)

    def __call__(self, doc: Document) -> Iterator[Edit | Tag]:
        look = self._look(doc, *take_census([doc], ask=False))
        if look:
            yield from self._say(look, ((piece, simplify(piece, look.conversion)) for piece in look.pieces()))

    def many(self, docs: Sequence[Document]) -> Iterator[list[Edit | Tag]]:
        """Yield for each document what the stage says of it; short ones are converted together."""
        for group in _groups(docs):
            found = take_census(group, ask=False)
            looks = [self._look(doc, one) for doc, one in zip(group, found, strict=True)]
            pieces: dict[str, list[str]] = {}
            for seen in filter(None, looks):
                pieces.setdefault(seen.conversion, []).extend(seen.pieces())
            ready = {to: zip(some, simplify_all(some, to), strict=True) for to, some in pieces.items() if some}
            for look in looks:
                yield list(self._say(look, ready.get(look.conversion, iter(())))) if look else []

    def _look(self, doc: Document, found: Census) -> Look | None:
        if not found.counts.get("han"):
            return None
        lines = scripts(doc.text, found)
        together: list[Batch] = []
        values: tuple[str, ...] = ()
        if lines.traditional and self.variant not in TOWARDS_TRADITIONAL:
            together, values = batches(doc.text, lines.traditional), _values(doc)
        return Look(doc, found, lines, self._conversion(found), together, values)

    def _say(self, look: Look, converted: Iterator[tuple[str, Simplified]]) -> Iterator[Edit | Tag]:
        """Yield what there is to say of a document; of what is `converted`, its own pieces come next."""
        text, found, lines = look.doc.text, look.found, look.lines
        yield Tag(0, len(text), "script", _label(lines, found))
        if found.classical:
            yield Tag(0, len(text), "evidence", "classical Chinese")
        if self.variant in TOWARDS_TRADITIONAL:
            for start, end in lines.simplified:
                yield from _to_traditional(text, start, end, self.variant)
            return
        marks = self._marks(text)
        # in the whole text, for what a pattern matches may begin in one batch and end in another
        fixed = [m.span() for pattern in self.protect for m in re.finditer(pattern, text) if m[0]]
        made: list[Choice] = []
        done = 0
        for (start, end, gaps), (piece, result) in zip(look.batches, islice(converted, len(look.batches)), strict=True):
            first, last = bisect_left(marks, (start,), done), bisect_left(marks, (end,), done)
            yield from _punctuate(text, marks[done:first])
            done = last
            inside = [Span(at - start, stop - start, now, "punctuation") for at, stop, now in marks[first:last]]
            kept = addresses(piece)
            if found.counts.get("hiragana") or found.counts.get("katakana"):
                kept += quoted_japanese(piece)
            if found.han != "Hant":
                kept += quoted_traditional(piece)
            kept += [(max(a, start) - start, min(b, end) - start) for a, b in fixed if a < end and start < b]
            parts = around((Change(a, b, "") for a, b in sorted(kept)), inside)  # marks change in quotations, too
            inside = [*(Span(a, b) for a, b, _ in parts if piece[a:b] != result.text[a:b]), *inside]
            spans = sorted([*self._spans(piece, result, inside), *(Span(*gap) for gap in gaps)])
            yield from _edits(text, start, result, spans)
            made += [choice._replace(first=choice.first + start) for choice in choices_made(piece, result.text)]
        yield from _punctuate(text, marks[done:])
        yield from _ambiguous(made)
        if look.values:
            yield from _restated(look.values, next(converted)[1].text)

    def _marks(self, text: str) -> list[Mark]:
        if self.punctuation == "keep":
            return []
        fixed = {at for pattern in self.protect for m in re.finditer(pattern, text) for at in range(*m.span())}
        return full_width(text, fixed)

    def _conversion(self, found: Census) -> str:
        return BY_FORM.get(found.form, "t2s") if self.variant == "auto" else self.variant

    def _spans(self, piece: str, result: Simplified, inside: list[Span]) -> list[Span]:
        """Return what is not converted as the rest, `inside` among it; of two that overlap the first found wins."""
        spans: list[Span] = []
        if self.exceptions:
            table = read_exceptions(self.exceptions)
            spans += [Span(m.start, m.end, table.pairs[m.key], "exception") for m in table.find(piece)]
        spans += inside
        if self.vocabulary == "mainland":
            spans += [Span(*word, "vocabulary") for word in words(piece)
                      if word.now != result.text[word.start : word.end]]
        return disjoint(spans)


def _groups(docs: Sequence[Document]) -> Iterator[list[Document]]:
    """Yield the documents in groups of about TOGETHER characters."""
    group: list[Document] = []
    size = 0
    for doc in docs:
        if group and size + len(doc.text) > TOGETHER:
            yield group
            group, size = [], 0
        group.append(doc)
        size += len(doc.text)
    if group:
        yield group


def _label(lines: Scripts, found: Census) -> str:
    return f"{lines.label}-{found.form}" if lines.label == "Hant" and found.form else lines.label


def _values(doc: Document) -> tuple[str, ...]:
    return tuple(dict.fromkeys([t.value for p in doc.patches for t in p.tags if t.kind.startswith("meta:")]))


def _restated(values: Sequence[str], converted: str) -> Iterator[Tag]:
    """Yield what metadata of a converted text reads in the script of that text."""
    at = 0
    for value in values:
        now = converted[at : at + len(value)]
        at += len(value) + 1
        if now != value:
            yield Tag(0, 0, "restated", json.dumps([value, now], ensure_ascii=False, separators=(",", ":")))


def _punctuate(text: str, marks: list[Mark]) -> Iterator[Edit]:
    for start, end, now in marks:
        yield Edit(start, text[start:end], now, "punctuation")


def _edits(text: str, offset: int, result: Simplified, spans: list[Span]) -> Iterator[Edit]:
    """Yield the edits that put the result at `offset` of `text`, but for `spans`, which become what they say."""
    changes = around(result.changes, spans) if spans else result.changes
    edits = [Edit(offset + start, text[offset + start : offset + end], result.text[start:end], why, "1:1")
             for start, end, why in changes]
    if spans:
        edits = [edit for edit in edits if edit.was != edit.now]
        edits += [Edit(offset + start, text[offset + start : offset + end], now, why)
                  for start, end, now, why in spans if why]
        edits.sort()
    yield from edits


def _to_traditional(text: str, start: int, end: int, variant: str) -> Iterator[Edit]:
    piece = text[start:end]
    now, blocks = converter(variant).aligned(piece)
    at = at_now = 0
    for block in (*blocks, None):
        stop, stop_now = (block.start, block.start_after) if block else (len(piece), len(now))
        if piece[at:stop] != now[at_now:stop_now]:
            yield Edit(start + at, piece[at:stop], now[at_now:stop_now], variant, "1:1")
        if block:
            at, at_now = block.end, block.end_after
            yield Edit(start + stop, piece[stop:at], now[stop_now:at_now], variant)


def _ambiguous(made: list[Choice]) -> Iterator[Tag]:
    """Yield one tag a choice: where it was made first, what was taken, how often, what else there is."""
    totals: dict[tuple[str, str], Choice] = {}
    for choice in made:
        key = choice.char, choice.taken
        before = totals.get(key)
        totals[key] = before._replace(times=before.times + choice.times) if before else choice
    for c in totals.values():
        yield Tag(c.first, c.first + 1, "ambiguous", f"{c.char}>{c.taken} {c.times} ({c.others})")
