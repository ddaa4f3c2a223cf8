"""What deduplication needs to know of a text, in a few hundred bytes; and a table of a million of these.

A fact is a row of fixed size (`row_type`) followed by the id of its text.  Rows are kept as bytes,
never as objects, so a million of them take `SIZE` * 10**6 bytes and the ids.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from hashlib import blake2b
from itertools import tee
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk import sketch
from pipeline.cjk.batch import Key, batches, keys
from pipeline.cjk.fold import Folded, between, fold
from pipeline.cjk.repeats import Repeat, may_repeat, repeats
from pipeline.cjk.shingles import Hashes, distinct, shingles, windows
from pipeline.cjk.stream import HUGE, Marks, marks, summary

ANCHORS = 32
PARTS = 4  # an anchor spans so many shingles, end to end
SHORT, REPEATS = 1, 2  # flags of a row

Rows = npt.NDArray[np.void]


class Plan(NamedTuple):
    """What facts depend on: characters a shingle, bins a band, key length below which only copies count."""

    width: int = 5
    rows: int = 6
    short: int = 20
    body: int = 100

    @property
    def row_type(self) -> np.dtype[np.void]:
        """The layout of a row."""
        return _row_type(self.rows)

    @property
    def version(self) -> str:
        """Facts of different versions cannot be compared."""
        return f"2-{sketch.VERSION}-w{self.width}-r{self.rows}-s{self.short}-b{self.body}"


@cache
def _row_type(rows: int) -> np.dtype[np.void]:
    return np.dtype([("digest", "<u8", 2), ("chars", "<u4"), ("flags", "<u4"), ("anchors", "<u8", ANCHORS),
                     ("bands", "<u4", sketch.BINS // rows), ("signature", "u1", sketch.BINS)])


class Body(NamedTuple):
    """A text as deduplication compares it: its folded key without what repeats in it."""

    folded: Folded
    cuts: list[Repeat]


class _Seen(NamedTuple):
    """What the fact of a text is made of: its body, the hashes of its shingles or their sketch, its anchors."""

    body: Body
    hashes: Hashes
    bins: sketch.Words | None
    anchors: Hashes


def body(text: str, plan: Plan, again: bool = True) -> Body:
    """Return the body of `text`, with the repeats that were left out of it; none are unless `again`.

    >>> body("清源，清源。", Plan()).folded.where.tolist()
    [0, 1, 3, 4]
    """
    folded = fold(text)
    if not again or not plan.body:
        return Body(folded, [])
    if len(folded.codes) >= HUGE:
        return _cut(text, folded, marks(folded.codes, plan.width, PARTS), plan)
    places = windows(shingles(folded.codes, plan.width), plan.width, PARTS)
    return _cut(text, folded, Marks.of(places), plan)


def _cut(text: str, folded: Folded, places: Marks, plan: Plan, different: int = -1) -> Body:
    """Return a body without what stands in it twice; `different` windows are known to be in it, if not -1."""
    different = len(distinct(places.hashes)) if different < 0 else different
    if not plan.body or not may_repeat(len(places.hashes) * places.one_in, different * places.one_in, plan.body):
        return Body(folded, [])
    cuts = repeats(text, folded, places, plan.body)
    if not cuts:
        return Body(folded, [])
    keep = np.ones(len(folded.where), bool)
    for cut in cuts:
        keep[between(folded.where, cut.start, cut.end)] = False
    return Body(Folded(folded.codes[keep], folded.where[keep]), cuts)


def _look(text: str, key: Key, plan: Plan) -> _Seen:
    """Return what the fact of a text is made of, given its key."""
    ordered = distinct(key.windows)
    found = _cut(text, key.folded, Marks.of(key.windows), plan, len(ordered))
    if not found.cuts:
        return _Seen(found, key.hashes, None, ordered[:ANCHORS])
    hashes = shingles(found.folded.codes, plan.width)
    return _Seen(found, hashes, None, distinct(windows(hashes, plan.width, PARTS))[:ANCHORS])


def _look_at_huge(text: str, plan: Plan) -> _Seen:
    found = body(text, plan)
    bins, least = summary(found.folded.codes, plan.width, PARTS, ANCHORS)
    return _Seen(found, np.zeros(0, np.uint64), bins, least)


def fact(id: str, text: str, plan: Plan) -> bytes:
    """Return the fact of a text: one row, then the id in UTF-8."""
    return next(facts([(id, text)], plan))


def facts(texts: Iterable[tuple[str, str]], plan: Plan) -> Iterator[bytes]:
    """Yield the fact of each text, given with its id; many at once take half the time of one by one.

    >>> [len(one) for one in facts([("a", "天下為公"), ("ab", "")], Plan())]
    [481, 482]
    """
    one, other = tee(texts)
    ids = (id for id, _ in one)
    for batch in batches(text for _, text in other):
        if len(batch) == 1 and len(batch[0]) >= HUGE:
            seen = [_look_at_huge(batch[0], plan)]
        else:
            seen = [_look(text, key, plan) for text, key in zip(batch, keys(batch, plan.width, PARTS), strict=True)]
        rows = _rows(batch, seen, plan).tobytes()
        size = plan.row_type.itemsize
        for n in range(len(batch)):
            yield rows[n * size : (n + 1) * size] + next(ids).encode("utf-8", "surrogatepass")


def _rows(texts: list[str], seen: list[_Seen], plan: Plan) -> Rows:
    rows = np.zeros(len(texts), plan.row_type)
    bins = np.stack([s.bins for s in seen if s.bins is not None]) if seen[0].bins is not None else sketch.sketches(
        [s.hashes for s in seen])
    short = [len(s.body.folded.codes) < plan.short for s in seen]
    digests = [_digest(*t) for t in zip(texts, (s.body.folded for s in seen), short, strict=True)]
    rows["digest"] = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
    rows["chars"] = [min(len(text) - sum(c.end - c.start for c in s.body.cuts), 0xFFFFFFFF)
                     for text, s in zip(texts, seen, strict=True)]
    rows["flags"] = [SHORT * brief + REPEATS * bool(s.body.cuts) for brief, s in zip(short, seen, strict=True)]
    rows["anchors"] = sketch.UNUSED
    for row, s in zip(rows["anchors"], seen, strict=True):
        row[: len(s.anchors)] = s.anchors
    rows["bands"], rows["signature"] = sketch.bands(bins, plan.rows), sketch.signature(bins)
    return rows


def _digest(text: str, folded: Folded, short: bool) -> bytes:
    """Return a 128-bit digest of the key; in a short text punctuation counts, white space does not."""
    said = folded.codes.tobytes()
    if short:
        marks = "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isalnum() and not c.isspace())
        said += b"\0" + marks.encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=16).digest()


class Table:
    """Facts by number, in the order they came; what is decided from them does not depend on it."""

    def __init__(self, facts: Iterable[bytes | None], plan: Plan) -> None:
        self.plan = plan
        size = plan.row_type.itemsize
        rows, self.ids = bytearray(), list[bytes]()
        for one in facts:
            if one is not None:
                rows += one[:size]
                self.ids.append(one[size:])
        self.rows: Rows = np.frombuffer(rows, plan.row_type)

    def __len__(self) -> int:
        return len(self.ids)

    def id(self, n: int) -> str:
        """Return the id of a text."""
        return self.ids[n].decode("utf-8", "surrogatepass")

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return one field of all rows."""
        return self.rows[name]

    @cached_property
    def by_id(self) -> npt.NDArray[np.int64]:
        """Each text's place in the order of ids, by code point (UTF-8 sorts as code points do)."""
        places = np.empty(len(self.ids), np.int64)
        places[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
        return places
