"""What deduplication needs to know of a text, in a few hundred bytes; and a table of a million of these.

A fact is a row of fixed size (`row_type`) followed by the id of its text.  Rows are kept as bytes,
never as objects, so a million of them take `SIZE` * 10**6 bytes and the ids.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, cached_property
from hashlib import blake2b
from struct import pack
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk import sketch
from pipeline.cjk.fold import Folded, fold
from pipeline.cjk.repeats import Repeat, may_repeat, repeats
from pipeline.cjk.shingles import Hashes, distinct, shingles, windows

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
        return f"1-{sketch.VERSION}-w{self.width}-r{self.rows}-s{self.short}-b{self.body}"


@cache
def _row_type(rows: int) -> np.dtype[np.void]:
    return np.dtype([("digest", "<u8", 2), ("chars", "<u4"), ("flags", "<u4"), ("anchors", "<u8", ANCHORS),
                     ("bands", "<u4", sketch.BINS // rows), ("signature", "u1", sketch.BINS)])


class Body(NamedTuple):
    """A text as deduplication compares it: its folded key without what repeats in it.

    `hashes` are the key's shingles, in order.
    """

    folded: Folded
    hashes: Hashes
    cuts: list[Repeat]


def body(text: str, plan: Plan, again: bool = True) -> Body:
    """Return the body of `text`, with the repeats that were left out of it; none are unless `again`.

    >>> body("清源，清源。", Plan()).folded.where.tolist()
    [0, 1, 3, 4]
    """
    if again:
        return _body(text, plan)[0]
    folded = fold(text)
    return Body(folded, shingles(folded.codes, plan.width), [])


def _body(text: str, plan: Plan) -> tuple[Body, Hashes]:
    """Return the body of `text` and its marks, sorted, each once."""
    whole = body(text, plan, False)
    places = windows(whole.hashes, plan.width, PARTS)
    ordered = distinct(places)
    if not plan.body or not may_repeat(len(places), len(ordered), plan.body):
        return whole, ordered
    cuts = repeats(text, whole.folded, places, plan.body)
    if not cuts:
        return whole, ordered
    where = whole.folded.where
    keep = np.ones(len(where), bool)
    for cut in cuts:
        keep[slice(*np.searchsorted(where, (cut.start, cut.end)))] = False
    folded = Folded(whole.folded.codes[keep], where[keep])
    rest = Body(folded, shingles(folded.codes, plan.width), cuts)
    return rest, distinct(windows(rest.hashes, plan.width, PARTS))


def fact(id: str, text: str, plan: Plan) -> bytes:
    """Return the fact of a text: one row, then the id in UTF-8."""
    found, ordered = _body(text, plan)
    bins = sketch.sketch(found.hashes)
    short = len(found.folded.codes) < plan.short
    chars = min(len(text) - sum(c.end - c.start for c in found.cuts), 0xFFFFFFFF)
    return b"".join((_digest(text, found.folded, short), pack("<II", chars, SHORT * short + REPEATS * bool(found.cuts)),
                     sketch.anchors(ordered, ANCHORS).tobytes(), sketch.bands(bins, plan.rows).tobytes(),
                     sketch.signature(bins).tobytes(), id.encode("utf-8", "surrogatepass")))


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
