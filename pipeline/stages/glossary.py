"""Tags glossary terms with their English. Changes nothing; one tag a term."""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from pipeline.cjk.boundaries import Boundaries
from pipeline.cjk.glossary import Hit, Matcher, Seen, inline, load, ruby, spellings
from pipeline.document import Document
from pipeline.edits import Tag

CHOICES = {"boundary": ("auto", "any", "token"), "render": ("standoff", "inline", "ruby"),
           "first_only": ("never", "document")}


@dataclass(frozen=True)
class Glossary:
    """A tag ``term`` for every term of the glossary, its value the JSON ``{"en":...,"type":...}``."""

    files: tuple[Path, ...] = ()
    boundary: str = "auto"
    render: str = "standoff"
    first_only: str = "never"
    cedict: tuple[Path, ...] = ()

    name: ClassVar[str] = "glossary"

    def __post_init__(self) -> None:
        for setting, known in CHOICES.items():
            value = getattr(self, setting)
            if value not in known:
                raise ValueError(f"glossary.{setting} is {value!r}; it must be one of {', '.join(known)}")

    def check(self) -> None:
        """Read the glossary now rather than later.

        Raises:
            ValueError: a file is broken, or gives one term two types; the sentence names file and lines.
        """
        _matcher((*self.cedict, *self.files))

    def __call__(self, doc: Document) -> Iterator[Tag]:
        yield from next(self.many((doc,)))

    def many(self, docs: Sequence[Document]) -> Iterator[list[Tag]]:
        """Yield for each document what the stage says of it; all texts are searched in one go."""
        matcher = _matcher((*self.cedict, *self.files))
        for doc, seen in zip(docs, matcher.seen([doc.text for doc in docs]), strict=True):
            yield list(self._say(doc, matcher, seen)) if seen.matches else []

    def _say(self, doc: Document, matcher: Matcher, seen: Seen) -> Iterator[Tag]:
        boundaries = Boundaries(doc.text, doc.segmented or "", self.boundary)
        hits = list(matcher.chosen(seen, boundaries.admit, boundaries.clear))
        for start, end, entry in hits:
            yield Tag(start, end, "term", _value(entry.en, entry.type))
        yield from _ambiguous(hits)
        if self.render != "standoff" and hits:
            yield self._view(doc.text, hits)

    def _view(self, text: str, hits: list[Hit]) -> Tag:
        if self.first_only == "document":
            hits = sorted({hit.entry: hit for hit in reversed(hits)}.values())
        try:
            view = inline(text, hits) if self.render == "inline" else ruby(text, hits)
        except ValueError as error:
            return Tag(0, len(text), "evidence", str(error))
        return Tag(0, len(text), "rendered", view)


def _ambiguous(hits: list[Hit]) -> Iterator[Tag]:
    """Yield one tag for each ambiguous term, where it stands first."""
    seen: set[str] = set()
    for start, end, entry in hits:
        if entry.ambiguous and entry.zh not in seen:
            seen.add(entry.zh)
            yield Tag(start, end, "ambiguous", f"{entry.zh}: {entry.en}")


@cache
def _matcher(files: tuple[Path, ...]) -> Matcher:
    entries = load(files)
    return Matcher(entries, spellings(entries))


@cache
def _value(english: str, kind: str) -> str:
    return json.dumps({"en": english, "type": kind}, ensure_ascii=False, separators=(",", ":"))
