"""The glossary terms of a corpus: which, as what, how often, in how many documents. A table for translators."""
from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from pipeline.sources import InputError
from pipeline.verify import records

COLUMNS = ("zh", "en", "type", "count", "documents")


def write(folder: Path, target: Path) -> None:
    """Write a TSV with a header, the most frequent term first; it can serve as a glossary again.

    Raises:
        InputError: the corpus was made without the stage glossary.
    """
    count: Counter[tuple[str, str, str]] = Counter()
    documents: Counter[tuple[str, str, str]] = Counter()
    if "glossary" not in json.loads((folder / "run.json").read_text("utf-8"))["config"]["stages"]:
        raise InputError(f"{folder}: made without the stage glossary, so it has no terms")
    for row in records(folder, "corpus"):
        found = Counter((term["zh"], term["en"], term["type"]) for term in row.get("terms", ()))
        count.update(found)
        documents.update(found.keys())
    order = sorted(count, key=lambda term: (-count[term], term))
    rows = [COLUMNS, *((*term, str(count[term]), str(documents[term])) for term in order)]
    target.write_text("".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows), "utf-8")
