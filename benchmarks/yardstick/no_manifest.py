"""The pipeline without its manifest: what provenance costs is the difference.  Used by scale.py.

    python benchmarks/yardstick/no_manifest.py run ROWS.jsonl -o DIR -j 2 -q
"""
from __future__ import annotations

from typing import Any

from pipeline import cli, parts
from pipeline.document import Document, take_census
from pipeline.manifest import line


def describe(doc: Document, provenance: str) -> dict[str, Any]:
    """Return no more than the corpus row needs."""
    return {"lang": doc.census.lang}


if __name__ == "__main__":
    parts.describe = describe  # worker processes are forked, so they have these too
    parts.line = lambda record: line(record) if "text" in record else b""  # type: ignore[assignment]
    parts._ask = take_census
    parts._ledger = lambda doc: "[[],{}]"
    cli.main()
