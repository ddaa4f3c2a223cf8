"""A document on its way through the pipeline, and what a stage is.

A stage looks at a document and yields edits and tags; only `Document.after` applies them.  A stage
cannot change text without leaving a record, because it never returns text.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pipeline.cjk.census import Census, census, censuses
from pipeline.edits import Edit, Patch, Tag, apply, rewind
from pipeline.lineage import Fates, Trace, fates

Change = Edit | Tag
LISTS = ("authors", "editors", "captions", "tags", "urls", "licences", "notes")  # what may occur more than once
SINGLES = ("title", "site", "date", "modified", "place")
CENSUS = "census"  # where `cached_property` keeps it


class Given(NamedTuple):
    """What the input said about a document, apart from its bytes.

    `kind` is "text" or "html"; `charset` is what the carrier declared ("utf-8" for rows); `row` holds
    title, date, site and url as given, `fields` the input row's other fields; `size` (bytes) and
    `sha256` (None: unreadable) are of the source.
    """

    path: str = ""
    url: str = ""
    kind: str = "text"
    charset: str = ""
    row: Mapping[str, str] = {}
    fields: Mapping[str, Any] = {}
    size: int = 0
    sha256: str | None = None


class Fault(NamedTuple):
    """Why a document was set aside."""

    stage: str
    message: str


@dataclass(frozen=True)
class Document:
    """One document: its text now, and the patches that lead back to its bytes.

    >>> doc = Document.read("a.txt", "漢字".encode())
    >>> doc.text == "漢字".encode().decode("latin-1"), doc.source
    (True, b'\\xe6\\xbc\\xa2\\xe5\\xad\\x97')
    """

    id: str
    text: str
    patches: tuple[Patch, ...] = ()
    given: Given = field(default=Given())
    fault: Fault | None = None

    @classmethod
    def read(cls, id: str, data: bytes, given: Given = Given()) -> Document:  # noqa: B008 (immutable)
        """Return the document that starts as the latin-1 view of `data`."""
        digest = hashlib.sha256(data).hexdigest()
        return cls(id, data.decode("latin-1"), given=given._replace(size=len(data), sha256=digest))

    @classmethod
    def unread(cls, id: str, given: Given, message: str) -> Document:
        """Return the record of a source that was not taken in: its size and hash, if readable."""
        return cls(id, "", given=given, fault=Fault("sources", message))

    # -- for stages ---------------------------------------------------------------------------

    def replace(self, start: int, end: int, now: str, why: str) -> Edit:
        """Return the edit that puts `now` where [start, end) stands."""
        return Edit(start, self.text[start:end], now, why)

    def cut(self, start: int, end: int, why: str) -> Edit:
        """Return the edit that takes [start, end) away."""
        return Edit(start, self.text[start:end], "", why)

    def drop(self, why: str) -> Edit:
        """Return the edit that takes the whole text away."""
        return Edit(0, self.text, "", why)

    def after(self, stage: Stage) -> Document:
        """Return this document as `stage` would have it.

        Raises:
            EditError: the stage proposed an edit that does not fit.
        """
        return self.changed(stage.name, stage(self))

    def changed(self, stage: str, changes: Iterable[Change]) -> Document:
        """Return this document with what a stage proposed.

        Raises:
            EditError: an edit does not fit.
        """
        edits: list[Edit] = []
        tags: list[Tag] = []
        for change in changes:
            if isinstance(change, Edit):
                edits.append(change)
            else:
                tags.append(change)
        if not edits and not tags:
            return self
        text = apply(self.text, edits)
        patch = Patch(stage, len(self.text), tuple(edits), tuple(sorted(tags)))
        doc = Document(self.id, text, (*self.patches, patch), self.given, self.fault)
        if not edits and CENSUS in self.__dict__:
            doc.__dict__[CENSUS] = self.census  # of the same text
        return doc

    def set_aside(self, stage: str, message: str) -> Document:
        """Return this document as a fault: its whole source in the record, nothing in the corpus."""
        source = self.source.decode("latin-1")
        cut = (Edit(0, source, "", "fault"),) if source else ()
        return replace(self, text="", patches=(Patch(stage, len(source), cut),), fault=Fault(stage, message))

    def tagged(self, kind: str) -> list[Tag]:
        """Return the tags of one kind, in stage order."""
        return self._tags.get(kind, [])

    @cached_property
    def _tags(self) -> dict[str, list[Tag]]:
        """The tags by kind, in stage order."""
        kinds: dict[str, list[Tag]] = {}
        for patch in self.patches:
            for tag in patch.tags:
                kinds.setdefault(tag.kind, []).append(tag)
        return kinds

    # -- for users ----------------------------------------------------------------------------

    @property
    def source(self) -> bytes:
        """The bytes the document was read from, rebuilt from its text and patches."""
        return rewind(self.text, self.patches).encode("latin-1")

    @property
    def fate(self) -> str:
        """``"kept"``, ``"dropped"`` or ``"fault"``."""
        return "fault" if self.fault else "kept" if self.text else "dropped"

    @property
    def why(self) -> str:
        """For a dropped document, the rule that took its last character, or ``"empty"``."""
        if self.text or self.fault:
            return ""
        for patch in reversed(self.patches):
            if patch.size and patch.edits:
                return max(patch.edits, key=lambda e: len(e.was)).why
        return "empty"

    @property
    def lang(self) -> str:
        """The language of the text as BCP 47; of a dropped document, of what it said last."""
        return self.census.lang

    @cached_property
    def census(self) -> Census:
        """The census of the text; of a dropped document, of what it said last."""
        return census(self._said)

    @property
    def _said(self) -> str:
        return "" if self.fault else self.text or self._last_words()

    def _last_words(self) -> str:
        for patch in reversed(self.patches):
            if patch.edits and patch.size:
                return max((e.was for e in patch.edits), key=len)
        return ""

    @property
    def duplicate_of(self) -> str:
        """The id of the kept document that this one repeats, or ``""``."""
        found = self.tagged("duplicate-of")
        return found[-1].value if found else ""

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Title, authors, date and the like, as found by the stages (tags ``meta:...``).

        A later stage may say a value anew (tags ``restated``): a title follows its text into
        another script.
        """
        found: dict[str, Any] = {}
        anew = dict(json.loads(t.value) for t in self.tagged("restated"))
        for kind, tags in self._tags.items():
            if kind.startswith("meta:"):
                values = [anew.get(t.value, t.value) for t in tags]
                found[kind[5:]] = list(dict.fromkeys(values)) if kind[5:] in LISTS else values[0]
        return {key: found[key] for key in (*SINGLES, *LISTS) if key in found} | {
            key: value for key, value in sorted(found.items()) if key not in SINGLES and key not in LISTS}

    @property
    def segmented(self) -> str | None:
        """The words joined by one space, a newline between paragraphs; None without `segment`."""
        found = self.tagged("segmented")
        return found[-1].value if found else None

    @property
    def terms(self) -> list[dict[str, Any]]:
        """Glossary terms with code-point offsets into `text`."""
        return [{"start": t.start, "end": t.end, "zh": self.text[t.start : t.end], **json.loads(t.value)}
                for t in self.tagged("term")]

    @property
    def translation(self) -> list[dict[str, Any]]:
        """Translated segments, with code-point offsets into `text`; empty without `translate`."""
        return [{"start": t.start, "end": t.end, **json.loads(t.value)} for t in self.tagged("translation")]

    def trace(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of source bytes that characters [start, end) of `text` came from.

        Raises:
            ValueError: there is no such range in `text`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no characters {start} to {end} in a text of {len(self.text)}")
        return self._trace(start, end)

    @cached_property
    def _trace(self) -> Trace:
        return Trace(self.patches)

    @cached_property
    def fates(self) -> Fates:
        """What became of every source byte."""
        return fates(self.patches, len(self.text))

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in Document.__dataclass_fields__}


