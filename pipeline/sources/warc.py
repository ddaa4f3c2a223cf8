"""WARC and WET files: one response, or one extracted text, is one document."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.document import Given
from pipeline.sources.find import Found, InputError
from pipeline.sources.read import Raw

HTML = ("text/html", "application/xhtml+xml")


def records(file: Found) -> Iterator[tuple[Raw, str]]:
    """Yield each page of an archive and its place (``path@offset``).

    The source is the record's body after transfer and content decoding; the id is its URL, and for
    later captures of the same URL ``URL#WARC-Date``.

    Raises:
        OSError: the file is no archive, or is broken from some record on.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
    except ImportError as error:
        raise InputError(f"{file.path}: WARC needs an extra: pip install 'qingyuan[warc]'") from error
    seen: set[str] = set()
    with open(file.path, "rb") as stream:
        archive, count = ArchiveIterator(stream), 0
        while True:
            try:
                record = next(archive, None)
                raw = _record(record, seen) if record else None
            except OSError:
                raise
            except Exception as error:  # warcio lets all kinds of errors out of a broken record
                raise OSError(f"broken WARC record after {count} good ones: {error}") from error
            if record is None:
                break
            count += 1
            if raw:
                yield raw, f"{file.path}@{archive.get_record_offset()}"
        if not count and file.path.stat().st_size:
            raise OSError("no WARC record in it")


def _record(record: Any, seen: set[str]) -> Raw | None:
    if not record.rec_type:
        raise ValueError("it has no WARC-Type")
    if record.rec_type not in ("response", "conversion", "resource"):
        return None
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    carrier = record.http_headers or record.rec_headers
    declared = carrier.get_header("Content-Type") or "text/plain"
    mime, _, parameters = declared.partition(";")
    mime = mime.strip().lower()
    if not mime.startswith("text/") and mime not in HTML:
        return None
    charset = ""
    for part in parameters.split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == "charset":
            charset = value.strip("\"' ").lower()
    if record.rec_type == "conversion":
        charset = "utf-8"
    data = record.content_stream().read()
    date = record.rec_headers.get_header("WARC-Date") or ""
    id = f"{url}#{date}" if url in seen else url
    seen.add(url)
    kind = "html" if mime in HTML else "text"
    return Raw(id, data, len(data), Given(url=url, kind=kind, charset=charset, row={"url": url}))
