"""The rebuild store: what an earlier run left, so that only what changed is worked on again.

Corpus and manifest together *are* every document at every stage, because patches can be undone.  So
the store is no copy but an index into them: for each document the hash of its source and of what
was given with it, what each survey saw of it and decided on it, and where its two lines are.  A
stage's key hashes everything its work depends on: the code, the packages, its settings, the files
they name, and the key of the stage before it.  A document is good up to the first stage whose key,
or whose survey's decision, is another one.
"""
from __future__ import annotations

import hashlib
import json
import os
import pickle
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.document import Document, Given
from pipeline.edits import Patch, Tag, rewind
from pipeline.manifest import Entry, restore
from pipeline.outputs import Line, digests, read_line

NAME = "index.sqlite"
Place = tuple[str, int, int]  # file, where a part begins in it, its size
TABLES = """
create table documents (id text primary key, source text, given text, decisions text, facts blob, ledger text,
    fate text, segments text, corpus_at integer, corpus_size integer, manifest_at integer, manifest_size integer,
    part integer);
create table parts (number integer primary key, corpus_file text, corpus_part integer, corpus_part_size integer,
    manifest_file text, manifest_part integer, manifest_part_size integer);
create table about (key text primary key, value text);
"""
FIND = """select documents.*, corpus_file, corpus_part, corpus_part_size, manifest_file, manifest_part,
    manifest_part_size from documents join parts on part = number where id = ?"""


class Damaged(RuntimeError):
    """The store holds something that no run wrote."""


class _Facts(pickle.Unpickler):
    """Reads facts: plain values, and the named tuples of our own stages; a store may come from anywhere."""

    def find_class(self, module: str, name: str) -> Any:
        found = getattr(sys.modules.get(module), name, None) if module.startswith("pipeline.stages.") else None
        if not (isinstance(found, type) and issubclass(found, tuple)):
            raise pickle.UnpicklingError(f"{module}.{name} is no fact")
        return found


class Known(NamedTuple):
    """What the store knows of one document; places and sizes of its lines are in bytes, inside their parts."""

    id: str
    source: str
    given: str
    decisions: str
    facts: bytes
    ledger: str
    fate: str
    segments: str  # JSON: segments of the translation by status
    corpus_at: int
    corpus_size: int
    manifest_at: int
    manifest_size: int
    part: int
    corpus_file: str = ""
    corpus_part: int = 0
    corpus_part_size: int = 0
    manifest_file: str = ""
    manifest_part: int = 0
    manifest_part_size: int = 0

    @property
    def row(self) -> Line:
        """Where its line of the corpus is."""
        return Line(self.corpus_file, self.corpus_part, self.corpus_part_size, self.corpus_at, self.corpus_size)

    @property
    def entry(self) -> Line:
        """Where its line of the manifest is."""
        return Line(self.manifest_file, self.manifest_part, self.manifest_part_size, self.manifest_at,
                    self.manifest_size)

    def fact(self, survey: str) -> Any:
        """Return what `survey` saw of the document."""
        try:
            return _Facts(BytesIO(self.facts)).load()[survey]
        except (pickle.UnpicklingError, EOFError, TypeError, LookupError, AttributeError, ValueError) as error:
            raise Damaged(f"the rebuild store is damaged ({self.id}: {error}); delete .store in the output folder"
                          " and run again") from error

    def decision(self, survey: str) -> str:
        """Return the digest of what `survey` decided on the document."""
        found: str = json.loads(self.decisions).get(survey, "")
        return found


class Reused(NamedTuple):
    """A document that need not be worked on up to stage number `good`."""

    known: Known
    good: int

    @property
    def id(self) -> str:
        """The document's id."""
        return self.known.id


def digest(*parts: object) -> str:
    """Return a short hash of values that print the same whenever they are the same."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def given_digest(given: Given) -> str:
    """Return the hash of what came with a source, apart from its bytes."""
    plain = given.path, given.url, given.kind, given.charset, dict(given.row)
    return digest(plain, json.dumps(given.fields, sort_keys=False, default=str) if given.fields else "{}")


class Past:
    """An earlier run, as far as it can be built on; all files are opened where they are read.

    It can be sent to other processes.  `stages` are the names of the stages of this run, of which
    the first `good` are as they were; `exact` says that all are, and that there were no more.
    """

    def __init__(self, folder: Path, stages: Sequence[str], good: int = 0, exact: bool = False) -> None:
        self.folder = folder
        self.stages = tuple(stages)
        self.good = good
        self.exact = exact
        self.retry = False  # work again on documents with segments that could not be translated

    def reuse(self, known: Known) -> Reused:
        """Return how far a document need not be worked on; failed segments may be asked for again."""
        if self.retry and "translate" in self.stages and json.loads(known.segments).get("failed"):
            return Reused(known, min(self.good, self.stages.index("translate")))
        return Reused(known, self.good)

    def get(self, id: str) -> Known | None:
        """Return what is known of a document, if any of that is good still."""
        if not self.good:
            return None
        row = _opened(self.folder / ".store" / NAME, os.getpid()).execute(FIND, (id,)).fetchone()
        return Known(*row) if row else None

    def lines(self, known: Known) -> tuple[bytes, bytes]:
        """Return a document's corpus line (empty: not kept) and manifest line."""
        return read_line(self.folder, known.row), read_line(self.folder, known.entry)

    def before(self, reused: Reused, survey: str) -> Document:
        """Return a document as it was when it entered `survey`."""
        return self.document(reused._replace(good=self.stages.index(survey)), Given())

    def document(self, reused: Reused, given: Given) -> Document:
        """Return a document as it was after the first `good` stages."""
        row, raw = self.lines(reused.known)
        entry = json.loads(raw)
        corpus = json.loads(row) if row else {}
        doc = restore(entry, corpus.get("text", ""))
        good = set(self.stages[: reused.good])
        kept = tuple(p for p in doc.patches if p.stage in good)
        text = rewind(doc.text, doc.patches[len(kept) :])
        patches = tuple(_with_tags_of_its_own(p, entry, corpus) for p in kept)
        return Document(doc.id, text, patches, given._replace(size=entry["source"]["bytes"],
                                                              sha256=entry["source"]["sha256"]))


