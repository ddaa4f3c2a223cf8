"""Parquet: one row a kept document, columns as in corpus.jsonl."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.sinks import aligned
from pipeline.sources import InputError
from pipeline.verify import records

ROWS = 1024  # a row group, about 8 MB of text
STRINGS = ("id", "text", "lang", "title", "date", "site", "url", "segmented")


def write(folder: Path, target: Path) -> None:
    """Write the corpus as one Parquet file, compressed with zstd.

    `terms` and `translation` are lists of structs; `fields` and whatever else a row holds are JSON strings, because
    they may be of another type in every row.

    Raises:
        InputError: the extra `parquet` is not installed.
    """
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError as error:
        raise InputError("--to parquet needs an extra: pip install 'qingyuan[parquet]'") from error
    term = pyarrow.struct([("start", pyarrow.int64()), ("end", pyarrow.int64()),
                           *((key, pyarrow.string()) for key in ("zh", "en", "type"))])
    segment = pyarrow.struct([("start", pyarrow.int64()), ("end", pyarrow.int64()),
                              *((key, pyarrow.string()) for key in ("zh", "en", "status"))])
    schema = pyarrow.schema([*((key, pyarrow.string()) for key in STRINGS), ("terms", pyarrow.list_(term)),
                             ("translation", pyarrow.list_(segment)),
                             ("other", pyarrow.string()), ("fields", pyarrow.string())])
    with ParquetWriter(target, schema, compression="zstd") as out:
        rows = (_columns(row) for row in records(folder, "corpus"))
        for group in _groups(rows):
            out.write_table(pyarrow.Table.from_pylist(group, schema))


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {*STRINGS, "terms", "translation", "fields"}
    out = {key: row.get(key) for key in (*STRINGS, "terms")}
    out["translation"] = aligned(row)
    other = {key: value for key, value in row.items() if key not in known}
    out["other"] = json.dumps(other, ensure_ascii=False) if other else None
    out["fields"] = json.dumps(row["fields"], ensure_ascii=False) if "fields" in row else None
    return out


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, ROWS)):
        yield group
