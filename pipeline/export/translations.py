"""The translated corpus as pairs: TMX 1.4, aligned JSONL, or the two files Moses wants."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.sources import InputError
from pipeline.translation.tmx import Pair
from pipeline.translation.tmx import write_jsonl as jsonl
from pipeline.translation.tmx import write_moses as moses
from pipeline.translation.tmx import write_tmx as tmx
from pipeline.verify import records


def write_tmx(folder: Path, target: Path) -> None:
    """Write the translated segments as TMX 1.4, each with the id of its document."""
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        tmx(file, pairs(folder), langs(folder))


def write_jsonl(folder: Path, target: Path) -> None:
    """Write a line a segment: ``{"id","zh","en","start","end","status","checks"?}``; a failed one has a null."""
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        jsonl(file, segments(folder))


def write_moses(folder: Path, target: Path) -> None:
    """Write a folder with one file a language, aligned line by line."""
    target.mkdir()
    source, other = langs(folder)
    with (open(target / f"corpus.{source}", "w", encoding="utf-8", newline="\n") as left,
          open(target / f"corpus.{other}", "w", encoding="utf-8", newline="\n") as right):
        moses(left, right, pairs(folder))


def langs(folder: Path) -> tuple[str, str]:
    """Return source and target language of a corpus.

    Raises:
        InputError: nothing in it is translated.
    """
    for row in records(folder, "corpus"):
        for segment in row.get("translation", ()):
            return ("zh", "en") if "en" in segment else ("en", "zh")
    raise InputError(f"{folder}: nothing is translated; run with the stage translate first")


def pairs(folder: Path) -> Iterator[Pair]:
    """Yield the segments that have a translation, in corpus order; what stands as it is makes no pair."""
    for pair, segment in _all(folder):
        if segment["status"] == "translated":
            yield pair


def segments(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every segment, in corpus order, with its source text."""
    source, _ = langs(folder)
    for pair, segment in _all(folder):
        yield {"id": pair.id, source: pair.source, **segment}


def _all(folder: Path) -> Iterator[tuple[Pair, dict[str, Any]]]:
    _, target = langs(folder)
    for row in records(folder, "corpus"):
        for segment in row.get("translation", ()):
            source = row["text"][segment["start"] : segment["end"]]
            yield Pair(source, segment[target] or "", row["id"]), segment
