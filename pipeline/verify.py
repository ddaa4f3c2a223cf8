"""Proof of an output folder: rebuild every source, check every hash and the ledger."""
from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from pipeline.document import Document
from pipeline.edits import EditError
from pipeline.manifest import Entry, check_spans, is_lean, restore, sha256
from pipeline.outputs import lines, names
from pipeline.record import ledger
from pipeline.sources import Fields, InputError, find, read


class Checked(NamedTuple):
    """What was checked and what was found; no problems means all is right."""

    documents: int
    rebuilt: int
    bytes: int
    problems: list[str]
    lean: int = 0  # documents whose manifest entry holds no removed text: their sources cannot be rebuilt

    def summary(self, folder: str | Path) -> str:
        """Return in one sentence what was checked and found right."""
        if not self.lean:
            return (f"{folder}: all right: {self.documents} documents, {self.rebuilt} sources rebuilt "
                    f"({self.bytes:,} bytes), every hash and the ledger agree")
        return (f"{folder}: all right as far as a lean manifest shows: {self.documents} documents; the hashes of all "
                f"files and texts, the spans of every edit and the sums of the ledger agree; {self.rebuilt} sources "
                f"rebuilt, {self.lean} cannot be, as the manifest holds no removed text")


def records(folder: Path, stem: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of the corpus, or the manifest, of a finished run.

    Raises:
        InputError: a line is no JSON, or a file is gone or broken.
    """
    for raw, name, number in _lines(folder, stem):
        try:
            yield json.loads(raw)
        except ValueError as error:
            raise InputError(f"{folder / name}, line {number}: not JSON: {error}") from error


def _lines(folder: Path, stem: str) -> Iterator[tuple[bytes, str, int]]:
    try:
        yield from lines(folder, stem)
    except zstandard.ZstdError as error:
        raise InputError(f"{folder}: the {stem} is no zstd file: {error}") from error


def output_folder(folder: str | Path) -> Path:
    """Return `folder` as a path if it holds a finished run.

    Raises:
        InputError: it does not.
    """
    path = Path(folder)
    files = names(path, "corpus") + names(path, "manifest") if (path / "run.json").is_file() else []
    for name in ("run.json", *files):
        if not (path / name).is_file():
            raise InputError(f"{path / name}: not there; is {path} the output folder of a finished run?")
    return path


def find_document(folder: Path, id: str) -> tuple[Entry, dict[str, Any] | None]:
    """Return the manifest entry and the corpus row (None: not kept) of one document.

    Raises:
        InputError: there is no such document.
    """
    entry = _by_id(folder, "manifest", id)
    if entry is None:
        raise InputError(f"{folder}: there is no document {id!r}")
    return entry, _by_id(folder, "corpus", id) if entry["output"] else None


def _by_id(folder: Path, stem: str, id: str) -> dict[str, Any] | None:
    start = b'{"id":' + json.dumps(id, ensure_ascii=False).encode("utf-8", "surrogatepass") + b","
    for raw, _, _ in _lines(folder, stem):
        if raw.startswith(start):
            row: dict[str, Any] = json.loads(raw)
            return row
    return None


def rebuild(folder: Path, id: str) -> Document:
    """Return a document with its patches, rebuilt from corpus and manifest.

    Raises:
        InputError: there is no such document, or its source was never taken in.
        EditError: corpus and manifest do not fit together, or the manifest is lean.
    """
    entry, row = find_document(folder, id)
    if entry["fate"] == "fault" and not entry["patches"] and entry["source"]["bytes"]:
        raise InputError(f"{id}: its source was not taken in ({entry['fault']['message']})")
    return restore(entry, row["text"] if row else "")


def verify(folder: str | Path, sources: str | Path | None = None) -> Checked:
    """Check an output folder; with `sources`, also against the files themselves.

    Raises:
        InputError: the folder is none, or a file in it cannot be read.
    """
    path = output_folder(folder)
    try:
        run = json.loads((path / "run.json").read_text("utf-8"))
        tally = _Tally(list(_digests(path, run)))
        rows = records(path, "corpus")
        for entry in records(path, "manifest"):
            tally.add(entry, next(rows, None) if entry["output"] else None)
        tally.close(run, next(rows, None) is not None)
        fields = Fields(**run["config"]["input"])
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise InputError(f"{path}: not the files of a finished run ({type(error).__name__}: {error})") from error
    if sources is not None:
        tally.problems += _against(Path(sources), tally.hashes, fields)
    return Checked(tally.documents, tally.rebuilt, tally.size, tally.problems, tally.lean)


class _Tally:
    """Sums over the manifest, and what does not fit."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.documents = self.rebuilt = self.lean = self.size = self.unread = 0
        self.hashes: dict[str, str | None] = {}
        self.totals: Counter[tuple[str, str, str]] = Counter()
        self.counted = {"kept": 0, "changed": 0, "removed": 0}

    def add(self, entry: Entry, row: dict[str, Any] | None) -> None:
        self.documents += 1
        self.hashes[entry["id"]] = entry["source"]["sha256"]
        if entry["fate"] == "fault" and not entry["patches"]:
            self.unread += entry["source"]["bytes"]
            return
        self.size += entry["source"]["bytes"]
        for kind in self.counted:
            self.counted[kind] += entry["counts"].get(f"bytes_{kind}", 0)
        try:
            doc = _check(entry, row)
        except EditError as error:
            self.problems.append(f"{entry['id']}: {error}")
            return
        if doc is None:
            self.lean += 1
        else:
            self.rebuilt += 1
            self.totals.update(doc.fates.totals)

    def close(self, run: dict[str, Any], rows_left: bool) -> None:
        """Compare the sums with what run.json says."""
        if rows_left:
            self.problems.append("the corpus holds rows that the manifest does not know")
        if self.documents != run["documents"]["in"]:
            self.problems.append(f"the manifest has {self.documents} documents, run.json says "
                                 f"{run['documents']['in']}")
        if self.problems:
            return
        mine, theirs = ledger(self.totals, self.size, self.unread), run["ledger"]
        # without the removed text (lean) rules cannot be told apart again, but the sums can
        same = (mine["bytes_in"], mine.get("unread"), _sums(self.counted)) == (
            theirs["bytes_in"], theirs.get("unread"), _sums(theirs))
        if not same or (mine != theirs and run["config"]["provenance"] != "lean"):
            self.problems.append("the ledger in run.json is not the sum of the manifest")


def _sums(parts: dict[str, Any]) -> list[int]:
    """Return bytes kept, changed and removed, whether given as sums or by stage and rule."""
    def total(part: Any) -> int:
        return sum(map(total, part.values())) if isinstance(part, dict) else part

    return [total(parts[kind]) for kind in ("kept", "changed", "removed")]


def _digests(path: Path, run: dict[str, Any]) -> Iterator[str]:
    for name, says in run["files"].items():
        with open(path / name, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != says["sha256"]:
                yield f"{name} is not the file that run.json describes (its SHA-256 differs)"


def _check(entry: Entry, row: dict[str, Any] | None) -> Document | None:
    """Rebuild one source and return its document; None where a lean manifest allows only hashes."""
    output = entry["output"]
    if output and (row is None or row["id"] != entry["id"]):
        raise EditError(f"its row is missing from the corpus (found {row['id'] if row else 'the end'!r})")
    text = row["text"] if row else ""
    if output and (len(text) != output["chars"] or sha256(text) != output["sha256"]):
        raise EditError("its text is not the one the manifest describes")
    if is_lean(entry["patches"]):
        check_spans(entry)
        return None
    doc = restore(entry, text)
    source = doc.source
    if len(source) != entry["source"]["bytes"] or hashlib.sha256(source).hexdigest() != entry["source"]["sha256"]:
        raise EditError("the source rebuilt from it has another SHA-256")
    counts = Counter[str]()
    for (kind, _, _), n in doc.fates.totals.items():
        counts[kind] += n
    if any(counts[kind] != entry["counts"].get(f"bytes_{kind}", 0) for kind in ("kept", "changed", "removed")):
        raise EditError("its counts of kept, changed and removed bytes do not add up")
    return doc


def _against(sources: Path, hashes: dict[str, str | None], fields: Fields) -> Iterator[str]:
    seen = set()
    for raw in read(find([sources]).files, fields, 0):
        seen.add(raw.id)
        if raw.id not in hashes:
            yield f"{raw.id}: in {sources}, but not in the manifest"
            continue
        digest = raw._replace(limit=0, fault="").load().given.sha256
        if digest != hashes[raw.id]:
            yield f"{raw.id}: the file in {sources} has another SHA-256 than the source in the manifest"
    for id in hashes.keys() - seen:
        yield f"{id}: in the manifest, but not in {sources}"


__all__ = ["Checked", "find_document", "output_folder", "rebuild", "records", "verify"]
