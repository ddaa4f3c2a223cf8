"""Segmented text as a vertical file or as CoNLL-U, with terms."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cjk.word_formats import Segmented, conllu, vertical
from pipeline.sources import InputError
from pipeline.verify import records

ATTRIBUTES = ("id", "lang", "title", "date", "site", "url")


def write_vertical(folder: Path, target: Path) -> None:
    """Write a vertical file (Sketch Engine, CWB, NoSketch): one word a line, structures as tags."""
    _write(folder, target, lambda row, doc: vertical(doc, {key: str(row[key]) for key in ATTRIBUTES if row.get(key)}))


def write_conllu(folder: Path, target: Path) -> None:
    """Write CoNLL-U: ids, forms and places; what only a parser could tell is left open."""
    _write(folder, target, lambda row, doc: conllu(doc, row["id"]))


def _write(folder: Path, target: Path, render: Callable[[dict[str, Any], Segmented], str]) -> None:
    with open(target, "wb") as file:
        for row in records(folder, "corpus"):
            if "segmented" not in row:
                raise InputError(f"{folder}: {row['id']} has no words; run with the stage segment first")
            terms = [(t["start"], t["end"], t["en"]) for t in row.get("terms", ())]
            doc = Segmented(row["text"], row["segmented"], terms, row.get("pos", ""))
            file.write(render(row, doc).encode("utf-8", "surrogatepass"))
