"""Files to documents.  What cannot be read becomes a record of its own, never nothing."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from pipeline.document import Document, Fault, Given
from pipeline.sources.cutting import Stretch, size_of, stretches
from pipeline.sources.find import Found, InputError


class Fields(NamedTuple):
    """Which fields of a row hold what."""

    text: str = "text"
    html: str = "html"
    id: str = "id"
    url: str = "url"


class Raw(NamedTuple):
    """A document not yet read: cheap to send to another process, which then loads it.

    `data` is the source, or None where the file at `path` is the source.  `size` is in bytes.
    """

    id: str
    data: bytes | None
    size: int
    given: Given
    path: str = ""
    fault: str = ""
    limit: int = 0

    def load(self) -> Document:
        """Return the document; one that cannot be read is recorded by size and hash alone."""
        try:
            if self.fault and self.data is None:
                digest = self._digest() if self.path else None
                return Document.unread(self.id, self.given._replace(size=self.size, sha256=digest), self.fault)
            if self.limit and self.size > self.limit:
                message = f"{self.size:,} bytes are more than max_document_mb allows ({self.limit:,} bytes)"
                return Document.unread(self.id, self.given._replace(size=self.size, sha256=self._digest()), message)
            data = self.data
            if data is None:
                with open(self.path, "rb") as file:
                    data = file.read()
        except OSError as error:
            message = f"cannot be read: {error.strerror or error}"
            return Document.unread(self.id, self.given._replace(size=self.size), message)
        doc = Document.read(self.id, data, self.given)
        return doc.set_aside("sources", self.fault) if self.fault else doc

    def _digest(self) -> str:
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        with open(self.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class Row(NamedTuple):
    """A line of JSONL not yet parsed; sent to another process, which then does that.  `size` is in bytes."""

    file: Found
    number: int
    data: bytes
    fields: Fields
    limit: int

    @property
    def size(self) -> int:
        """Bytes of the line."""
        return len(self.data)

    def raw(self) -> Raw:
        """Return the document of this row."""
        from pipeline.sources.rows import parse
        return parse(self.data, (self.file, self.number), self.fields)._replace(limit=self.limit)


def unparsed(wanted: Iterable[Stretch], fields: Fields, limit: int) -> Iterator[tuple[Raw | Row, str]]:
    """Yield every document of some stretches and its place, rows as lines.

    `limit` is the largest source in bytes that is taken in.

    Raises:
        InputError: an extra is missing.
    """
    for stretch in wanted:
        file = stretch.file
        if file.kind == "rows":
            from pipeline.sources.rows import rows
            found = _guarded(stretch, rows(stretch, fields, limit))
        elif file.kind == "archive":
            from pipeline.sources.warc import records
            found = _guarded(stretch, records(file))
        else:
            given = Given(path=file.name, kind=file.kind)
            found = iter([(Raw(file.name, None, size_of(file), given, path=str(file.path)), str(file.path))])
        for item, place in found:
            yield item if isinstance(item, Row) else item._replace(limit=limit), place


def read(files: Iterable[Found], fields: Fields, limit: int) -> Iterator[Raw]:
    """Yield every document of `files`; `limit` is the largest source in bytes that is taken in.

    Raises:
        InputError: two documents were given the same id, or an extra is missing.
    """
    return (raw for raw, _ in once(unparsed((stretch for stretch, _ in stretches(files)), fields, limit)))


def once(documents: Iterable[tuple[Raw | Row, str]], wanted: Callable[[str], bool] = lambda id: True
         ) -> Iterator[tuple[Raw, str]]:
    """Pass documents and their places on, parsed; ids that are not `wanted` are not looked at.

    Raises:
        InputError: two documents were given the same id.
    """
    seen: dict[str, str] = {}
    for item, place in documents:
        raw = item.raw() if isinstance(item, Row) else item
        if wanted(raw.id):
            if raw.id in seen:
                raise given_twice(raw.id, seen[raw.id], place)
            seen[raw.id] = place
        yield raw, place


def given_twice(id: str, *places: str) -> InputError:
    """Return the error of two documents at these places that were given the same id."""
    return InputError(f"the id {id!r} is given twice: {' and '.join(places)}")


def _guarded(stretch: Stretch, items: Iterator[tuple[Any, str]]) -> Iterator[tuple[Any, str]]:
    """Pass items on; where the file itself breaks off, record that as a fault of the file."""
    try:
        yield from items
    except (OSError, EOFError) as error:
        file = stretch.file
        message = f"cannot be read on: {getattr(error, 'strerror', None) or error}"
        if stretch.start:  # the first stretch, or what was read before, tells of the file
            lines = not file.name.lower().endswith(".parquet")  # its stretches are counted in row groups
            size = max(0, (stretch.end or size_of(file)) - stretch.start) if lines else 0
            yield Raw(f"{file.name}@{stretch.start}", None, size, Given(path=file.name), "", message), str(file.path)
        else:
            yield Raw(file.name, None, size_of(file), Given(path=file.name), str(file.path), message), str(file.path)


__all__ = ["Fault", "Fields", "Raw", "Row", "once", "read", "unparsed"]