def take_census(docs: Sequence[Document], ask: bool = True) -> list[Census]:
    """Return the census of each document, all taken at once; a document keeps its own.

    Without `ask`, langdetect is left out (see `pipeline.cjk.census`), and what it would say is not kept.
    """
    wanting = [doc for doc in docs if CENSUS not in doc.__dict__]
    new = dict(zip(map(id, wanting), censuses([doc._said for doc in wanting], ask), strict=True))
    for doc in wanting:
        if ask or new[id(doc)].lang != "und":
            doc.__dict__[CENSUS] = new[id(doc)]
    return [new.get(id(doc)) or doc.census for doc in docs]


class Stage(Protocol):
    """Looks at a document and says what to change; never changes it.

    A stage that is quicker on several documents at once may also have
    ``many(docs) -> Iterable[Iterable[Change]]``, which must yield for each document what the stage
    says of it alone.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, doc: Document) -> Iterable[Change]: ...


@runtime_checkable
class Survey(Protocol):
    """A question about the whole corpus, whose answer is a stage.

    `look` sees one document and returns a small picklable fact (None: nothing to say).  `settle`
    must not depend on the order of the facts; ``texts(id)`` reads a document from the spool, so
    that candidates can be compared exactly.
    """

    @property
    def name(self) -> str: ...

    def look(self, doc: Document) -> Any: ...

    def settle(self, facts: Iterable[Any], texts: Callable[[str], str]) -> Stage: ...
