"""A shard after its last leg: its two part files, and what a run wants to know of them."""
from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from pipeline.document import Document, Given, take_census
from pipeline.manifest import describe, line
from pipeline.outputs import pack
from pipeline.packed import pack as pack_patches
from pipeline.packed import unpack
from pipeline.sinks import corpus_row
from pipeline.spool import Kept
from pipeline.store import Past, Reused, given_digest

Label = tuple[str, str, str]

LASTING = ("segments", "translated", "kept", "untranslated", "failed")  # counts of a document; others are of a run


class Item(NamedTuple):
    """A document on its way, with what surveys saw and decided: what the spool holds."""

    doc: Document | Reused
    given: Given
    facts: dict[str, Any]
    decisions: dict[str, str]

    @property
    def id(self) -> str:
        """The document's id."""
        return self.doc.id

    def wait(self) -> Kept:
        """Return what is written of this item while it waits."""
        doc = self.doc
        if isinstance(doc, Reused):
            return Kept(doc.id, None, self)
        patches = pack_patches(doc.patches)
        return Kept(doc.id, doc.text, (patches, tuple(doc.given), doc.fault, self.facts, self.decisions))

    @classmethod
    def again(cls, kept: Kept) -> Item:
        """Return the item that waited."""
        if kept.text is None:
            item: Item = kept.rest
            return item
        packed, given, fault, facts, decisions = kept.rest
        doc = Document(kept.id, kept.text, unpack(kept.text, packed), Given(*given), fault)
        return cls(doc, doc.given, facts, decisions)


class Part(NamedTuple):
    """Where the lines of a shard go, and how they are written."""

    name: str
    folder: Path
    provenance: str
    format: str


class Done(NamedTuple):
    """A shard after its last leg: two part files, and what they hold.

    `rows` are what the store knows of each document (`Known`, up to `part`); `ledger` is bytes by
    (kind, stage, rule), `terms` how often each glossary term was found, `unread` bytes of sources
    that were not taken in.
    """

    corpus: Path
    manifest: Path
    rows: list[tuple[Any, ...]]
    fates: Counter[str]
    ledger: Counter[Label]
    terms: Counter[str]
    faults: list[tuple[str, str]]
    unread: int
    reused: int
    segments: Counter[str]


class Lines(NamedTuple):
    """What is written of a document, and what it adds to the sums: JSON of bytes by fate and rule, and of its terms."""

    row: bytes
    entry: bytes
    ledger: str
    fate: str
    segments: dict[str, int]


def write(items: Sequence[Item], past: Past, part: Part) -> Done:
    """Write the lines of a shard's documents; those of an earlier run are copied."""
    corpus, manifest = part.folder / f"corpus-{part.name}", part.folder / f"manifest-{part.name}"
    done = Done(corpus, manifest, [], Counter(), Counter(), Counter(), [], 0, 0, Counter())
    docs = [item.doc for item in items if isinstance(item.doc, Document)]
    anew = iter(_anew(docs, part.provenance))
    written = [_again(item.doc, past) if isinstance(item.doc, Reused) else next(anew) for item in items]
    row_at = entry_at = 0
    for item, told in zip(items, written, strict=True):
        _count(done, told)
        done.rows.append((item.id, "" if told.fate == "fault" else str(item.given.sha256), given_digest(item.given),
                          _json(item.decisions), pickle.dumps(item.facts), told.ledger, told.fate,
                          _json({k: n for k, n in told.segments.items() if k in LASTING}),
                          row_at, len(told.row), entry_at, len(told.entry)))
        row_at += len(told.row)
        entry_at += len(told.entry)
    corpus.write_bytes(pack(b"".join([told.row for told in written]), part.format))
    manifest.write_bytes(pack(b"".join([told.entry for told in written]), part.format))
    done.faults.extend((doc.id, f"{doc.fault.stage}: {doc.fault.message}") for doc in docs if doc.fault)
    return done._replace(unread=sum(doc.given.size for doc in docs if doc.fault and not doc.patches),
                         reused=len(items) - len(docs))


def _again(doc: Reused, past: Past) -> Lines:
    known = doc.known
    return Lines(*past.lines(known), known.ledger, known.fate, orjson.loads(known.segments))


def _anew(docs: Sequence[Document], provenance: str) -> list[Lines]:
    """Return what is written of documents; each step is done for all of them, which is quicker than all for each."""
    _ask(docs)
    told = [describe(doc, provenance) for doc in docs]
    rows = [corpus_row(doc, entry["lang"]) if doc.text else None for doc, entry in zip(docs, told, strict=True)]
    written = [line(row) if row else b"" for row in rows]
    entries = [line(entry) for entry in told]
    ledgers = [_ledger(doc) for doc in docs]
    return [Lines(row, entry, ledger, doc.fate, _segments(doc))
            for doc, row, entry, ledger in zip(docs, written, entries, ledgers, strict=True)]


def _segments(doc: Document) -> dict[str, int]:
    """Return the counts of a document's translation: its segments by status, and what they cost."""
    found = doc.tagged("tally")
    counts: dict[str, int] = orjson.loads(found[-1].value) if found else {}
    return counts


def _ask(docs: Sequence[Document]) -> None:
    """Ask for what documents work out once."""
    take_census(docs)
    for doc in docs:
        _ = doc.meta
    accounts = [doc.fates for doc in docs]
    for account in accounts:
        _ = account.totals


def _ledger(doc: Document) -> str:
    """Return what a document adds to the sums of a run: bytes by fate and rule, and its terms."""
    if doc.fault and not doc.patches:
        return "[[],{}]"
    terms = Counter([doc.text[t.start : t.end] for t in doc.tagged("term")])
    return _json([[(*label, n) for label, n in doc.fates.totals.items()], terms])


def _count(done: Done, told: Lines) -> None:
    """Take a document into the sums."""
    done.fates[told.fate] += 1
    totals, terms = orjson.loads(told.ledger)
    for kind, stage, why, size in totals:
        done.ledger[kind, stage, why] += size
    for term, n in terms.items():
        done.terms[term] += n
    for status, n in told.segments.items():
        done.segments[status] += n


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def id_hash(id: str) -> int:
    """Return a number of 8 bytes by a document's id."""
    return int.from_bytes(blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
