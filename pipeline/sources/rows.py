"""Rows: JSONL (plain, .gz, .zst) and Parquet.  One row, one document."""
from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from pipeline.document import Given
from pipeline.outputs import reader
from pipeline.sources.cutting import Stretch, parquet
from pipeline.sources.find import STANDARD_INPUT, Found
from pipeline.sources.read import Fields, Raw, Row

SHORTER = "the file became shorter while it was read"
OWN = ("title", "date", "site")


def rows(stretch: Stretch, fields: Fields, limit: int) -> Iterator[tuple[Raw | Row, str]]:
    """Yield each row and its place (``path:line``); lines of JSONL are not parsed yet.

    A row without the text field, or that is no JSON object, is a fault with the id ``PATH#LINE``
    and its raw line as source.

    Raises:
        OSError: the file cannot be read, or is not what it was when it was cut.
    """
    file = stretch.file
    if file.name.lower().endswith(".parquet"):
        for number, row in enumerate(_parquet(stretch), stretch.line):
            yield _row(row, json.dumps(row, default=str).encode(), (file, number), fields), f"{file.path}:{number}"
        return
    with _open(stretch) as lines:
        number = stretch.line - 1
        try:
            for number, raw in enumerate(_beginning(lines, stretch), stretch.line):
                if number == 1:
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                if not raw.isspace():
                    yield Row(file, number, raw.rstrip(b"\r\n"), fields, limit), f"{file.path}:{number}"
        except (zlib.error, gzip.BadGzipFile, _zstd_error()) as error:
            raise OSError(f"line {number + 1}: {error}") from error


def _open(stretch: Stretch) -> IO[bytes] | gzip.GzipFile:
    name = stretch.file.name.lower()
    if name == STANDARD_INPUT:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    if name.endswith(".gz"):
        return gzip.open(stretch.file.path, "rb")
    file = reader(stretch.file.path)
    if stretch.start:
        file.seek(stretch.start - 1)
        if file.read(1) != b"\n":
            file.close()
            raise OSError(f"line {stretch.line}: the file was changed while it was read")
    return file


def _beginning(lines: Iterable[bytes], stretch: Stretch) -> Iterator[bytes]:
    """Yield the lines that begin in a stretch of an open file."""
    if not stretch.end:
        yield from lines
        return
    at = stretch.start
    for raw in lines:
        yield raw
        at += len(raw)
        if at >= stretch.end:
            return
    raise OSError(SHORTER)


def _zstd_error() -> type[Exception]:
    import zstandard
    return zstandard.ZstdError


def _parquet(stretch: Stretch) -> Iterator[dict[str, Any]]:
    file = parquet(stretch.file)
    from pyarrow.lib import ArrowException
    try:
        if max(stretch.start, stretch.end) > file.num_row_groups:
            raise OSError(SHORTER)
        wanted = list(range(stretch.start, stretch.end or file.num_row_groups))
        for batch in file.iter_batches(512, row_groups=wanted):
            yield from batch.to_pylist()
    except ArrowException as error:
        raise OSError(str(error).splitlines()[0]) from error


def parse(raw: bytes, place: tuple[Found, int], fields: Fields) -> Raw:
    """Return the document of a line of JSONL, which stands at `place`."""
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return _broken(raw, place, f"no JSON: {error}")
    return _row(row, raw, place, fields)


def _row(row: Any, raw: bytes, place: tuple[Found, int], fields: Fields) -> Raw:
    file, number = place
    if not isinstance(row, dict):
        return _broken(raw, place, "no JSON object")
    kind = "text" if isinstance(row.get(fields.text), str) else "html"
    source = row.get(fields.text if kind == "text" else fields.html)
    if not isinstance(source, str):
        return _broken(raw, place, f"no {fields.text!r} or {fields.html!r} field with text")
    if not isinstance(row.get(fields.id, ""), str | int | None) or isinstance(row.get(fields.id), bool):
        return _broken(raw, place, f"the {fields.id!r} is neither a string nor a whole number")
    try:
        data = source.encode("utf-8")
        given = Given(path=file.name, kind=kind, charset="utf-8", row=_own(row, fields), fields=_others(row, fields))
        if given.fields:
            json.dumps(given.fields, ensure_ascii=False).encode("utf-8")
        id = "" if row.get(fields.id) is None else str(row[fields.id])
        id.encode("utf-8")
    except UnicodeEncodeError:
        return _broken(raw, place, "half of a surrogate pair, which no UTF-8 text can hold")
    except (TypeError, ValueError):
        given = given._replace(fields=json.loads(json.dumps(given.fields, default=str)))
        id = "" if row.get(fields.id) is None else str(row[fields.id])
    return Raw(id or f"{file.name}#{number}", data, len(data), given)


def _own(row: Mapping[str, Any], fields: Fields) -> dict[str, str]:
    own = {key: str(row[key]) for key in OWN if row.get(key) not in (None, "")}
    if row.get(fields.url) not in (None, ""):
        own["url"] = str(row[fields.url])
    return own


def _others(row: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k not in (*OWN, *fields)}


def _broken(raw: bytes, place: tuple[Found, int], message: str) -> Raw:
    file, number = place
    return Raw(f"{file.name}#{number}", raw, len(raw), Given(path=file.name), fault=f"line {number}: {message}")


def from_mapping(row: Mapping[str, Any], number: int, fields: Fields) -> Raw:
    """Return the document of a row that another program holds; without an id it is ``row#NUMBER``."""
    return _row(dict(row), json.dumps(row, default=str).encode(), (Found(Path(), "row"), number), fields)