def _with_tags_of_its_own(patch: Patch, entry: Entry, corpus: dict[str, Any]) -> Patch:
    """Give a patch back the tags that are written in a field of their own."""
    tags = list(patch.tags)
    if patch.stage == "decode" and entry["source"]["encoding"]:
        tags.append(Tag(0, patch.size, "encoding", entry["source"]["encoding"]))
    if patch.stage == "simplify":
        tags.append(Tag(0, patch.size, "script", entry["script"]))
    if patch.stage == "segment" and "segmented" in corpus:
        tags.append(Tag(0, patch.size, "segmented", corpus["segmented"]))
    if patch.stage == "glossary":
        for t in corpus.get("terms", ()):
            value = {k: v for k, v in t.items() if k not in ("start", "end", "zh")}
            tags.append(Tag(t["start"], t["end"], "term", json.dumps(value, ensure_ascii=False, separators=(",", ":"))))
    if patch.stage == "translate":
        for t in corpus.get("translation", ()):
            value = {k: v for k, v in t.items() if k not in ("start", "end")}
            tags.append(Tag(t["start"], t["end"], "translation", json.dumps(value, ensure_ascii=False,
                                                                           separators=(",", ":"))))
    return patch._replace(tags=tuple(sorted(tags)))


def open_past(folder: Path, stages: Sequence[str], keys: Sequence[str]) -> tuple[Past, dict[str, int]]:
    """Return what the run that left `folder` is good for in one whose stages have `keys`.

    The second value is how many documents each survey saw then.
    """
    path = folder / ".store" / NAME
    _opened.cache_clear()
    if not path.is_file():
        return Past(folder, stages), {}
    try:
        about = dict(_opened(path, os.getpid()).execute("select key, value from about"))
        if json.loads(about["files"]) != digests(folder):
            raise ValueError("the outputs are not those the index was made for")
        old, seen = json.loads(about["keys"]), json.loads(about["seen"])
    except (sqlite3.Error, OSError, ValueError, KeyError):
        return Past(folder, stages), {}
    finally:
        _opened.cache_clear()  # no connection may cross a fork
    good = next((i for i, (a, b) in enumerate(zip(old, keys, strict=False)) if a != b), min(len(old), len(keys)))
    return Past(folder, stages, good, old == list(keys)), seen


@lru_cache(maxsize=1)
def _opened(path: Path, process: int) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def close() -> None:
    """Let go of an earlier run's index."""
    _opened.cache_clear()


class Index:
    """The index of the run that is going on, written beside its outputs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._new = sqlite3.connect(self.path, isolation_level=None)
        self._new.executescript(f"pragma journal_mode=off; pragma synchronous=off; {TABLES} begin")
        self._left_out = 0

    def add(self, rows: Iterable[tuple[Any, ...]], part: int, corpus: Place, manifest: Place) -> None:
        """Take in the documents of a part, which went to these places; of an id that is given twice only the first."""
        rows, before = list(rows), self._new.total_changes
        self._new.executemany("insert or ignore into documents values (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                              ((*row, part) for row in rows))
        self._left_out += len(rows) - (self._new.total_changes - before)
        self._new.execute("insert into parts values (?,?,?,?,?,?,?)", (part, *corpus, *manifest))

    def given_twice(self) -> bool:
        """Tell whether an id was given twice."""
        return self._left_out > 0

    def finish(self, keys: Sequence[str], files: dict[str, Any], seen: dict[str, int]) -> None:
        """Close the index of a run whose stages had `keys`; `seen` counts the facts by survey."""
        hashes = {name: files[name]["sha256"] for name in sorted(files)}
        about = [("keys", json.dumps(list(keys))), ("files", json.dumps(hashes)), ("seen", json.dumps(seen))]
        self._new.executemany("insert into about values (?,?)", about)
        self._new.execute("commit")
        self._new.close()
